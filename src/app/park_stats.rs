//! Stats by park: of given parks, and as one list over parks in the order of time.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::compute::compute;
use super::stats::{ParkBuckets, StatsQuestion, figures};
use super::walk::Walk;
use crate::domain::bucket_stats::BucketStats;
use crate::domain::calendar::{self, Bucket};
use crate::domain::park::{Park, ParkFilter, ParkId};
use crate::domain::range::Page;
use crate::domain::reading::{EARLIEST, LATEST};
use crate::error::{Error, Result};
use crate::storage::{Reads, Span};

/// The most buckets of one park at once.
const MAX_BUCKETS: usize = 10_000;

/// The place of a park's bucket in the list: its start, then the park's name.
pub type ParkStatsKey = (i64, String);

/// The stats of the parks, those that exist for the caller; parks without readings are left out.
pub async fn of_parks(
    reads: &Reads,
    parks: &[ParkId],
    question: StatsQuestion,
) -> Result<HashMap<ParkId, Vec<BucketStats>>> {
    let parks = reads.parks_by_id(parks).await?;
    let parks = with_spans(reads, parks).await?;
    let mut count = 0;
    for (park, span) in &parks {
        let buckets = count_buckets(&question, park, span);
        if buckets > MAX_BUCKETS {
            return Err(Error::invalid(format!(
                "the range holds more than {MAX_BUCKETS} buckets of a park, the most that stats give at once"
            )));
        }
        count += buckets;
    }
    let made = compute(count, move |recall| {
        let asked = |(park, span): (Arc<Park>, Span)| {
            let (zone, first, last) = (question.zone(&park), span.first_starts_at, span.last_starts_at);
            let buckets = calendar::buckets(&zone, question.granularity, question.dates, first, last);
            Arc::new(ParkBuckets { park, span, buckets })
        };
        recall.until(parks).map(asked).collect::<Vec<_>>()
    });
    let asked = made.await?;
    let figures = figures(reads, &question, &asked).await?;
    let made = compute(count, move |recall| {
        let stats = |(asked, figures): (Arc<ParkBuckets>, Vec<_>)| {
            let stats = asked.buckets.iter().zip(figures);
            let stats = stats.map(|(bucket, figures)| BucketStats::of_park(&asked.park, *bucket, figures));
            (asked.park.id, stats.collect())
        };
        recall.until(asked.into_iter().zip(figures)).map(stats).collect()
    });
    made.await
}

fn count_buckets(question: &StatsQuestion, park: &Park, span: &Span) -> usize {
    let (first, last) = (span.first_starts_at, span.last_starts_at);
    calendar::count_buckets(&question.zone(park), question.granularity, question.dates, first, last)
}

/// A page of the stats of all parks of the filter, by the bucket's start and then the park's name.
pub async fn page(
    reads: &Reads,
    filter: &ParkFilter,
    question: StatsQuestion,
    page: &Page<ParkStatsKey>,
) -> Result<Vec<(Arc<Park>, BucketStats)>> {
    let parks = reads.all_parks(filter).await?;
    let parks = with_spans(reads, parks).await?;
    let picked = pick(&parks, &question, page);
    let mut asked: Vec<_> =
        parks.into_iter().map(|(park, span)| ParkBuckets { park, span, buckets: Vec::new() }).collect();
    for (index, bucket) in &picked {
        asked[*index].buckets.push(*bucket);
    }
    let asked: Vec<_> = asked.into_iter().map(Arc::new).collect();
    let mut figures: Vec<_> = figures(reads, &question, &asked).await?.into_iter().map(Vec::into_iter).collect();
    Ok(picked
        .into_iter()
        .map(|(index, bucket)| {
            let park = &asked[index].park;
            let figures = figures[index].next().flatten();
            (park.clone(), BucketStats::of_park(park, bucket, figures))
        })
        .collect())
}

