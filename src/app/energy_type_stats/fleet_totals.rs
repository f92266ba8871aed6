//! The fleet's totals of buckets (R15), which cost every reading in them: some buckets at a time, so that a page of
//! however many takes no more memory than a few.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::super::compute::{Recall, compute};
use super::super::stats::{ParkBuckets, each_parks_readings, in_chunks};
use super::{Group, Source};
use crate::domain::calendar::Bucket;
use crate::domain::fleet::{self, Totals};
use crate::domain::park::{EnergyType, ParkId};
use crate::domain::reading::Reading;
use crate::error::{Error, Result};
use crate::storage::{Reads, Span};

/// How many readings are held at once, about: 50 MB.
const AT_ONCE: i64 = 2_000_000;
/// How many one bucket may take, about.
const MOST: i64 = 5_000_000;

/// The totals of each group; none where its type's parks are in several zones.
pub(super) async fn totals(
    reads: &Reads,
    parks: &[Arc<ParkBuckets>],
    sources: &[Source],
    groups: &Arc<[Group]>,
) -> Result<Vec<Option<Totals>>> {
    let shared = |energy_type| sources.iter().filter(|source| source.energy_type == energy_type).count() == 1;
    let types: Arc<[EnergyType]> =
        sources.iter().map(|source| source.energy_type).filter(|energy_type| shared(*energy_type)).collect();
    let mut totals = Vec::with_capacity(groups.len());
    for window in windows(parks, &types, groups)? {
        let asked = asked(parks, &types, &groups[window.clone()]);
        let mut readings = HashMap::new();
        for chunk in in_chunks(&asked) {
            let read = each_parks_readings(reads, chunk).await?;
            readings.extend(read.into_iter().map(|(asked, readings)| (asked.park.id, readings)));
        }
        let count = readings.values().map(Vec::len).sum();
        let (groups, types, ids) = (groups.clone(), types.clone(), ids(parks));
        let work = move |recall: &Recall| {
            let of = |group: &Group| types.contains(&group.energy_type).then(|| of_group(group, &ids, &readings));
            recall.until(&groups[window]).map(of).collect::<Vec<_>>()
        };
        totals.extend(compute(count, work).await?);
    }
    Ok(totals)
}

fn ids(parks: &[Arc<ParkBuckets>]) -> Vec<ParkId> {
    parks.iter().map(|asked| asked.park.id).collect()
}

/// Stretches of the groups whose readings may be held at once.
fn windows(parks: &[Arc<ParkBuckets>], types: &[EnergyType], groups: &[Group]) -> Result<Vec<Range<usize>>> {
    let mut windows: Vec<Range<usize>> = Vec::new();
    let mut held = 0;
    for (index, group) in groups.iter().enumerate() {
        let counts = types.contains(&group.energy_type);
        let of_members = group.members.iter().filter(|_| counts);
        let readings: i64 = of_members.map(|(park, bucket)| readings_in(&parks[*park].span, bucket)).sum();
        if readings > MOST {
            return Err(Error::TooComplex(format!(
                "the totals of one bucket would take {readings} readings, and at most {MOST} are allowed: ask for shorter \
                 buckets or fewer parks, or leave the totals out"
            )));
        }
        if let Some(window) = windows.last_mut().filter(|_| held + readings <= AT_ONCE) {
            window.end = index + 1;
        } else {
            windows.push(index..index + 1);
            held = 0;
        }
        held += readings;
    }
    Ok(windows)
}

/// How many readings of a park lie in a bucket, about.
fn readings_in(span: &Span, bucket: &Bucket) -> i64 {
    let whole = i128::from((span.until - span.first_starts_at).max(1));
    let within = i128::from(bucket.until.min(span.until) - bucket.from.max(span.first_starts_at)).max(0);
    i64::try_from(i128::from(span.count) * within / whole).unwrap_or(i64::MAX)
}

