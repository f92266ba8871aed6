//! A load's entry in the ledger, from its beginning to its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

use super::options::{By, Now};
use super::progress::Progress;
use super::report::Report;
use crate::domain::load::{Load, LoadCounts, LoadKind, LoadStatus, OnError, RowError};
use crate::error::{Error, Result};
use crate::storage::{Database, Write};

/// How often a load at work tells so.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// A load at work.
pub(super) struct Entry<'a> {
    pub(super) database: &'a Database,
    pub(super) now: &'a Now,
    pub(super) by: &'a By,
    load: Load,
    /// Whether the ledger has it already, as running.
    is_entered: bool,
    /// Held by who writes the entry: a heartbeat must not overwrite its end.
    pen: Arc<Mutex<()>>,
}

/// The transaction of a load.
pub(super) struct Open {
    pub(super) write: Write,
    pen: Option<OwnedMutexGuard<()>>,
}

/// A load that has just begun.
pub(super) fn new_load(kind: LoadKind, source: String, by: &By, now: &Now) -> Load {
    Load {
        id: Uuid::now_v7(),
        kind,
        status: LoadStatus::Running,
        source,
        sha256: None,
        counts: LoadCounts::default(),
        warnings: Vec::new(),
        errors: Vec::new(),
        started_at: now(),
        finished_at: None,
        by: by.name.clone(),
        customer: by.visibility.customer(),
    }
}

/// Enters a load as running.
pub(super) async fn enter(database: &Database, load: &Load, now: &Now) -> Result<()> {
    let write = database.write().await?;
    write.insert_load(load, now()).await?;
    write.commit().await
}

impl<'a> Entry<'a> {
    pub(super) fn new(database: &'a Database, load: Load, is_entered: bool, by: &'a By, now: &'a Now) -> Self {
        Self { database, now, by, load, is_entered, pen: Arc::default() }
    }

    /// The load's key.
    pub(super) fn id(&self) -> Uuid {
        self.load.id
    }

    /// Tells of a load that is entered every few seconds how far it is, as long as `work` runs.
    pub(super) async fn watch<T>(&self, progress: &Progress, work: impl Future<Output = T>) -> T {
        let heartbeat = async {
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                if self.is_entered
                    && let Err(error) = self.beat(progress).await
                {
                    tracing::warn!(load = %self.load.id, ?error, "a load's heartbeat was not written");
                }
            }
        };
        tokio::select! {
            done = work => done,
            () = heartbeat => unreachable!("the heartbeat has no end"),
        }
    }

    async fn beat(&self, progress: &Progress) -> Result<()> {
        let Ok(_pen) = self.pen.try_lock() else { return Ok(()) };
        let mut load = self.load.clone();
        load.counts.rows_read = i64::try_from(progress.rows_read()).unwrap_or(i64::MAX);
        let write = self.database.write().await?;
        write.update_load(&load, (self.now)()).await?;
        write.commit().await
    }

    /// The transaction of the load itself. While it lasts, no heartbeat gets into SQLite, which has one writer.
    pub(super) async fn open(&self) -> Result<Open> {
        let pen = if self.database.is_postgres() { None } else { Some(Arc::clone(&self.pen).lock_owned().await) };
        Ok(Open { write: self.database.write().await?, pen })
    }

    /// Ends the load with what its transaction would do: makes that last, or undoes it.
    pub(super) async fn end(
        &self,
        Open { write, pen }: Open,
        report: Report,
        on_error: OnError,
        dry_run: bool,
    ) -> Result<Load> {
        let _pen = match pen {
            Some(pen) => pen,
            None => Arc::clone(&self.pen).lock_owned().await,
        };
        let is_refused = report.is_refused() || (on_error == OnError::Abort && report.counts.rejected > 0);
        let mut load = self.load.clone();
        load.counts = report.counts;
        load.sha256.clone_from(&report.sha256);
        load.warnings.clone_from(&report.warnings);
        load.errors = report.into_errors();
        load.finished_at = Some((self.now)());
        load.status = match (is_refused, dry_run) {
            (true, _) => LoadStatus::Refused,
            (false, true) => LoadStatus::DryRun,
            (false, false) => LoadStatus::Loaded,
        };
        if load.status == LoadStatus::Loaded {
            self.put(&write, &load).await?;
            write.commit().await?;
            return Ok(load);
        }
        write.rollback().await?;
        // A dry run leaves nothing, unless it stands in the ledger already.
        if self.is_entered || !dry_run {
            let write = self.database.write().await?;
            self.put(&write, &load).await?;
            write.commit().await?;
        }
        Ok(load)
    }

    async fn put(&self, write: &Write, load: &Load) -> Result<()> {
        let now = (self.now)();
        if self.is_entered { write.update_load(load, now).await } else { write.insert_load(load, now).await }
    }
}

/// Enters that a load broke off.
pub(super) async fn fail(database: &Database, mut load: Load, error: &Error, now: &Now) -> Load {
    tracing::error!(load = %load.id, cause = ?error.cause(), "a load broke off: {error}");
    load.status = LoadStatus::Failed;
    load.finished_at = Some(now());
    load.errors = vec![RowError { line: 0, column: None, value: None, reason: error.to_string() }];
    let put = async {
        let write = database.write().await?;
        let ended = write.end_running_load(&load, now()).await?;
        write.commit().await.map(|()| ended)
    };
    match put.await {
        Ok(true) => {}
        Ok(false) => tracing::warn!(load = %load.id, "the load had ended before it broke off"),
        Err(error) => tracing::error!(load = %load.id, ?error, "a load that broke off could not be entered as such"),
    }
    load
}