/// How many buckets the list of all parks of the filter holds.
pub async fn count(reads: &Reads, filter: &ParkFilter, question: StatsQuestion) -> Result<i64> {
    let parks = reads.all_parks(filter).await?;
    let parks = with_spans(reads, parks).await?;
    let count: usize = parks.iter().map(|(park, span)| count_buckets(&question, park, span)).sum();
    i64::try_from(count).map_err(Error::internal)
}

/// The parks that have readings, with from when until when.
pub async fn with_spans(reads: &Reads, parks: Vec<Park>) -> Result<Vec<(Arc<Park>, Span)>> {
    let ids: Vec<_> = parks.iter().map(|park| park.id).collect();
    let spans = reads.spans(&ids).await?;
    Ok(parks
        .into_iter()
        .filter_map(|park| Some((spans.get(&park.id).copied()?, park)))
        .map(|(span, park)| (Arc::new(park), span))
        .collect())
}

/// Not further from the times of readings than the longest bucket: a cursor that was never given out may say anything.
fn within_time(instant: i64) -> i64 {
    const MARGIN: i64 = 800 * 86_400;
    instant.clamp(EARLIEST - MARGIN, LATEST + MARGIN)
}

/// The buckets of a page, in list order, each with its park's place in `parks`.
fn pick(parks: &[(Arc<Park>, Span)], question: &StatsQuestion, page: &Page<ParkStatsKey>) -> Vec<(usize, Bucket)> {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let walks = parks.iter().map(|(park, span)| Walk {
        zone: question.zone(park),
        granularity: question.granularity,
        dates: question.dates,
        first: span.first_starts_at,
        last: span.last_starts_at,
    });
    let name = |index: usize| parks[index].0.details.name.as_str();
    let after = page.after.as_ref().map(|(from, name)| (*from, name.as_str()));
    let before = page.before.as_ref().map(|(from, name)| (*from, name.as_str()));
    let within = |place: &Place<'_>| {
        let key = (place.bucket.from, place.name);
        after.is_none_or(|after| key > after) && before.is_none_or(|before| key < before)
    };
    let (from, until) = (after.map(|after| within_time(after.0)), before.map(|before| within_time(before.0) + 1));
    let mut picked = Vec::new();
    if page.from_end {
        let mut walks: Vec<_> = walks.map(|walk| walk.backwards(until)).collect();
        let mut heap: BinaryHeap<_> = walks
            .iter_mut()
            .enumerate()
            .filter_map(|(index, walk)| Some(Place { bucket: walk.next()?, name: name(index), index }))
            .collect();
        while let Some(place) = heap.pop().filter(|_| picked.len() < limit) {
            if after.is_some_and(|after| (place.bucket.from, place.name) <= after) {
                break;
            }
            heap.extend(walks[place.index].next().map(|bucket| Place { bucket, ..place }));
            picked.extend(within(&place).then_some((place.index, place.bucket)));
        }
        picked.reverse();
    } else {
        let mut walks: Vec<_> = walks.map(|walk| walk.forwards(from)).collect();
        let mut heap: BinaryHeap<_> = walks
            .iter_mut()
            .enumerate()
            .filter_map(|(index, walk)| Some(Reverse(Place { bucket: walk.next()?, name: name(index), index })))
            .collect();
        while let Some(Reverse(place)) = heap.pop().filter(|_| picked.len() < limit) {
            if before.is_some_and(|before| (place.bucket.from, place.name) >= before) {
                break;
            }
            heap.extend(walks[place.index].next().map(|bucket| Reverse(Place { bucket, ..place })));
            picked.extend(within(&place).then_some((place.index, place.bucket)));
        }
    }
    picked
}

/// A bucket in the order of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place<'a> {
    bucket: Bucket,
    name: &'a str,
    index: usize,
}

impl Ord for Place<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.bucket.from, self.name).cmp(&(other.bucket.from, other.name))
    }
}

impl PartialOrd for Place<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
