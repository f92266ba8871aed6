//! The power of several parks together over time (R15).
//!
//! Time is cut wherever a reading starts or ends; for each stretch at which every reporting park has a reading, their
//! powers are added up. These totals, not the parks' own figures, say how little and how much a fleet gave at once.

mod power_tree;

#[cfg(test)]
mod tests;

use self::power_tree::PowerTree;
use super::bucket_stats::ratio;
use super::calendar::Bucket;
use super::figures::Sum;
use super::reading::Reading;

/// The fleet's power over the stretches at which every reporting park has a reading.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// The least, MW; `None` where there is no such stretch.
    pub min: Option<f64>,
    /// The greatest, MW.
    pub max: Option<f64>,
    /// The mean, weighted by time, MW.
    pub mean: Option<f64>,
    /// How long the stretches are together, in seconds.
    pub seconds: i64,
}

impl Totals {
    /// How much of the bucket the totals rest on, 0 to 1 (R15).
    pub fn completeness(&self, bucket: &Bucket) -> f64 {
        ratio(self.seconds, bucket.seconds())
    }
}

/// The totals over the readings that start in a bucket, one ordered list a park. A reading is wholly of the bucket that it
/// starts in (R10), as in every other figure. A park without any does not report and is left out by the caller: an empty
/// list leaves no stretch.
pub fn totals(parks: &[&[Reading]]) -> Totals {
    let mut summary = Summary::default();
    if let Some((first, others)) = parks.split_first() {
        if others.iter().all(|other| are_aligned(first, other)) {
            add_columns(parks, first, &mut summary);
        } else {
            sweep(parks, &mut summary);
        }
    }
    summary.totals()
}

/// Whether two parks' readings start and end together.
fn are_aligned(one: &[Reading], other: &[Reading]) -> bool {
    let same = |(one, other): (&Reading, &Reading)| one.starts_at == other.starts_at && one.minutes == other.minutes;
    one.len() == other.len() && one.iter().zip(other).all(same)
}

/// The usual case, in which all readings start and end together: each is a stretch.
fn add_columns(parks: &[&[Reading]], rhythm: &[Reading], summary: &mut Summary) {
    let mut powers = PowerTree::new(parks.len());
    for (place, reading) in rhythm.iter().enumerate() {
        powers.set_all(parks.iter().map(|park| Some(park[place].megawatts)));
        summary.add(powers.sum(), reading.until() - reading.starts_at);
    }
}

/// From an instant on a park gives so much, or, `None`, it is not known what.
struct Change {
    at: i64,
    park: usize,
    megawatts: Option<f64>,
}

/// The general case: all changes of all parks in the order of time.
fn sweep(parks: &[&[Reading]], summary: &mut Summary) {
    let mut changes = Vec::with_capacity(parks.iter().map(|readings| readings.len() + 1).sum());
    for (park, readings) in parks.iter().enumerate() {
        let nexts = readings.iter().skip(1).map(|next| Some(next.starts_at)).chain([None]);
        for (reading, next) in readings.iter().zip(nexts) {
            changes.push(Change { at: reading.starts_at, park, megawatts: Some(reading.megawatts) });
            if next != Some(reading.until()) {
                changes.push(Change { at: reading.until(), park, megawatts: None });
            }
        }
    }
    // Each park's changes are in order already: the sort merges them, n log p.
    changes.sort_by_key(|change| change.at);
    let mut powers = PowerTree::new(parks.len());
    let mut since = i64::MIN;
    for together in changes.chunk_by(|one, other| one.at == other.at) {
        let at = together[0].at;
        if powers.is_full() {
            summary.add(powers.sum(), at - since);
        }
        since = at;
        for change in together {
            powers.set(change.park, change.megawatts);
        }
    }
}

/// Totals in the making.
#[derive(Default)]
struct Summary {
    extremes: Option<(f64, f64)>,
    weighted: Option<Sum>,
    seconds: i64,
}

impl Summary {
    /// A stretch of so many seconds.
    fn add(&mut self, megawatts: f64, seconds: i64) {
        let (min, max) = self.extremes.unwrap_or((megawatts, megawatts));
        self.extremes = Some((min.min(megawatts), max.max(megawatts)));
        let weighted = megawatts * float(seconds);
        match &mut self.weighted {
            Some(sum) => sum.add(weighted),
            None => self.weighted = Some(Sum::from(weighted)),
        }
        self.seconds += seconds;
    }

    fn totals(self) -> Totals {
        let (min, max) = self.extremes.unzip();
        // A mean that is rounded must not leave the bounds of what it is the mean of.
        let mean = self.weighted.map(|sum| sum.value() / float(self.seconds));
        let mean =
            mean.map(|mean| min.map_or(mean, |min| mean.max(min))).map(|mean| max.map_or(mean, |max| mean.min(max)));
        Totals { min, max, mean, seconds: self.seconds }
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of any bucket stay far below 2^53")]
fn float(seconds: i64) -> f64 {
    seconds as f64
}
