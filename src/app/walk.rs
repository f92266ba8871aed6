//! Walks over the buckets of one zone, forwards or backwards, without making them all.

use std::iter;
use std::sync::Arc;

use crate::domain::calendar::{Bucket, Granularity, bucket_of};
use crate::domain::range::DateRange;
use crate::domain::reading::{EARLIEST, LATEST};
use crate::domain::zone::Zone;

/// The buckets of a question that lie between two readings, both included.
#[derive(Clone)]
pub struct Walk {
    /// Whose midnights bound them.
    pub zone: Arc<Zone>,
    /// How long they are.
    pub granularity: Granularity,
    /// A bucket is in when its first local date is.
    pub dates: DateRange,
    /// The start of the first reading.
    pub first: i64,
    /// The start of the last reading.
    pub last: i64,
}

impl Walk {
    /// The buckets in the order of time, those that end after `from`.
    pub fn forwards(&self, from: Option<i64>) -> impl Iterator<Item = Bucket> + use<> {
        let Self { zone, granularity, dates, first, last } = self.clone();
        let dated = dates.from.map_or(EARLIEST, |date| zone.day_start(date));
        let start = first.max(dated).max(from.unwrap_or(EARLIEST));
        let bucket = move |instant: i64| (instant <= last).then(|| bucket_of(&zone, granularity, instant));
        iter::successors(bucket(start), move |before| bucket(before.until))
            .skip_while(move |bucket| dates.from.is_some_and(|from| bucket.date < from))
            .take_while(move |bucket| dates.until.is_none_or(|until| bucket.date < until))
    }

    /// The buckets from the last to the first, those that start before `until`.
    pub fn backwards(&self, until: Option<i64>) -> impl Iterator<Item = Bucket> + use<> {
        let Self { zone, granularity, dates, first, last } = self.clone();
        let dated = dates.until.map_or(LATEST, |date| zone.day_start(date) - 1);
        let start = last.min(dated).min(until.map_or(LATEST, |until| until - 1));
        let bucket = move |instant: i64| bucket_of(&zone, granularity, instant);
        let begin = (start >= first || bucket(start).until > first).then(|| bucket(start));
        iter::successors(begin, move |after| (after.from > first).then(|| bucket(after.from - 1)))
            .skip_while(move |bucket| dates.until.is_some_and(|until| bucket.date >= until))
            .take_while(move |bucket| dates.from.is_none_or(|from| bucket.date >= from))
    }
}
