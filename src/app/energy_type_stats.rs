//! Stats by energy type: the parks of a type together, bucket by bucket.
//!
//! Without a named zone each park's own local dates are grouped, so a bucket's parks are put together by local date (and
//! with HOUR by the wall clock's hour), not by instant.

mod fleet_totals;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::compute::{Recall, compute};
use super::park_stats::with_spans;
use super::stats::{ParkBuckets, StatsQuestion, figures};
use super::walk::Walk;
use crate::domain::bucket_stats::{BucketStats, ParkFigures};
use crate::domain::calendar::Bucket;
use crate::domain::chrono::NaiveDate;
use crate::domain::fleet::Totals;
use crate::domain::park::{EnergyType, Park, ParkFilter};
use crate::domain::range::Page;
use crate::domain::zone::Zone;
use crate::error::{Error, Result};
use crate::storage::{Reads, Span};

/// The place of a type's bucket in the list: its local date in days since 1970, its slot within the day, and its type.
pub type TypeKey = (i32, u16, u8);

/// One bucket of one energy type.
pub struct TypeStats {
    /// Its place in the list.
    pub key: TypeKey,
    /// Whose figures.
    pub energy_type: EnergyType,
    /// The figures of the type's parks together.
    pub stats: BucketStats,
    /// How many parks have a reading in it.
    pub park_count: usize,
    /// The fleet's totals (R15); `None` if they were not asked for or the type's parks are in several zones.
    pub totals: Option<Totals>,
}

/// A bucket of the list, with the parks whose first to last reading holds it.
struct Group {
    key: TypeKey,
    energy_type: EnergyType,
    members: Vec<(usize, Bucket)>,
}

/// The parks of one type in one zone.
struct Source {
    energy_type: EnergyType,
    zone: Arc<Zone>,
    parks: Vec<usize>,
}

type Parks = [(Arc<Park>, Span)];

/// A page of the stats of the energy types of the filter's parks, by local date and then type. `totals`: the fleet's
/// totals too, which cost every reading of the page.
pub async fn page(
    reads: &Reads,
    filter: &ParkFilter,
    question: StatsQuestion,
    page: &Page<TypeKey>,
    totals: bool,
) -> Result<Vec<TypeStats>> {
    let parks = reads.all_parks(filter).await?;
    let parks = with_spans(reads, parks).await?;
    let page = page.clone();
    // Where no park has readings for decades, many buckets are passed by.
    let walk = compute(usize::MAX, move |recall| {
        let sources = sources(&parks, &question);
        let groups = groups(&parks, &sources, &question, &page, recall);
        let mut asked: Vec<_> =
            parks.into_iter().map(|(park, span)| ParkBuckets { park, span, buckets: Vec::new() }).collect();
        for (index, bucket) in groups.iter().flat_map(|group| &group.members) {
            asked[*index].buckets.push(*bucket);
        }
        for asked in &mut asked {
            asked.buckets.sort_unstable();
        }
        (sources, groups, asked.into_iter().map(Arc::new).collect::<Vec<_>>())
    });
    let (sources, groups, asked) = walk.await?;
    let groups: Arc<[Group]> = groups.into();
    let figures = figures(reads, &question, &asked).await?;
    let totals =
        if totals { fleet_totals::totals(reads, &asked, &sources, &groups).await? } else { vec![None; groups.len()] };
    let members = groups.iter().map(|group| group.members.len()).sum::<usize>();
    compute(members, move |recall| {
        let stats = |(group, totals): (&Group, Option<Totals>)| {
            let members: Vec<_> = group
                .members
                .iter()
                .map(|(index, bucket)| ParkFigures {
                    park: &asked[*index].park,
                    bucket: *bucket,
                    figures: place(&asked[*index].buckets, bucket).and_then(|place| figures[*index][place]),
                })
                .collect();
            Some(TypeStats {
                key: group.key,
                energy_type: group.energy_type,
                park_count: members.iter().filter(|member| member.figures.is_some()).count(),
                stats: BucketStats::of_parks(&members)?,
                totals,
            })
        };
        recall.until(groups.iter().zip(totals)).filter_map(stats).collect()
    })
    .await
}

/// How many buckets the list holds.
pub async fn count(reads: &Reads, filter: &ParkFilter, question: StatsQuestion) -> Result<i64> {
    let parks = reads.all_parks(filter).await?;
    let parks = with_spans(reads, parks).await?;
    // Hours of two hundred years are two million, of each zone.
    let count =
        compute(usize::MAX, move |recall| count_buckets(&parks, &sources(&parks, &question), &question, recall));
    let count = count.await?;
    i64::try_from(count).map_err(Error::internal)
}

fn sources(parks: &Parks, question: &StatsQuestion) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for (index, (park, _)) in parks.iter().enumerate() {
        let zone = question.zone(park);
        let energy_type = park.details.energy_type;
        match sources.iter_mut().find(|source| source.energy_type == energy_type && source.zone.tz() == zone.tz()) {
            Some(source) => source.parks.push(index),
            None => sources.push(Source { energy_type, zone, parks: vec![index] }),
        }
    }
    sources
}

