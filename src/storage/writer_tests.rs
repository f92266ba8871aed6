//! Writers beside each other: what stands in the end is what some serial order gives, whoever was killed when.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

use super::Write;
use super::database::{Database, Settings};
use super::days::start;
use super::testing::{assert_holds, databases, details, lay, noon, park, random_readings};
use crate::domain::access::Visibility;
use crate::domain::load::{Load, LoadCounts, LoadKind, LoadStatus};
use crate::domain::park::ParkId;
use crate::domain::range::TimeRange;
use crate::domain::reading::Reading;
use crate::error::Result;

const ZONES: [&str; 3] = ["Europe/Amsterdam", "Asia/Kolkata", "America/St_Johns"];

/// What a writer does to a park.
#[derive(Clone, Debug)]
enum Deed {
    Merge(Vec<Reading>),
    Delete(TimeRange),
    Move(&'static str),
}

impl Deed {
    fn random(random: &mut StdRng) -> Self {
        let (day, days) = (random.random_range(19_780..19_800), random.random_range(1..12));
        match random.random_range(0..8) {
            0 => Self::Move(ZONES[random.random_range(0..3)]),
            1 => Self::Delete(TimeRange { from: Some(start(day) + 5_000), until: Some(start(day + days)) }),
            _ => Self::Merge(random_readings(random, day, days)),
        }
    }

    async fn write(&self, write: &Write, park: ParkId, load: Uuid) -> Result<()> {
        let locked = write.lock_park(park).await?.unwrap();
        match self {
            Self::Merge(new) => write.merge_readings(&locked, new, load, noon()).await.map(drop),
            Self::Delete(range) => write.delete_readings(&locked, range, load, noon()).await.map(drop),
            Self::Move(zone) => {
                write.update_park(&locked, &details(&locked.details.name, zone), noon()).await.map(drop)
            }
        }
    }

