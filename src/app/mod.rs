//! The handles of a running energy-parks, built once, and the questions that are put to them.
//!
//! [`App`] knows no transport and no query language; `graphql` and `http` ask it.

pub mod energy_type_stats;
pub mod park_stats;
pub mod stats;
mod walk;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::auth::{Keys, Log, Meter, Passwords};
use crate::domain::chrono;
use crate::storage::Database;

/// Tells the time; passed in, so that a test may stop the clock.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The handles of a running server.
pub struct App {
    /// The database.
    pub database: Database,
    /// The keys that tokens are signed with.
    pub keys: Arc<Keys>,
    /// How passwords are kept.
    pub passwords: Arc<Passwords>,
    /// How often API keys are used.
    pub meter: Meter,
    /// The log of what is done and tried.
    pub audit: Log,
    /// The clock.
    pub now: Now,
}

impl App {
    /// The handles over a database; to be called within a runtime, since the log is written by a task.
    pub fn new(database: Database, keys: Keys, passwords: Passwords, now: Now) -> Self {
        Self {
            audit: Log::start(database.clone()),
            database,
            keys: Arc::new(keys),
            passwords: Arc::new(passwords),
            meter: Meter::default(),
            now,
        }
    }

    /// Writes down what is not yet: for the end of the process.
    pub async fn settle(&self) {
        self.audit.settle().await;
        self.meter.settle(&self.database).await;
    }

    /// The instant now.
    pub fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }
}
