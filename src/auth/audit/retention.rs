//! How long the log is kept.

use std::time::Duration;

use crate::domain::chrono::{DateTime, TimeDelta, Utc};
use crate::error::Result;
use crate::storage::Database;

/// How often it is looked for entries that are too old.
const EVERY: Duration = Duration::from_hours(1);
/// So many are forgotten at once, so that others may write between.
const BATCH: u32 = 5_000;

/// Forgets entries when they are that old, without an end.
pub async fn keep_for(database: Database, age: TimeDelta, now: impl Fn() -> DateTime<Utc>) {
    loop {
        match forget_before(&database, now() - age).await {
            Ok(0) => {}
            Ok(entries) => tracing::info!(entries, "entries of the audit log were forgotten: AUDIT_DAYS have passed"),
            Err(error) => tracing::warn!(%error, cause = ?error.cause(), "old entries of the audit log stay for now"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Forgets what was entered before; how many entries that were.
async fn forget_before(database: &Database, instant: DateTime<Utc>) -> Result<u64> {
    let mut all = 0;
    loop {
        let write = database.write().await?;
        let some = write.forget_audit(instant, BATCH).await?;
        write.commit().await?;
        all += some;
        if some < u64::from(BATCH) {
            return Ok(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Log, entry};
    use super::*;
    use crate::domain::audit::Outcome;
    use crate::domain::range::Page;
    use crate::storage::testing::{everywhere, noon};

    #[tokio::test]
    async fn entries_are_forgotten_when_they_are_old_and_not_before() -> Result<()> {
        everywhere(async |database| {
            let log = Log::start(database.clone());
            let count = i64::from(2 * BATCH + 3);
            for second in 0..count {
                log.enter(entry("deed", Outcome::Done, noon() + TimeDelta::seconds(second)));
                if second % 5_000 == 0 {
                    log.settle().await;
                }
            }
            log.settle().await;
            assert_eq!(database.audit_count().await?, count);
            assert_eq!(forget_before(&database, noon() + TimeDelta::seconds(count - 2)).await?, 2 * 5_000 + 1);
            let left = database.audit(&Page { after: None, before: None, limit: 9, from_end: false }).await?;
            let times: Vec<_> = left.iter().map(|entry| (entry.at - noon()).num_seconds()).collect();
            assert_eq!(times, [count - 1, count - 2]);
            Ok(())
        })
        .await
    }
}
