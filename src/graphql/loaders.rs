//! The dataloaders of one request: what siblings ask for at once costs one statement a level.
//!
//! One set a request, since a shared one would answer one caller from what another may see. An error is that of all
//! keys of its batch.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::Context;
use dataloader::BatchFn;
use dataloader::cached::Loader;

use super::together::Together;
use crate::app::park_stats;
use crate::app::stats::StatsQuestion;
use crate::domain::access::CustomerId;
use crate::domain::bucket_stats::BucketStats;
use crate::domain::park::{Park, ParkId};
use crate::domain::range::{Page, TimeRange};
use crate::domain::reading::Reading;
use crate::error::{Error, Result};
use crate::storage::{Database, Reads, Span};

/// Keys of one batch; above every list's maximum, so that a level is never cut in two.
const MAX_BATCH: usize = 100_000;
/// How often a load lets its siblings run before it asks: they come by within one round, those a level of lists deeper
/// within the next.
const YIELDS: usize = 2;

/// A park's readings in a range, a page of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReadingsKey {
    /// Whose.
    pub park: ParkId,
    /// Starting when.
    pub range: TimeRange,
    /// Which page.
    pub page: Page<i64>,
}

/// A park's stats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatsKey {
    /// Whose.
    pub park: ParkId,
    /// Which.
    pub question: StatsQuestion,
}

type Loaded<V> = Result<V>;

/// A loader, and those who are at it.
struct Of<K: Eq + Hash + Clone, V: Clone, F: BatchFn<K, Loaded<V>>> {
    loader: Loader<K, Loaded<V>, F>,
    together: Together,
}

impl<K, V, F> Of<K, V, F>
where
    K: Eq + Hash + Clone + std::fmt::Debug,
    V: Clone,
    F: BatchFn<K, Loaded<V>>,
{
    fn new(load: F) -> Self {
        let loader = Loader::new(load).with_max_batch_size(MAX_BATCH).with_yield_count(YIELDS);
        Self { loader, together: Together::default() }
    }

    async fn load(&self, key: K) -> Result<V> {
        self.together.wait(self.loader.try_load(key)).await.unwrap_or_else(|missing| Err(Error::internal(missing)))
    }
}

/// The loaders of one request.
pub struct Loaders {
    parks: Of<ParkId, Option<Arc<Park>>, Parks>,
    latest: Of<ParkId, Option<Reading>, Latest>,
    spans: Of<ParkId, Option<Span>, Spans>,
    readings: Of<ReadingsKey, Arc<Vec<Reading>>, Readings>,
    counts: Of<(ParkId, TimeRange), i64, Counts>,
    series: Of<SeriesKey, Points, Series>,
    stats: Of<StatsKey, Arc<Vec<BucketStats>>, Stats>,
    grants: Of<CustomerId, Arc<Vec<(String, ParkId)>>, Grants>,
}

impl Loaders {
    /// New loaders over what a caller may read.
    pub fn new(database: &Database, reads: &Arc<Reads>) -> Self {
        let reads = || Arc::clone(reads);
        Self {
            parks: Of::new(Parks(reads())),
            latest: Of::new(Latest(reads())),
            spans: Of::new(Spans(reads())),
            readings: Of::new(Readings(reads())),
            counts: Of::new(Counts(reads())),
            series: Of::new(Series(reads())),
            stats: Of::new(Stats(reads())),
            grants: Of::new(Grants(database.clone())),
        }
    }

