use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

use super::Counts;
use super::days::start;
use super::park_locks::LockedPark;
use super::sql::Sql;
use super::testing::{assert_holds, details, everywhere, lay, noon, park, random_readings};
use crate::domain::access::Visibility;
use crate::domain::merge::merge;
use crate::domain::park::{ParkFilter, ParkId, ParkOrder};
use crate::domain::range::{DateRange, Page, TimeRange};
use crate::domain::reading::{EARLIEST, LATEST, Reading};
use crate::error::{Error, Result};
use crate::storage::Database;

const ZONES: [&str; 6] =
    ["UTC", "Europe/Amsterdam", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Kiritimati"];

async fn merged(database: &Database, park: ParkId, new: &[Reading]) -> Result<Counts> {
    let write = database.write().await?;
    let park = write.lock_park(park).await?.unwrap();
    let counts = write.merge_readings(&park, new, Uuid::now_v7(), noon()).await?;
    write.commit().await?;
    Ok(counts)
}

/// How many readings all revisions hold.
async fn revised(database: &Database) -> Result<i64> {
    let sql = Sql::new(database.backend(), "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM reading_revision");
    Ok(sql.row(database.pool()).await?.unwrap().try_get_by_index(0)?)
}

/// R11, R21, R23: whatever is loaded and deleted in whatever order, the database holds what laying it down in the
/// obvious way gives, and stats that equal those computed afresh.
#[tokio::test]
async fn random_loads_and_deletions_equal_the_obvious_way() {
    everywhere(|database| async move {
        for (seed, zone) in (0..).zip(ZONES) {
            let mut random = StdRng::seed_from_u64(seed);
            let park = park(&database, zone, zone).await?.id;
            let before = revised(&database).await?;
            let (mut standing, mut replaced) = (Vec::new(), 0);
            for step in 0..12 {
                let day = random.random_range(19_700..19_800);
                let days = [1, 3, 30, 300][random.random_range(0..4)];
                if step % 4 == 3 {
                    let range = TimeRange { from: Some(start(day) + 1_800), until: Some(start(day + days) + 77) };
                    let write = database.write().await?;
                    let locked = write.lock_park(park).await?.unwrap();
                    let count = write.delete_readings(&locked, &range, Uuid::now_v7(), noon()).await?;
                    write.commit().await?;
                    let stood = standing.len();
                    standing.retain(|reading: &Reading| !range.contains(reading.starts_at));
                    assert_eq!(count, i64::try_from(stood - standing.len()).unwrap());
                    replaced += count;
                } else {
                    let new = random_readings(&mut random, day, days);
                    let expected = merge(&standing, &new);
                    let counts = merged(&database, park, &new).await?;
                    let (inserted, updated, unchanged) = (expected.inserted, expected.updated, expected.unchanged);
                    assert_eq!(counts, Counts { inserted, updated, unchanged });
                    replaced += i64::try_from(expected.replaced.len()).unwrap();
                    lay(&mut standing, &new);
                    let all = Counts { inserted: 0, updated: 0, unchanged: i64::try_from(new.len()).unwrap() };
                    assert_eq!(merged(&database, park, &new).await?, all, "R21: again changes nothing");
                }
                assert_holds(&database, park, &standing).await?;
            }
            assert_eq!(revised(&database).await? - before, replaced);
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// R1: the first and the last instants that a reading may start at, and readings in any century between.
#[tokio::test]
async fn readings_at_the_ends_of_time_are_kept() {
    everywhere(|database| async move {
        let park = park(&database, "a", "Pacific/Apia").await?.id;
        let at = |starts_at| Reading { starts_at, minutes: 1440, megawatts: 1.5 };
        let all = [at(EARLIEST), at(-1), at(start(15_000)), at(start(15_337) - 3_600), at(LATEST - 60)];
        merged(&database, park, &all).await?;
        assert_holds(&database, park, &all).await?;
        let counts = database.reads(Visibility::Everything).reading_counts(&[park], &TimeRange::default()).await?;
        assert_eq!(counts[&park], 5);
        Ok(())
    })
    .await
    .unwrap();
}

/// R23: a change of zone makes the stats afresh, in the same transaction.
#[tokio::test]
async fn a_change_of_zone_moves_the_days() {
    everywhere(|database| async move {
        let mut random = StdRng::seed_from_u64(7);
        let park = park(&database, "a", "Europe/Amsterdam").await?.id;
        let readings = random_readings(&mut random, 19_790, 300);
        merged(&database, park, &readings).await?;
        for zone in ["Pacific/Apia", "Asia/Kathmandu"] {
            let write = database.write().await?;
            let locked = write.lock_park(park).await?.unwrap();
            let changed = write.update_park(&locked, &details("a", zone), noon()).await?;
            assert_eq!(changed.details.timezone.name(), zone);
            write.commit().await?;
            assert_holds(&database, park, &readings).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// R23: stats made by other rules of the zone are made afresh, at the start or by the first writer.
#[tokio::test]
async fn another_version_of_a_zone_rebuilds_its_parks() {
    everywhere(|database| async move {
        let mut random = StdRng::seed_from_u64(8);
        let readings = random_readings(&mut random, 19_790, 50);
        let old = park(&database, "old", "Europe/Amsterdam").await?.id;
        let new = park(&database, "new", "Europe/Amsterdam").await?.id;
        for park in [old, new] {
            merged(&database, park, &readings).await?;
        }
        let age = || async {
            for text in [
                "UPDATE park SET calendar = 'older' WHERE name = 'old'",
                "UPDATE day_stats SET count = 7 WHERE park_id = 1",
                "DELETE FROM day_stats WHERE park_id = 1 AND date > 19800",
                "UPDATE day_stats SET date = date - 100 WHERE park_id = 1 AND date = 19797",
            ] {
                Sql::new(database.backend(), text).execute(database.pool()).await?;
            }
            Ok::<_, Error>(())
        };
        age().await?;
        assert_eq!(database.rebuild_outdated_zones().await?, [old]);
        assert_holds(&database, old, &readings).await?;
        assert_eq!(database.rebuild_outdated_zones().await?, []);
        age().await?;
        let write = database.write().await?;
        write.lock_parks(&[new, old]).await?;
        write.commit().await?;
        assert_holds(&database, old, &readings).await?;
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn recompute_tells_and_mends_what_differs() {
    everywhere(|database| async move {
        let mut random = StdRng::seed_from_u64(9);
        let readings = random_readings(&mut random, 19_790, 600);
        let id = park(&database, "a", "Europe/Amsterdam").await?.id;
        merged(&database, id, &readings).await?;
        let text =
            "UPDATE day_stats SET sum = sum + 0.5 WHERE park_id = 1 AND date = (SELECT MAX(date) FROM day_stats)";
        Sql::new(database.backend(), text).execute(database.pool()).await?;
        let write = database.write().await?;
        let locked = write.lock_park(id).await?.unwrap();
        let differences = write.recompute(&locked).await?;
        write.commit().await?;
        assert_eq!(differences.len(), 1);
        let (kept, fresh) = (differences[0].kept.as_ref().unwrap(), differences[0].fresh.as_ref().unwrap());
        assert!((kept.figures.sum - fresh.figures.sum - 0.5).abs() < 1e-9);
        assert_holds(&database, id, &readings).await
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_deleted_park_leaves_its_revisions_alone() {
    everywhere(|database| async move {
        let mut random = StdRng::seed_from_u64(10);
        let readings = random_readings(&mut random, 19_790, 600);
        let id = park(&database, "a", "Europe/Amsterdam").await?.id;
        merged(&database, id, &readings).await?;
        let write = database.write().await?;
        let locked = write.lock_park(id).await?.unwrap();
        let count = write.delete_park(&locked, Uuid::now_v7(), noon()).await?;
        write.commit().await?;
        assert_eq!(count, i64::try_from(readings.len()).unwrap());
        assert_eq!(revised(&database).await?, count);
        let reads = database.reads(Visibility::Everything);
        assert!(reads.readings(&[id], &TimeRange::default()).await?.is_empty());
        assert!(reads.spans(&[id]).await?.is_empty());
        assert_eq!(reads.park_by_name("a").await?, None);
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_is_not_committed_leaves_nothing() {
    everywhere(|database| async move {
        let mut random = StdRng::seed_from_u64(11);
        let (old, new) = (random_readings(&mut random, 19_790, 20), random_readings(&mut random, 19_795, 20));
        let id = park(&database, "a", "Europe/Amsterdam").await?.id;
        merged(&database, id, &old).await?;
        let write = database.write().await?;
        let locked = write.lock_park(id).await?.unwrap();
        write.merge_readings(&locked, &new, Uuid::now_v7(), noon()).await?;
        drop(write);
        assert_holds(&database, id, &old).await?;
        assert_eq!(revised(&database).await?, 0);
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn overlapping_readings_are_refused_whole() {
    everywhere(|database| async move {
        let id = park(&database, "a", "UTC").await?.id;
        let at = |starts_at| Reading { starts_at, minutes: 15, megawatts: 1.0 };
        for wrong in [[at(0), at(899)], [at(900), at(0)], [at(0), at(0)]] {
            assert!(matches!(merged(&database, id, &wrong).await, Err(Error::Internal(_))));
        }
        assert_holds(&database, id, &[]).await
    })
    .await
    .unwrap();
}

async fn filled(database: &Database) -> Result<Vec<(LockedPark, Vec<Reading>)>> {
    let mut random = StdRng::seed_from_u64(12);
    let mut parks = Vec::new();
    for (name, days) in [("a", 700), ("b", 3), ("c", 0), ("d", 200)] {
        let park = park(database, name, "Europe/Amsterdam").await?;
        let readings = random_readings(&mut random, 19_700, days);
        merged(database, park.id, &readings).await?;
        parks.push((park, readings));
    }
    Ok(parks)
}

/// R3, and one statement for all parks.
#[tokio::test]
async fn pages_and_counts_equal_cutting_all_readings() {
    everywhere(|database| async move {
        let parks = filled(&database).await?;
        let ids: Vec<ParkId> = parks.iter().map(|(park, _)| park.id).collect();
        let reads = database.reads(Visibility::Everything);
        let mut random = StdRng::seed_from_u64(13);
        for _ in 0..150 {
            let mut bound = || {
                let at = start(19_690) + random.random_range(0..800_i64 * 96) * 900;
                [None, Some(at), Some(at), Some(at / 86_400 * 86_400)][random.random_range(0..4)]
            };
            let range = TimeRange { from: bound(), until: bound() };
            let (after, before) = (bound(), bound());
            let limit = [0, 1, 2, 10, 100, 1_000, 100_000][random.random_range(0..7)];
            let page = Page { after, before, limit, from_end: random.random() };
            let statements = database.statements();
            let found = reads.readings_page(&ids, &range, &page).await?;
            let counts = reads.reading_counts(&ids, &range).await?;
            assert!(database.statements() - statements <= 2);
            for (park, readings) in &parks {
                let within: Vec<Reading> =
                    readings.iter().filter(|reading| range.contains(reading.starts_at)).copied().collect();
                let count = i64::try_from(within.len()).unwrap();
                assert_eq!(counts.get(&park.id).copied().unwrap_or(0), count, "{range:?}");
                let mut rows: Vec<Reading> = within
                    .into_iter()
                    .filter(|reading| after.is_none_or(|after| reading.starts_at > after))
                    .filter(|reading| before.is_none_or(|before| reading.starts_at < before))
                    .collect();
                let limit = usize::try_from(limit).unwrap();
                if page.from_end {
                    rows.drain(..rows.len().saturating_sub(limit));
                } else {
                    rows.truncate(limit);
                }
                assert_eq!(found.get(&park.id).cloned().unwrap_or_default(), rows, "{range:?} {page:?}");
            }
        }
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_page_of_a_long_park_reads_few_blocks() {
    everywhere(|database| async move {
        let id = park(&database, "a", "UTC").await?.id;
        let hourly = |hour: i64| Reading { starts_at: hour * 3_600, minutes: 60, megawatts: 1.0 };
        let readings: Vec<Reading> = (0..24 * 400).map(hourly).collect();
        merged(&database, id, &readings).await?;
        let reads = database.reads(Visibility::Everything);
        for from_end in [false, true] {
            let page = Page { after: None, before: None, limit: 100, from_end };
            let sql = reads.walk_sql(&[id], &TimeRange::default(), (0, 400), &page)?;
            assert_eq!(sql.rows(&reads.connection().await?).await?.len(), 5);
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// What a caller may not see does not exist for it, on any way to read.
#[tokio::test]
async fn who_sees_nothing_reads_nothing() {
    everywhere(|database| async move {
        let parks = filled(&database).await?;
        let ids: Vec<ParkId> = parks.iter().map(|(park, _)| park.id).collect();
        let every = TimeRange::default();
        let page = Page { after: None, before: None, limit: 10, from_end: false };
        let short = TimeRange { from: Some(start(19_700)), until: Some(start(19_705) + 1) };
        for (visibility, sees) in [(Visibility::Everything, true), (Visibility::Nothing, false)] {
            for reads in [database.reads(visibility), database.at_one_moment().reads(visibility)] {
                let names = ["a".to_owned()];
                let filter = ParkFilter::default();
                let first = Page { after: None, before: None, limit: 10, from_end: false };
                assert_eq!(!reads.parks(&filter, ParkOrder::NameAsc, &first).await?.is_empty(), sees);
                assert_eq!(reads.park_count(&filter).await? > 0, sees);
                assert_eq!(!reads.park_ids(&filter).await?.is_empty(), sees);
                assert_eq!(!reads.all_parks(&filter).await?.is_empty(), sees);
                assert_eq!(!reads.parks_by_id(&ids).await?.is_empty(), sees);
                assert_eq!(!reads.parks_by_name(&names).await?.is_empty(), sees);
                assert_eq!(reads.park_by_name("a").await?.is_some(), sees);
                assert_eq!(!reads.blocks(&ids, 0..30_000).await?.is_empty(), sees);
                assert_eq!(!reads.readings(&ids, &every).await?.is_empty(), sees);
                assert_eq!(!reads.readings_page(&ids, &every, &page).await?.is_empty(), sees);
                assert_eq!(!reads.readings_page(&ids, &short, &page).await?.is_empty(), sees);
                assert_eq!(!reads.reading_counts(&ids, &every).await?.is_empty(), sees);
                assert_eq!(!reads.reading_counts(&ids, &short).await?.is_empty(), sees);
                assert_eq!(!reads.day_stats(&ids, &DateRange::default()).await?.is_empty(), sees);
                assert_eq!(!reads.latest(&ids).await?.is_empty(), sees);
                assert_eq!(!reads.spans(&ids).await?.is_empty(), sees);
            }
        }
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_snapshot_stays_at_its_moment_and_holds_no_writer_up() {
    everywhere(|database| async move {
        let mut random = StdRng::seed_from_u64(14);
        let id = park(&database, "a", "UTC").await?.id;
        let (old, new) = (random_readings(&mut random, 19_790, 20), random_readings(&mut random, 19_795, 20));
        merged(&database, id, &old).await?;
        let snapshot = database.at_one_moment().reads(Visibility::Everything);
        let before = snapshot.day_stats(&[id], &DateRange::default()).await?;
        merged(&database, id, &new).await?;
        assert_eq!(snapshot.day_stats(&[id], &DateRange::default()).await?, before);
        assert_eq!(snapshot.readings(&[id], &TimeRange::default()).await?[&id], old);
        assert_ne!(database.reads(Visibility::Everything).day_stats(&[id], &DateRange::default()).await?, before);
        Ok(())
    })
    .await
    .unwrap();
}

/// R18 warns of powers beyond all reason but keeps them; sums beyond f64 must not break the store.
#[tokio::test]
async fn powers_beyond_reason_are_kept() {
    everywhere(|database| async move {
        let id = park(&database, "a", "UTC").await?.id;
        let at = |hour: i64, megawatts| Reading { starts_at: hour * 3_600, minutes: 60, megawatts };
        let all = [at(0, f64::MAX), at(1, -f64::MAX), at(2, f64::MAX), at(3, f64::MAX), at(4, f64::MIN_POSITIVE)];
        merged(&database, id, &all).await?;
        let reads = database.reads(Visibility::Everything);
        assert_eq!(reads.readings(&[id], &TimeRange::default()).await?[&id], all);
        let write = database.write().await?;
        let locked = write.lock_park(id).await?.unwrap();
        assert_eq!(write.recompute(&locked).await?, []);
        Ok(())
    })
    .await
    .unwrap();
}