fn key_of(bucket: &Bucket, energy_type: EnergyType) -> TypeKey {
    let day = (bucket.date - NaiveDate::default()).num_days();
    (i32::try_from(day).unwrap_or(i32::MAX), bucket.slot, u8::from(energy_type == EnergyType::Wind))
}

/// The buckets of all sources in list order, each with its place and its source's; from the page's cursor on, about.
fn in_order<'a>(
    parks: &'a Parks,
    sources: &'a [Source],
    question: &'a StatsQuestion,
    page: &'a Page<TypeKey>,
) -> impl Iterator<Item = (TypeKey, usize, Bucket)> + use<'a> {
    let mut walks: Vec<_> = sources.iter().map(|source| walk(parks, source, question, page)).collect();
    let mut heads: Vec<_> = walks.iter_mut().map(Iterator::next).collect();
    // Backwards the keys are turned round, so that the heap gives the last one first.
    let turned = |key: TypeKey| if page.from_end { (-key.0, u16::MAX - key.1, u8::MAX - key.2) } else { key };
    let entry = move |source: usize, head: &Option<Bucket>| {
        let key = key_of(head.as_ref()?, sources[source].energy_type);
        Some((Reverse(turned(key)), source))
    };
    let mut heap: BinaryHeap<_> = heads.iter().enumerate().filter_map(|(at, head)| entry(at, head)).collect();
    std::iter::from_fn(move || {
        let (_, source) = heap.pop()?;
        let bucket = std::mem::replace(&mut heads[source], walks[source].next())?;
        heap.extend(entry(source, &heads[source]));
        Some((key_of(&bucket, sources[source].energy_type), source, bucket))
    })
}

/// The parks of a source whose first to last reading holds a bucket.
fn members<'a>(parks: &'a Parks, source: &'a Source, bucket: &'a Bucket) -> impl Iterator<Item = usize> + use<'a> {
    source.parks.iter().copied().filter(|index| {
        let span = &parks[*index].1;
        bucket.from <= span.last_starts_at && bucket.until > span.first_starts_at
    })
}

/// How many buckets the list holds in all.
fn count_buckets(parks: &Parks, sources: &[Source], question: &StatsQuestion, recall: &Recall) -> usize {
    let everything = Page { after: None, before: None, limit: u64::MAX, from_end: false };
    let mut last = None;
    let walk = recall.until(in_order(parks, sources, question, &everything));
    let held = walk.filter(|(key, source, bucket)| {
        last != Some(*key) && members(parks, &sources[*source], bucket).next().is_some() && {
            last = Some(*key);
            true
        }
    });
    held.count()
}

/// The buckets of a page, in list order.
fn groups(
    parks: &Parks,
    sources: &[Source],
    question: &StatsQuestion,
    page: &Page<TypeKey>,
    recall: &Recall,
) -> Vec<Group> {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut groups: Vec<Group> = Vec::new();
    for (key, source, bucket) in recall.until(in_order(parks, sources, question, page)) {
        if groups.len() == limit && groups.last().is_none_or(|last| last.key != key) {
            break;
        }
        if page.after.is_some_and(|after| key <= after) || page.before.is_some_and(|before| key >= before) {
            continue;
        }
        let energy_type = sources[source].energy_type;
        let members = members(parks, &sources[source], &bucket).map(|index| (index, bucket));
        if let Some(group) = groups.last_mut().filter(|last| last.key == key) {
            group.members.extend(members);
        } else {
            let members: Vec<_> = members.collect();
            groups.extend((!members.is_empty()).then_some(Group { key, energy_type, members }));
        }
    }
    for group in &mut groups {
        group.members.sort_unstable_by_key(|(index, _)| *index);
    }
    if page.from_end {
        groups.reverse();
    }
    groups
}

/// The buckets of a source from the page's cursor on; a day early, since local dates stand apart by up to a day.
fn walk(
    parks: &Parks,
    source: &Source,
    question: &StatsQuestion,
    page: &Page<TypeKey>,
) -> Box<dyn Iterator<Item = Bucket> + Send> {
    let spans = || source.parks.iter().map(|index| &parks[*index].1);
    let walk = Walk {
        zone: source.zone.clone(),
        granularity: question.granularity,
        dates: question.dates,
        first: spans().map(|span| span.first_starts_at).min().unwrap_or_default(),
        last: spans().map(|span| span.last_starts_at).max().unwrap_or_default(),
    };
    let day_start = |day: i32| {
        let date = NaiveDate::default().checked_add_signed(crate::domain::chrono::TimeDelta::days(i64::from(day)))?;
        Some(source.zone.day_start(date))
    };
    if page.from_end {
        let until = page.before.and_then(|before| day_start(before.0.saturating_add(1)));
        Box::new(walk.backwards(until))
    } else {
        let from = page.after.and_then(|after| day_start(after.0));
        Box::new(walk.forwards(from))
    }
}

fn place(buckets: &[Bucket], bucket: &Bucket) -> Option<usize> {
    buckets.binary_search(bucket).ok()
}