    /// The loaders of the request at hand.
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data_unchecked()
    }

    /// A park; `None` if it is not there for the caller.
    pub async fn park(&self, id: ParkId) -> Result<Option<Arc<Park>>> {
        self.parks.load(id).await
    }

    /// A park's latest reading.
    pub async fn latest(&self, park: ParkId) -> Result<Option<Reading>> {
        self.latest.load(park).await
    }

    /// From when until when a park has readings.
    pub async fn span(&self, park: ParkId) -> Result<Option<Span>> {
        self.spans.load(park).await
    }

    /// A page of a park's readings.
    pub async fn readings(&self, key: ReadingsKey) -> Result<Arc<Vec<Reading>>> {
        self.readings.load(key).await
    }

    /// How many readings a park has in a range.
    pub async fn reading_count(&self, park: ParkId, range: TimeRange) -> Result<i64> {
        self.counts.load((park, range)).await
    }

    /// All readings of a park in a range; `None` if there are more than `most`.
    pub async fn series(&self, park: ParkId, range: TimeRange, most: i64) -> Result<Option<Arc<Vec<Reading>>>> {
        self.series.load((park, range, most)).await
    }

    /// A park's stats.
    pub async fn stats(&self, key: StatsKey) -> Result<Arc<Vec<BucketStats>>> {
        self.stats.load(key).await
    }

    /// The names and keys of the parks that are granted to a customer, by name.
    pub async fn grants(&self, customer: CustomerId) -> Result<Arc<Vec<(String, ParkId)>>> {
        self.grants.load(customer).await
    }
}

/// Gives each key its value, or all of them the error.
fn answer<K, V>(keys: &[K], values: Result<HashMap<K, V>>, none: impl Fn() -> V) -> HashMap<K, Loaded<V>>
where
    K: Eq + Hash + Clone,
{
    match values {
        Ok(mut values) => keys.iter().map(|key| (key.clone(), Ok(values.remove(key).unwrap_or_else(&none)))).collect(),
        Err(error) => keys.iter().map(|key| (key.clone(), Err(error.clone()))).collect(),
    }
}

/// The parks of the keys by the rest of the key, since one statement answers one rest.
fn by_rest<K, R: Eq + Hash>(keys: &[K], split: impl Fn(&K) -> (ParkId, R)) -> HashMap<R, Vec<ParkId>> {
    let mut groups: HashMap<R, Vec<ParkId>> = HashMap::new();
    for key in keys {
        let (park, rest) = split(key);
        groups.entry(rest).or_default().push(park);
    }
    groups
}

struct Parks(Arc<Reads>);

impl BatchFn<ParkId, Loaded<Option<Arc<Park>>>> for Parks {
    async fn load(&mut self, ids: &[ParkId]) -> HashMap<ParkId, Loaded<Option<Arc<Park>>>> {
        let parks = self.0.parks_by_id(ids).await;
        let found = parks.map(|parks| parks.into_iter().map(|park| (park.id, Some(Arc::new(park)))).collect());
        answer(ids, found, || None)
    }
}

struct Latest(Arc<Reads>);

impl BatchFn<ParkId, Loaded<Option<Reading>>> for Latest {
    async fn load(&mut self, parks: &[ParkId]) -> HashMap<ParkId, Loaded<Option<Reading>>> {
        let latest = self.0.latest(parks).await;
        answer(
            parks,
            latest.map(|latest| latest.into_iter().map(|(park, reading)| (park, Some(reading))).collect()),
            || None,
        )
    }
}

struct Spans(Arc<Reads>);

impl BatchFn<ParkId, Loaded<Option<Span>>> for Spans {
    async fn load(&mut self, parks: &[ParkId]) -> HashMap<ParkId, Loaded<Option<Span>>> {
        let spans = self.0.spans(parks).await;
        answer(parks, spans.map(|spans| spans.into_iter().map(|(park, span)| (park, Some(span))).collect()), || None)
    }
}

struct Readings(Arc<Reads>);

impl Readings {
    async fn pages(&self, keys: &[ReadingsKey]) -> Result<HashMap<ReadingsKey, Arc<Vec<Reading>>>> {
        let mut pages = HashMap::new();
        for ((range, page), parks) in by_rest(keys, |key| (key.park, (key.range, key.page.clone()))) {
            for (park, readings) in self.0.readings_page(&parks, &range, &page).await? {
                pages.insert(ReadingsKey { park, range, page: page.clone() }, Arc::new(readings));
            }
        }
        Ok(pages)
    }
}

