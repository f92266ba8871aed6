//! Readings as a caller sees them, whole.

use std::collections::HashMap;
use std::ops::Range;

use super::block_row::{Packed, unpack_into};
use super::days::days_of;
use super::reads::Reads;
use crate::domain::park::ParkId;
use crate::domain::range::TimeRange;
use crate::domain::reading::Reading;
use crate::error::Result;

impl Reads {
    /// The blocks of the UTC days, by park and then day.
    pub async fn blocks(&self, parks: &[ParkId], days: Range<i32>) -> Result<Vec<(ParkId, i32, Vec<Reading>)>> {
        let mut blocks = Vec::new();
        for packed in self.packed(parks, days).await? {
            let mut readings = Vec::new();
            unpack_into(packed.day, &packed.bytes, &mut readings)?;
            blocks.push((packed.park, packed.day, readings));
        }
        Ok(blocks)
    }

    /// The readings that start in the range, in order; parks without any are left out.
    pub async fn readings(&self, parks: &[ParkId], range: &TimeRange) -> Result<HashMap<ParkId, Vec<Reading>>> {
        let Some((first, last)) = days_of(range) else { return Ok(HashMap::new()) };
        let mut found: HashMap<ParkId, Vec<Reading>> = HashMap::new();
        for packed in self.packed(parks, first..last.saturating_add(1)).await? {
            unpack_into(packed.day, &packed.bytes, found.entry(packed.park).or_default())?;
        }
        found.retain(|_, readings| {
            cut(readings, range);
            !readings.is_empty()
        });
        Ok(found)
    }

    async fn packed(&self, parks: &[ParkId], days: Range<i32>) -> Result<Vec<Packed>> {
        let mut sql = self.sql("SELECT b.park_id, b.day, b.readings FROM reading_block b WHERE ");
        sql.visible("b.park_id", self.visibility()).push(" AND b.park_id").in_parks(parks);
        sql.push(" AND b.day >= ").bind(days.start).push(" AND b.day < ").bind(days.end);
        // Put in order here: the database would copy the blocks about, or spill them to disk.
        let mut blocks = self.collect(sql, Packed::of_row).await?;
        Packed::sort(&mut blocks);
        Ok(blocks)
    }
}

/// Keeps the readings that start in the range.
pub(super) fn cut(readings: &mut Vec<Reading>, range: &TimeRange) {
    if let Some(until) = range.until {
        readings.truncate(readings.partition_point(|reading| reading.starts_at < until));
    }
    if let Some(from) = range.from {
        readings.drain(..readings.partition_point(|reading| reading.starts_at < from));
    }
}
