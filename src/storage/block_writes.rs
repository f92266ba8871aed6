//! Blocks, stats and revisions written, many in a statement.

use sea_orm::Value;
use uuid::Uuid;

use super::block_row::{Packed, unpack_into};
use super::day_stats::{COLUMNS, DayStats};
use super::days::by_day;
use super::fault::broken;
use super::instant::to_micros;
use super::write::Write;
use crate::domain::block;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::park::ParkId;
use crate::domain::reading::Reading;
use crate::error::{Error, Result};

/// Rows in one statement: few sizes, so that few statements are prepared, and none near the limit on bound values.
const BATCHES: [usize; 4] = [256, 32, 4, 1];

/// The load that readings are replaced by, and when.
#[derive(Clone, Copy)]
pub(super) struct By {
    pub load: Uuid,
    pub now: DateTime<Utc>,
}

impl Write {
    /// All readings that start on the UTC days, in order.
    pub(super) async fn readings_of(&self, park: ParkId, first: i32, last: i32) -> Result<Vec<Reading>> {
        let mut sql = self.sql("SELECT park_id, day, readings FROM reading_block WHERE park_id = ");
        sql.bind(park.0).push(" AND day >= ").bind(first).push(" AND day <= ").bind(last);
        let mut readings = Vec::new();
        sql.push(" ORDER BY day");
        for row in sql.rows(self.connection()).await? {
            let packed = Packed::of_row(&row)?;
            unpack_into(packed.day, &packed.bytes, &mut readings)?;
        }
        Ok(readings)
    }

    /// The first and the last UTC day, of those given, with readings.
    pub(super) async fn bounds_of(&self, park: ParkId, first: i32, last: i32) -> Result<Option<(i32, i32)>> {
        let mut sql = self.sql("SELECT MIN(day), MAX(day) FROM reading_block WHERE park_id = ");
        sql.bind(park.0).push(" AND day >= ").bind(first).push(" AND day <= ").bind(last);
        let Some(row) = sql.row(self.connection()).await? else { return Ok(None) };
        let first: Option<i32> = row.try_get_by_index(0)?;
        Ok(first.zip(row.try_get_by_index(1)?))
    }

    /// Makes the readings of the UTC days from `old` into `new`, both in order and whole days; the days that differ.
    pub(super) async fn replace(&self, park: ParkId, old: &[Reading], new: &[Reading]) -> Result<Vec<i32>> {
        let Changes { mut changed, gone, rows } = Changes::between(park, old, new)?;
        self.insert(
            "INSERT INTO reading_block (park_id, day, count, readings) VALUES ",
            rows,
            " ON CONFLICT (park_id, day) DO UPDATE SET count = excluded.count, readings = excluded.readings",
        )
        .await?;
        if !gone.is_empty() {
            let mut sql = self.sql("DELETE FROM reading_block WHERE park_id = ");
            sql.bind(park.0).push(" AND day").in_numbers(gone.iter().copied());
            sql.execute(self.connection()).await?;
        }
        changed.extend(gone);
        changed.sort_unstable();
        Ok(changed)
    }

    /// Keeps readings, in order, that a load replaced or deleted.
    pub(super) async fn revise(&self, park: ParkId, replaced: &[Reading], by: By) -> Result<()> {
        if replaced.is_empty() {
            return Ok(());
        }
        let mut sql = self.sql("SELECT COALESCE(MAX(number), 0) FROM reading_revision WHERE park_id = ");
        sql.bind(park.0).push(" AND load_id = ").bind(by.load);
        let number: i32 = match sql.row(self.connection()).await? {
            Some(row) => row.try_get_by_index(0)?,
            None => 0,
        };
        let rows = revisions(park, replaced, number, by)?;
        let head = "INSERT INTO reading_revision (park_id, load_id, number, day, count, readings, replaced_at) VALUES ";
        self.insert(head, rows, "").await
    }

    /// Puts stats in the place of those of the same dates.
    pub(super) async fn put_stats(&self, park: ParkId, stats: &[DayStats]) -> Result<()> {
        let rows = stats.iter().map(|stats| stats.row(park)).collect::<Result<Vec<_>>>()?;
        let head = format!("INSERT INTO day_stats (park_id, {COLUMNS}) VALUES ");
        let columns = COLUMNS.split(", ").skip(1).map(|column| format!("{column} = excluded.{column}"));
        let columns = columns.collect::<Vec<_>>().join(", ");
        self.insert(&head, rows, &format!(" ON CONFLICT (park_id, date) DO UPDATE SET {columns}")).await
    }

    /// Deletes the stats of dates, in numbers.
    pub(super) async fn delete_stats(&self, park: ParkId, dates: Vec<i32>) -> Result<()> {
        if dates.is_empty() {
            return Ok(());
        }
        let mut sql = self.sql("DELETE FROM day_stats WHERE park_id = ");
        sql.bind(park.0).push(" AND date").in_numbers(dates);
        sql.execute(self.connection()).await?;
        Ok(())
    }

    async fn insert<const N: usize>(&self, head: &str, rows: Vec<[Value; N]>, tail: &str) -> Result<()> {
        let mut left = rows.len();
        let mut rows = rows.into_iter();
        for size in BATCHES {
            while left >= size {
                let mut sql = self.sql(head);
                sql.bind_rows(rows.by_ref().take(size)).push(tail);
                sql.execute(self.connection()).await?;
                left -= size;
            }
        }
        Ok(())
    }
}

/// What has to be done to the blocks.
#[derive(Default)]
struct Changes {
    /// Days whose block is new or another one.
    changed: Vec<i32>,
    /// Days whose block goes.
    gone: Vec<i32>,
    /// The rows of the changed days.
    rows: Vec<[Value; 4]>,
}

impl Changes {
    fn between(park: ParkId, old: &[Reading], new: &[Reading]) -> Result<Self> {
        let mut changes = Self::default();
        let mut standing = by_day(old).peekable();
        for (day, readings) in by_day(new) {
            while let Some((day, _)) = standing.next_if(|(old, _)| *old < day) {
                changes.gone.push(day);
            }
            let before = standing.next_if(|(old, _)| *old == day);
            if before.is_none_or(|(_, before)| before != readings) {
                changes.changed.push(day);
                changes.rows.push(packed(park, day, readings)?);
            }
        }
        changes.gone.extend(standing.map(|(day, _)| day));
        Ok(changes)
    }
}

fn revisions(park: ParkId, replaced: &[Reading], last: i32, by: By) -> Result<Vec<[Value; 7]>> {
    let row = |(number, (day, readings)): (i32, (i32, &[Reading]))| {
        let [park, day, count, bytes] = packed(park, day, readings)?;
        Ok([park, by.load.into(), number.into(), day, count, bytes, to_micros(by.now).into()])
    };
    (last + 1..).zip(by_day(replaced)).map(row).collect()
}

fn packed(park: ParkId, day: i32, readings: &[Reading]) -> Result<[Value; 4]> {
    let bytes = block::encode(day, readings).map_err(Error::internal)?;
    Ok([park.0.into(), day.into(), i32::try_from(readings.len()).map_err(broken)?.into(), bytes.into()])
}