impl BatchFn<ReadingsKey, Loaded<Arc<Vec<Reading>>>> for Readings {
    async fn load(&mut self, keys: &[ReadingsKey]) -> HashMap<ReadingsKey, Loaded<Arc<Vec<Reading>>>> {
        answer(keys, self.pages(keys).await, Arc::default)
    }
}

struct Counts(Arc<Reads>);

impl Counts {
    async fn counts(&self, keys: &[(ParkId, TimeRange)]) -> Result<HashMap<(ParkId, TimeRange), i64>> {
        let mut counts = HashMap::new();
        for (range, parks) in by_rest(keys, |key| *key) {
            for (park, count) in self.0.reading_counts(&parks, &range).await? {
                counts.insert((park, range), count);
            }
        }
        Ok(counts)
    }
}

impl BatchFn<(ParkId, TimeRange), Loaded<i64>> for Counts {
    async fn load(&mut self, keys: &[(ParkId, TimeRange)]) -> HashMap<(ParkId, TimeRange), Loaded<i64>> {
        answer(keys, self.counts(keys).await, || 0)
    }
}

type SeriesKey = (ParkId, TimeRange, i64);
type Points = Option<Arc<Vec<Reading>>>;

struct Series(Arc<Reads>);

impl Series {
    async fn columns(&self, keys: &[SeriesKey]) -> Result<HashMap<SeriesKey, Points>> {
        let mut columns = HashMap::new();
        for ((range, most), parks) in by_rest(keys, |(park, range, most)| (*park, (*range, *most))) {
            let counts = self.0.reading_counts(&parks, &range).await?;
            let (few, many): (Vec<_>, Vec<_>) =
                parks.into_iter().partition(|park| counts.get(park).copied().unwrap_or(0) <= most);
            columns.extend(many.into_iter().map(|park| ((park, range, most), None)));
            for (park, readings) in self.0.readings(&few, &range).await? {
                columns.insert((park, range, most), Some(Arc::new(readings)));
            }
        }
        Ok(columns)
    }
}

impl BatchFn<SeriesKey, Loaded<Points>> for Series {
    async fn load(&mut self, keys: &[SeriesKey]) -> HashMap<SeriesKey, Loaded<Points>> {
        answer(keys, self.columns(keys).await, || Some(Arc::default()))
    }
}

struct Stats(Arc<Reads>);

impl Stats {
    async fn answers(&self, keys: &[StatsKey]) -> Result<HashMap<StatsKey, Arc<Vec<BucketStats>>>> {
        let mut answers = HashMap::new();
        for (question, parks) in by_rest(keys, |key| (key.park, key.question)) {
            for (park, stats) in park_stats::of_parks(&self.0, &parks, question).await? {
                answers.insert(StatsKey { park, question }, Arc::new(stats));
            }
        }
        Ok(answers)
    }
}

impl BatchFn<StatsKey, Loaded<Arc<Vec<BucketStats>>>> for Stats {
    async fn load(&mut self, keys: &[StatsKey]) -> HashMap<StatsKey, Loaded<Arc<Vec<BucketStats>>>> {
        answer(keys, self.answers(keys).await, Arc::default)
    }
}

struct Grants(Database);

impl BatchFn<CustomerId, Loaded<Arc<Vec<(String, ParkId)>>>> for Grants {
    async fn load(&mut self, customers: &[CustomerId]) -> HashMap<CustomerId, Loaded<Arc<Vec<(String, ParkId)>>>> {
        let grants = self.0.grants(customers).await;
        let shared = grants.map(|grants| grants.into_iter().map(|(id, parks)| (id, Arc::new(parks))).collect());
        answer(customers, shared, Arc::default)
    }
}
