//! Secrets of the database itself, shared by all servers on it: made once, when first needed.

use super::Write;
use super::fault::broken;
use crate::error::Result;

/// The name of the one by which the texts of API keys are hashed.
pub(super) const API_KEYS: &str = "api keys";
/// The name of the one by which devices are marked.
const DEVICES: &str = "devices";

impl Write {
    /// The secret by which the texts of API keys are hashed: the one that stands, or else this one from now on.
    pub async fn api_key_secret(&self, fresh: &[u8]) -> Result<Vec<u8>> {
        self.secret(API_KEYS, fresh).await
    }

    /// The same of the one by which devices are marked.
    pub async fn device_secret(&self, fresh: &[u8]) -> Result<Vec<u8>> {
        self.secret(DEVICES, fresh).await
    }

    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>> {
        let mut sql = self.sql("INSERT INTO secret (name, value) VALUES (");
        sql.bind(name).push(", ").bind(fresh.to_vec()).push(") ON CONFLICT (name) DO NOTHING");
        sql.execute(self.connection()).await?;
        let mut sql = self.sql("SELECT value FROM secret WHERE name = ");
        sql.bind(name);
        let row = sql.row(self.connection()).await?.ok_or_else(|| broken("a secret that is not there"))?;
        Ok(row.try_get_by_index(0)?)
    }
}
