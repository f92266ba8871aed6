//! Users and their passwords' hashes.

use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult as _, QueryFilter as _};
use sea_orm::{PaginatorTrait as _, QueryOrder as _};

use super::entity::user;
use super::fault::broken;
use super::instant::{from_micros, to_micros};
use super::{Database, Write};
use crate::domain::access::{Role, UserId};
use crate::domain::chrono::{DateTime, Utc};
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

impl Database {
    /// All users, by name.
    pub async fn users(&self) -> Result<Vec<User>> {
        let rows = user::Entity::find().order_by_asc(user::Column::Name).all(self.pool()).await?;
        rows.into_iter().map(to_user).collect()
    }

    /// The user of that name, disabled or not.
    pub async fn find_user(&self, name: &str) -> Result<Option<User>> {
        Ok(self.find_credentials(name).await?.map(|credentials| credentials.user))
    }

    /// The user of that name, disabled or not, and what its password is checked against.
    pub async fn find_credentials(&self, name: &str) -> Result<Option<Credentials>> {
        let row = user::Entity::find().filter(user::Column::Name.eq(name)).one(self.pool()).await?;
        row.map(|row| {
            let password_hash = Secret::new(row.password_hash.clone());
            Ok(Credentials { user: to_user(row)?, password_hash })
        })
        .transpose()
    }

    /// Whether there is any user, disabled or not.
    pub async fn has_users(&self) -> Result<bool> {
        any_user(self.pool()).await
    }
}

impl Write {
    /// Whether there is any user, disabled or not.
    pub async fn has_users(&self) -> Result<bool> {
        any_user(self.connection()).await
    }

    /// A new user; `None` if the name is taken.
    pub async fn insert_user(
        &self,
        name: &str,
        role: Role,
        password_hash: &Secret,
        now: DateTime<Utc>,
    ) -> Result<Option<User>> {
        let mut sql = self.sql(
            "INSERT INTO \"user\" (name, role, password_hash, password_changed_at, created_at, updated_at) VALUES (",
        );
        sql.bind(name).push(", ").bind(role.as_str()).push(", ").bind(password_hash.reveal());
        for _ in 0..3 {
            sql.push(", ").bind(to_micros(now));
        }
        sql.push(") ON CONFLICT (name) DO NOTHING RETURNING *");
        let row = sql.row(self.connection()).await?;
        row.map(|row| to_user(user::Model::from_query_result(&row, "")?)).transpose()
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

    /// Keeps the same password under a hash of another cost.
    pub async fn renew_password_hash(&self, user: UserId, password_hash: &Secret) -> Result<()> {
        let mut sql = self.sql("UPDATE \"user\" SET password_hash = ");
        sql.bind(password_hash.reveal()).push(" WHERE id = ").bind(user.0);
        sql.execute(self.connection()).await?;
        Ok(())
    }

    /// Another password: every session of the user ends. False if there is no such user.
    pub async fn set_password_hash(&self, user: UserId, password_hash: &Secret, now: DateTime<Utc>) -> Result<bool> {
        let at = to_micros(now);
        let mut sql = self.sql("UPDATE \"user\" SET password_hash = ");
        sql.bind(password_hash.reveal()).push(", password_changed_at = ").bind(at);
        sql.push(", updated_at = ").bind(at).push(" WHERE id = ").bind(user.0);
        let found = sql.execute(self.connection()).await? > 0;
        self.revoke_sessions(user, now).await?;
        Ok(found)
    }

    /// Bars the user from signing in, and every session of it ends. False if there is no such user.
    pub async fn disable_user(&self, user: UserId, now: DateTime<Utc>) -> Result<bool> {
        let at = to_micros(now);
        let mut sql = self.sql("UPDATE \"user\" SET disabled_at = COALESCE(disabled_at, ");
        sql.bind(at).push("), updated_at = ").bind(at).push(" WHERE id = ").bind(user.0);
        let found = sql.execute(self.connection()).await? > 0;
        self.revoke_sessions(user, now).await?;
        Ok(found)
    }

    /// Forgets the user and its sessions. False if there is no such user.
    pub async fn delete_user(&self, user: UserId) -> Result<bool> {
        let mut sql = self.sql("DELETE FROM \"user\" WHERE id = ");
        sql.bind(user.0);
        Ok(sql.execute(self.connection()).await? > 0)
    }
}

async fn any_user(connection: &impl ConnectionTrait) -> Result<bool> {
    Ok(user::Entity::find().count(connection).await? > 0)
}

pub(super) fn to_user(row: user::Model) -> Result<User> {
    Ok(User {
        id: UserId(row.id),
        role: row.role.parse().map_err(|why| broken(format_args!("the role {:?} {why}", row.role)))?,
        name: row.name,
        created_at: from_micros(row.created_at)?,
        disabled_at: row.disabled_at.map(from_micros).transpose()?,
    })
}
