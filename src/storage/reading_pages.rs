//! Pages of readings, of many parks in one statement.

use std::collections::HashMap;

use super::block_reads::cut;
use super::block_row::{Packed, unpack_into};
use super::days::{days_of, start};
use super::reads::Reads;
use super::sql::Sql;
use crate::domain::park::ParkId;
use crate::domain::range::{Page, TimeRange};
use crate::domain::reading::{DAY_SECONDS, Reading};
use crate::error::{Error, Result};

/// Ranges of so many days are read whole: cheaper than finding out where the page ends.
const WHOLE_DAYS: i32 = 40;

impl Reads {
    /// A page of each park's readings that start in the range, in order of time; the page's keys are instants of
    /// start. Parks without any are left out.
    pub async fn readings_page(
        &self,
        parks: &[ParkId],
        range: &TimeRange,
        page: &Page<i64>,
    ) -> Result<HashMap<ParkId, Vec<Reading>>> {
        let after = page.after.map(|after| after.saturating_add(1));
        let range =
            TimeRange { from: range.from.max(after), until: [range.until, page.before].into_iter().flatten().min() };
        let limit = usize::try_from(page.limit).map_err(Error::internal)?;
        if limit == 0 {
            return Ok(HashMap::new());
        }
        let Some((first, last)) = days_of(&range) else { return Ok(HashMap::new()) };
        let mut found = if last - first < WHOLE_DAYS {
            self.readings(parks, &range).await?
        } else {
            self.walk(parks, &range, (first, last), page).await?
        };
        for readings in found.values_mut() {
            if page.from_end {
                readings.drain(..readings.len().saturating_sub(limit));
            } else {
                readings.truncate(limit);
            }
        }
        Ok(found)
    }

    /// The readings of the range, of no more days than the page needs: the database goes from block to block of each
    /// park, adding up their counts, until there is enough.
    async fn walk(
        &self,
        parks: &[ParkId],
        range: &TimeRange,
        days: (i32, i32),
        page: &Page<i64>,
    ) -> Result<HashMap<ParkId, Vec<Reading>>> {
        let sql = self.walk_sql(parks, range, days, page)?;
        let mut found: HashMap<ParkId, Vec<Reading>> = HashMap::new();
        let mut blocks = self.collect(sql, Packed::of_row).await?;
        Packed::sort(&mut blocks);
        for packed in blocks {
            unpack_into(packed.day, &packed.bytes, found.entry(packed.park).or_default())?;
        }
        found.retain(|_, readings| {
            cut(readings, range);
            !readings.is_empty()
        });
        Ok(found)
    }

    pub(super) fn walk_sql(
        &self,
        parks: &[ParkId],
        range: &TimeRange,
        days: (i32, i32),
        page: &Page<i64>,
    ) -> Result<Sql> {
        let (first, last) = days;
        let (nearest, beyond) = if page.from_end { ("MAX", "<") } else { ("MIN", ">") };
        // Of the day in which the page's end of the range falls, some readings are outside: it counts for nothing.
        let cut_day = if page.from_end {
            range.until.filter(|until| until % DAY_SECONDS != 0).map(|_| last)
        } else {
            range.from.filter(|from| *from > start(first)).map(|_| first)
        };
        let limit = i64::try_from(page.limit).map_err(Error::internal)?;
        let mut sql = self.sql("WITH RECURSIVE walk (park_id, day, total) AS (SELECT p.id, (SELECT ");
        sql.push(nearest).push("(b.day) FROM reading_block b WHERE b.park_id = p.id AND b.day >= ").bind(first);
        sql.push(" AND b.day <= ").bind(last).push("), CAST(0 AS BIGINT) FROM park p WHERE ");
        sql.visible("p.id", self.visibility()).push(" AND p.id").in_parks(parks);
        sql.push(" UNION ALL SELECT w.park_id, (SELECT ").push(nearest);
        sql.push("(b.day) FROM reading_block b WHERE b.park_id = w.park_id AND b.day ").push(beyond).push(" w.day");
        sql.push(" AND b.day >= ").bind(first).push(" AND b.day <= ").bind(last);
        sql.push("), w.total + (SELECT CAST(c.count AS BIGINT) FROM reading_block c WHERE c.park_id = w.park_id");
        sql.push(" AND c.day = w.day)");
        if let Some(cut_day) = cut_day {
            sql.push(" * (CASE WHEN w.day = ").bind(cut_day).push(" THEN 0 ELSE 1 END)");
        }
        sql.push(" FROM walk w WHERE w.day IS NOT NULL AND w.total < ").bind(limit);
        sql.push(") SELECT w.park_id, w.day, (SELECT b.readings FROM reading_block b WHERE b.park_id = w.park_id");
        sql.push(" AND b.day = w.day) FROM walk w WHERE w.day IS NOT NULL AND w.total < ").bind(limit);
        Ok(sql)
    }
}
