//! API keys as OAuth clients: a key gets tokens for itself (the client credentials grant), so that it need not travel
//! with every request.

use super::api_key::{authenticate_api_key, prefix_of};
use super::keys::Keys;
use super::meter::Meter;
use super::principal::Principal;
use super::session::narrowed;
use super::token::{ACCESS_LIFETIME, Access, Holder};
use crate::domain::access::Scope;
use crate::domain::api_key::ApiKey;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::error::{Error, Result};
use crate::storage::Database;

/// An access token of an API key. There is no refresh token: the key itself brings the next one.
#[derive(Clone, Debug)]
pub struct ClientToken {
    /// Goes with every request, as a bearer token.
    pub access_token: Secret,
    /// For how long, in seconds from now.
    pub expires_in: u32,
    /// What it allows.
    pub scope: Vec<Scope>,
}

/// The API key of a client that shows its key's prefix as its name and the key as its secret. It counts as a use.
///
/// `Unauthenticated` where the two do not belong together, and as [`authenticate_api_key`].
pub async fn check_client(
    database: &Database,
    meter: &Meter,
    id: &str,
    secret: &Secret,
    now: DateTime<Utc>,
) -> Result<ApiKey> {
    let principal = authenticate_api_key(database, meter, secret, now).await?;
    let key = principal.api_key.filter(|key| key.shown_prefix() == id);
    key.ok_or_else(|| Error::Unauthenticated("the API key is another client's".into()))
}

/// A token for an API key: for all that the key allows, or the scopes asked for. `Forbidden` if the key lacks one,
/// `Invalid` if the list asked for is empty.
pub fn client_token(keys: &Keys, key: &ApiKey, scope: Option<&[Scope]>, now: DateTime<Utc>) -> Result<ClientToken> {
    let scope = narrowed(scope, key.allowed())?;
    let access = Access { holder: Holder::ApiKey { shown_prefix: key.shown_prefix() }, scopes: scope.clone() };
    let expires_in = u32::try_from(ACCESS_LIFETIME.as_secs()).map_err(Error::internal)?;
    Ok(ClientToken { access_token: keys.issue(&access, now)?, expires_in, scope })
}

/// Who shows a token of an API key: as if it showed the key, with the token's scopes.
pub(super) async fn authenticate_client(
    database: &Database,
    meter: &Meter,
    shown_prefix: &str,
    scopes: &[Scope],
    now: DateTime<Utc>,
) -> Result<Principal> {
    let ended = || Error::Unauthenticated("the API key of the token has ended".into());
    let prefix = prefix_of(shown_prefix).ok_or_else(ended)?;
    let found = database.look_up_api_key(prefix).await?;
    let (key, _, version) = found.filter(|(key, ..)| key.stands(now)).ok_or_else(ended)?;
    let left = meter.take(database, &key, now)?;
    let mut principal = Principal { left: Some(left), ..Principal::of_api_key(key) }.seeing(version);
    principal.scopes.retain(|scope| scopes.contains(scope));
    Ok(principal)
}
