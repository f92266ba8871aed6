//! What all stats have in common: the parts of the question, and the figures.

use async_graphql::{Enum, InputObject, SimpleObject};

use super::clock::Clock;
use super::rows::Column;
use super::scalars::{Date, DateTime, Long};
use crate::domain::bucket_stats::BucketStats;
use crate::domain::calendar;
use crate::domain::range::DateRange;

/// How long a bucket is. Buckets are bounded by local clocks: a day has 23, 24 or 25 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "calendar::Granularity")]
pub enum Granularity {
    /// From one whole hour of the local clock to the next; refused where readings are wider than an hour.
    Hour,
    /// From local midnight to local midnight.
    Day,
    /// ISO weeks, from Monday.
    Week,
    /// Calendar months.
    Month,
    /// Calendar quarters.
    Quarter,
    /// Calendar years.
    Year,
}

/// Local dates `[from, until)`; an end left out is open.
#[derive(Clone, Copy, Debug, Default, InputObject)]
#[graphql(name = "DateRange")]
pub struct DateRangeInput {
    /// The first date within.
    pub from: Option<Date>,
    /// The first date after.
    pub until: Option<Date>,
}

impl From<DateRangeInput> for DateRange {
    fn from(input: DateRangeInput) -> Self {
        Self { from: input.from.map(|date| date.0), until: input.until.map(|date| date.0) }
    }
}

/// The figures of one bucket, for every kind of stats.
#[derive(SimpleObject)]
#[graphql(name = "StatsFigures")]
pub struct Figures {
    /// The local date on which the bucket starts: of a week its Monday, of a month its first. With HOUR the date of the
    /// hour's start.
    date: Date,
    /// The instant at which the bucket starts; of parks in several zones the earliest.
    from: DateTime,
    /// The instant at which the bucket ends; of parks in several zones the latest.
    until: DateTime,
    /// How long it is in hours: a day has 23, 24 or 25.
    hours: f64,
    /// How many readings start in it.
    count: Long,
    /// How many readings would stand in it if none were missing.
    expected: Long,
    /// Observed time through the bucket's time; of several parks, over park-hours. 0 where there is no reading.
    completeness: f64,
    /// Whether the bucket is not over yet.
    is_partial: bool,
    /// The least power of a single reading in MW; null where there is none.
    min: Option<f64>,
    /// The greatest power of a single reading in MW; null where there is none.
    max: Option<f64>,
    /// The readings' powers added up in MW, as the first users asked: no energy. Null where there is none.
    sum: Option<f64>,
    /// Mean power of the readings in MW, weighted by the intervals' widths; null where there is none.
    mean: Option<f64>,
    /// Net energy in MWh: power times interval, drawn power counted negative; null where there is no reading.
    energy_mwh: Option<f64>,
    /// Energy of the positive readings alone in MWh; null where there is no reading.
    generated_mwh: Option<f64>,
    /// Energy through capacity times observed hours; of several parks, those with a capacity only. Not clamped; null
    /// without a capacity or a reading.
    capacity_factor: Option<f64>,
}

impl Figures {
    /// The figures as the API shows them by that clock.
    pub fn new(stats: &BucketStats, clock: &Clock) -> Self {
        Self {
            date: Date(stats.bucket.date),
            from: DateTime::utc(stats.bucket.from),
            until: DateTime::utc(stats.bucket.until),
            hours: stats.hours(),
            count: Long(stats.count()),
            expected: Long(stats.expected()),
            completeness: stats.completeness(),
            is_partial: stats.is_partial(|instant| clock.has_come(instant)),
            min: stats.figures.map(|figures| figures.min),
            max: stats.figures.map(|figures| figures.max),
            sum: stats.figures.map(|figures| figures.sum),
            mean: stats.figures.map(|figures| figures.mean()),
            energy_mwh: stats.figures.map(|figures| figures.energy_mwh),
            generated_mwh: stats.figures.map(|figures| figures.generated_mwh),
            capacity_factor: stats.capacity_factor(),
        }
    }
}

/// A row with the figures of a bucket.
pub trait HasFigures {
    /// Its figures.
    fn figures(&self) -> &Figures;
}

/// How a figure of a row is written.
pub fn column<T: HasFigures>(field: &str) -> Option<Column<T>> {
    Some(Column::Scalar(match field {
        "date" => |it, json| json.date(it.figures().date.0),
        "from" => |it, json| json.instant(it.figures().from),
        "until" => |it, json| json.instant(it.figures().until),
        "hours" => |it, json| json.float(it.figures().hours),
        "count" => |it, json| json.whole(it.figures().count.0),
        "expected" => |it, json| json.whole(it.figures().expected.0),
        "completeness" => |it, json| json.float(it.figures().completeness),
        "isPartial" => |it, json| json.flag(it.figures().is_partial),
        "min" => |it, json| json.maybe(it.figures().min),
        "max" => |it, json| json.maybe(it.figures().max),
        "sum" => |it, json| json.maybe(it.figures().sum),
        "mean" => |it, json| json.maybe(it.figures().mean),
        "energyMwh" => |it, json| json.maybe(it.figures().energy_mwh),
        "generatedMwh" => |it, json| json.maybe(it.figures().generated_mwh),
        "capacityFactor" => |it, json| json.maybe(it.figures().capacity_factor),
        _ => return None,
    }))
}
