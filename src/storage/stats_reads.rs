//! Stats as a caller sees them, and what hangs on them: the latest reading, the span of the readings.

use std::collections::HashMap;

use sea_orm::QueryResult;

use super::day_stats::{FIGURES, figures};
use super::days::{from_number, to_number};
use super::reads::Reads;
use crate::domain::chrono::NaiveDate;
use crate::domain::figures::Figures;
use crate::domain::park::ParkId;
use crate::domain::range::DateRange;
use crate::domain::reading::Reading;
use crate::error::Result;

/// From where to where a park's readings go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When the first reading starts: Unix seconds, UTC.
    pub first_starts_at: i64,
    /// When the last one starts.
    pub last_starts_at: i64,
    /// When the last one ends.
    pub until: i64,
    /// How many there are.
    pub count: i64,
}

impl Reads {
    /// The figures of each park's local days that are in the range, in order; days without a reading have none, and
    /// parks without such days are left out.
    pub async fn day_stats(
        &self,
        parks: &[ParkId],
        dates: &DateRange,
    ) -> Result<HashMap<ParkId, Vec<(NaiveDate, Figures)>>> {
        let mut sql = self.sql("SELECT s.park_id, ");
        sql.push(FIGURES).push(" FROM day_stats s WHERE ").visible("s.park_id", self.visibility());
        sql.push(" AND s.park_id").in_parks(parks);
        if let Some(from) = dates.from {
            sql.push(" AND s.date >= ").bind(to_number(from));
        }
        if let Some(until) = dates.until {
            sql.push(" AND s.date < ").bind(to_number(until));
        }
        let mut found: HashMap<ParkId, Vec<(NaiveDate, Figures)>> = HashMap::new();
        for (park, day) in self.collect(sql, day).await? {
            found.entry(park).or_default().push(day);
        }
        for days in found.values_mut() {
            days.sort_unstable_by_key(|(date, _)| *date);
        }
        Ok(found)
    }

    /// Each park's latest reading; parks without any are left out.
    pub async fn latest(&self, parks: &[ParkId]) -> Result<HashMap<ParkId, Reading>> {
        let mut sql = self.sql("SELECT p.id, s.last_starts_at, s.last_minutes, s.last_megawatts FROM park p");
        sql.push(" JOIN day_stats s ON s.park_id = p.id");
        sql.push(" AND s.date = (SELECT MAX(d.date) FROM day_stats d WHERE d.park_id = p.id) WHERE ");
        sql.visible("p.id", self.visibility()).push(" AND p.id").in_parks(parks);
        let mut found = HashMap::new();
        for row in sql.rows(&self.connection().await?).await? {
            let minutes: i32 = row.try_get_by_index(2)?;
            let reading = Reading {
                starts_at: row.try_get_by_index(1)?,
                minutes: u16::try_from(minutes).map_err(super::fault::broken)?,
                megawatts: row.try_get_by_index(3)?,
            };
            found.insert(ParkId(row.try_get_by_index(0)?), reading);
        }
        Ok(found)
    }

    /// The span of each park's readings; parks without any are left out.
    pub async fn spans(&self, parks: &[ParkId]) -> Result<HashMap<ParkId, Span>> {
        let mut sql = self.sql(
            "SELECT s.park_id, MIN(s.first_starts_at), MAX(s.last_starts_at), \
             MAX(s.last_starts_at + s.last_minutes * 60), CAST(SUM(s.count) AS BIGINT) FROM day_stats s WHERE ",
        );
        sql.visible("s.park_id", self.visibility()).push(" AND s.park_id").in_parks(parks);
        sql.push(" GROUP BY s.park_id");
        let mut found = HashMap::new();
        for row in sql.rows(&self.connection().await?).await? {
            let span = Span {
                first_starts_at: row.try_get_by_index(1)?,
                last_starts_at: row.try_get_by_index(2)?,
                until: row.try_get_by_index(3)?,
                count: row.try_get_by_index(4)?,
            };
            found.insert(ParkId(row.try_get_by_index(0)?), span);
        }
        Ok(found)
    }
}

/// The park and day of a row of `park_id` and [`FIGURES`].
fn day(row: &QueryResult) -> Result<(ParkId, (NaiveDate, Figures))> {
    Ok((ParkId(row.try_get_by_index(0)?), (from_number(row.try_get_by_index(1)?)?, figures(row, 2)?)))
}
