//! Stats of all parks of an energy type.

use async_graphql::SimpleObject;

use super::clock::Clock;
use super::park::EnergyType;
use super::rows::{Column, Row};
use super::stats::{self, Figures, HasFigures};
use crate::app::energy_type_stats::{TypeKey, TypeStats};

/// The figures of the parks of one energy type in one bucket.
///
/// `min` and `max` are over single readings of single parks; `totalMin`, `totalMax` and `totalMean` are of the fleet: MW
/// summed over the parks for each stretch of time, then reduced over time.
#[derive(SimpleObject)]
pub struct EnergyTypeStats {
    /// Whose figures.
    energy_type: EnergyType,
    /// How many parks have a reading in the bucket.
    park_count: i32,
    #[graphql(flatten)]
    figures: Figures,
    /// The least power of the fleet in MW, over the stretches of time at which every reporting park has a reading; null
    /// where there is none, or where the parks are in several zones and none is named.
    total_min: Option<f64>,
    /// The greatest power of the fleet in MW, likewise.
    total_max: Option<f64>,
    /// The fleet's mean power over time in MW, likewise.
    total_mean: Option<f64>,
    /// How much of the bucket those stretches are; null where the parks are in several zones and none is named. A reading
    /// belongs wholly to the bucket that it starts in, so it may be a little above 1.
    total_completeness: Option<f64>,
    #[graphql(skip)]
    key: TypeKey,
}

impl HasFigures for EnergyTypeStats {
    fn figures(&self) -> &Figures {
        &self.figures
    }
}

impl Row for EnergyTypeStats {
    fn column(field: &str) -> Option<Column<Self>> {
        Some(Column::Scalar(match field {
            "energyType" => |it, json| json.text(it.energy_type.name()),
            "parkCount" => |it, json| json.whole(it.park_count.into()),
            "totalMin" => |it, json| json.maybe(it.total_min),
            "totalMax" => |it, json| json.maybe(it.total_max),
            "totalMean" => |it, json| json.maybe(it.total_mean),
            "totalCompleteness" => |it, json| json.maybe(it.total_completeness),
            _ => return stats::column(field),
        }))
    }
}

impl EnergyTypeStats {
    /// The stats as the API shows them at the instant `now`.
    pub fn new(stats: &TypeStats, clock: &Clock) -> Self {
        let totals = stats.totals;
        Self {
            energy_type: stats.energy_type.into(),
            park_count: i32::try_from(stats.park_count).unwrap_or(i32::MAX),
            figures: Figures::new(&stats.stats, clock),
            total_min: totals.and_then(|totals| totals.min),
            total_max: totals.and_then(|totals| totals.max),
            total_mean: totals.and_then(|totals| totals.mean),
            total_completeness: totals.map(|totals| totals.completeness(&stats.stats.bucket)),
            key: stats.key,
        }
    }

    /// The place in the order: the bucket's start, then the type.
    pub fn key(&self) -> TypeKey {
        self.key
    }
}
