//! What was done or tried, by whom and from where: for those who look after the server's safety.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

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
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key: a UUID of version 7, so that keys sort by time.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: a user's or API key's name, the name that was tried, or `command line`. `None` where nobody said.
    pub actor: Option<String>,
    /// From where; `None` at the command line.
    pub address: Option<IpAddr>,
    /// What: the mutation's name, or `authenticate`.
    pub action: String,
    /// On whom or what.
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// More about it, in a sentence without secrets.
    pub detail: Option<String>,
}
