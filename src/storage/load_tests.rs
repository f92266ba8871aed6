use uuid::Uuid;

use super::testing::{everywhere, noon};
use crate::domain::access::Visibility;
use crate::domain::chrono::TimeDelta;
use crate::domain::load::{Load, LoadCounts, LoadKind, LoadStatus, RowError};
use crate::domain::range::Page;
use crate::error::{Error, Result};
use crate::storage::Database;

fn load(id: u128, status: LoadStatus) -> Load {
    let error = RowError { line: 7, column: Some("MW".into()), value: None, reason: "is \"no\" number".into() };
    Load {
        id: Uuid::from_u128(id),
        kind: LoadKind::Deletion,
        status,
        source: "Ünïcode \"file\".csv".into(),
        sha256: Some("ab".repeat(32)),
        counts: LoadCounts { rows_read: i64::MAX, inserted: 1, updated: 2, unchanged: 3, rejected: 4 },
        warnings: vec!["a".into(), "b\n".into()],
        errors: vec![error.clone(), RowError { column: None, value: Some("1,5".into()), ..error }],
        started_at: noon() + TimeDelta::microseconds(1),
        finished_at: (status != LoadStatus::Running).then(|| noon() + TimeDelta::seconds(3)),
        by: "admin".into(),
        customer: None,
    }
}

async fn enter(database: &Database, load: &Load) -> Result<()> {
    let write = database.write().await?;
    write.insert_load(load, noon()).await?;
    write.commit().await
}

#[tokio::test]
async fn a_load_is_read_as_it_was_entered_and_changed() {
    everywhere(|database| async move {
        let states = [LoadStatus::Loaded, LoadStatus::Refused, LoadStatus::DryRun, LoadStatus::Failed];
        for (id, status) in (1..).zip(states) {
            let entered = load(id, status);
            enter(&database, &entered).await?;
            assert_eq!(database.reads(Visibility::Everything).find_load(entered.id, noon()).await?, Some(entered));
        }
        let running = load(9, LoadStatus::Running);
        enter(&database, &running).await?;
        let done = Load { warnings: vec![], ..load(9, LoadStatus::Loaded) };
        let write = database.write().await?;
        write.update_load(&done, noon()).await?;
        write.commit().await?;
        assert_eq!(database.reads(Visibility::Everything).find_load(done.id, noon()).await?, Some(done));
        assert_eq!(database.reads(Visibility::Everything).find_load(Uuid::from_u128(77), noon()).await?, None);
        let write = database.write().await?;
        let unknown = write.update_load(&load(77, LoadStatus::Loaded), noon()).await;
        assert!(matches!(unknown, Err(Error::NotFound(_))), "{unknown:?}");
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_running_load_that_is_silent_for_a_minute_reads_as_failed() {
    everywhere(|database| async move {
        let running = load(1, LoadStatus::Running);
        enter(&database, &running).await?;
        let status = async |seconds| -> Result<LoadStatus> {
            let found = database
                .reads(Visibility::Everything)
                .find_load(running.id, noon() + TimeDelta::seconds(seconds))
                .await?
                .unwrap();
            assert_eq!(found.finished_at.is_some(), found.status == LoadStatus::Failed);
            Ok(found.status)
        };
        assert_eq!(status(60).await?, LoadStatus::Running);
        assert_eq!(status(61).await?, LoadStatus::Failed);
        let write = database.write().await?;
        write.update_load(&running, noon() + TimeDelta::seconds(59)).await?;
        write.commit().await?;
        assert_eq!(status(119).await?, LoadStatus::Running);
        assert_eq!(status(120).await?, LoadStatus::Failed);
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn the_ledger_is_paged_newest_first() {
    everywhere(|database| async move {
        for id in [3, 1 << 127, 2, 0x0190_0000_0000_7000_8000_0000_0000_0000] {
            enter(&database, &load(id, LoadStatus::Loaded)).await?;
        }
        let ids = async |after: Option<u128>, before: Option<u128>, limit, from_end| -> Result<Vec<u128>> {
            let (after, before) = (after.map(Uuid::from_u128), before.map(Uuid::from_u128));
            let page = Page { after, before, limit, from_end };
            Ok(database
                .reads(Visibility::Everything)
                .loads(&page, noon())
                .await?
                .iter()
                .map(|load| load.id.as_u128())
                .collect())
        };
        let all = [1 << 127, 0x0190_0000_0000_7000_8000_0000_0000_0000, 3, 2];
        assert_eq!(ids(None, None, 9, false).await?, all);
        assert_eq!(ids(None, None, 9, true).await?, all);
        assert_eq!(ids(Some(1 << 127), None, 2, false).await?, all[1..3]);
        assert_eq!(ids(Some(1 << 127), Some(2), 1, true).await?, all[2..3]);
        assert_eq!(database.reads(Visibility::Everything).load_count().await?, 4);
        Ok(())
    })
    .await
    .unwrap();
}
