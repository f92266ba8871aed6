//! A row of `park` as the domain's park.

use sea_orm::QueryResult;

use super::fault::broken;
use super::instant::from_micros;
use crate::domain::park::{Park, ParkDetails, ParkId};
use crate::error::Result;

/// The columns that [`park`] reads, of the table aliased `p`.
pub const COLUMNS: &str = "p.id, p.name, p.timezone, p.energy_type, p.capacity_mw, p.latitude, p.longitude, \
                           p.interval_minutes, p.created_at, p.updated_at";

/// The park of a row of [`COLUMNS`].
pub fn park(row: &QueryResult) -> Result<Park> {
    let timezone: String = row.try_get_by_index(2)?;
    let energy_type: String = row.try_get_by_index(3)?;
    let interval_minutes: Option<i32> = row.try_get_by_index(7)?;
    Ok(Park {
        id: ParkId(row.try_get_by_index(0)?),
        details: ParkDetails {
            name: row.try_get_by_index(1)?,
            timezone: timezone.parse().map_err(|_| broken(format_args!("the time zone {timezone}")))?,
            energy_type: energy_type.parse().map_err(|_| broken(format_args!("the energy type {energy_type}")))?,
            capacity_mw: row.try_get_by_index(4)?,
            latitude: row.try_get_by_index(5)?,
            longitude: row.try_get_by_index(6)?,
            interval_minutes: interval_minutes.map(u16::try_from).transpose().map_err(broken)?,
        },
        created_at: from_micros(row.try_get_by_index(8)?)?,
        updated_at: from_micros(row.try_get_by_index(9)?)?,
    })
}

/// The parks of rows of [`COLUMNS`].
pub fn parks(rows: &[QueryResult]) -> Result<Vec<Park>> {
    rows.iter().map(park).collect()
}