/// The parks of those types with their buckets in the groups.
fn asked(parks: &[Arc<ParkBuckets>], types: &[EnergyType], groups: &[Group]) -> Vec<Arc<ParkBuckets>> {
    let mut buckets: HashMap<usize, Vec<Bucket>> = HashMap::new();
    for (park, bucket) in
        groups.iter().filter(|group| types.contains(&group.energy_type)).flat_map(|group| &group.members)
    {
        buckets.entry(*park).or_default().push(*bucket);
    }
    let mut asked: Vec<_> = buckets.into_iter().collect();
    asked.sort_unstable_by_key(|(park, _)| *park);
    let with = |(park, mut buckets): (usize, Vec<Bucket>)| {
        buckets.sort_unstable();
        Arc::new(ParkBuckets { park: parks[park].park.clone(), span: parks[park].span, buckets })
    };
    asked.into_iter().map(with).collect()
}

fn of_group(group: &Group, ids: &[ParkId], readings: &HashMap<ParkId, Vec<Reading>>) -> Totals {
    let within = |(park, bucket): &(usize, Bucket)| {
        let readings = readings.get(&ids[*park]).map_or(&[][..], Vec::as_slice);
        let start = readings.partition_point(|reading| reading.starts_at < bucket.from);
        let end = readings.partition_point(|reading| reading.starts_at < bucket.until);
        &readings[start..end]
    };
    let reporting: Vec<_> = group.members.iter().map(within).filter(|readings| !readings.is_empty()).collect();
    fleet::totals(&reporting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chrono::{DateTime, NaiveDate};
    use crate::domain::chrono_tz::Tz;
    use crate::domain::park::{Park, ParkDetails};

    const YEAR: i64 = 365 * 86_400;

    fn parks(count: i32, readings: i64) -> Vec<Arc<ParkBuckets>> {
        let park = |id| Park {
            id: ParkId(id),
            details: ParkDetails {
                name: format!("{id}"),
                timezone: Tz::UTC,
                energy_type: EnergyType::Wind,
                capacity_mw: None,
                latitude: None,
                longitude: None,
                interval_minutes: None,
            },
            created_at: DateTime::default(),
            updated_at: DateTime::default(),
        };
        let span = Span { first_starts_at: 0, last_starts_at: YEAR - 900, until: YEAR, count: readings };
        (0..count).map(|id| Arc::new(ParkBuckets { park: Arc::new(park(id)), span, buckets: Vec::new() })).collect()
    }

    fn groups(parks: usize, buckets: i64) -> Vec<Group> {
        let bucket = |index| {
            let (from, until) = (index * YEAR / buckets, (index + 1) * YEAR / buckets);
            Bucket { from, until, date: NaiveDate::default(), slot: 0 }
        };
        let group = |index| Group {
            key: (0, 0, 0),
            energy_type: EnergyType::Wind,
            members: (0..parks).map(|park| (park, bucket(index))).collect(),
        };
        (0..buckets).map(group).collect()
    }

    #[test]
    fn no_more_readings_are_held_than_may_be() {
        let types = [EnergyType::Wind];
        // A thousand parks of quarter hours: 35 million readings a year, 96,000 a day.
        let found = windows(&parks(1_000, 35_040), &types, &groups(1_000, 365)).unwrap();
        assert_eq!((found[0].clone(), found.len()), (0..20, 19));
        assert_eq!(found.iter().map(Range::len).sum::<usize>(), 365);
        let found = windows(&parks(10, 35_040), &types, &groups(10, 365)).unwrap();
        assert_eq!((found[0].clone(), found.len()), (0..365, 1));
        assert_eq!(windows(&parks(1_000, 35_040), &[], &groups(1_000, 1)).unwrap().len(), 1, "no totals cost nothing");
        let refused = windows(&parks(1_000, 35_040), &types, &groups(1_000, 1)).unwrap_err();
        assert_eq!(refused.code(), "TOO_COMPLEX");
    }
}
