//! Buckets of time in a zone (R2, R3, R10).
//!
//! Days and longer begin where their first local date begins; hours have a file of their own.

mod granularity;
mod hours;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate};

use super::range::DateRange;
use super::zone::{Zone, add_days};

pub use granularity::Granularity;

/// A bucket of time: `[from, until)` in a zone. Buckets are ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// Its first local date.
    pub date: NaiveDate,
    /// Which hour of the date it is, alike in all zones: the wall clock's minute of the day at the start, times 2,
    /// plus 1 if the wall clock shows it for the second time. 0 for days and longer.
    pub slot: u16,
    /// Its first instant.
    pub from: i64,
    /// The first instant after it.
    pub until: i64,
}

impl Bucket {
    /// How long it lasts, in seconds.
    pub fn seconds(&self) -> i64 {
        self.until - self.from
    }

    /// Whether the instant is within.
    pub fn contains(&self, instant: i64) -> bool {
        self.from <= instant && instant < self.until
    }
}

impl Ord for Bucket {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |bucket: &Self| (bucket.from, bucket.until, bucket.date, bucket.slot);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Bucket {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The bucket that an instant lies in.
pub fn bucket_of(zone: &Zone, granularity: Granularity, instant: i64) -> Bucket {
    let date = zone.date_of(instant);
    if granularity == Granularity::Hour {
        return hours::starting_at(zone, date, hours::start_of(zone, instant));
    }
    dated(zone, granularity, granularity.floor(date))
}

/// The buckets that begin on a date within `dates`, from the one of instant `first` to the one of instant `last`
/// inclusive, in order. Dates that never were have none (R2); buckets are whole (R3).
pub fn buckets(zone: &Zone, granularity: Granularity, dates: DateRange, first: i64, last: i64) -> Vec<Bucket> {
    if granularity == Granularity::Hour {
        let Some((first, last)) = hours::within(zone, dates, first, last) else { return Vec::new() };
        let starts = std::iter::successors(Some(first), |start| Some(hours::end_of(zone, *start)));
        return starts
            .take_while(|start| *start <= last)
            .map(|from| hours::starting_at(zone, zone.date_of(from), from))
            .collect();
    }
    let Some((first, last)) = dates_within(zone, granularity, dates, first, last) else { return Vec::new() };
    std::iter::successors(Some(first), |date| Some(granularity.next(*date)))
        .take_while(|date| *date <= last)
        .map(|date| dated(zone, granularity, date))
        .filter(|bucket| bucket.from < bucket.until)
        .collect()
}

/// How many buckets [`buckets`] would give, without making them.
pub fn count_buckets(zone: &Zone, granularity: Granularity, dates: DateRange, first: i64, last: i64) -> usize {
    let count = if granularity == Granularity::Hour {
        hours::within(zone, dates, first, last).map(|(first, last)| 1 + hours::starts_between(zone, first, last))
    } else {
        dates_within(zone, granularity, dates, first, last).map(|(first, last)| match granularity {
            Granularity::Hour | Granularity::Day => (last - first).num_days() + 1 - missing_dates(zone, first, last),
            Granularity::Week => (last - first).num_weeks() + 1,
            Granularity::Month => months_between(first, last) + 1,
            Granularity::Quarter => months_between(first, last) / 3 + 1,
            Granularity::Year => months_between(first, last) / 12 + 1,
        })
    };
    count.map_or(0, |count| usize::try_from(count).unwrap_or_default())
}

/// The first dates of the first and the last bucket; `None` if there are none.
fn dates_within(
    zone: &Zone,
    granularity: Granularity,
    dates: DateRange,
    first: i64,
    last: i64,
) -> Option<(NaiveDate, NaiveDate)> {
    let mut from = granularity.floor(zone.date_of(first));
    let mut until = granularity.floor(zone.date_of(last));
    if let Some(date) = dates.from {
        from = from.max(granularity.ceil(date));
    }
    if let Some(date) = dates.until {
        until = until.min(granularity.floor(date.pred_opt()?));
    }
    (from <= until && first <= last).then_some((from, until))
}

/// A bucket of days, from its first date.
fn dated(zone: &Zone, granularity: Granularity, date: NaiveDate) -> Bucket {
    Bucket { date, slot: 0, from: zone.day_start(date), until: zone.day_start(granularity.next(date)) }
}

/// How many dates from `first` to `last` inclusive never were; either end may be one.
fn missing_dates(zone: &Zone, first: NaiveDate, last: NaiveDate) -> i64 {
    zone.transitions(zone.day_start(first) - 1, zone.day_start(last))
        .map(|change| {
            let from = first.max(add_days(zone.date_of(change.at - 1), 1));
            let until = add_days(last, 1).min(zone.date_of(change.at));
            (until - from).num_days().max(0)
        })
        .sum()
}

/// From the first of one month to the first of another.
fn months_between(first: NaiveDate, last: NaiveDate) -> i64 {
    let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
    months(last) - months(first)
}
