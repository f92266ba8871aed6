//! Users as they are changed. What takes something away from a user acts with its next request.

use super::Write;
use super::instant::to_micros;
use crate::domain::access::{CustomerId, Role, UserId};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::error::Result;

impl Write {
    /// Keeps the same password under a hash of another cost.
    pub async fn renew_password_hash(&self, user: UserId, password_hash: &Secret) -> Result<()> {
        let mut sql = self.sql("UPDATE \"user\" SET password_hash = ");
        sql.bind(password_hash.reveal()).push(" WHERE id = ").bind(user.0);
        sql.execute(self.connection()).await?;
        Ok(())
    }

    /// Another password: every session and API key of the user ends. False if there is no such user.
    pub async fn set_password_hash(&self, user: UserId, password_hash: &Secret, now: DateTime<Utc>) -> Result<bool> {
        let at = to_micros(now);
        let mut sql = self.sql("UPDATE \"user\" SET password_hash = ");
        sql.bind(password_hash.reveal()).push(", password_changed_at = ").bind(at);
        sql.push(", updated_at = ").bind(at).push(" WHERE id = ").bind(user.0);
        let found = sql.execute(self.connection()).await? > 0;
        self.revoke_credentials(user, now).await?;
        Ok(found)
    }

    /// Bars the user from signing in, and every session and API key of it ends. False if there is no such user.
    pub async fn disable_user(&self, user: UserId, now: DateTime<Utc>) -> Result<bool> {
        let at = to_micros(now);
        let mut sql = self.sql("UPDATE \"user\" SET disabled_at = COALESCE(disabled_at, ");
        sql.bind(at).push("), updated_at = ").bind(at).push(" WHERE id = ").bind(user.0);
        let found = sql.execute(self.connection()).await? > 0;
        self.revoke_credentials(user, now).await?;
        Ok(found)
    }

    /// Lets the user sign in again; what had ended stays so. False if there is no such user.
    pub async fn enable_user(&self, user: UserId, now: DateTime<Utc>) -> Result<bool> {
        let mut sql = self.sql("UPDATE \"user\" SET disabled_at = NULL, updated_at = ");
        sql.bind(to_micros(now)).push(" WHERE id = ").bind(user.0);
        Ok(sql.execute(self.connection()).await? > 0)
    }

    /// Another name. False if it is taken, or if there is no such user.
    pub async fn rename_user(&self, user: UserId, name: &str, now: DateTime<Utc>) -> Result<bool> {
        let mut sql = self.sql("UPDATE \"user\" SET name = ");
        sql.bind(name).push(", updated_at = ").bind(to_micros(now)).push(" WHERE id = ").bind(user.0);
        sql.execute_unless_taken(self.connection()).await
    }

    /// Another role, and the customer whose parks the user sees. False if there is no such user.
    pub async fn set_access(
        &self,
        user: UserId,
        role: Role,
        customer: Option<CustomerId>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let mut sql = self.sql("UPDATE \"user\" SET role = ");
        sql.bind(role.as_str()).push(", customer_id = ").bind(customer.map(|id| id.0));
        sql.push(", updated_at = ").bind(to_micros(now)).push(" WHERE id = ").bind(user.0);
        Ok(sql.execute(self.connection()).await? > 0)
    }

    /// Forgets the user, its sessions and API keys. False if there is no such user.
    pub async fn delete_user(&self, user: UserId) -> Result<bool> {
        let mut sql = self.sql("DELETE FROM \"user\" WHERE id = ");
        sql.bind(user.0);
        Ok(sql.execute(self.connection()).await? > 0)
    }

    /// The admins that can sign in, kept from others until this transaction ends: who takes one away asks first, so
    /// that of two who do so at once the second sees what the first did.
    pub async fn lock_admins(&self) -> Result<Vec<UserId>> {
        let mut sql = self.sql("SELECT id FROM \"user\" WHERE disabled_at IS NULL AND customer_id IS NULL AND role = ");
        sql.bind(Role::Admin.as_str()).push(" ORDER BY id");
        if sql.is_postgres() {
            sql.push(" FOR NO KEY UPDATE");
        }
        let rows = sql.rows(self.connection()).await?;
        rows.iter().map(|row| Ok(UserId(row.try_get_by_index(0)?))).collect()
    }

    async fn revoke_credentials(&self, user: UserId, now: DateTime<Utc>) -> Result<()> {
        self.revoke_sessions(user, now).await?;
        self.revoke_api_keys_of(user, now).await
    }
}
