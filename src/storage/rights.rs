//! What may still be done, as a transaction sees it that is about to do it.

use uuid::Uuid;

use super::{Write, api_keys, sessions};
use crate::domain::access::Visibility;
use crate::domain::api_key::ApiKeyId;
use crate::domain::bearer::Rights;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::park::ParkId;
use crate::error::Result;

impl Write {
    /// What a session's tokens allow; `None` if it has ended, or its user may not sign in.
    pub async fn rights_of_session(&self, session: Uuid, now: DateTime<Utc>) -> Result<Option<Rights>> {
        let sql = sessions::by_id(self.sql("SELECT "), session, now);
        let session = sql.row(self.connection()).await?.as_ref().map(sessions::to_session).transpose()?;
        Ok(session.map(|it| Rights { scopes: it.allowed(), visibility: it.user.visibility() }))
    }

    /// What an API key allows; `None` if it has ended.
    pub async fn rights_of_api_key(&self, key: ApiKeyId, now: DateTime<Utc>) -> Result<Option<Rights>> {
        let sql = api_keys::by_id(self.sql("SELECT "), key);
        let key = sql.row(self.connection()).await?.as_ref().map(api_keys::api_key).transpose()?;
        let key = key.filter(|key| key.stands(now));
        Ok(key.map(|key| Rights { scopes: key.allowed(), visibility: key.visibility() }))
    }

    /// Whether all of these parks exist for who sees so much.
    pub async fn sees_all(&self, visibility: Visibility, parks: &[ParkId]) -> Result<bool> {
        let customer = match visibility {
            Visibility::Everything => return Ok(true),
            Visibility::Nothing => return Ok(parks.is_empty()),
            Visibility::Customer(customer) => customer,
        };
        let mut sql = self.sql("SELECT CAST(COUNT(*) AS BIGINT) FROM customer_park WHERE customer_id = ");
        sql.bind(customer.0).push(" AND park_id").in_parks(parks);
        Ok(usize::try_from(sql.number(self.connection()).await?) == Ok(parks.len()))
    }
}
