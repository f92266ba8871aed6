//! What is asked of stats, and the figures of parks' buckets from wherever they are kept.
//!
//! Days and longer buckets in a park's own zone come from the kept days; hours and foreign zones from the readings.
//! Both make each local day's figures first and gather the days, so that they give the same bits.

use std::collections::HashMap;
use std::sync::Arc;

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
    parks: &[ParkBuckets],
) -> Result<Vec<Vec<Option<Figures>>>> {
    let (by_days, by_readings): (Vec<_>, Vec<_>) =
        parks.iter().filter(|asked| !asked.buckets.is_empty()).partition(|asked| question.by_days(&asked.park));
    let mut found = HashMap::new();
    from_days(reads, question, &by_days, &mut found).await?;
    let zone = |park: &Park| question.zone(park);
    each_parks_readings(reads, &by_readings, |asked, readings| {
        let zone = zone(&asked.park);
        let figures = bucket_stats::of_readings(&zone, question.granularity, &asked.buckets, readings);
        found.insert(asked.park.id, figures.map_err(Error::Invalid)?);
        Ok(())
    })
    .await?;
    Ok(parks.iter().map(|asked| found.remove(&asked.park.id).unwrap_or_default()).collect())
}

async fn from_days(
    reads: &Reads,
    question: &StatsQuestion,
    parks: &[&ParkBuckets],
    found: &mut HashMap<ParkId, Vec<Option<Figures>>>,
) -> Result<()> {
    let dates = |asked: &&ParkBuckets| {
        let zone = Zone::of(asked.park.details.timezone);
        let last = asked.buckets.last()?;
        Some((asked.buckets.first()?.date, zone.date_of(last.until - 1)))
    };
    let ends: Vec<_> = parks.iter().filter_map(dates).collect();
    let (Some(from), Some(last)) = (ends.iter().map(|ends| ends.0).min(), ends.iter().map(|ends| ends.1).max()) else {
        return Ok(());
    };
    let ids: Vec<_> = parks.iter().map(|asked| asked.park.id).collect();
    let dates = DateRange { from: Some(from), until: last.succ_opt() };
    let days = reads.day_stats(&ids, &dates).await?;
    for asked in parks {
        let days = days.get(&asked.park.id).map_or(&[][..], Vec::as_slice);
        found.insert(asked.park.id, bucket_stats::of_days(question.granularity, &asked.buckets, days));
    }
    Ok(())
}

/// Hands over each park's readings that start within its buckets, some parks a statement.
pub async fn each_parks_readings(
    reads: &Reads,
    parks: &[&ParkBuckets],
    mut take: impl FnMut(&ParkBuckets, &[Reading]) -> Result<()>,
) -> Result<()> {
    let times: Vec<_> = parks.iter().filter_map(|asked| Some((*asked, asked.time()?))).collect();
    let mut rest = times.as_slice();
    while !rest.is_empty() {
        let mut blocks = 0;
        let mut fits = 0;
        while let Some((_, (from, until))) = rest.get(fits) {
            blocks += (until - from) / 86_400 + 2;
            if fits > 0 && blocks > BLOCKS_AT_ONCE {
                break;
            }
            fits += 1;
        }
        let (chunk, later) = rest.split_at(fits);
        rest = later;
        let ids: Vec<_> = chunk.iter().map(|(asked, _)| asked.park.id).collect();
        let range = TimeRange {
            from: chunk.iter().map(|(_, (from, _))| *from).min(),
            until: chunk.iter().map(|(_, (_, until))| *until).max(),
        };
        let readings = reads.readings(&ids, &range).await?;
        for (asked, (from, until)) in chunk {
            let readings = readings.get(&asked.park.id).map_or(&[][..], Vec::as_slice);
            let start = readings.partition_point(|reading| reading.starts_at < *from);
            let end = readings.partition_point(|reading| reading.starts_at < *until);
            take(asked, &readings[start..end])?;
        }
    }
    Ok(())
}
