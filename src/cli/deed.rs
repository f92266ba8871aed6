//! What is done at the command line stands in the audit log too.

use crate::auth::{self, Log};
use crate::domain::audit::{Entry, Outcome};
use crate::domain::chrono::{DateTime, Utc};
use crate::error::Result;
use crate::storage::Database;

/// Who did it: whoever may call the program on the server is not told apart.
pub const ACTOR: &str = "command line";

/// Enters how a command ended, and waits until that is written. Answers with what the command did.
pub async fn told<T>(
    database: &Database,
    (action, subject): (&str, &str),
    outcome: Result<T>,
    now: DateTime<Utc>,
) -> anyhow::Result<T> {
    let (ended, detail) = match &outcome {
        Ok(_) => (Outcome::Done, None),
        Err(error) => (Outcome::Failed, Some(error.to_string())),
    };
    let log = Log::start(database.clone());
    log.enter(Entry {
        actor: Some(ACTOR.to_owned()),
        subject: Some(subject.to_owned()),
        detail,
        ..auth::entry(action, ended, now)
    });
    log.settle().await;
    outcome.map_err(super::told)
}
