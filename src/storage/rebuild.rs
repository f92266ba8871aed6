//! Stats made afresh from the blocks (R23): of the dates that a writer touched, and of whole parks.

use std::collections::BTreeMap;

use super::database::Database;
use super::day_stats::{COLUMNS, DayStats};
use super::days::{from_number, start, to_number};
use super::park_locks::LockedPark;
use super::write::Write;
use crate::domain::chrono::NaiveDate;
use crate::domain::park::ParkId;
use crate::domain::reading::utc_day;
use crate::domain::zone::Zone;
use crate::error::Result;

/// How many dates are held in memory at a time.
const DATES: i32 = 254;

/// A local day whose stats were not what its readings give.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The date in the park's zone.
    pub date: NaiveDate,
    /// What was kept.
    pub kept: Option<DayStats>,
    /// What the readings give, and what is kept now.
    pub fresh: Option<DayStats>,
}

impl Write {
    /// Makes all stats of a park afresh; what differed.
    pub async fn recompute(&self, park: &LockedPark) -> Result<Vec<Difference>> {
        let zone = Zone::of(park.details.timezone);
        let mut kept = self.kept_stats(park.id).await?;
        let mut differences = Vec::new();
        if let Some((first, last)) = self.bounds_of(park.id, i32::MIN, i32::MAX).await? {
            let until = to_number(zone.date_of(start(last + 1) - 1)) + 1;
            let mut from = to_number(zone.date_of(start(first)));
            while from < until {
                let batch = until.min(from + DATES);
                for fresh in self.fresh_stats(park.id, &zone, from_number(from)?, from_number(batch)?).await? {
                    let kept = kept.remove(&fresh.date);
                    if kept.as_ref() != Some(&fresh) {
                        differences.push(Difference { date: fresh.date, kept, fresh: Some(fresh) });
                    }
                }
                from = batch;
            }
        }
        differences.extend(kept.into_iter().map(|(date, kept)| Difference { date, kept: Some(kept), fresh: None }));
        differences.sort_by_key(|difference| difference.date);
        let fresh: Vec<DayStats> = differences.iter().filter_map(|difference| difference.fresh.clone()).collect();
        let gone = differences.iter().filter(|difference| difference.fresh.is_none());
        self.delete_stats(park.id, gone.map(|difference| to_number(difference.date)).collect()).await?;
        self.put_stats(park.id, &fresh).await?;
        Ok(differences)
    }

    /// Makes all stats of a park afresh by the calendar of now.
    pub(super) async fn rebuild(&self, park: &LockedPark) -> Result<()> {
        self.recompute(park).await?;
        let mut sql = self.sql("UPDATE park SET calendar = ");
        sql.bind(Zone::of(park.details.timezone).fingerprint()).push(" WHERE id = ").bind(park.id.0);
        sql.execute(self.connection()).await?;
        Ok(())
    }

    /// Makes the stats of the dates `[from, until)` afresh.
    pub(super) async fn refresh_dates(
        &self,
        park: &LockedPark,
        zone: &Zone,
        from: NaiveDate,
        until: NaiveDate,
    ) -> Result<()> {
        let (mut from, until) = (to_number(from), to_number(until));
        while from < until {
            let batch = until.min(from + DATES);
            let fresh = self.fresh_stats(park.id, zone, from_number(from)?, from_number(batch)?).await?;
            self.delete_stats(park.id, missing(from, batch, &fresh)).await?;
            self.put_stats(park.id, &fresh).await?;
            from = batch;
        }
        Ok(())
    }

    async fn fresh_stats(&self, park: ParkId, zone: &Zone, from: NaiveDate, until: NaiveDate) -> Result<Vec<DayStats>> {
        let (first, last) = (utc_day(zone.day_start(from)), utc_day(zone.day_start(until) - 1));
        Ok(DayStats::of(zone, from, until, &self.readings_of(park, first, last).await?))
    }

    async fn kept_stats(&self, park: ParkId) -> Result<BTreeMap<NaiveDate, DayStats>> {
        let mut sql = self.sql("SELECT ");
        sql.push(COLUMNS).push(" FROM day_stats WHERE park_id = ").bind(park.0);
        let rows = sql.rows(self.connection()).await?;
        rows.iter().map(|row| DayStats::of_row(row, 0).map(|stats| (stats.date, stats))).collect()
    }
}

/// The dates of `[from, until)` without stats.
fn missing(from: i32, until: i32, stats: &[DayStats]) -> Vec<i32> {
    let mut dates = stats.iter().map(|stats| to_number(stats.date)).peekable();
    (from..until).filter(|date| dates.next_if_eq(date).is_none()).collect()
}

impl Database {
    /// Makes the stats afresh of every park whose zone's rules are others than those they were made by (R23), each in
    /// a transaction of its own; the parks' keys. To be run at start.
    pub async fn rebuild_outdated_zones(&self) -> Result<Vec<ParkId>> {
        let sql = super::sql::Sql::new(self.backend(), "SELECT id, timezone, calendar FROM park ORDER BY id");
        let mut outdated = Vec::new();
        for row in sql.rows(self.pool()).await? {
            let (timezone, calendar): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let known = timezone.parse().map_err(|_| super::fault::broken(format_args!("the time zone {timezone}")))?;
            if Zone::of(known).fingerprint() != calendar {
                outdated.push(ParkId(row.try_get_by_index(0)?));
            }
        }
        for park in &outdated {
            let write = self.write().await?;
            write.lock_park(*park).await?;
            write.commit().await?;
        }
        Ok(outdated)
    }
}
