//! What was done or tried, by whom and from where: for those who look after the server's safety.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::load::{Load, LoadStatus};

/// Who does what is done by the program's commands: whoever may call it on the server is not told apart.
pub const COMMAND_LINE: &str = "command line";

/// Who does what nobody asked for, when the server starts.
pub const SERVER: &str = "server";

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not allowed.
    Refused,
    /// It could not be done.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Failed];

    /// The name kept in the database and shown by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "DONE",
            Self::Refused => "REFUSED",
            Self::Failed => "FAILED",
        }
    }

    /// How a load ended, and the sentence that the log has of it.
    pub fn of_load(load: &Load) -> (Self, String) {
        let outcome = match load.status {
            LoadStatus::Running | LoadStatus::Loaded | LoadStatus::DryRun => Self::Done,
            LoadStatus::Refused | LoadStatus::Failed => Self::Failed,
        };
        let counts = load.counts;
        // What is wrong with the file as a whole; of single rows the ledger tells.
        let whole = load.errors.first().filter(|error| load.status == LoadStatus::Refused && error.line == 0);
        let why = whole.map(|error| format!("; {}", error.reason)).unwrap_or_default();
        let sentence = format!(
            "{} from {}: {} rows read, {} inserted, {} updated, {} unchanged, {} rejected (load {}){why}",
            load.status.as_str(),
            load.source,
            counts.rows_read,
            counts.inserted,
            counts.updated,
            counts.unchanged,
            counts.rejected,
            load.id
        );
        (outcome, sentence)
    }
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key: a UUID of version 7, so that keys sort by time.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: a user's or API key's name, the name that was tried, or `command line`, or `server` for what it does when
    /// it starts. `None` where nobody said.
    pub actor: Option<String>,
    /// From where; `None` at the command line.
    pub address: Option<IpAddr>,
    /// What: the mutation's name, also where OAuth does the same; the query's that was refused; `authenticate`,
    /// `clientCredentials`, `token`, `upload`, `document`; or the command's name.
    pub action: String,
    /// On whom or what.
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// More about it, in a sentence without secrets.
    pub detail: Option<String>,
}
