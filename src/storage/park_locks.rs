//! Parks locked to be written to: the first thing a writer does, before it reads anything.

use std::ops::Deref;

use super::park_row::{COLUMNS, park};
use super::sql::Sql;
use super::write::Write;
use crate::domain::park::{Park, ParkId};
use crate::domain::zone::Zone;
use crate::error::Result;

/// A park that no other transaction writes to until this one ends; read after it was locked. Only a [`Write`] makes one.
#[derive(Clone, Debug)]
pub struct LockedPark(Park);

impl LockedPark {
    pub(super) fn new(park: Park) -> Self {
        Self(park)
    }
}

impl Deref for LockedPark {
    type Target = Park;

    fn deref(&self) -> &Park {
        &self.0
    }
}

impl Write {
    /// Locks parks by key, in ascending order of keys, and answers in that order; those that are not there are left
    /// out. A writer of several parks locks them all in its first call, so that no two writers wait for each other.
    pub async fn lock_parks(&self, ids: &[ParkId]) -> Result<Vec<LockedPark>> {
        let mut sql = lock_sql(self);
        sql.push("p.id").in_parks(ids);
        self.lock(sql).await
    }

    /// The same by name (normal form C); in ascending order of keys too.
    pub async fn lock_parks_by_name(&self, names: &[String]) -> Result<Vec<LockedPark>> {
        let mut sql = lock_sql(self);
        sql.push("p.name").in_texts(names.iter().map(String::as_str));
        self.lock(sql).await
    }

    /// Locks one park.
    pub async fn lock_park(&self, id: ParkId) -> Result<Option<LockedPark>> {
        Ok(self.lock_parks(&[id]).await?.pop())
    }

    /// Locks every park.
    pub async fn lock_all_parks(&self) -> Result<Vec<LockedPark>> {
        let mut sql = lock_sql(self);
        sql.push("TRUE");
        self.lock(sql).await
    }

    async fn lock(&self, mut sql: Sql) -> Result<Vec<LockedPark>> {
        sql.push(" ORDER BY p.id");
        if sql.is_postgres() {
            sql.push(" FOR UPDATE");
        }
        let mut parks = Vec::new();
        for row in sql.rows(self.connection()).await? {
            let park = LockedPark(park(&row)?);
            let calendar: String = row.try_get_by_index(10)?;
            // R23: stats made by another version of the zone are made afresh before anything is added to them.
            if calendar != Zone::of(park.details.timezone).fingerprint() {
                self.rebuild(&park).await?;
            }
            parks.push(park);
        }
        Ok(parks)
    }
}

fn lock_sql(write: &Write) -> Sql {
    let mut sql = write.sql("SELECT ");
    sql.push(COLUMNS).push(", p.calendar FROM park p WHERE ");
    sql
}
