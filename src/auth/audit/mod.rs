//! The log of what is done and tried: entries queue, and a task of this room writes them.
//!
//! Entries that nobody could make in numbers, such as what an admin did, are waited for. What anyone can cause, such as a
//! wrong password, is not, and beyond a number a minute only counted, so that nobody fills the disk or keeps the
//! database busy by failing.

mod retention;
mod sieve;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use uuid::{ContextV7, Timestamp, Uuid};

pub use self::retention::keep_for;
use self::sieve::Sieve;
use crate::domain::audit::{Entry, Outcome};
use crate::domain::chrono::{DateTime, Utc};
use crate::error::Result;
use crate::storage::Database;

/// How many entries may wait to be written.
const QUEUE: usize = 10_000;
/// How many entries are written at once.
const BATCH: usize = 500;
/// How long an entry is waited for: a large load may keep SQLite's one writer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often, and after how long, an entry is tried again that could not be written.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// The way into the log.
#[derive(Clone, Debug)]
pub struct Log {
    queue: mpsc::Sender<Message>,
    /// Before the queue, so that refusals take no room in it from what was done.
    sieve: Arc<Mutex<Sieve>>,
}

enum Message {
    Entry(Entry),
    /// Answered once all before it is written.
    Settle(oneshot::Sender<()>),
}

/// An entry of now. It gets its key when it is written.
pub fn entry(action: impl Into<String>, outcome: Outcome, now: DateTime<Utc>) -> Entry {
    Entry {
        id: Uuid::nil(),
        at: now,
        actor: None,
        address: None::<IpAddr>,
        action: action.into(),
        subject: None,
        outcome,
        detail: None,
    }
}

impl Log {
    /// Begins to write, in a task that ends with the last handle.
    pub fn start(database: Database) -> Self {
        let (queue, messages) = mpsc::channel(QUEUE);
        tokio::spawn(write_all(database, messages));
        Self { queue, sieve: Arc::default() }
    }

    /// Enters what was tried; it is written soon.
    pub fn enter(&self, entry: Entry) {
        // Nothing panics while it is locked.
        let passed = self.sieve.lock().unwrap_or_else(PoisonError::into_inner).pass(entry);
        for entry in passed {
            if let Err(error) = self.queue.try_send(Message::Entry(entry)) {
                tracing::error!(%error, "an entry of the audit log was lost");
            }
        }
    }

    /// Waits until all that was entered before is written, or for some seconds.
    pub async fn settle(&self) {
        let (done, is_done) = oneshot::channel();
        let settled = async {
            // Where the task is gone, nothing is waited for; it has said why.
            if self.queue.send(Message::Settle(done)).await.is_ok() {
                let _ = is_done.await;
            }
        };
        if timeout(PATIENCE, settled).await.is_err() {
            tracing::warn!("the audit log is behind: another writer keeps the database");
        }
    }
}

async fn write_all(database: Database, mut messages: mpsc::Receiver<Message>) {
    let mut some = Vec::new();
    // Keys rise from entry to entry, also within one instant, so that the log is in the order in which it was entered.
    let keys = ContextV7::new();
    while messages.recv_many(&mut some, BATCH).await > 0 {
        let (mut entries, mut waiting) = (Vec::new(), Vec::new());
        for message in some.drain(..) {
            match message {
                Message::Entry(entry) => entries.push(entry),
                Message::Settle(done) => waiting.push(done),
            }
        }
        for entry in &mut entries {
            entry.id = key(&keys, entry.at);
        }
        if !entries.is_empty() {
            write(&database, &entries).await;
        }
        for done in waiting {
            // Who waited may have gone.
            let _ = done.send(());
        }
    }
}

fn key(keys: &ContextV7, at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(keys, seconds, at.timestamp_subsec_nanos()))
}

async fn write(database: &Database, entries: &[Entry]) {
    // What was done is not given up: another writer ends at last.
    let is_done = entries.iter().any(|entry| entry.outcome == Outcome::Done);
    for attempt in 1_u32.. {
        let written: Result<()> = async {
            let write = database.write().await?;
            write.insert_audit(entries).await?;
            write.commit().await
        }
        .await;
        match written {
            Ok(()) => return,
            Err(error) if attempt >= TRIES && !is_done => {
                let lost = entries.len();
                tracing::error!(%error, cause = ?error.cause(), lost, "entries of the audit log were lost");
                return;
            }
            Err(error) => {
                tracing::warn!(%error, attempt, "entries of the audit log are not written yet");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chrono::TimeDelta;
    use crate::domain::range::Page;
    use crate::storage::testing::{everywhere, noon};

    fn newest(limit: u64) -> Page<uuid::Uuid> {
        Page { after: None, before: None, limit, from_end: false }
    }

    /// Without the keys that were given on writing.
    async fn read(database: &Database, limit: u64) -> Result<Vec<Entry>> {
        let entries = database.audit(&newest(limit)).await?;
        Ok(entries.into_iter().map(|entry| Entry { id: Uuid::nil(), ..entry }).collect())
    }

    #[tokio::test]
    async fn entries_of_one_instant_stay_in_their_order() -> Result<()> {
        everywhere(async |database| {
            let log = Log::start(database.clone());
            let entered: Vec<_> = (0..40).map(|n| entry(format!("deed {n}"), Outcome::Done, noon())).collect();
            for some in entered.chunks(15) {
                some.iter().cloned().for_each(|entry| log.enter(entry));
                log.settle().await;
            }
            let mut told = read(&database, 100).await?;
            told.reverse();
            assert_eq!(told, entered);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn what_is_entered_is_read_as_it_was_newest_first() -> Result<()> {
        everywhere(async |database| {
            let log = Log::start(database.clone());
            let second = Entry {
                actor: Some("ann \0 \u{1f600}".into()),
                address: Some("2001:db8::1".parse().unwrap()),
                subject: Some("mia".into()),
                detail: Some("why".into()),
                ..entry("createUser", Outcome::Failed, noon() + TimeDelta::seconds(1))
            };
            let first = entry("login", Outcome::Done, noon());
            log.enter(first.clone());
            log.enter(second.clone());
            log.settle().await;
            let second = Entry { actor: Some("ann \u{fffd} \u{1f600}".into()), ..second };
            assert_eq!(read(&database, 10).await?, [second.clone(), first]);
            assert_eq!((read(&database, 1).await?, database.audit_count().await?), (vec![second], 2));
            Ok(())
        })
        .await
    }
}
