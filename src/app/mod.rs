//! The handles of a running energy-parks, built once, and the questions that are put to them.
//!
//! [`App`] knows no transport and no query language; `graphql` and `http` ask it.

pub mod energy_type_stats;
pub mod park_stats;
pub mod stats;
mod walk;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::auth::{Keys, Passwords};
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
    /// The clock.
    pub now: Now,
}

impl App {
    /// The instant now.
    pub fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }
}
