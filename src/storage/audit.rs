//! The log of what was done or tried.

use sea_orm::QueryResult;
use uuid::Uuid;

use super::fault::broken;
use super::instant::{from_micros, to_micros};
use super::keyset::in_list_order;
use super::{Database, Write};
use crate::domain::audit::{Entry, Outcome};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::range::Page;
use crate::error::Result;

impl Write {
    /// Enters what was done or tried.
    pub async fn insert_audit(&self, entries: &[Entry]) -> Result<()> {
        // Each row binds eight values, and SQLite takes 32,766 of them.
        for some in entries.chunks(1_000) {
            let mut sql =
                self.sql("INSERT INTO audit (id, at, actor, address, action, subject, outcome, detail) VALUES ");
            sql.bind_rows(some.iter().map(|entry| {
                [
                    entry.id.into(),
                    to_micros(entry.at).into(),
                    entry.actor.as_deref().map(clean).into(),
                    entry.address.map(|address| address.to_string()).into(),
                    entry.action.clone().into(),
                    entry.subject.as_deref().map(clean).into(),
                    entry.outcome.as_str().into(),
                    entry.detail.as_deref().map(clean).into(),
                ]
            }));
            // Tried again where it is not known whether it was written.
            sql.push(" ON CONFLICT (id) DO NOTHING");
            sql.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Forgets the oldest entries of those before an instant, so many at most; how many there were.
    pub async fn forget_audit(&self, before: DateTime<Utc>, most: u32) -> Result<u64> {
        // Keys sort by time, and the least key of an instant is all zeros after it.
        let millis = u64::try_from(before.timestamp_millis()).unwrap_or(0);
        let least = uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid();
        let mut sql = self.sql("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id < ");
        sql.bind(least).push(" ORDER BY id LIMIT ").bind(i64::from(most)).push(")");
        sql.execute(self.connection()).await
    }
}

impl Database {
    /// A page of the log, newest first.
    pub async fn audit(&self, page: &Page<Uuid>) -> Result<Vec<Entry>> {
        let mut sql =
            self.sql("SELECT id, at, actor, address, action, subject, outcome, detail FROM audit a WHERE TRUE");
        sql.keyset("a.id", true, page)?;
        let entries = sql.rows(&self.reader().await?).await?.iter().map(entry).collect::<Result<Vec<_>>>()?;
        Ok(in_list_order(entries, page))
    }

    /// How many entries the log holds.
    pub async fn audit_count(&self) -> Result<i64> {
        self.sql("SELECT CAST(COUNT(*) AS BIGINT) FROM audit").number(&self.reader().await?).await
    }
}

/// PostgreSQL keeps no NUL in text; a name that was tried may hold one.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn entry(row: &QueryResult) -> Result<Entry> {
    let (address, outcome): (Option<String>, String) = (row.try_get("", "address")?, row.try_get("", "outcome")?);
    Ok(Entry {
        id: row.try_get("", "id")?,
        at: from_micros(row.try_get("", "at")?)?,
        actor: row.try_get("", "actor")?,
        address: address.map(|address| address.parse()).transpose().map_err(broken)?,
        action: row.try_get("", "action")?,
        subject: row.try_get("", "subject")?,
        outcome: Outcome::ALL.into_iter().find(|it| it.as_str() == outcome).ok_or_else(|| broken("an outcome"))?,
        detail: row.try_get("", "detail")?,
    })
}
