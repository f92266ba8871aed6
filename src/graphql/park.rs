//! A park.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, OneofObject};

use super::caller::Caller;
use super::ids::NodeId;
use super::loaders::{Loaders, ReadingsKey, StatsKey};
use super::paging::{MAX_LONG_PAGE, Paging};
use super::park_stats::ParkStats;
use super::reading::{DataRange, Reading, ReadingConnection, ReadingSeries, ReadingTotal, TimeRangeInput};
use super::rows::{Column, Row, Rows};
use super::scalars::{DateTime, Long, TimeZone};
use super::stats::{DateRangeInput, Granularity};
use crate::app::stats::StatsQuestion;
use crate::domain::access::Scope;
use crate::domain::park;
use crate::domain::zone::Zone;
use crate::error::{Error, Result};

/// The most points of one `series`.
const MAX_SERIES: i64 = 1_000_000;

/// What a park makes its power from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "park::EnergyType")]
pub enum EnergyType {
    /// Sun.
    Solar,
    /// Wind.
    Wind,
}

impl EnergyType {
    /// As it stands in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Solar => "SOLAR",
            Self::Wind => "WIND",
        }
    }
}

/// One park, by its id or by its name.
#[derive(Debug, OneofObject)]
pub enum ParkBy {
    /// By id.
    Id(ID),
    /// By its exact name.
    Name(String),
}

/// A wind or solar park.
#[derive(Clone)]
pub struct Park(pub Arc<park::Park>);

impl Park {
    fn zone(&self) -> Arc<Zone> {
        Zone::of(self.0.details.timezone)
    }
}

impl Row for Park {
    fn column(field: &str) -> Option<Column<Self>> {
        Some(Column::Scalar(match field {
            "id" => |it, json| json.text(&NodeId::Park(it.0.id).id()),
            "name" => |it, json| json.text(&it.0.details.name),
            "timezone" => |it, json| json.text(it.0.details.timezone.name()),
            "energyType" => |it, json| json.text(EnergyType::from(it.0.details.energy_type).name()),
            "capacityMw" => |it, json| json.maybe(it.0.details.capacity_mw),
            "latitude" => |it, json| json.maybe(it.0.details.latitude),
            "longitude" => |it, json| json.maybe(it.0.details.longitude),
            "intervalMinutes" => |it, json| json.maybe_whole(it.0.details.interval_minutes.map(i64::from)),
            _ => return None,
        }))
    }
}

/// A wind or solar park.
#[Object]
impl Park {
    /// Its global id.
    pub async fn id(&self) -> ID {
        NodeId::Park(self.0.id).id()
    }

    /// Its name; unique.
    async fn name(&self) -> &str {
        &self.0.details.name
    }

    /// The zone whose midnights bound the park's days.
    async fn timezone(&self) -> TimeZone {
        TimeZone(self.0.details.timezone)
    }

    /// What it makes its power from.
    async fn energy_type(&self) -> EnergyType {
        self.0.details.energy_type.into()
    }

    /// Rated power in MW; null where it is not known.
    async fn capacity_mw(&self) -> Option<f64> {
        self.0.details.capacity_mw
    }

    /// Degrees north; null where it is not known.
    async fn latitude(&self) -> Option<f64> {
        self.0.details.latitude
    }

    /// Degrees east; null where it is not known.
    async fn longitude(&self) -> Option<f64> {
        self.0.details.longitude
    }

    /// The usual width of its readings in minutes; null before the first load.
    async fn interval_minutes(&self) -> Option<i32> {
        self.0.details.interval_minutes.map(i32::from)
    }

    /// The latest reading; null where there is none.
    async fn latest_reading(&self, ctx: &Context<'_>) -> Result<Option<Reading>> {
        Caller::of(ctx).may(Scope::ReadingsRead)?;
        let latest = Loaders::of(ctx).latest(self.0.id).await?;
        Ok(latest.map(|reading| Reading::new(&reading, &self.zone())))
    }

    /// From when until when there are readings, and how many; null where there is none.
    async fn data_range(&self, ctx: &Context<'_>) -> Result<Option<DataRange>> {
        Caller::of(ctx).may_any(&[Scope::StatsRead, Scope::ReadingsRead])?;
        let span = Loaders::of(ctx).span(self.0.id).await?;
        Ok(span.map(|span| DataRange {
            from: DateTime::utc(span.first_starts_at),
            until: DateTime::utc(span.until),
            count: Long(span.count),
        }))
    }

    /// Single readings that start in the range, in the order of time; `first` defaults to 100, at most 10,000.
    async fn readings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Readings that start in it; all where it is left out.")] range: Option<TimeRangeInput>,
        #[graphql(desc = "So many from the start.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Result<ReadingConnection> {
        Caller::of(ctx).may(Scope::ReadingsRead)?;
        let range = range.unwrap_or_default().into();
        let asked = Paging { first, after, last, before }.check::<i64>(MAX_LONG_PAGE)?;
        let key = ReadingsKey { park: self.0.id, range, page: asked.page.clone() };
        let readings = Loaders::of(ctx).readings(key).await?;
        let zone = self.zone();
        let rows: Vec<_> = readings.iter().map(|reading| Reading::new(reading, &zone)).collect();
        let total = ReadingTotal { park: self.0.id, range };
        Ok(asked.connection(rows, total, Reading::starts_at))
    }

    /// Single readings that start in the range, as columns of equal length; at most 1,000,000 points.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Readings that start in it.")] range: TimeRangeInput,
    ) -> Result<ReadingSeries> {
        Caller::of(ctx).may(Scope::ReadingsRead)?;
        let range = range.into();
        let readings = Loaders::of(ctx).series(self.0.id, range, MAX_SERIES).await?;
        readings.map(|readings| ReadingSeries::new(&readings)).ok_or_else(|| {
            Error::TooComplex("the range holds more than 1,000,000 readings: ask for a shorter one".into())
        })
    }

    /// Figures by bucket, in the order of time: every bucket of the range that lies between the park's first and last
    /// reading, empty ones too; at most 10,000 buckets.
    async fn stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Local dates: a bucket is in when its first date is. All where it is left out.")]
        dates: Option<DateRangeInput>,
        #[graphql(desc = "How long the buckets are.", default_with = "Granularity::Day")] granularity: Granularity,
        #[graphql(desc = "The zone whose midnights bound the buckets; the park's own where it is left out.")] timezone: Option<
            TimeZone,
        >,
    ) -> Result<Rows<ParkStats>> {
        Caller::of(ctx).may(Scope::StatsRead)?;
        let question = StatsQuestion {
            dates: dates.unwrap_or_default().into(),
            granularity: granularity.into(),
            timezone: timezone.map(|zone| zone.0),
        };
        let stats = Loaders::of(ctx).stats(StatsKey { park: self.0.id, question }).await?;
        let clock = &Caller::of(ctx).clock;
        Ok(Rows(stats.iter().map(|stats| ParkStats::new(stats, self.clone(), clock)).collect()))
    }
}
