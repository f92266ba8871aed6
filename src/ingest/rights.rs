//! A load ends with the rights of who began it: reading a large file takes minutes, in which a user may be disabled.

use super::options::By;
use crate::domain::access::Scope;
use crate::domain::bearer::Bearer;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::park::ParkId;
use crate::error::{Error, Result};
use crate::storage::Write;

impl By {
    /// `Forbidden` where the loader may not load into these parks any more, as the load's own transaction sees it.
    pub(super) async fn still_may_load(&self, write: &Write, parks: &[ParkId], now: DateTime<Utc>) -> Result<()> {
        let rights = match self.bearer {
            Bearer::Session(session) => write.rights_of_session(session, now).await?,
            Bearer::ApiKey(key) => write.rights_of_api_key(key, now).await?,
            Bearer::Unending => return granted(write.sees_all(self.visibility, parks).await?),
        };
        let stands = rights.is_some_and(|rights| {
            rights.scopes.contains(&Scope::ReadingsWrite) && rights.visibility == self.visibility
        });
        granted(stands && write.sees_all(self.visibility, parks).await?)
    }
}

fn granted(is_so: bool) -> Result<()> {
    let sentence = "the credential that the load was begun with lost its right to it meanwhile; nothing was loaded";
    if is_so { Ok(()) } else { Err(Error::Forbidden(sentence.to_owned())) }
}
