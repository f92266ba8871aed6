//! The figures of buckets, from days or from readings: the same bits either way.
//!
//! A reading belongs wholly to the bucket that it starts in (R10). Buckets of days and longer are made of the figures
//! of each local date, in order, since that is all there is where stats are kept by date; so readings are gathered into
//! dates first, here as there.

use chrono::NaiveDate;

use crate::domain::calendar::{Bucket, Granularity};
use crate::domain::figures::Figures;
use crate::domain::reading::Reading;
use crate::domain::zone::{Zone, add_days};

/// The widest reading that hours are made of, in minutes.
const HOUR_MINUTES: u16 = 60;

/// Ordered readings by local date, in order.
pub(super) fn by_day<'a>(zone: &'a Zone, readings: &'a [Reading]) -> impl Iterator<Item = (NaiveDate, &'a [Reading])> {
    let mut rest = readings;
    std::iter::from_fn(move || {
        let date = zone.date_of(rest.first()?.starts_at);
        // The next date's start is after this instant even where the next date never was: it then starts with the
        // one after it.
        let until = zone.day_start(add_days(date, 1));
        let (day, later) = rest.split_at(rest.partition_point(|reading| reading.starts_at < until));
        rest = later;
        Some((date, day))
    })
}

/// The figures of each local date that readings start on, in order.
pub(super) fn days(zone: &Zone, readings: &[Reading]) -> Vec<(NaiveDate, Figures)> {
    by_day(zone, readings).filter_map(|(date, readings)| Some((date, Figures::of(readings)?))).collect()
}

/// The figures of buckets of days and longer, made of the figures of local dates in the buckets' own zone; both in
/// order. A day tells nothing of its hours: each HOUR is `None`.
pub fn of_days(granularity: Granularity, buckets: &[Bucket], days: &[(NaiveDate, Figures)]) -> Vec<Option<Figures>> {
    if granularity == Granularity::Hour {
        return vec![None; buckets.len()];
    }
    let mut rest = days;
    let figures_of = |bucket: &Bucket| {
        rest = &rest[rest.partition_point(|(date, _)| *date < bucket.date)..];
        let within = rest.iter().take_while(|(date, _)| granularity.floor(*date) == bucket.date).count();
        let (inside, later) = rest.split_at(within);
        rest = later;
        Figures::gather(inside.iter().map(|(_, figures)| *figures))
    };
    buckets.iter().map(figures_of).collect()
}

/// The figures of buckets of one zone from the readings themselves; both in order. Readings outside the buckets do not
/// count. Refused with a sentence: hours of readings that are wider (R10).
pub fn of_readings(
    zone: &Zone,
    granularity: Granularity,
    buckets: &[Bucket],
    readings: &[Reading],
) -> Result<Vec<Option<Figures>>, String> {
    let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else { return Ok(Vec::new()) };
    let start = readings.partition_point(|reading| reading.starts_at < first.from);
    let end = readings.partition_point(|reading| reading.starts_at < last.until);
    let within = &readings[start..end.max(start)];
    if granularity != Granularity::Hour {
        return Ok(of_days(granularity, buckets, &days(zone, within)));
    }
    let figures_of = |bucket: &Bucket| {
        let start = within.partition_point(|reading| reading.starts_at < bucket.from);
        let after = within[start..].iter().take_while(|reading| reading.starts_at < bucket.until).count();
        let inside = &within[start..start + after];
        match inside.iter().map(|reading| reading.minutes).max() {
            Some(minutes) if minutes > HOUR_MINUTES => {
                Err(format!("granularity HOUR needs readings of an hour or less, and one is {minutes} minutes wide"))
            }
            _ => Ok(Figures::of(inside)),
        }
    };
    buckets.iter().map(figures_of).collect()
}
