//! Sign-ins that failed, counted by subject: a user, an address, or a user at an address.

use std::time::Duration;

use super::instant::{from_micros, to_micros};
use super::{Database, Digest, Write};
use crate::domain::access::UserId;
use crate::domain::chrono::{DateTime, Utc};
use crate::error::Result;

/// The most subjects that are remembered; the least recent ones are forgotten first.
const MOST: i64 = 100_000;

impl Database {
    /// Until when the last of the subjects is closed, if one is.
    pub async fn closed_until(&self, subjects: &[Digest], now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        let mut sql = self.sql("SELECT closed_until FROM sign_in_failure WHERE closed_until > ");
        sql.bind(to_micros(now)).push(" AND subject IN (");
        for (index, subject) in subjects.iter().enumerate() {
            sql.push(if index == 0 { "" } else { ", " }).bind(subject.to_vec());
        }
        sql.push(") ORDER BY closed_until DESC LIMIT 1");
        let Some(row) = sql.row(self.pool()).await? else { return Ok(None) };
        from_micros(row.try_get("", "closed_until")?).map(Some)
    }

    /// The key of the user of that name and when its password was set: what a device that it has signed in from is known by.
    pub async fn password_epoch(&self, name: &str) -> Result<Option<(UserId, DateTime<Utc>)>> {
        let mut sql = self.sql("SELECT id, password_changed_at FROM \"user\" WHERE name");
        sql.in_texts([name]);
        let Some(row) = sql.row(self.pool()).await? else { return Ok(None) };
        Ok(Some((UserId(row.try_get("", "id")?), from_micros(row.try_get("", "password_changed_at")?)?)))
    }

    /// Whether the user of that name has signed in from there, with the password that it has now.
    pub async fn has_signed_in_from(&self, name: &str, address: &str) -> Result<bool> {
        let mut sql = self.sql(
            "SELECT s.id FROM session s JOIN \"user\" u ON u.id = s.user_id
             WHERE s.created_at >= u.password_changed_at AND u.name = ",
        );
        sql.bind(name).push(" AND s.address = ").bind(address).push(" LIMIT 1");
        Ok(sql.row(self.pool()).await?.is_some())
    }
}

impl Write {
    /// Counts a failure of the subject; the count so far, or `None` if the subject is closed. Until this transaction
    /// ends nobody else counts the same subject. A count whose last failure is not after `since` begins anew.
    pub async fn count_failure(
        &self,
        subject: &Digest,
        now: DateTime<Utc>,
        since: DateTime<Utc>,
    ) -> Result<Option<i32>> {
        let mut sql = self.sql("INSERT INTO sign_in_failure (subject, failures, last_at, closed_until) VALUES (");
        sql.bind(subject.to_vec()).push(", 1, ").bind(to_micros(now)).push(", 0) ON CONFLICT (subject) DO UPDATE SET");
        sql.push(" failures = CASE WHEN sign_in_failure.last_at <= ").bind(to_micros(since));
        sql.push(" THEN 1 ELSE sign_in_failure.failures + 1 END, last_at = excluded.last_at");
        sql.push(" WHERE sign_in_failure.closed_until <= ").bind(to_micros(now)).push(" RETURNING failures");
        let row = sql.row(self.connection()).await?;
        row.map(|row| Ok(row.try_get("", "failures")?)).transpose()
    }

    /// Closes a subject for a time.
    pub async fn close_subject(&self, subject: &Digest, now: DateTime<Utc>, time: Duration) -> Result<()> {
        let mut sql = self.sql("UPDATE sign_in_failure SET closed_until = ");
        sql.bind(to_micros(now + time)).push(" WHERE subject = ").bind(subject.to_vec());
        sql.execute(self.connection()).await?;
        Ok(())
    }

    /// Takes one failure of a subject back, and opens it.
    pub async fn forgive_failure(&self, subject: &Digest) -> Result<()> {
        let mut sql = self.sql("UPDATE sign_in_failure SET closed_until = 0, failures = failures - 1");
        sql.push(" WHERE failures > 0 AND subject = ").bind(subject.to_vec());
        sql.execute(self.connection()).await?;
        Ok(())
    }

    /// Takes all failures of a subject back.
    pub async fn forget_failures(&self, subject: &Digest) -> Result<()> {
        let mut sql = self.sql("DELETE FROM sign_in_failure WHERE subject = ");
        sql.bind(subject.to_vec());
        sql.execute(self.connection()).await?;
        Ok(())
    }

    /// Forgets the subjects whose last failure is not after `since`, and the least recent of too many. Rows that others
    /// hold are left for the next time.
    pub async fn forget_old_failures(&self, since: DateTime<Utc>) -> Result<()> {
        let mut sql = self.sql("DELETE FROM sign_in_failure WHERE subject IN (");
        sql.push("SELECT subject FROM sign_in_failure WHERE last_at <= ").bind(to_micros(since));
        sql.push(" OR last_at < (SELECT last_at FROM sign_in_failure ORDER BY last_at DESC LIMIT 1 OFFSET ");
        sql.bind(MOST).push(")");
        if sql.is_postgres() {
            sql.push(" FOR UPDATE SKIP LOCKED");
        }
        sql.push(")");
        sql.execute(self.connection()).await?;
        Ok(())
    }
}
