//! API keys, of whose texts only keyed hashes are kept.

use sea_orm::QueryResult;

use super::customers;
use super::fault::broken;
use super::instant::{from_micros, to_micros};
use super::keyset::in_list_order;
use super::secrets;
use super::sql::Sql;
use super::users;
use super::{Database, Write};
use crate::domain::access::{UserId, join_scopes, split_scopes};
use crate::domain::api_key::{Allowance, ApiKey, ApiKeyId, Owner, Used};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::range::Page;
use crate::error::Result;

/// How a key's text is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyHash {
    /// The secret by which texts are hashed.
    pub secret: Vec<u8>,
    /// The hash of this text.
    pub hash: Vec<u8>,
}

/// Without either.
impl std::fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyHash").finish_non_exhaustive()
    }
}

const COLUMNS: &str = "k.id, k.prefix, k.name, k.scopes, k.rate_limit, k.daily_quota, k.used_day, \
                       k.used, k.created_at, k.expires_at, k.last_used_at, k.revoked_at";
const FROM: &str = " FROM api_key k LEFT JOIN \"user\" u ON u.id = k.user_id
    LEFT JOIN customer c ON c.id = COALESCE(k.customer_id, u.customer_id) WHERE TRUE";

impl Database {
    /// The key of that prefix, whatever has become of it, and what its text is checked against. One statement.
    pub async fn find_api_key(&self, prefix: &str) -> Result<Option<(ApiKey, KeyHash)>> {
        let sql = by_prefix(self.sql("SELECT "), prefix);
        let row = sql.row(&self.reader().await?).await?;
        row.map(|row| Ok((api_key(&row)?, hash(&row)?))).transpose()
    }

    /// The key of that id, whatever has become of it. One statement.
    pub async fn find_api_key_by_id(&self, id: ApiKeyId) -> Result<Option<ApiKey>> {
        let sql = by_id(self.sql("SELECT "), id);
        sql.row(&self.reader().await?).await?.as_ref().map(api_key).transpose()
    }

    /// A page of the keys, the newest first, those that have ended too.
    pub async fn api_keys(&self, page: &Page<uuid::Uuid>) -> Result<Vec<ApiKey>> {
        let mut sql = select(self.sql("SELECT "));
        sql.keyset("k.id", true, page)?;
        let keys = sql.rows(&self.reader().await?).await?.iter().map(api_key).collect::<Result<Vec<_>>>()?;
        Ok(in_list_order(keys, page))
    }

    /// How many keys there are.
    pub async fn api_key_count(&self) -> Result<i64> {
        self.sql("SELECT CAST(COUNT(*) AS BIGINT) FROM api_key").number(&self.reader().await?).await
    }
}

impl Write {
    /// Enters a new key.
    pub async fn insert_api_key(&self, key: &ApiKey, hash: &[u8]) -> Result<()> {
        let (user, customer) = match &key.owner {
            Owner::User(user) => (Some(user.id.0), None),
            Owner::Customer(customer) => (None, Some(customer.id.0)),
        };
        let mut sql = self.sql(
            "INSERT INTO api_key (id, prefix, hash, name, scopes, user_id, customer_id, rate_limit, \
             daily_quota, used_day, used, created_at, expires_at) VALUES ",
        );
        let per_minute = key.allowance.per_minute.map(i32::try_from).transpose().map_err(broken)?;
        sql.bind_rows([[
            key.id.0.into(),
            key.prefix.clone().into(),
            hash.to_vec().into(),
            key.name.clone().into(),
            join_scopes(&key.scopes).into(),
            user.into(),
            customer.into(),
            per_minute.into(),
            key.allowance.per_day.into(),
            key.used.day.into(),
            key.used.count.into(),
            to_micros(key.created_at).into(),
            key.expires_at.map(to_micros).into(),
        ]]);
        sql.execute(self.connection()).await?;
        Ok(())
    }

