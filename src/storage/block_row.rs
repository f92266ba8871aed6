//! Rows of `reading_block`.

use sea_orm::QueryResult;

use super::fault::broken;
use crate::domain::block;
use crate::domain::park::ParkId;
use crate::domain::reading::Reading;
use crate::error::Result;

/// A day's readings as they lie in the database.
pub struct Packed {
    pub park: ParkId,
    pub day: i32,
    pub bytes: Vec<u8>,
}

impl Packed {
    /// The block of a row of `park_id, day, readings`.
    pub fn of_row(row: &QueryResult) -> Result<Self> {
        Ok(Self {
            park: ParkId(row.try_get_by_index(0)?),
            day: row.try_get_by_index(1)?,
            bytes: row.try_get_by_index(2)?,
        })
    }

    /// Puts blocks in the order of park and then day.
    pub fn sort(blocks: &mut [Self]) {
        blocks.sort_unstable_by_key(|block| (block.park, block.day));
    }
}

/// Appends a block's readings.
pub fn unpack_into(day: i32, bytes: &[u8], readings: &mut Vec<Reading>) -> Result<()> {
    block::decode_into(day, bytes, readings).map_err(|fault| broken(format_args!("the block of day {day}: {fault}")))
}
