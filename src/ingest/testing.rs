//! Loads of tests: parks and CSV text, on each kind of database.

use std::sync::Arc;

use bytes::Bytes;

use super::{By, Now, ParkRef, ParksOptions, Progress, ReadingRow, ReadingsOptions, Source, load_parks, load_readings};
use crate::domain::access::Visibility;
use crate::domain::bearer::Bearer;
use crate::domain::load::{Load, LoadCounts};
use crate::domain::park::{Park, ParkId};
use crate::domain::range::TimeRange;
use crate::domain::reading::Reading;
use crate::error::Result;
use crate::storage::Database;
use crate::storage::testing::{details, noon};

/// A database with parks to load into.
pub struct Site {
    pub database: Database,
    pub options: ReadingsOptions,
}

impl Site {
    /// With a park named `park` in this zone.
    pub async fn new(database: Database, zone: &str) -> Result<Self> {
        let site = Self { database, options: ReadingsOptions::default() };
        site.park("park", zone).await?;
        Ok(site)
    }

    pub async fn park(&self, name: &str, zone: &str) -> Result<ParkId> {
        Ok(crate::storage::testing::park(&self.database, name, zone).await?.id)
    }

    /// A park with a capacity in MW.
    pub async fn park_of(&self, name: &str, capacity_mw: f64) -> Result<()> {
        let write = self.database.write().await?;
        let details = crate::domain::park::ParkDetails { capacity_mw: Some(capacity_mw), ..details(name, "UTC") };
        write.insert_park(&details, noon()).await?;
        write.commit().await
    }

    /// Loads CSV into `park`.
    pub async fn load(&self, csv: impl Into<Bytes>) -> Result<Load> {
        self.load_source(Some("park"), Source::csv(csv)).await
    }

    pub async fn load_source(&self, park: Option<&str>, source: Source<ReadingRow>) -> Result<Load> {
        let park = park.map(|name| ParkRef::Name(name.into()));
        let progress = Arc::new(Progress::default());
        load_readings(&self.database, park.as_ref(), source, &self.options, &by(), &now(), &progress).await
    }

    pub async fn load_parks(&self, csv: &str) -> Result<Load> {
        self.load_parks_with(csv, &ParksOptions::default()).await
    }

    pub async fn load_parks_with(&self, csv: &str, options: &ParksOptions) -> Result<Load> {
        load_parks(&self.database, Source::csv(csv.to_owned()), options, &by(), &now()).await
    }

    pub async fn get(&self, name: &str) -> Result<Park> {
        Ok(self.database.reads(Visibility::Everything).park_by_name(name).await?.unwrap())
    }

    /// What stands of a park: instants as text, widths, MW.
    pub async fn standing(&self, name: &str) -> Result<Vec<(String, u16, f64)>> {
        let shown = |reading: &Reading| (instant(reading.starts_at), reading.minutes, reading.megawatts);
        Ok(self.readings(name).await?.iter().map(shown).collect())
    }

    pub async fn readings(&self, name: &str) -> Result<Vec<Reading>> {
        let id = self.get(name).await?.id;
        let reads = self.database.reads(Visibility::Everything);
        Ok(reads.readings(&[id], &TimeRange::default()).await?.remove(&id).unwrap_or_default())
    }
}

pub fn by() -> By {
    By { name: "olga".into(), visibility: Visibility::Everything, bearer: Bearer::Unending }
}

pub fn now() -> Now {
    Arc::new(noon)
}

/// `2024-01-31T23:45Z`
pub fn instant(seconds: i64) -> String {
    crate::domain::chrono::DateTime::from_timestamp(seconds, 0).unwrap().format("%Y-%m-%dT%H:%MZ").to_string()
}

/// Inserted, updated, unchanged, rejected; they add up to the rows read (R21).
pub fn counts(load: &Load) -> [i64; 4] {
    let LoadCounts { rows_read, inserted, updated, unchanged, rejected } = load.counts;
    assert_eq!(inserted + updated + unchanged + rejected, rows_read, "{load:?}");
    [inserted, updated, unchanged, rejected]
}

/// Each bad row as `line column value`.
pub fn bad(load: &Load) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    load.errors.iter().map(|error| format!("{} {} {}", error.line, text(&error.column), text(&error.value))).collect()
}

/// Rows of a whole UTC day every so many minutes, each 1 MW.
pub fn day(date: &str, minutes: usize) -> String {
    let row = |at| format!("{date} {:02}:{:02},1\n", at / 60, at % 60);
    (0..1_440).step_by(minutes).map(row).collect::<Vec<_>>().concat()
}
