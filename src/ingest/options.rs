//! What is declared with a load.

use std::sync::Arc;

use crate::domain::access::Visibility;
use crate::domain::bearer::Bearer;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::clock::{Clock, Fold, Label};
use crate::domain::load::OnError;
use crate::domain::park::ParkId;

/// What is declared with a load of readings.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadingsOptions {
    /// The clock that naive timestamps are read on (R4).
    pub clock: Clock,
    /// What timestamps label (R8).
    pub label: Label,
    /// The width of all rows in minutes; inferred where it is left out (R12).
    pub interval_minutes: Option<u16>,
    /// What is done with a time that happened twice but stands once (R5).
    pub fold: Fold,
    /// What is done about bad rows (R22).
    pub on_error: OnError,
    /// Tell what would be, and write nothing.
    pub dry_run: bool,
}

/// What is declared with a load of parks.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParksOptions {
    /// What is done about bad rows (R22).
    pub on_error: OnError,
    /// Tell what would be, and write nothing.
    pub dry_run: bool,
}

/// The park that all rows of a load are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParkRef {
    /// By key.
    Id(ParkId),
    /// By name.
    Name(String),
}

/// Who loads.
#[derive(Clone, Debug)]
pub struct By {
    /// The name that the ledger keeps.
    pub name: String,
    /// Which parks exist for the loader.
    pub visibility: Visibility,
    /// By what credential it was let in.
    pub bearer: Bearer,
}

/// The clock that the beginnings and ends of loads are read from.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A row of readings that came as values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadingRow {
    /// The park's name; needed where the load names none.
    pub park_name: Option<String>,
    /// As in a file's `datetime`.
    pub timestamp: String,
    /// Mean power in MW.
    pub megawatts: f64,
    /// The interval's width in minutes, if it is not the load's.
    pub minutes: Option<i32>,
}

/// A row of parks that came as values. What is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParkRow {
    /// The park's name; one that stands is changed.
    pub park_name: String,
    /// Its IANA time zone.
    pub timezone: String,
    /// `Wind` or `Solar`, in any case.
    pub energy_type: String,
    /// Rated power in MW.
    pub capacity_mw: Option<f64>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// The usual width of its readings in minutes.
    pub interval_minutes: Option<i32>,
}
