//! Sessions: families of refresh tokens, of which only digests are kept.

use sea_orm::QueryResult;
use uuid::Uuid;

use super::customers;
use super::fault::broken;
use super::instant::to_micros;
use super::sql::Sql;
use super::users;
use super::{Database, Write};
use crate::domain::access::{UserId, join_scopes, split_scopes};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::user::Session;
use crate::error::Result;

/// A refresh token's SHA-256.
pub type Digest = [u8; 32];

/// Sessions that stand, with users that may sign in.
const STANDING: &str =
    " FROM session s JOIN \"user\" u ON u.id = s.user_id LEFT JOIN customer c ON c.id = u.customer_id
    WHERE u.disabled_at IS NULL AND s.revoked_at IS NULL AND s.expires_at > ";

impl Database {
    /// The session, if it still stands: neither ended nor expired, of a user that is neither disabled nor deleted.
    /// One statement.
    pub async fn find_session(&self, session: Uuid, now: DateTime<Utc>) -> Result<Option<Session>> {
        let sql = by_id(self.sql("SELECT "), session, now);
        sql.row(self.pool()).await?.as_ref().map(to_session).transpose()
    }

    /// The session of a refresh token, used or not, if it still stands.
    pub async fn find_session_of(&self, token: &Digest, now: DateTime<Utc>) -> Result<Option<Session>> {
        let sql = of_token(standing(self.sql("SELECT ")), token, now);
        sql.row(self.pool()).await?.as_ref().map(to_session).transpose()
    }
}

impl Write {
    /// A new session, opened from that address, with its first refresh token; sessions of the user that have expired are forgotten.
    pub async fn insert_session(
        &self,
        session: &Session,
        address: Option<&str>,
        token: &Digest,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        let mut sql = self.sql("DELETE FROM session WHERE user_id = ");
        sql.bind(session.user.id.0).push(" AND expires_at <= ").bind(to_micros(now));
        sql.execute(self.connection()).await?;
        let mut sql = self.sql("INSERT INTO session (id, user_id, scopes, address, created_at, expires_at) VALUES ");
        sql.bind_rows([[
            session.id.into(),
            session.user.id.0.into(),
            join_scopes(&session.scopes).into(),
            address.into(),
            to_micros(now).into(),
            to_micros(expires_at).into(),
        ]]);
        sql.execute(self.connection()).await?;
        self.insert_refresh_token(session.id, token, now, expires_at).await
    }

    /// The session of a refresh token, used or not, if it still stands; kept from others until this transaction ends.
    pub async fn lock_session_of(&self, token: &Digest, now: DateTime<Utc>) -> Result<Option<Session>> {
        let mut sql = of_token(standing(self.sql("SELECT ")), token, now);
        if sql.is_postgres() {
            sql.push(" FOR UPDATE OF s");
        }
        sql.row(self.connection()).await?.as_ref().map(to_session).transpose()
    }

    /// Uses a refresh token up; false if it was used before. Of any number of simultaneous uses one gets true.
    pub async fn use_refresh_token(&self, token: &Digest, now: DateTime<Utc>) -> Result<bool> {
        let mut sql = self.sql("UPDATE refresh_token SET used_at = ");
        sql.bind(to_micros(now)).push(" WHERE used_at IS NULL AND hash = ").bind(token.to_vec());
        Ok(sql.execute(self.connection()).await? == 1)
    }

    /// The session's next refresh token, with which it lives on until `expires_at`; tokens that have expired are
    /// forgotten.
    pub async fn extend_session(
        &self,
        session: Uuid,
        token: &Digest,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        let mut sql = self.sql("DELETE FROM refresh_token WHERE session_id = ");
        sql.bind(session).push(" AND expires_at <= ").bind(to_micros(now));
        sql.execute(self.connection()).await?;
        let mut sql = self.sql("UPDATE session SET expires_at = ");
        sql.bind(to_micros(expires_at)).push(" WHERE id = ").bind(session);
        sql.execute(self.connection()).await?;
        self.insert_refresh_token(session, token, now, expires_at).await
    }

    /// Ends a session: none of its tokens is good any more. False if it had ended.
    pub async fn revoke_session(&self, session: Uuid, now: DateTime<Utc>) -> Result<bool> {
        let mut sql = self.sql("UPDATE session SET revoked_at = ");
        sql.bind(to_micros(now)).push(" WHERE revoked_at IS NULL AND id = ").bind(session);
        Ok(sql.execute(self.connection()).await? > 0)
    }

    /// Ends every session of a user.
    pub async fn revoke_sessions(&self, user: UserId, now: DateTime<Utc>) -> Result<()> {
        let mut sql = self.sql("UPDATE session SET revoked_at = ");
        sql.bind(to_micros(now)).push(" WHERE revoked_at IS NULL AND user_id = ").bind(user.0);
        sql.execute(self.connection()).await?;
        Ok(())
    }

    async fn insert_refresh_token(
        &self,
        session: Uuid,
        token: &Digest,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        let mut sql = self.sql("INSERT INTO refresh_token (hash, session_id, issued_at, expires_at) VALUES ");
        sql.bind_rows([[token.to_vec().into(), session.into(), to_micros(now).into(), to_micros(expires_at).into()]]);
        sql.execute(self.connection()).await?;
        Ok(())
    }
}

fn standing(mut sql: Sql) -> Sql {
    sql.push(users::COLUMNS).push(", ").push(customers::COLUMNS).push(", s.id AS session_id, s.scopes").push(STANDING);
    sql
}

/// The session of that id, if it still stands.
pub(super) fn by_id(select: Sql, session: Uuid, now: DateTime<Utc>) -> Sql {
    let mut sql = standing(select);
    sql.bind(to_micros(now)).push(" AND s.id = ").bind(session);
    sql
}

fn of_token(mut standing: Sql, token: &Digest, now: DateTime<Utc>) -> Sql {
    standing.bind(to_micros(now)).push(" AND s.id = (SELECT session_id FROM refresh_token WHERE hash = ");
    standing.bind(token.to_vec()).push(")");
    standing
}

pub(super) fn to_session(row: &QueryResult) -> Result<Session> {
    let scopes: String = row.try_get("", "scopes")?;
    Ok(Session {
        id: row.try_get("", "session_id")?,
        scopes: split_scopes(&scopes).map_err(|why| broken(format_args!("the scopes {scopes:?}: one {why}")))?,
        user: users::of_row(row)?.ok_or_else(|| broken("a session of nobody"))?,
    })
}
