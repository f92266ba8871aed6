//! The handles of a running energy-parks, built once, and the questions that are put to them.
//!
//! [`App`] knows no transport and no query language; `graphql` and `http` ask it.

mod background;
mod compute;
pub mod energy_type_stats;
pub mod park_stats;
pub mod stats;
mod walk;

use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use self::background::Background;

use crate::auth::{Devices, ForeignIssuer, Keys, Log, Meter, Passwords};
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
    /// The issuer whose tokens are accepted beside our own.
    pub foreign: Option<ForeignIssuer>,
    /// How passwords are kept.
    pub passwords: Arc<Passwords>,
    /// From which devices people have signed in.
    pub devices: Devices,
    /// How often API keys are used.
    pub meter: Meter,
    /// The log of what is done and tried.
    pub audit: Log,
    /// Work that outlives its request.
    pub background: Background,
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
            foreign: None,
            passwords: Arc::new(passwords),
            devices: Devices::default(),
            meter: Meter::default(),
            background: Background::default(),
            now,
        }
    }

    /// Accepts the tokens of that issuer too.
    #[must_use]
    pub fn accepting(self, foreign: Option<ForeignIssuer>) -> Self {
        Self { foreign, ..self }
    }

    /// Ends what goes on, and writes down what is not yet: for the end of the process.
    pub async fn finish(&self) {
        self.background.settle().await;
        self.settle().await;
    }

    /// Writes down what is not yet.
    pub async fn settle(&self) {
        self.audit.settle().await;
        self.meter.settle(&self.database).await;
    }

    /// The instant now.
    pub fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }
}
