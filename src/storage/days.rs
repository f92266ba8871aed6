//! UTC days, and dates as the database keeps them: days since 1970-01-01.

use super::fault::broken;
use crate::domain::chrono::{Datelike, NaiveDate};
use crate::domain::range::TimeRange;
use crate::domain::reading::{DAY_SECONDS, EARLIEST, LATEST, Reading, utc_day};
use crate::error::Result;

/// The days of the Common Era before 1970-01-01.
const EPOCH: i32 = 719_163;

/// A date as kept.
pub fn to_number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH
}

/// A date as meant.
pub fn from_number(number: i32) -> Result<NaiveDate> {
    number
        .checked_add(EPOCH)
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .ok_or_else(|| broken(format_args!("the date {number}")))
}

/// The date after; the last one of all has none.
pub fn next(date: NaiveDate) -> NaiveDate {
    date.succ_opt().unwrap_or(date)
}

/// The first instant of a UTC day.
pub fn start(day: i32) -> i64 {
    i64::from(day) * DAY_SECONDS
}

/// The first and last UTC day on which a reading of the range can start; `None` where none can.
pub fn days_of(range: &TimeRange) -> Option<(i32, i32)> {
    let from = range.from.unwrap_or(EARLIEST).max(EARLIEST);
    let until = range.until.unwrap_or(LATEST).min(LATEST);
    (from < until).then(|| (utc_day(from), utc_day(until - 1)))
}

/// The stretches of readings, in order, that start on one UTC day each.
pub fn by_day(readings: &[Reading]) -> impl Iterator<Item = (i32, &[Reading])> {
    readings.chunk_by(|a, b| a.day() == b.day()).filter_map(|day| day.first().map(|first| (first.day(), day)))
}
