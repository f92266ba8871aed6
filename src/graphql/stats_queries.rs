//! The queries for stats over many parks.

use async_graphql::{Context, Object};

use super::caller::{Caller, reads};
use super::connection::Connection;
use super::energy_type_stats::EnergyTypeStats;
use super::paging::{MAX_LONG_PAGE, Paging};
use super::park::Park;
use super::park_stats::ParkStats;
use super::parks::ParkFilterInput;
use super::scalars::{Long, TimeZone};
use super::stats::{DateRangeInput, Granularity};
use crate::app::energy_type_stats::{self, TypeKey};
use crate::app::park_stats::{self, ParkStatsKey};
use crate::app::stats::StatsQuestion;
use crate::domain::access::Scope;
use crate::domain::park::ParkFilter;
use crate::error::Result;

/// The fields of `EnergyTypeStats` that cost every reading.
const TOTALS: [&str; 4] = ["totalMin", "totalMax", "totalMean", "totalCompleteness"];

/// What a list of park stats says beside them.
pub struct ParkStatsTotal(ParkFilter, StatsQuestion);

/// A page of stats by park.
#[Object]
impl ParkStatsTotal {
    /// How many buckets the list holds; counted only where it is asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Long> {
        park_stats::count(reads(ctx, Scope::StatsRead)?, &self.0, self.1).await.map(Long)
    }
}

/// A page of stats by park.
pub type ParkStatsConnection = Connection<ParkStats, ParkStatsTotal>;

/// What a list of energy type stats says beside them.
pub struct EnergyTypeStatsTotal(ParkFilter, StatsQuestion);

/// A page of stats by energy type.
#[Object]
impl EnergyTypeStatsTotal {
    /// How many buckets the list holds; counted only where it is asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Long> {
        energy_type_stats::count(reads(ctx, Scope::StatsRead)?, &self.0, self.1).await.map(Long)
    }
}

/// A page of stats by energy type.
pub type EnergyTypeStatsConnection = Connection<EnergyTypeStats, EnergyTypeStatsTotal>;

/// The queries for stats over many parks.
#[derive(Default)]
pub struct StatsQueries;

/// The queries for stats over many parks.
#[expect(clippy::too_many_arguments, reason = "Relay's arguments beside the question's")]
#[Object]
impl StatsQueries {
    /// Figures by park and bucket, by the bucket's start and then the park's name. Each park's buckets are those between
    /// its first and last reading, empty ones too. `first` defaults to 100, at most 10,000.
    async fn park_stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which parks; all where it is left out.")] filter: Option<ParkFilterInput>,
        #[graphql(desc = "Local dates: a bucket is in when its first date is. All where it is left out.")]
        dates: Option<DateRangeInput>,
        #[graphql(desc = "How long the buckets are.", default_with = "Granularity::Day")] granularity: Granularity,
        #[graphql(desc = "The zone whose midnights bound the buckets; each park's own where it is left out.")]
        timezone: Option<TimeZone>,
        #[graphql(desc = "So many from the start.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Result<ParkStatsConnection> {
        let reads = reads(ctx, Scope::StatsRead)?;
        let filter = ParkFilter::from(filter.unwrap_or_default());
        let question = question(dates, granularity, timezone);
        let asked = Paging { first, after, last, before }.check::<ParkStatsKey>(MAX_LONG_PAGE)?;
        let rows = park_stats::page(reads, &filter, question, &asked.page).await?;
        let clock = &Caller::of(ctx).clock;
        let rows = rows.into_iter().map(|(park, stats)| ParkStats::new(&stats, Park(park), clock)).collect();
        Ok(asked.connection(rows, ParkStatsTotal(filter, question), ParkStats::key))
    }

    /// Figures by energy type and bucket, by the bucket's start and then the type. Without `timezone` each park's own
    /// local dates are grouped: `from` and `until` are then the earliest and the latest bound, and the totals null unless
    /// the type's parks share a zone. `first` defaults to 100, at most 10,000.
    async fn energy_type_stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which parks; all where it is left out.")] filter: Option<ParkFilterInput>,
        #[graphql(desc = "Local dates: a bucket is in when its first date is. All where it is left out.")]
        dates: Option<DateRangeInput>,
        #[graphql(desc = "How long the buckets are.", default_with = "Granularity::Day")] granularity: Granularity,
        #[graphql(desc = "The zone whose midnights bound the buckets; each park's own where it is left out.")]
        timezone: Option<TimeZone>,
        #[graphql(desc = "So many from the start.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Result<EnergyTypeStatsConnection> {
        let reads = reads(ctx, Scope::StatsRead)?;
        let filter = ParkFilter::from(filter.unwrap_or_default());
        let question = question(dates, granularity, timezone);
        let asked = Paging { first, after, last, before }.check::<TypeKey>(MAX_LONG_PAGE)?;
        let look = ctx.look_ahead();
        let totals = TOTALS.iter().any(|field| {
            look.field("nodes").field(field).exists() || look.field("edges").field("node").field(field).exists()
        });
        let rows = energy_type_stats::page(reads, &filter, question, &asked.page, totals).await?;
        let clock = &Caller::of(ctx).clock;
        let rows = rows.iter().map(|stats| EnergyTypeStats::new(stats, clock)).collect();
        Ok(asked.connection(rows, EnergyTypeStatsTotal(filter, question), EnergyTypeStats::key))
    }
}

fn question(dates: Option<DateRangeInput>, granularity: Granularity, timezone: Option<TimeZone>) -> StatsQuestion {
    StatsQuestion {
        dates: dates.unwrap_or_default().into(),
        granularity: granularity.into(),
        timezone: timezone.map(|zone| zone.0),
    }
}
