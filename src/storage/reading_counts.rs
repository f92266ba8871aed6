//! How many readings there are, without reading them.

use std::collections::HashMap;

use sea_orm::QueryResult;

use super::block_row::unpack_into;
use super::days::{days_of, start};
use super::fault::broken;
use super::reads::Reads;
use super::sql::Sql;
use crate::domain::park::ParkId;
use crate::domain::range::TimeRange;
use crate::domain::reading::{EARLIEST, LATEST};
use crate::error::Result;

impl Reads {
    /// How many readings of each park start in the range; parks without any are left out.
    pub async fn reading_counts(&self, parks: &[ParkId], range: &TimeRange) -> Result<HashMap<ParkId, i64>> {
        let Some(days) = days_of(range) else { return Ok(HashMap::new()) };
        let everything =
            range.from.is_none_or(|from| from <= EARLIEST) && range.until.is_none_or(|until| until >= LATEST);
        let rows = if everything { self.count_all_sql(parks) } else { self.count_sql(parks, range, days) };
        let mut counts = HashMap::new();
        for row in rows.rows(&self.connection().await?).await? {
            let park = ParkId(row.try_get_by_index(0)?);
            let count = if everything { row.try_get_by_index(1)? } else { count(&row, range)? };
            *counts.entry(park).or_insert(0) += count;
        }
        counts.retain(|_, count| *count > 0);
        Ok(counts)
    }

    /// The stats' rows are a tenth of the blocks'.
    fn count_all_sql(&self, parks: &[ParkId]) -> Sql {
        let mut sql = self.sql("SELECT s.park_id, CAST(SUM(s.count) AS BIGINT) FROM day_stats s WHERE ");
        sql.visible("s.park_id", self.visibility()).push(" AND s.park_id").in_parks(parks);
        sql.push(" GROUP BY s.park_id");
        sql
    }

    /// Days wholly within the range are added up by the database; those at its ends come as they are.
    fn count_sql(&self, parks: &[ParkId], range: &TimeRange, (first, last): (i32, i32)) -> Sql {
        let from_start = range.from.is_none_or(|from| from <= start(first));
        let to_end = range.until.is_none_or(|until| until >= start(last + 1));
        let (whole_first, whole_last) =
            (if from_start { first } else { first + 1 }, if to_end { last } else { last - 1 });
        let mut sql = self.sql("SELECT b.park_id, CAST(SUM(b.count) AS BIGINT), 0, ");
        sql.push(if sql.is_postgres() { "CAST(NULL AS BYTEA)" } else { "NULL" }).push(" FROM reading_block b WHERE ");
        sql.visible("b.park_id", self.visibility()).push(" AND b.park_id").in_parks(parks);
        sql.push(" AND b.day >= ").bind(whole_first).push(" AND b.day <= ").bind(whole_last);
        sql.push(" GROUP BY b.park_id UNION ALL SELECT b.park_id, CAST(b.count AS BIGINT), b.day, b.readings");
        sql.push(" FROM reading_block b WHERE ").visible("b.park_id", self.visibility());
        sql.push(" AND b.park_id").in_parks(parks).push(" AND b.day");
        let ends = [(first, from_start), (last, to_end)];
        let mut ends: Vec<i32> = ends.into_iter().filter(|(_, whole)| !whole).map(|(day, _)| day).collect();
        ends.dedup();
        sql.in_numbers(ends);
        sql
    }
}

/// The readings of a row that start in the range.
fn count(row: &QueryResult, range: &TimeRange) -> Result<i64> {
    let Some(bytes) = row.try_get_by_index::<Option<Vec<u8>>>(3)? else { return Ok(row.try_get_by_index(1)?) };
    let mut readings = Vec::new();
    unpack_into(row.try_get_by_index(2)?, &bytes, &mut readings)?;
    let within = readings.iter().filter(|reading| range.contains(reading.starts_at)).count();
    i64::try_from(within).map_err(broken)
}
