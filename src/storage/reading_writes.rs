//! Readings merged in and deleted.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::block_writes::By;
use super::days::{days_of, next, start};
use super::park_locks::LockedPark;
use super::write::Write;
use crate::domain::chrono::{DateTime, NaiveDate, Utc};
use crate::domain::merge::merge;
use crate::domain::range::TimeRange;
use crate::domain::reading::Reading;
use crate::domain::zone::Zone;
use crate::error::{Error, Result};

/// How many days are held in memory at a time.
const DAYS: i32 = 254;

/// How many new readings went which way (R21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They replaced nothing.
    pub inserted: i64,
    /// They replaced others.
    pub updated: i64,
    /// They stood already.
    pub unchanged: i64,
}

impl Write {
    /// Lays new readings, in order and without overlaps, over those that stand (R11, R21). What they replace is kept
    /// as revisions of the load; the stats of the dates they touch are made afresh (R23).
    pub async fn merge_readings(
        &self,
        park: &LockedPark,
        new: &[Reading],
        load: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Counts> {
        if new.windows(2).any(|pair| pair[0].until() > pair[1].starts_at) {
            return Err(Error::internal("readings to be merged overlap or are out of order"));
        }
        let mut counts = Counts::default();
        let mut touched = BTreeSet::new();
        let mut rest = new;
        while let Some(first) = rest.first().copied() {
            let (batch, later) = chunk(rest, first.day());
            rest = later;
            let (first, last) = (first.day(), batch.last().copied().unwrap_or(first).day());
            // A reading may reach into the next day, from the day before into the first as from the last beyond it.
            let old = self.readings_of(park.id, first - 1, last + 1).await?;
            let merged = merge(&old, batch);
            counts.inserted += merged.inserted;
            counts.updated += merged.updated;
            counts.unchanged += merged.unchanged;
            if merged.is_changed() {
                touched.extend(self.replace(park.id, &old, &merged.readings).await?);
                self.revise(park.id, &merged.replaced, By { load, now }).await?;
            }
        }
        self.refresh(park, &touched).await?;
        Ok(counts)
    }

    /// Deletes the readings that start in the range and keeps them as revisions of the load; how many they were.
    pub async fn delete_readings(
        &self,
        park: &LockedPark,
        range: &TimeRange,
        load: Uuid,
        now: DateTime<Utc>,
    ) -> Result<i64> {
        let (count, touched) = self.take_out(park, range, By { load, now }).await?;
        self.refresh(park, &touched).await?;
        Ok(count)
    }

    /// Deletes a park with its readings, which are kept as revisions of the load; how many readings they were.
    pub async fn delete_park(&self, park: &LockedPark, load: Uuid, now: DateTime<Utc>) -> Result<i64> {
        let (count, _) = self.take_out(park, &TimeRange::default(), By { load, now }).await?;
        for statement in ["DELETE FROM day_stats WHERE park_id = ", "DELETE FROM park WHERE id = "] {
            let mut sql = self.sql(statement);
            sql.bind(park.id.0);
            sql.execute(self.connection()).await?;
        }
        Ok(count)
    }

    async fn take_out(&self, park: &LockedPark, range: &TimeRange, by: By) -> Result<(i64, BTreeSet<i32>)> {
        let mut count = 0;
        let mut touched = BTreeSet::new();
        let Some((first, last)) = days_of(range) else { return Ok((count, touched)) };
        let Some((mut first, last)) = self.bounds_of(park.id, first, last).await? else { return Ok((count, touched)) };
        while first <= last {
            let until = last.min(first + DAYS - 1);
            let old = self.readings_of(park.id, first, until).await?;
            let (gone, kept) = split(&old, range);
            count += i64::try_from(gone.len()).map_err(Error::internal)?;
            touched.extend(self.replace(park.id, &old, &kept).await?);
            self.revise(park.id, &gone, by).await?;
            first = until + 1;
        }
        Ok((count, touched))
    }

    /// Makes the stats afresh of all local dates that share time with the UTC days.
    async fn refresh(&self, park: &LockedPark, days: &BTreeSet<i32>) -> Result<()> {
        let zone = Zone::of(park.details.timezone);
        let mut stretches: Vec<(NaiveDate, NaiveDate)> = Vec::new();
        for day in days {
            let (first, last) = (zone.date_of(start(*day)), zone.date_of(start(day + 1) - 1));
            match stretches.last_mut() {
                Some(stretch) if first <= next(stretch.1) => stretch.1 = last,
                _ => stretches.push((first, last)),
            }
        }
        for (first, last) in stretches {
            self.refresh_dates(park, &zone, first, next(last)).await?;
        }
        Ok(())
    }
}

/// The readings of the first days, and the later ones.
fn chunk(readings: &[Reading], first: i32) -> (&[Reading], &[Reading]) {
    readings.split_at(readings.partition_point(|reading| reading.day() - first < DAYS))
}

/// The readings that start in the range, and the others.
fn split(readings: &[Reading], range: &TimeRange) -> (Vec<Reading>, Vec<Reading>) {
    readings.iter().partition(|reading| range.contains(reading.starts_at))
}
