//! Deletions: of a park with all it has, and of readings. Each is a load in the ledger, and what it takes away is kept as
//! revisions of it.

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::options::By;
use crate::domain::chrono;
use crate::domain::load::{Load, LoadCounts, LoadKind, LoadStatus};
use crate::domain::park::ParkId;
use crate::domain::range::TimeRange;
use crate::error::{Error, Result};
use crate::storage::Database;

/// Deletes a park with its readings. `NotFound` if there is none.
pub async fn delete_park(database: &Database, park: ParkId, by: &By, now: DateTime<Utc>) -> Result<Load> {
    let write = database.write().await?;
    let park = write.lock_park(park).await?.ok_or_else(gone)?;
    let mut load = deletion(format!("park {}", park.details.name), by, now);
    let deleted = write.delete_park(&park, load.id, now).await?;
    count(&mut load, deleted);
    write.insert_load(&load, now).await?;
    write.commit().await?;
    Ok(load)
}

/// Deletes the readings of a park that start in the range. `NotFound` if there is no such park; `Invalid` where the range
/// is open on both sides, since all readings of a park are too many to go by what was forgotten.
pub async fn delete_readings(
    database: &Database,
    park: ParkId,
    range: TimeRange,
    by: &By,
    now: DateTime<Utc>,
) -> Result<Load> {
    if range == TimeRange::default() {
        return Err(Error::invalid("the range has neither from nor until: name one at least, lest all readings go"));
    }
    let write = database.write().await?;
    let park = write.lock_park(park).await?.ok_or_else(gone)?;
    let source = format!("park {}, readings {} to {}", park.details.name, text(range.from), text(range.until));
    let mut load = deletion(source, by, now);
    let deleted = write.delete_readings(&park, &range, load.id, now).await?;
    count(&mut load, deleted);
    write.insert_load(&load, now).await?;
    write.commit().await?;
    Ok(load)
}

fn gone() -> Error {
    Error::not_found("there is no such park")
}

fn text(instant: Option<i64>) -> String {
    let instant = instant.and_then(|instant| DateTime::from_timestamp(instant, 0));
    instant.map_or_else(|| "(open)".into(), |instant| instant.to_rfc3339_opts(SecondsFormat::Secs, true))
}

fn deletion(source: String, by: &By, now: DateTime<Utc>) -> Load {
    Load {
        id: Uuid::now_v7(),
        kind: LoadKind::Deletion,
        status: LoadStatus::Loaded,
        source,
        sha256: None,
        counts: LoadCounts::default(),
        warnings: Vec::new(),
        errors: Vec::new(),
        started_at: now,
        finished_at: Some(now),
        by: by.name.clone(),
        customer: by.visibility.customer(),
    }
}

/// What a deletion takes away are rows it read and changed.
fn count(load: &mut Load, deleted: i64) {
    load.counts.rows_read = deleted;
    load.counts.updated = deleted;
}
