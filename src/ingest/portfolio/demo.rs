//! The demo: twelve made-up parks with two years of quarter hours up to now, in an empty database.

use uuid::Uuid;

use super::Portfolio;
use crate::domain::access::Visibility;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::load::{Load, LoadCounts, LoadKind, LoadStatus};
use crate::domain::park::ParkFilter;
use crate::domain::reading::{DAY_SECONDS, Reading};
use crate::error::{Error, Result};
use crate::storage::{Database, Write};

const PARKS: u32 = 12;
const DAYS: i64 = 731;
const MINUTES: u16 = 15;
const BY: &str = "demo";

/// Fills a database that holds no park; whether it did.
///
/// All of it is one transaction: a demo that was broken off has left nothing, and is not taken for a whole one.
pub async fn fill(database: &Database, now: DateTime<Utc>) -> Result<bool> {
    if database.reads(Visibility::Everything).park_count(&ParkFilter::default()).await? > 0 {
        return Ok(false);
    }
    match fill_empty(database, &portfolio(now.timestamp()), now).await {
        Ok(()) => Ok(true),
        // Another process was first, and has committed: the names were not free any more.
        Err(Error::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The two years before `now`, whole days at their beginning.
fn portfolio(now: i64) -> Portfolio {
    let width = i64::from(MINUTES) * 60;
    let from = now.div_euclid(DAY_SECONDS) * DAY_SECONDS - DAYS * DAY_SECONDS;
    Portfolio { seed: 1, parks: PARKS, minutes: MINUTES, from, until: now.div_euclid(width) * width }
}

async fn fill_empty(database: &Database, portfolio: &Portfolio, now: DateTime<Utc>) -> Result<()> {
    let write = database.write().await?;
    enter(&write, Uuid::now_v7(), LoadKind::Parks, "parks.csv".into(), i64::from(portfolio.parks), now).await?;
    for (number, details) in (0..).zip(portfolio.parks()) {
        let park = write.insert_park(&details, now).await?;
        let readings: Vec<Reading> = portfolio.readings(number).collect();
        let load = Uuid::now_v7();
        let counts = write.merge_readings(&park, &readings, load, now).await?;
        enter(&write, load, LoadKind::Readings, format!("{}.csv", details.name), counts.inserted, now).await?;
    }
    write.commit().await
}

/// A row of the ledger, as if the files of `energy-parks generate` had been loaded.
async fn enter(write: &Write, id: Uuid, kind: LoadKind, source: String, rows: i64, now: DateTime<Utc>) -> Result<()> {
    let load = Load {
        id,
        kind,
        status: LoadStatus::Loaded,
        source,
        sha256: None,
        counts: LoadCounts { rows_read: rows, inserted: rows, ..LoadCounts::default() },
        warnings: Vec::new(),
        errors: Vec::new(),
        started_at: now,
        finished_at: Some(now),
        by: BY.into(),
        customer: None,
    };
    write.insert_load(&load, now).await
}

#[cfg(test)]
mod tests {
    use super::{Portfolio, fill_empty, portfolio};
    use crate::domain::access::Visibility;
    use crate::domain::chrono::DateTime;
    use crate::domain::park::ParkFilter;
    use crate::storage::{Database, Settings};

    #[test]
    fn the_demo_ends_with_the_last_whole_interval_and_begins_with_a_day() {
        let portfolio = portfolio(1_700_000_123);
        assert_eq!((portfolio.until, portfolio.from % 86_400), (1_700_000_100, 0));
        assert!(portfolio.until - portfolio.from >= 731 * 86_400);
    }

    #[tokio::test]
    async fn a_filled_demo_is_whole_and_is_filled_once() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("demo.db").display());
        let database = Database::connect(&Settings::new(url)).await.unwrap();
        database.migrate_up(None).await.unwrap();
        let now = DateTime::from_timestamp(1_700_000_123, 0).unwrap();
        // The last two days of it: the whole takes long without optimization.
        let whole = portfolio(now.timestamp());
        let short = Portfolio { from: whole.until - 2 * 86_400, ..whole };

        fill_empty(&database, &short, now).await.unwrap();

        let reads = database.reads(Visibility::Everything);
        let parks = reads.park_ids(&ParkFilter::default()).await.unwrap();
        assert_eq!((parks.len(), database.reads(Visibility::Everything).load_count().await.unwrap()), (12, 13));
        let latest = reads.latest(&parks).await.unwrap();
        assert!(latest.values().any(|reading| reading.until() == whole.until));
        assert!(!super::fill(&database, now).await.unwrap(), "a database with parks is no empty one");
        assert!(fill_empty(&database, &short, now).await.is_err(), "the names are taken");
        assert_eq!(reads.park_count(&ParkFilter::default()).await.unwrap(), 12);
    }
}
