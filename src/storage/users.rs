//! Users and their passwords' hashes, as they are read and made.

use sea_orm::QueryResult;

use super::customers;
use super::fault::broken;
use super::instant::{from_micros, to_micros};
use super::keyset::{in_list_order, text_keys};
use super::sql::Sql;
use super::{Database, Write};
use crate::domain::access::{CustomerId, Role, UserId};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::range::Page;
use crate::domain::secret::Secret;
use crate::domain::user::User;
use crate::error::Result;

/// A user with the hash of its password.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user.
    pub user: User,
    /// The hash, in PHC form.
    pub password_hash: Secret,
}

/// What is told of a new user.
#[derive(Clone, Copy, Debug)]
pub struct NewUser<'a> {
    /// Unique; normal form C.
    pub name: &'a str,
    /// What it may do.
    pub role: Role,
    /// Whose parks it sees; all where it is left out.
    pub customer: Option<CustomerId>,
}

/// The columns that [`of_row`] reads beside the customer's, of the table aliased `u`.
pub(super) const COLUMNS: &str = "u.id AS user_key, u.name AS user_name, u.role, u.disabled_at, \
                                  u.created_at AS user_created_at";
const FROM: &str = " FROM \"user\" u LEFT JOIN customer c ON c.id = u.customer_id WHERE TRUE";

impl Database {
    /// All users, by name.
    pub async fn users(&self) -> Result<Vec<User>> {
        let mut sql = select(self.sql("SELECT "));
        sql.push(" ORDER BY u.name");
        sql.rows(&self.reader().await?).await?.iter().filter_map(|row| of_row(row).transpose()).collect()
    }

    /// A page of the users, by name.
    pub async fn users_page(&self, page: &Page<String>) -> Result<Vec<User>> {
        let mut sql = select(self.sql("SELECT "));
        sql.keyset("u.name", false, &text_keys(page))?;
        let rows = sql.rows(&self.reader().await?).await?;
        let users = rows.iter().filter_map(|row| of_row(row).transpose()).collect::<Result<Vec<_>>>()?;
        Ok(in_list_order(users, page))
    }

    /// How many users there are.
    pub async fn user_count(&self) -> Result<i64> {
        self.sql(COUNT).number(&self.reader().await?).await
    }

    /// The user of that name, disabled or not.
    pub async fn find_user(&self, name: &str) -> Result<Option<User>> {
        Ok(self.find_credentials(name).await?.map(|credentials| credentials.user))
    }

    /// The user of that key, disabled or not.
    pub async fn find_user_by_id(&self, id: UserId) -> Result<Option<User>> {
        let mut sql = select(self.sql("SELECT "));
        sql.push(" AND u.id = ").bind(id.0);
        sql.row(&self.reader().await?).await?.as_ref().map_or(Ok(None), of_row)
    }

    /// The user of that name, disabled or not, and what its password is checked against.
    pub async fn find_credentials(&self, name: &str) -> Result<Option<Credentials>> {
        let mut sql = select(self.sql("SELECT u.password_hash, "));
        sql.push(" AND u.name").in_texts([name]);
        credentials(sql.row(&self.reader().await?).await?.as_ref())
    }

    /// The user of that key, disabled or not, and what its password is checked against.
    pub async fn find_credentials_by_id(&self, id: UserId) -> Result<Option<Credentials>> {
        let mut sql = select(self.sql("SELECT u.password_hash, "));
        sql.push(" AND u.id = ").bind(id.0);
        credentials(sql.row(&self.reader().await?).await?.as_ref())
    }

    /// Whether there is any user, disabled or not.
    pub async fn has_users(&self) -> Result<bool> {
        Ok(self.user_count().await? > 0)
    }
}

impl Write {
    /// Whether there is any user, disabled or not.
    pub async fn has_users(&self) -> Result<bool> {
        Ok(self.sql(COUNT).number(self.connection()).await? > 0)
    }

    /// A new user; `None` if the name is taken.
    pub async fn insert_user(
        &self,
        user: NewUser<'_>,
        password_hash: &Secret,
        now: DateTime<Utc>,
    ) -> Result<Option<User>> {
        let mut sql = self.sql(
            "INSERT INTO \"user\" (name, role, customer_id, password_hash, password_changed_at, created_at, updated_at) \
             VALUES (",
        );
        sql.bind(user.name).push(", ").bind(user.role.as_str()).push(", ").bind(user.customer.map(|id| id.0));
        sql.push(", ").bind(password_hash.reveal());
        for _ in 0..3 {
            sql.push(", ").bind(to_micros(now));
        }
        sql.push(") ON CONFLICT (name) DO NOTHING RETURNING id");
        let Some(row) = sql.row(self.connection()).await? else { return Ok(None) };
        self.user(UserId(row.try_get_by_index(0)?)).await
    }

    /// A user as it stands in this transaction.
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        let mut sql = select(self.sql("SELECT "));
        sql.push(" AND u.id = ").bind(id.0);
        sql.row(self.connection()).await?.as_ref().map_or(Ok(None), of_row)
    }

    /// Keeps others from changing or deleting the user until this transaction ends; false if it no longer stands as
    /// it was seen: disabled, deleted, or with another password.
    pub async fn lock_credentials(&self, seen: &Credentials) -> Result<bool> {
        let mut sql = self.sql("SELECT id FROM \"user\" WHERE disabled_at IS NULL AND id = ");
        sql.bind(seen.user.id.0).push(" AND password_hash = ").bind(seen.password_hash.reveal());
        if sql.is_postgres() {
            sql.push(" FOR NO KEY UPDATE");
        }
        Ok(sql.row(self.connection()).await?.is_some())
    }
}

const COUNT: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM \"user\"";

fn select(mut sql: Sql) -> Sql {
    sql.push(COLUMNS).push(", ").push(customers::COLUMNS).push(FROM);
    sql
}

fn credentials(row: Option<&QueryResult>) -> Result<Option<Credentials>> {
    let Some(row) = row else { return Ok(None) };
    let password_hash = Secret::new(row.try_get::<String>("", "password_hash")?);
    Ok(of_row(row)?.map(|user| Credentials { user, password_hash }))
}

/// The user of a row with [`COLUMNS`] and its customer's; `None` where a join found none.
pub(super) fn of_row(row: &QueryResult) -> Result<Option<User>> {
    let Some(id) = row.try_get::<Option<i32>>("", "user_key")? else { return Ok(None) };
    let role: String = row.try_get("", "role")?;
    Ok(Some(User {
        id: UserId(id),
        name: row.try_get("", "user_name")?,
        role: role.parse().map_err(|why| broken(format_args!("the role {role:?} {why}")))?,
        customer: customers::of_row(row)?,
        created_at: from_micros(row.try_get("", "user_created_at")?)?,
        disabled_at: row.try_get::<Option<i64>>("", "disabled_at")?.map(from_micros).transpose()?,
    }))
}
