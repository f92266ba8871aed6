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
    /// The blocks of rows of `park_id, day, readings`, by park and then day.
    pub fn in_order(rows: &[QueryResult]) -> Result<Vec<Self>> {
        let packed = |row: &QueryResult| -> Result<Self> {
            Ok(Self {
                park: ParkId(row.try_get_by_index(0)?),
                day: row.try_get_by_index(1)?,
                bytes: row.try_get_by_index(2)?,
            })
        };
        let mut all = rows.iter().map(packed).collect::<Result<Vec<_>>>()?;
        all.sort_unstable_by_key(|block| (block.park, block.day));
        Ok(all)
    }
}

/// Appends a block's readings.
pub fn unpack_into(day: i32, bytes: &[u8], readings: &mut Vec<Reading>) -> Result<()> {
    block::decode_into(day, bytes, readings).map_err(|fault| broken(format_args!("the block of day {day}: {fault}")))
}
