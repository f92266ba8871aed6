//! Hours of the wall clock.
//!
//! An hour begins where the wall clock shows a whole hour and where a change of offset makes it show another hour or
//! date; so Lord Howe's hours of change last 0.5 and 1.5 hours, and each local date is made of whole buckets: a date
//! begins at its midnight or, where that never was, with a change of the date shown.

use chrono::{NaiveDate, Timelike};

use super::super::range::DateRange;
use super::super::zone::{Local, Zone};
use super::Bucket;

/// The starts of the first and the last hour; `None` if there are none.
pub(super) fn within(zone: &Zone, dates: DateRange, first: i64, last: i64) -> Option<(i64, i64)> {
    let (mut from, mut until) = (start_of(zone, first), start_of(zone, last));
    if let Some(date) = dates.from {
        from = from.max(zone.day_start(date));
    }
    if let Some(date) = dates.until {
        until = until.min(start_of(zone, zone.day_start(date) - 1));
    }
    (from <= until && first <= last).then_some((from, until))
}

/// The hour that starts at `from` on `date`.
pub(super) fn starting_at(zone: &Zone, date: NaiveDate, from: i64) -> Bucket {
    let wall = zone.wall(from);
    let again = matches!(zone.resolve(wall), Local::Twice { later, .. } if later == from);
    // A minute of the day, twice, is below 2,880.
    let slot = u16::try_from((wall.hour() * 60 + wall.minute()) * 2 + u32::from(again)).unwrap_or_default();
    Bucket { date, slot, from, until: end_of(zone, from) }
}

/// Whether the wall clock shows another hour or date at a change of offset than it would have shown without, or the
/// start of one.
fn begins_one(at: i64, before: i32, after: i32) -> bool {
    let (old, new) = (at - 1 + i64::from(before), at + i64::from(after));
    new.rem_euclid(3_600) == 0 || old.div_euclid(3_600) != new.div_euclid(3_600)
}

/// Where the hour of an instant starts.
pub(super) fn start_of(zone: &Zone, instant: i64) -> i64 {
    let mut instant = instant;
    loop {
        let start = instant - zone.wall_seconds(instant).rem_euclid(3_600);
        match zone.transition_before(instant) {
            Some(change) if start < change.at => {
                if begins_one(change.at, change.before, change.after) {
                    return change.at;
                }
                instant = change.at - 1;
            }
            _ => return start,
        }
    }
}

/// Where the hour of an instant ends.
pub(super) fn end_of(zone: &Zone, instant: i64) -> i64 {
    let mut instant = instant;
    loop {
        let end = instant - zone.wall_seconds(instant).rem_euclid(3_600) + 3_600;
        match zone.transitions(instant, end).next() {
            Some(change) => {
                if begins_one(change.at, change.before, change.after) {
                    return change.at;
                }
                instant = change.at;
            }
            None => return end,
        }
    }
}

/// How many hours start after `first` and until `last` inclusive.
pub(super) fn starts_between(zone: &Zone, first: i64, last: i64) -> i64 {
    let whole_hours = |from: i64, until: i64| {
        let offset = i64::from(zone.offset_at(from));
        (until + offset).div_euclid(3_600) - (from + offset).div_euclid(3_600)
    };
    let (mut from, mut count) = (first, 0);
    for change in zone.transitions(first, last) {
        count += whole_hours(from, change.at - 1) + i64::from(begins_one(change.at, change.before, change.after));
        from = change.at;
    }
    count + whole_hours(from, last)
}
