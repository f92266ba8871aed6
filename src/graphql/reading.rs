//! Readings: one by one and in columns.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};

use super::caller::Caller;
use super::connection::Connection;
use super::loaders::Loaders;
use super::rows::{Column, Row, Rows};
use super::scalars::{DateTime, Long};
use crate::domain::park::ParkId;
use crate::domain::range::TimeRange;
use crate::domain::reading;
use crate::domain::zone::Zone;
use crate::error::Result;

/// Instants `[from, until)`; an end left out is open.
#[derive(Clone, Copy, Debug, Default, async_graphql::InputObject)]
#[graphql(name = "TimeRange")]
pub struct TimeRangeInput {
    /// The first instant within.
    pub from: Option<DateTime>,
    /// The first instant after.
    pub until: Option<DateTime>,
}

impl From<TimeRangeInput> for TimeRange {
    fn from(input: TimeRangeInput) -> Self {
        Self { from: input.from.map(|at| at.instant), until: input.until.map(|at| at.instant) }
    }
}

/// The mean power of a park over one interval.
pub struct Reading {
    reading: reading::Reading,
    zone: Arc<Zone>,
}

impl Reading {
    /// The reading as the API shows it, on the zone's wall clock.
    pub fn new(reading: &reading::Reading, zone: &Arc<Zone>) -> Self {
        Self { reading: *reading, zone: Arc::clone(zone) }
    }

    /// Where it stands in a list: its start.
    pub fn starts_at(&self) -> i64 {
        self.reading.starts_at
    }

    fn local(&self) -> DateTime {
        let instant = self.reading.starts_at;
        DateTime { instant, offset: Some(self.zone.offset_at(instant)) }
    }
}

/// The mean power of a park over one interval.
#[Object]
impl Reading {
    /// The instant at which the interval starts, in UTC.
    async fn timestamp(&self) -> DateTime {
        DateTime::utc(self.reading.starts_at)
    }

    /// The instant at which the interval ends, in UTC.
    async fn until(&self) -> DateTime {
        DateTime::utc(self.reading.until())
    }

    /// The interval's start on the park's wall clock, with the offset that held there.
    async fn local_timestamp(&self) -> DateTime {
        self.local()
    }

    /// Mean power over the interval in MW; negative where the park drew power.
    async fn megawatts(&self) -> f64 {
        self.reading.megawatts
    }
}

impl Row for Reading {
    fn column(field: &str) -> Option<Column<Self>> {
        Some(Column::Scalar(match field {
            "timestamp" => |it, json| json.instant(DateTime::utc(it.reading.starts_at)),
            "until" => |it, json| json.instant(DateTime::utc(it.reading.until())),
            "localTimestamp" => |it, json| json.instant(it.local()),
            "megawatts" => |it, json| json.float(it.reading.megawatts),
            _ => return None,
        }))
    }
}

/// Readings of one park in columns of equal length, in the order of time.
#[derive(SimpleObject)]
pub struct ReadingSeries {
    /// The instants at which the intervals start, in UTC.
    timestamps: Rows<DateTime>,
    /// The intervals' widths in minutes.
    minutes: Rows<i32>,
    /// Mean powers over the intervals in MW.
    megawatts: Rows<f64>,
}

impl ReadingSeries {
    /// The columns of the readings.
    pub fn new(readings: &[reading::Reading]) -> Self {
        Self {
            timestamps: Rows(readings.iter().map(|reading| DateTime::utc(reading.starts_at)).collect()),
            minutes: Rows(readings.iter().map(|reading| i32::from(reading.minutes)).collect()),
            megawatts: Rows(readings.iter().map(|reading| reading.megawatts).collect()),
        }
    }
}

/// From when until when a park has readings, and how many.
#[derive(SimpleObject)]
pub struct DataRange {
    /// The start of the first reading.
    pub from: DateTime,
    /// The end of the last reading.
    pub until: DateTime,
    /// How many readings there are.
    pub count: Long,
}

/// What a list of readings says beside them.
pub struct ReadingTotal {
    /// Whose readings.
    pub park: ParkId,
    /// In which range.
    pub range: TimeRange,
}

/// A page of a park's readings.
#[Object]
impl ReadingTotal {
    /// How many readings the whole range holds; counted only where it is asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Long> {
        Caller::of(ctx).principal()?;
        Loaders::of(ctx).reading_count(self.park, self.range).await.map(Long)
    }
}

/// A page of a park's readings in the order of time.
pub type ReadingConnection = Connection<Reading, ReadingTotal>;
