//! What is asked of stats, and the figures of parks' buckets from wherever they are kept.
//!
//! Days and longer buckets in a park's own zone come from the kept days; hours and foreign zones from the readings.
//! Both make each local day's figures first and gather the days, so that they give the same bits.

use std::collections::HashMap;
use std::sync::Arc;

use super::compute::compute;
use crate::domain::bucket_stats;
use crate::domain::calendar::{Bucket, Granularity};
use crate::domain::chrono_tz::Tz;
use crate::domain::figures::Figures;
use crate::domain::park::{Park, ParkId};
use crate::domain::range::{DateRange, TimeRange};
use crate::domain::reading::Reading;
use crate::domain::zone::Zone;
use crate::error::{Error, Result};
use crate::storage::{Reads, Span};

/// How many blocks of readings are held at once: about 30 MB.
const BLOCKS_AT_ONCE: i64 = 10_000;

/// Which stats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatsQuestion {
    /// Local dates: a bucket is in when its first date is (R3).
    pub dates: DateRange,
    /// How long the buckets are.
    pub granularity: Granularity,
    /// Whose midnights bound them; the park's own where it is `None`.
    pub timezone: Option<Tz>,
}

impl StatsQuestion {
    /// The zone of a park's buckets.
    pub fn zone(&self, park: &Park) -> Arc<Zone> {
        Zone::of(self.timezone.unwrap_or(park.details.timezone))
    }

    /// Whether the kept days answer it for a park.
    fn by_days(&self, park: &Park) -> bool {
        self.granularity != Granularity::Hour && self.timezone.is_none_or(|zone| zone == park.details.timezone)
    }
}

/// A park that has readings, with the buckets that are asked of it, in the order of time.
pub struct ParkBuckets {
    /// The park.
    pub park: Arc<Park>,
    /// From when until when it has readings.
    pub span: Span,
    /// Its buckets.
    pub buckets: Vec<Bucket>,
}

impl ParkBuckets {
    /// The time from the first bucket's start to the last one's end.
    fn time(&self) -> Option<(i64, i64)> {
        Some((self.buckets.first()?.from, self.buckets.last()?.until))
    }
}

/// The figures of each park's buckets, in the order given; one statement for the kept days, and one for the readings of
/// as many parks as may be held at once.
pub async fn figures(
    reads: &Reads,
    question: &StatsQuestion,
    parks: &[Arc<ParkBuckets>],
) -> Result<Vec<Vec<Option<Figures>>>> {
    let asked = parks.iter().filter(|asked| !asked.buckets.is_empty()).cloned();
    let (by_days, by_readings): (Vec<_>, Vec<_>) = asked.partition(|asked| question.by_days(&asked.park));
    let mut found: HashMap<ParkId, _> = from_days(reads, question, by_days).await?.into_iter().collect();
    for chunk in in_chunks(&by_readings) {
        let read = each_parks_readings(reads, chunk).await?;
        let (count, question) = (read.iter().map(|(_, readings)| readings.len()).sum(), *question);
        let figures = compute(count, move |_| {
            let of_park = |(asked, readings): &(Arc<ParkBuckets>, Vec<Reading>)| {
                let zone = question.zone(&asked.park);
                let figures = bucket_stats::of_readings(&zone, question.granularity, &asked.buckets, readings)?;
                Ok((asked.park.id, figures))
            };
            read.iter().map(of_park).collect::<Result<Vec<_>, String>>()
        });
        found.extend(figures.await?.map_err(Error::Invalid)?);
    }
    Ok(parks.iter().map(|asked| found.remove(&asked.park.id).unwrap_or_default()).collect())
}

async fn from_days(
    reads: &Reads,
    question: &StatsQuestion,
    parks: Vec<Arc<ParkBuckets>>,
) -> Result<Vec<(ParkId, Vec<Option<Figures>>)>> {
    let dates = |asked: &Arc<ParkBuckets>| {
        let zone = Zone::of(asked.park.details.timezone);
        let last = asked.buckets.last()?;
        Some((asked.buckets.first()?.date, zone.date_of(last.until - 1)))
    };
    let ends: Vec<_> = parks.iter().filter_map(dates).collect();
    let (Some(from), Some(last)) = (ends.iter().map(|ends| ends.0).min(), ends.iter().map(|ends| ends.1).max()) else {
        return Ok(Vec::new());
    };
    let ids: Vec<_> = parks.iter().map(|asked| asked.park.id).collect();
    let dates = DateRange { from: Some(from), until: last.succ_opt() };
    let days = reads.day_stats(&ids, &dates).await?;
    let granularity = question.granularity;
    let count =
        parks.iter().map(|asked| asked.buckets.len()).sum::<usize>() + days.values().map(Vec::len).sum::<usize>();
    compute(count, move |recall| {
        let of_park = |asked: &Arc<ParkBuckets>| {
            let days = days.get(&asked.park.id).map_or(&[][..], Vec::as_slice);
            (asked.park.id, bucket_stats::of_days(granularity, &asked.buckets, days))
        };
        recall.until(&parks).map(of_park).collect()
    })
    .await
}

/// Parks that have buckets, in stretches of as many as may be held at once.
pub fn in_chunks(parks: &[Arc<ParkBuckets>]) -> impl Iterator<Item = &[Arc<ParkBuckets>]> {
    let mut rest = parks;
    std::iter::from_fn(move || {
        let (mut blocks, mut fits) = (0, 0);
        while let Some(asked) = rest.get(fits) {
            blocks += asked.time().map_or(0, |(from, until)| (until - from) / 86_400 + 2);
            if fits > 0 && blocks > BLOCKS_AT_ONCE {
                break;
            }
            fits += 1;
        }
        let (chunk, later) = rest.split_at(fits);
        rest = later;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// Each park's readings that start within its buckets, by one statement.
pub async fn each_parks_readings(
    reads: &Reads,
    parks: &[Arc<ParkBuckets>],
) -> Result<Vec<(Arc<ParkBuckets>, Vec<Reading>)>> {
    let times = || parks.iter().filter_map(|asked| asked.time());
    let ids: Vec<_> = parks.iter().map(|asked| asked.park.id).collect();
    let range = TimeRange { from: times().map(|(from, _)| from).min(), until: times().map(|(_, until)| until).max() };
    let mut readings = reads.readings(&ids, &range).await?;
    let of_park = |asked: &Arc<ParkBuckets>| {
        let (from, until) = asked.time()?;
        let mut readings = readings.remove(&asked.park.id).unwrap_or_default();
        readings.truncate(readings.partition_point(|reading| reading.starts_at < until));
        readings.drain(..readings.partition_point(|reading| reading.starts_at < from));
        Some((asked.clone(), readings))
    };
    Ok(parks.iter().filter_map(of_park).collect())
}
