//! Instants of bookkeeping as the database keeps them: Unix microseconds.

use crate::domain::chrono::{DateTime, Utc};
use crate::error::Result;

use super::fault::broken;

/// As kept.
pub fn to_micros(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_micros()
}

/// As meant.
pub fn from_micros(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| broken(format_args!("the instant {micros}")))
}