    fn lay(&self, standing: &mut Vec<Reading>) {
        match self {
            Self::Merge(new) => lay(standing, new),
            Self::Delete(range) => standing.retain(|reading| !range.contains(reading.starts_at)),
            Self::Move(_) => {}
        }
    }
}

fn entry(id: Uuid) -> Load {
    Load {
        id,
        kind: LoadKind::Readings,
        status: LoadStatus::Loaded,
        source: "test".into(),
        sha256: None,
        counts: LoadCounts::default(),
        warnings: Vec::new(),
        errors: Vec::new(),
        started_at: noon(),
        finished_at: Some(noon()),
        by: "test".into(),
        customer: None,
    }
}

/// A deed with its place among those that were done under the same lock, and the load that tells whether it lasted.
type Log = Arc<Mutex<Vec<(u64, Uuid, ParkId, Deed)>>>;

/// What the writers share.
#[derive(Clone, Default)]
struct Shared {
    clock: Arc<AtomicU64>,
    log: Log,
}

/// One writer: deeds on one park or two, some of them dropped at any point.
async fn writer(settings: Settings, parks: Vec<ParkId>, seed: u64, shared: Shared) {
    let mut random = StdRng::seed_from_u64(seed);
    let database = Database::connect(&settings).await.unwrap();
    for _ in 0..12 {
        let mut targets = parks.clone();
        targets.rotate_left(random.random_range(0..parks.len()));
        targets.truncate(random.random_range(1..=2));
        let deeds = targets.into_iter().map(|park| (park, Deed::random(&mut random))).collect();
        let give_up = random.random_range(0..4) == 0;
        let patience = if random.random_range(0..3) == 0 { random.random_range(1..60) } else { 60_000 };
        let work = attempt(&database, deeds, give_up, &shared);
        if let Ok(done) = tokio::time::timeout(Duration::from_millis(patience), work).await {
            done.unwrap();
        }
    }
    database.close().await.unwrap();
}

async fn attempt(database: &Database, deeds: Vec<(ParkId, Deed)>, give_up: bool, shared: &Shared) -> Result<()> {
    let targets: Vec<ParkId> = deeds.iter().map(|(park, _)| *park).collect();
    let write = database.write().await?;
    write.lock_parks(&targets).await?;
    let load = Uuid::now_v7();
    let place = shared.clock.fetch_add(1, Ordering::SeqCst);
    for (park, deed) in deeds {
        shared.log.lock().unwrap().push((place, load, park, deed.clone()));
        deed.write(&write, park, load).await?;
    }
    write.insert_load(&entry(load), noon()).await?;
    if give_up { Ok(()) } else { write.commit().await }
}

/// R23: any number of writers at once, on one park or several, giving up at any point.
#[tokio::test(flavor = "multi_thread")]
async fn writers_at_once_equal_writers_one_by_one() {
    for (each, seed) in databases().await.unwrap().into_iter().zip([100, 200]) {
        let database = each.database;
        database.migrate_up(None).await.unwrap();
        let mut parks = Vec::new();
        for name in ["a", "b", "c"] {
            parks.push(park(&database, name, "Europe/Amsterdam").await.unwrap().id);
        }
        let shared = Shared::default();
        let writers = (0..5)
            .map(|number| tokio::spawn(writer(each.settings.clone(), parks.clone(), seed + number, shared.clone())));
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let mut log = std::mem::take(&mut *shared.log.lock().unwrap());
        log.sort_by_key(|(place, ..)| *place);
        let mut lasted = 0;
        for park in parks {
            let mut standing = Vec::new();
            for (_, load, _, deed) in log.iter().filter(|(_, _, target, _)| *target == park) {
                if database.reads(Visibility::Everything).find_load(*load, noon()).await.unwrap().is_some() {
                    deed.lay(&mut standing);
                    lasted += 1;
                }
            }
            assert_holds(&database, park, &standing).await.unwrap();
        }
        assert!(lasted > 10 && lasted < log.len(), "{lasted} of {} lasted", log.len());
    }
}

/// The database that a child writes to.
const CHILD: &str = "STORAGE_TEST_CHILD";

/// The deed that the child does as its n-th, if it is not killed before.
fn nth(n: i64) -> Deed {
    Deed::random(&mut StdRng::seed_from_u64(n.unsigned_abs()))
}

/// What the child does until it is killed.
async fn write_on(url: String) {
    let database = Database::connect(&Settings::new(url)).await.unwrap();
    for n in database.reads(Visibility::Everything).load_count().await.unwrap().. {
        let write = database.write().await.unwrap();
        let load = Uuid::from_u128(n.unsigned_abs().into());
        nth(n).write(&write, ParkId(1), load).await.unwrap();
        write.insert_load(&entry(load), noon()).await.unwrap();
        write.commit().await.unwrap();
    }
}

/// R22: a process killed at any point leaves its finished transactions and nothing of the one at work.
///
/// The process to be killed is this test once more, told by a variable to be the child.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test's child learns its task from its parent")]
async fn a_killed_writer_leaves_whole_transactions() {
    if let Ok(url) = std::env::var(CHILD) {
        return write_on(url).await;
    }
    for each in databases().await.unwrap() {
        let database = each.database;
        database.migrate_up(None).await.unwrap();
        let park = park(&database, "a", "Europe/Amsterdam").await.unwrap().id;
        let (mut standing, mut done) = (Vec::new(), 0);
        for more in [1, 3, 2, 5] {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "storage::writer_tests::a_killed_writer_leaves_whole_transactions"])
                .env(CHILD, &each.settings.url)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut tick = tokio::time::interval(Duration::from_millis(3));
            while database.reads(Visibility::Everything).load_count().await.unwrap() < done + more {
                assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
                tick.tick().await;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            // The server may still be about to end the transaction of the killed client: its lock tells.
            let write = database.write().await.unwrap();
            write.lock_park(park).await.unwrap();
            write.rollback().await.unwrap();
            let now_done = database.reads(Visibility::Everything).load_count().await.unwrap();
            for n in done..now_done {
                nth(n).lay(&mut standing);
            }
            done = now_done;
            assert_holds(&database, park, &standing).await.unwrap();
        }
    }
}
