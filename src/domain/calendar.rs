//! Buckets of time in a zone (R2, R3, R10).
//!
//! Days and longer begin where their first local date begins. Hours begin where the wall clock shows a whole hour and
//! where a change of offset makes it show another hour or date; so the hours of Lord Howe's changes last 0.5 and 1.5
//! hours, and each local date is made of whole hours.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate, Timelike};

use super::range::DateRange;
use super::zone::{Local, Zone, add_days};

/// How long buckets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Granularity {
    /// An hour of the wall clock.
    Hour,
    /// A local date.
    Day,
    /// A week from Monday (ISO 8601).
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months, from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
}

impl Granularity {
    /// All of them, the shortest first.
    pub const ALL: [Self; 6] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The name shown by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "HOUR",
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
            Self::Quarter => "QUARTER",
            Self::Year => "YEAR",
        }
    }

    /// The first date of the bucket that the date lies in.
    fn floor(self, date: NaiveDate) -> NaiveDate {
        let month = match self {
            Self::Hour | Self::Day => return date,
            Self::Week => return date.week(chrono::Weekday::Mon).checked_first_day().unwrap_or(NaiveDate::MIN),
            Self::Month => date.month(),
            Self::Quarter => date.month0() / 3 * 3 + 1,
            Self::Year => 1,
        };
        NaiveDate::from_ymd_opt(date.year(), month, 1).unwrap_or(date)
    }

    /// The first date of the next bucket, from the first date of one.
    fn next(self, first: NaiveDate) -> NaiveDate {
        let months = match self {
            Self::Hour | Self::Day => return add_days(first, 1),
            Self::Week => return add_days(first, 7),
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        };
        first.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
    }

    /// The first date at or after the date that a bucket begins with.
    fn ceil(self, date: NaiveDate) -> NaiveDate {
        let first = self.floor(date);
        if first < date { self.next(first) } else { first }
    }
}

impl fmt::Display for Granularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Granularity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.to_ascii_uppercase();
        let found = Self::ALL.into_iter().find(|granularity| granularity.as_str() == name);
        found.ok_or_else(|| "is none of HOUR, DAY, WEEK, MONTH, QUARTER, YEAR".into())
    }
}

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
        return hour(zone, date, hour_start(zone, instant));
    }
    dated(zone, granularity, granularity.floor(date))
}

/// The buckets that begin on a date within `dates`, from the one of instant `first` to the one of instant `last`
/// inclusive, in order. Dates that never were have none (R2); buckets are whole (R3).
pub fn buckets(zone: &Zone, granularity: Granularity, dates: DateRange, first: i64, last: i64) -> Vec<Bucket> {
    if granularity == Granularity::Hour {
        let Some((first, last)) = hours_within(zone, dates, first, last) else { return Vec::new() };
        let starts = std::iter::successors(Some(first), |start| Some(hour_end(zone, *start)));
        return starts.take_while(|start| *start <= last).map(|from| hour(zone, zone.date_of(from), from)).collect();
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
        hours_within(zone, dates, first, last).map(|(first, last)| 1 + hour_starts_between(zone, first, last))
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

/// The starts of the first and the last hour; `None` if there are none.
fn hours_within(zone: &Zone, dates: DateRange, first: i64, last: i64) -> Option<(i64, i64)> {
    let (mut from, mut until) = (hour_start(zone, first), hour_start(zone, last));
    if let Some(date) = dates.from {
        from = from.max(zone.day_start(date));
    }
    if let Some(date) = dates.until {
        until = until.min(hour_start(zone, zone.day_start(date) - 1));
    }
    (from <= until && first <= last).then_some((from, until))
}

/// A bucket of days, from its first date.
fn dated(zone: &Zone, granularity: Granularity, date: NaiveDate) -> Bucket {
    Bucket { date, slot: 0, from: zone.day_start(date), until: zone.day_start(granularity.next(date)) }
}

/// The hour that starts at `from` on `date`.
fn hour(zone: &Zone, date: NaiveDate, from: i64) -> Bucket {
    let wall = zone.wall(from);
    let again = matches!(zone.resolve(wall), Local::Twice { later, .. } if later == from);
    // A minute of the day, twice, is below 2,880.
    let slot = u16::try_from((wall.hour() * 60 + wall.minute()) * 2 + u32::from(again)).unwrap_or_default();
    Bucket { date, slot, from, until: hour_end(zone, from) }
}

/// Whether the wall clock shows another hour or date at a change of offset than it would have shown without, or the
/// start of one.
fn starts_hour(at: i64, before: i32, after: i32) -> bool {
    let (old, new) = (at - 1 + i64::from(before), at + i64::from(after));
    new.rem_euclid(3_600) == 0 || old.div_euclid(3_600) != new.div_euclid(3_600)
}

/// Where the hour of an instant starts.
fn hour_start(zone: &Zone, instant: i64) -> i64 {
    let mut instant = instant;
    loop {
        let start = instant - zone.wall_seconds(instant).rem_euclid(3_600);
        match zone.transition_before(instant) {
            Some(change) if start < change.at => {
                if starts_hour(change.at, change.before, change.after) {
                    return change.at;
                }
                instant = change.at - 1;
            }
            _ => return start,
        }
    }
}

/// Where the hour of an instant ends.
fn hour_end(zone: &Zone, instant: i64) -> i64 {
    let mut instant = instant;
    loop {
        let end = instant - zone.wall_seconds(instant).rem_euclid(3_600) + 3_600;
        match zone.transitions(instant, end).next() {
            Some(change) => {
                if starts_hour(change.at, change.before, change.after) {
                    return change.at;
                }
                instant = change.at;
            }
            None => return end,
        }
    }
}

/// How many hours start after `first` and until `last` inclusive.
fn hour_starts_between(zone: &Zone, first: i64, last: i64) -> i64 {
    let whole_hours = |from: i64, until: i64| {
        let offset = i64::from(zone.offset_at(from));
        (until + offset).div_euclid(3_600) - (from + offset).div_euclid(3_600)
    };
    let (mut from, mut count) = (first, 0);
    for change in zone.transitions(first, last) {
        count += whole_hours(from, change.at - 1) + i64::from(starts_hour(change.at, change.before, change.after));
        from = change.at;
    }
    count + whole_hours(from, last)
}

/// How many dates between two never were.
fn missing_dates(zone: &Zone, first: NaiveDate, last: NaiveDate) -> i64 {
    zone.transitions(zone.day_start(first), zone.day_start(last))
        .map(|change| (zone.date_of(change.at) - zone.date_of(change.at - 1)).num_days() - 1)
        .filter(|missing| *missing > 0)
        .sum()
}

/// From the first of one month to the first of another.
fn months_between(first: NaiveDate, last: NaiveDate) -> i64 {
    let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
    months(last) - months(first)
}
