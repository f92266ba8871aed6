//! What is told of a bucket of time: figures, and how much of the bucket they rest on (R17, R19, R20).
//!
//! [`of_days`] and [`of_readings`] find a park's figures of buckets; [`BucketStats`] tells of them, for one park or for
//! several together.

mod sources;

#[cfg(test)]
mod tests;

pub use self::sources::{of_days, of_readings};

use super::calendar::Bucket;
use super::figures::{Figures, Sum};
use super::park::Park;

/// A park's figures of a bucket.
#[derive(Clone, Copy, Debug)]
pub struct ParkFigures<'a> {
    /// The park.
    pub park: &'a Park,
    /// The bucket, in the park's zone or the one that was named.
    pub bucket: Bucket,
    /// The figures of the readings in it; `None` where there are none (R19).
    pub figures: Option<Figures>,
}

/// The stats of one bucket, of one park or of several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BucketStats {
    /// The bucket; of parks in several zones, from the earliest bound to the latest.
    pub bucket: Bucket,
    /// The figures of the readings in it; `None` where there are none (R19).
    pub figures: Option<Figures>,
    /// The bucket's time, once for each park, in seconds.
    park_seconds: i64,
    expected: i64,
    /// What the capacity factor rests on, where there are readings of a park with a capacity.
    rated: Option<Rated>,
}

/// Net energy beside what the rated power would have given in the same time, MWh.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rated {
    energy_mwh: f64,
    possible_mwh: f64,
}

impl BucketStats {
    /// A park's bucket.
    pub fn of_park(park: &Park, bucket: Bucket, figures: Option<Figures>) -> Self {
        let rated = |figures: Figures| {
            let possible_mwh = park.details.capacity_mw? * figures.observed_hours();
            Some(Rated { energy_mwh: figures.energy_mwh, possible_mwh })
        };
        Self {
            bucket,
            figures,
            park_seconds: bucket.seconds(),
            expected: expected(bucket.seconds(), figures.as_ref(), park.details.interval_minutes),
            rated: figures.and_then(rated),
        }
    }

    /// One bucket of several parks together, added up in the order given, which is that of their names; `None` of
    /// none. Given are the parks whose first to last reading holds the bucket, whether or not they have a reading in
    /// it: so a park asks for no readings of the time before it was built or after it was shut (R20).
    pub fn of_parks(parks: &[ParkFigures<'_>]) -> Option<Self> {
        let all = || parks.iter().map(|one| Self::of_park(one.park, one.bucket, one.figures));
        let rated = || all().filter_map(|stats| stats.rated);
        let rated = add_up(rated().map(|rated| rated.energy_mwh))
            .zip(add_up(rated().map(|rated| rated.possible_mwh)))
            .map(|(energy_mwh, possible_mwh)| Rated { energy_mwh, possible_mwh });
        let mut bucket = parks.first()?.bucket;
        bucket.from = parks.iter().map(|one| one.bucket.from).min()?;
        bucket.until = parks.iter().map(|one| one.bucket.until).max()?;
        Some(Self {
            bucket,
            figures: Figures::gather(parks.iter().filter_map(|one| one.figures)),
            park_seconds: all().map(|stats| stats.park_seconds).sum(),
            expected: all().map(|stats| stats.expected).sum(),
            rated,
        })
    }

    /// How many readings start in the bucket.
    pub fn count(&self) -> i64 {
        self.figures.map_or(0, |figures| figures.count)
    }

    /// How many readings there would be had no time been left unobserved (R20).
    pub fn expected(&self) -> i64 {
        self.expected
    }

    /// How long the bucket lasts, in hours.
    pub fn hours(&self) -> f64 {
        ratio(self.bucket.seconds(), 3_600)
    }

    /// Observed time by the bucket's time, of several parks by park-hours (R20). Above 1 where the last readings reach
    /// over the bucket's end.
    pub fn completeness(&self) -> f64 {
        ratio(self.figures.map_or(0, |figures| figures.minutes) * 60, self.park_seconds)
    }

    /// Whether now falls in the bucket, so that it is not over yet (R20), by a clock that tells which instants have come.
    pub fn is_partial(&self, has_come: impl Fn(i64) -> bool) -> bool {
        has_come(self.bucket.from) && !has_come(self.bucket.until)
    }

    /// Net energy by what the rated power would have given in the observed time, of the parks with a capacity; `None`
    /// without any, or without readings (R17).
    pub fn capacity_factor(&self) -> Option<f64> {
        self.rated.map(|rated| rated.energy_mwh / rated.possible_mwh)
    }
}

/// `count + unobserved time / width`, rounded half up (R20). Of a park without a width the bucket's mean width is
/// taken; where there are no readings either, none are expected.
fn expected(bucket_seconds: i64, figures: Option<&Figures>, interval_minutes: Option<u16>) -> i64 {
    let (count, observed) = figures.map_or((0, 0), |figures| (figures.count, figures.minutes * 60));
    let unobserved = (bucket_seconds - observed).max(0);
    let (readings, seconds) = match interval_minutes {
        Some(minutes) if minutes > 0 => (1, i64::from(minutes) * 60),
        _ if observed > 0 => (count, observed),
        _ => return 0,
    };
    count + (2 * unobserved * readings + seconds) / (2 * seconds)
}

/// A quotient of whole numbers of seconds; 0 by nothing.
#[expect(clippy::cast_precision_loss, reason = "seconds of any buckets of any parks stay far below 2^53")]
pub(super) fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// `None` of none.
fn add_up(mut parts: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sum = Sum::from(parts.next()?);
    parts.for_each(|part| sum.add(part));
    Some(sum.value())
}
