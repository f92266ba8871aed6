//! Databases to test on: an SQLite file each, and a PostgreSQL database each where a server is given.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use rand::Rng;
use rand::rngs::StdRng;

use super::database::{Database, Settings};
use super::days::start;
use super::park_locks::LockedPark;
use super::sql::Sql;
use super::stats_reads::Span;
use crate::domain::access::Visibility;
use crate::domain::chrono::{DateTime, NaiveDate, TimeZone, Utc};
use crate::domain::chrono_tz::Tz;
use crate::domain::figures::Figures;
use crate::domain::park::{EnergyType, ParkDetails, ParkId};
use crate::domain::range::{DateRange, TimeRange};
use crate::domain::reading::Reading;
use crate::domain::zone::Zone;
use crate::error::Result;

/// The admin's URL of a PostgreSQL server on which tests make databases of their own.
const SERVER: &str = "TEST_POSTGRES_URL";

/// A migrated database for one test; gone with the value, but for PostgreSQL's, which goes with its throw-away server.
pub struct TestDatabase {
    pub database: Database,
    pub settings: Settings,
    pub _folder: Option<tempfile::TempDir>,
}

/// Runs a test on each kind of database, migrated and empty.
pub async fn everywhere<F: Future<Output = Result<()>>>(test: impl Fn(Database) -> F) -> Result<()> {
    for each in databases().await? {
        each.database.migrate_up(None).await?;
        test(each.database.clone()).await?;
        each.database.close().await?;
        drop_at(&each.settings).await?;
    }
    Ok(())
}

/// Takes a database of PostgreSQL away: each has a thousand files.
async fn drop_at(settings: &Settings) -> Result<()> {
    if let (Some(server), Some((_, name))) = (server(), settings.url.rsplit_once('/'))
        && !settings.url.starts_with("sqlite:")
    {
        as_admin(&server, &[format!("DROP DATABASE {name} WITH (FORCE)")]).await?;
    }
    Ok(())
}

async fn as_admin(server: &str, texts: &[String]) -> Result<()> {
    let admin = Database::connect(&Settings::new(server)).await?;
    for text in texts {
        Sql::new(admin.backend(), text).execute(admin.pool()).await?;
    }
    admin.close().await
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
    as_admin(server, &[format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")]).await?;
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

/// Random readings that start on some of the UTC days `[day, day + days)`: stretches of one width, with gaps.
pub fn random_readings(random: &mut StdRng, day: i32, days: i32) -> Vec<Reading> {
    let until = start(day + days);
    let mut at = start(day) + random.random_range(0..4) * 21_600 + random.random_range(0..3) * 1_234;
    let mut readings = Vec::new();
    while at < until {
        let minutes = [5, 15, 30, 60, 60, 97, 1440][random.random_range(0..7)];
        for _ in 0..random.random_range(1..40) {
            if at >= until {
                break;
            }
            let megawatts = f64::from(random.random_range(-20..500)) / 10.0;
            readings.push(Reading { starts_at: at, minutes, megawatts });
            at += i64::from(minutes) * 60;
        }
        at += [0, 0, 900, 3_600, 100_000, 400_000][random.random_range(0..6)];
    }
    readings
}

/// The obvious way to lay readings over others.
pub fn lay(standing: &mut Vec<Reading>, new: &[Reading]) {
    standing.retain(|old| !new.iter().any(|new| new.overlaps(old)));
    standing.extend(new);
    standing.sort_by_key(|reading| reading.starts_at);
}

/// The obvious way to the stats of each local day.
pub fn stats(zone: Tz, readings: &[Reading]) -> Vec<(NaiveDate, Figures)> {
    let zone = Zone::of(zone);
    let mut days: BTreeMap<NaiveDate, Vec<Reading>> = BTreeMap::new();
    for reading in readings {
        days.entry(zone.date_of(reading.starts_at)).or_default().push(*reading);
    }
    days.into_iter().map(|(date, readings)| (date, Figures::of(&readings).unwrap())).collect()
}

/// Asserts that a park holds these readings, that everything derived is what they give, and that making it afresh finds
/// nothing.
pub async fn assert_holds(database: &Database, park: ParkId, expected: &[Reading]) -> Result<()> {
    let reads = database.reads(Visibility::Everything);
    let found = reads.readings(&[park], &TimeRange::default()).await?.remove(&park).unwrap_or_default();
    assert_eq!(found.len(), expected.len());
    assert_eq!(found, expected);
    let zone = reads.parks_by_id(&[park]).await?[0].details.timezone;
    let kept = reads.day_stats(&[park], &DateRange::default()).await?.remove(&park).unwrap_or_default();
    assert_eq!(kept, stats(zone, expected));
    assert_eq!(reads.latest(&[park]).await?.remove(&park), expected.last().copied());
    let span = expected.first().zip(expected.last()).map(|(first, last)| Span {
        first_starts_at: first.starts_at,
        last_starts_at: last.starts_at,
        until: last.until(),
        count: i64::try_from(expected.len()).unwrap(),
    });
    assert_eq!(reads.spans(&[park]).await?.remove(&park), span);
    let write = database.write().await?;
    let park = write.lock_park(park).await?.unwrap();
    assert_eq!(write.recompute(&park).await?, []);
    write.rollback().await
}
