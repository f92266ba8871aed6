//! Databases to test on: an SQLite file each, and a PostgreSQL database each where a server is given.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use super::database::{Database, Settings};
use super::park_locks::LockedPark;
use super::sql::Sql;
use crate::domain::chrono::{DateTime, TimeZone, Utc};
use crate::domain::park::{EnergyType, ParkDetails};
use crate::error::Result;

/// The admin's URL of a PostgreSQL server on which tests make databases of their own.
const SERVER: &str = "TEST_POSTGRES_URL";

/// A migrated database for one test; gone with the value, but for PostgreSQL's, which goes with its throw-away server.
pub struct TestDatabase {
    pub database: Database,
    pub settings: Settings,
    _folder: Option<tempfile::TempDir>,
}

/// Runs a test on each kind of database, migrated and empty.
pub async fn everywhere<F: Future<Output = Result<()>>>(test: impl Fn(Database) -> F) -> Result<()> {
    for each in databases().await? {
        each.database.migrate_up(None).await?;
        test(each.database.clone()).await?;
        each.database.close().await?;
    }
    Ok(())
}

/// One database of each kind, empty and not migrated.
pub async fn databases() -> Result<Vec<TestDatabase>> {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(format!("sqlite://{}/parks.db", folder.path().display()));
    let database = Database::connect(&settings).await?;
    let mut all = vec![TestDatabase { database, settings, _folder: Some(folder) }];
    if let Some(server) = server() {
        let settings = Settings::new(make(&server).await?);
        all.push(TestDatabase { database: Database::connect(&settings).await?, settings, _folder: None });
    }
    Ok(all)
}

#[expect(clippy::disallowed_methods, reason = "the tests' one setting is the runner's, not the program's")]
fn server() -> Option<String> {
    std::env::var(SERVER).ok().filter(|url| !url.is_empty())
}

async fn make(server: &str) -> Result<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("storage_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = Database::connect(&Settings::new(server)).await?;
    for text in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        Sql::new(admin.backend(), &text).execute(admin.pool()).await?;
    }
    admin.close().await?;
    let (place, _) = server.rsplit_once('/').unwrap();
    Ok(format!("{place}/{name}"))
}

/// The time at which tests happen.
pub fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 6, 1, 12, 0, 0).unwrap()
}

/// A park's details.
pub fn details(name: &str, zone: &str) -> ParkDetails {
    ParkDetails {
        name: name.to_owned(),
        timezone: zone.parse().unwrap(),
        energy_type: EnergyType::Wind,
        capacity_mw: None,
        latitude: None,
        longitude: None,
        interval_minutes: None,
    }
}

/// A park made in a transaction of its own.
pub async fn park(database: &Database, name: &str, zone: &str) -> Result<LockedPark> {
    let write = database.write().await?;
    let park = write.insert_park(&details(name, zone), noon()).await?;
    write.commit().await?;
    Ok(park)
}
