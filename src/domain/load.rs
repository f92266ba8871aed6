//! A load: one file, upload, list of rows or edit that changed the data, with its report (R21, R22).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::access::CustomerId;

/// The most row errors that a report lists; all are counted.
pub const MAX_ROW_ERRORS: usize = 1_000;

/// What a load brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadKind {
    /// Parks.
    Parks,
    /// Readings.
    Readings,
    /// Readings were deleted.
    Deletion,
}

impl LoadKind {
    /// The name kept in the database and shown by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parks => "PARKS",
            Self::Readings => "READINGS",
            Self::Deletion => "DELETION",
        }
    }
}

/// How a load stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadStatus {
    /// At work.
    Running,
    /// Done; the rows are in.
    Loaded,
    /// Nothing is in, for the reasons listed.
    Refused,
    /// Nothing is in, on request; the counts say what would have been.
    DryRun,
    /// It broke off: nothing is in.
    Failed,
}

impl LoadStatus {
    /// The name kept in the database and shown by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Loaded => "LOADED",
            Self::Refused => "REFUSED",
            Self::DryRun => "DRY_RUN",
            Self::Failed => "FAILED",
        }
    }
}

/// What to do with a bad row (R22).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// One bad row and no row is in.
    #[default]
    Abort,
    /// The good rows go in.
    Skip,
}

/// How many rows went which way; the last four add up to `rows_read` (R21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadCounts {
    /// Data rows of the file.
    pub rows_read: i64,
    /// New ones.
    pub inserted: i64,
    /// Ones that replaced another value.
    pub updated: i64,
    /// Ones that stood already, or stood twice in the file.
    pub unchanged: i64,
    /// Bad ones.
    pub rejected: i64,
}

/// A bad row: where, what and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The line of the file, the header being line 1; for rows given inline, their number from 1. 0 is the whole file.
    pub line: i64,
    /// The column as the header has it.
    pub column: Option<String>,
    /// The cell's text, cut to 200 characters.
    pub value: Option<String>,
    /// A sentence.
    pub reason: String,
}

/// A load as it stands in the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// Its key: a UUID of version 7, so that keys sort by time.
    pub id: Uuid,
    /// What it brought.
    pub kind: LoadKind,
    /// How it stands.
    pub status: LoadStatus,
    /// The file's name, or `csv`, `rows`, `-`.
    pub source: String,
    /// SHA-256 of the bytes as received, in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// The counts.
    pub counts: LoadCounts,
    /// Sentences for the operator, the likely cause of errors first (R7, R18).
    pub warnings: Vec<String>,
    /// The first bad rows, by line.
    pub errors: Vec<RowError>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// The name of who loaded.
    pub by: String,
    /// The customer for whom that one did; `None` is staff.
    pub customer: Option<CustomerId>,
}