    /// Ends a key for good: it opens nothing from the next request on. False if it had ended, or never was.
    pub async fn revoke_api_key(&self, id: ApiKeyId, now: DateTime<Utc>) -> Result<bool> {
        let mut sql = self.sql("UPDATE api_key SET revoked_at = ");
        sql.bind(to_micros(now)).push(" WHERE revoked_at IS NULL AND id = ").bind(id.0);
        Ok(sql.execute(self.connection()).await? > 0)
    }

    /// Ends every key of a user.
    pub async fn revoke_api_keys_of(&self, user: UserId, now: DateTime<Utc>) -> Result<()> {
        let mut sql = self.sql("UPDATE api_key SET revoked_at = ");
        sql.bind(to_micros(now)).push(" WHERE revoked_at IS NULL AND user_id = ").bind(user.0);
        sql.execute(self.connection()).await?;
        Ok(())
    }

    /// Adds requests of a UTC day to those that were written down, and notes the latest use.
    pub async fn note_api_key_use(&self, id: ApiKeyId, used: Used, last: DateTime<Utc>) -> Result<()> {
        let (day, count, last) = (used.day, used.count, to_micros(last));
        let mut sql = self.sql("UPDATE api_key SET used = CASE WHEN used_day = ");
        sql.bind(day).push(" THEN used ELSE 0 END + ").bind(count).push(", used_day = ").bind(day);
        // Another process may have written a later use.
        sql.push(", last_used_at = CASE WHEN last_used_at > ").bind(last).push(" THEN last_used_at ELSE ").bind(last);
        sql.push(" END WHERE used_day <= ").bind(day).push(" AND id = ").bind(id.0);
        sql.execute(self.connection()).await?;
        Ok(())
    }
}

fn select(mut sql: Sql) -> Sql {
    sql.push(COLUMNS).push(", ").push(users::COLUMNS).push(", ").push(customers::COLUMNS).push(FROM);
    sql
}

/// The key of that prefix, with what its text is checked against.
pub(super) fn by_prefix(mut start: Sql, prefix: &str) -> Sql {
    start.push("k.hash, (SELECT s.value FROM secret s WHERE s.name = ").bind(secrets::API_KEYS).push(") AS secret, ");
    let mut sql = select(start);
    sql.push(" AND k.prefix").in_texts([prefix]);
    sql
}

/// What the text of a row's key is checked against.
pub(super) fn hash(row: &QueryResult) -> Result<KeyHash> {
    Ok(KeyHash { secret: row.try_get("", "secret")?, hash: row.try_get("", "hash")? })
}

/// The key of that id.
pub(super) fn by_id(start: Sql, id: ApiKeyId) -> Sql {
    let mut sql = select(start);
    sql.push(" AND k.id = ").bind(id.0);
    sql
}

pub(super) fn api_key(row: &QueryResult) -> Result<ApiKey> {
    let scopes: String = row.try_get("", "scopes")?;
    let instant = |column| row.try_get::<Option<i64>>("", column)?.map(from_micros).transpose();
    let owner = match users::of_row(row)? {
        Some(user) => Owner::User(user),
        None => Owner::Customer(customers::of_row(row)?.ok_or_else(|| broken("an API key of nobody"))?),
    };
    let per_minute: Option<i32> = row.try_get("", "rate_limit")?;
    Ok(ApiKey {
        id: ApiKeyId(row.try_get("", "id")?),
        prefix: row.try_get("", "prefix")?,
        name: row.try_get("", "name")?,
        owner,
        scopes: split_scopes(&scopes).map_err(|why| broken(format_args!("the scopes {scopes:?}: one {why}")))?,
        allowance: Allowance {
            per_minute: per_minute.map(u32::try_from).transpose().map_err(broken)?,
            per_day: row.try_get("", "daily_quota")?,
        },
        used: Used { day: row.try_get("", "used_day")?, count: row.try_get("", "used")? },
        created_at: from_micros(row.try_get("", "created_at")?)?,
        expires_at: instant("expires_at")?,
        last_used_at: instant("last_used_at")?,
        revoked_at: instant("revoked_at")?,
    })
}
