//! Stats of a park.

use async_graphql::SimpleObject;

use super::clock::Clock;
use super::park::Park;
use super::rows::{Column, Plan, Row};
use super::stats::{self, Figures, HasFigures};
use crate::domain::bucket_stats::BucketStats;

/// The figures of one park in one bucket.
#[derive(SimpleObject)]
pub struct ParkStats {
    /// Whose figures.
    pub park: Park,
    #[graphql(flatten)]
    figures: Figures,
    #[graphql(skip)]
    from: i64,
}

impl HasFigures for ParkStats {
    fn figures(&self) -> &Figures {
        &self.figures
    }
}

impl Row for ParkStats {
    fn column(field: &str) -> Option<Column<Self>> {
        if field != "park" {
            return stats::column(field);
        }
        Some(Column::Object(|asked| {
            let plan = Plan::<Park>::of(asked)?;
            Some(Box::new(move |it, json| plan.write(&it.park, json)))
        }))
    }
}

impl ParkStats {
    /// The stats as the API shows them at the instant `now`.
    pub fn new(stats: &BucketStats, park: Park, clock: &Clock) -> Self {
        Self { park, figures: Figures::new(stats, clock), from: stats.bucket.from }
    }

    /// The place in the order: the bucket's start, then the park's name.
    pub fn key(&self) -> (i64, String) {
        (self.from, self.park.0.details.name.clone())
    }
}
