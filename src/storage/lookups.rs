//! Who shows a credential, and the version of the data at that moment: asked with every request, and so in one statement,
//! which requests that come at once with the same credential share.

use uuid::Uuid;

use super::fault::broken;
use super::gather::Gather;
use super::{Database, KeyHash, api_keys, data_version, sessions};
use crate::domain::api_key::ApiKey;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::data_version::DataVersion;
use crate::domain::user::Session;
use crate::error::Result;

type Found<T> = Result<Option<T>>;

/// What is being looked up.
#[derive(Clone, Default)]
pub(super) struct Lookups {
    sessions: Gather<Uuid, Found<(Session, DataVersion)>>,
    versions: Gather<(), Result<DataVersion>>,
    api_keys: Gather<String, Found<(ApiKey, KeyHash, DataVersion)>>,
}

impl Database {
    /// As [`Database::find_session`], with the version of the data.
    pub async fn look_up_session(&self, session: Uuid, now: DateTime<Utc>) -> Found<(Session, DataVersion)> {
        let ask = || {
            let database = self.clone();
            async move {
                let sql = sessions::by_id(database.with_version(), session, now);
                let row = sql.row(database.pool()).await?;
                row.map(|row| Ok((sessions::to_session(&row)?, data_version::of_row(&row)?))).transpose()
            }
        };
        self.lookups.sessions.find(session, ask).await
    }

    /// As [`Database::find_api_key`], with the version of the data.
    pub async fn look_up_api_key(&self, prefix: &str) -> Found<(ApiKey, KeyHash, DataVersion)> {
        let (database, owned) = (self.clone(), prefix.to_owned());
        let ask = || async move {
            let row = api_keys::by_prefix(database.with_version(), &owned).row(database.pool()).await?;
            let found = |row| Ok((api_keys::api_key(&row)?, api_keys::hash(&row)?, data_version::of_row(&row)?));
            row.map(found).transpose()
        };
        self.lookups.api_keys.find(prefix.to_owned(), ask).await
    }

    /// The version of what whoever asks from now on reads.
    pub async fn data_version(&self) -> Result<DataVersion> {
        let ask = || {
            let database = self.clone();
            async move {
                let mut sql = database.sql("SELECT ");
                sql.push(data_version::COLUMN);
                let row = sql.row(database.pool()).await?.ok_or_else(|| broken("a data version that is not there"))?;
                data_version::of_row(&row)
            }
        };
        self.lookups.versions.find((), ask).await
    }

    fn with_version(&self) -> super::sql::Sql {
        let mut sql = self.sql("SELECT ");
        sql.push(data_version::COLUMN).push(", ");
        sql
    }
}
