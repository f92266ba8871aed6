//! What is done at the command line stands in the audit log too.

use crate::auth::{self, Log};
use crate::domain::audit::{COMMAND_LINE, Entry, Outcome, SERVER};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::load::Load;
use crate::error::Result;
use crate::storage::Database;

/// Enters how a command ended, and waits until that is written. Answers with what the command did.
pub async fn told<T>(
    database: &Database,
    (action, subject): (&str, &str),
    outcome: Result<T>,
    now: DateTime<Utc>,
) -> anyhow::Result<T> {
    told_of(database, (action, Some(subject)), outcome, |_| None, now).await
}

/// The same, with more about what was done.
pub async fn told_of<T>(
    database: &Database,
    (action, subject): (&str, Option<&str>),
    outcome: Result<T>,
    more: impl FnOnce(&T) -> Option<String>,
    now: DateTime<Utc>,
) -> anyhow::Result<T> {
    let (ended, detail) = match &outcome {
        Ok(done) => (Outcome::Done, more(done)),
        Err(error) => (Outcome::Failed, Some(error.to_string())),
    };
    let subject = subject.map(str::to_owned);
    enter(database, Entry { actor: Some(COMMAND_LINE.to_owned()), subject, detail, ..auth::entry(action, ended, now) })
        .await;
    outcome.map_err(super::told)
}

/// Enters how a load ended.
pub async fn loaded(database: &Database, action: &str, park: Option<&str>, load: &Load, now: DateTime<Utc>) {
    let (ended, detail) = Outcome::of_load(load);
    let subject = Some(park.unwrap_or(&load.source).to_owned());
    let entry = auth::entry(action, ended, now);
    enter(database, Entry { actor: Some(COMMAND_LINE.to_owned()), subject, detail: Some(detail), ..entry }).await;
}

/// Enters what the server did when it started.
pub async fn started(database: &Database, (action, subject): (&str, &str), detail: &str, now: DateTime<Utc>) {
    let (subject, detail) = (Some(subject.to_owned()), Some(detail.to_owned()));
    enter(
        database,
        Entry { actor: Some(SERVER.to_owned()), subject, detail, ..auth::entry(action, Outcome::Done, now) },
    )
    .await;
}

async fn enter(database: &Database, entry: Entry) {
    let log = Log::start(database.clone());
    log.enter(entry);
    log.settle().await;
}
