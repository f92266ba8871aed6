//! Sessions: the tokens that a sign-in brings, the next ones, who bears them, and how they end.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::keys::Keys;
use super::meter::Meter;
use super::principal::Principal;
use super::random;
use super::token::{ACCESS_LIFETIME, Access, Holder};
use crate::domain::access::Scope;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::domain::user::Session;
use crate::error::{Error, Result};
use crate::storage::{Database, Digest};

/// How long a refresh token is good for, and so a session that nobody uses.
pub(super) const REFRESH_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// What a sign-in or a refresh brings.
#[derive(Clone, Debug)]
pub struct Token {
    /// Goes with every request, as a bearer token.
    pub access_token: Secret,
    /// For how long, in seconds from now.
    pub expires_in: u32,
    /// Brings the next ones, once.
    pub refresh_token: Secret,
    /// What the access token allows.
    pub scope: Vec<Scope>,
}

impl Token {
    /// How the access token is used (RFC 6750).
    pub const TYPE: &str = "Bearer";
}

/// What was tried with a token of a session, and whose session it is, if it is one that stands: for the log.
#[derive(Debug)]
pub struct Tried<T> {
    /// The user's name.
    pub by: Option<String>,
    /// How it ended.
    pub ended: Result<T>,
}

impl<T> Tried<T> {
    /// What `work` does with a session that may have been found; without one it is `otherwise`.
    async fn with(
        found: Result<Option<Session>>,
        otherwise: impl FnOnce() -> Result<T>,
        work: impl AsyncFnOnce(&Session) -> Result<T>,
    ) -> Self {
        match found {
            Ok(Some(session)) => Self { ended: work(&session).await, by: Some(session.user.name) },
            Ok(None) => Self { by: None, ended: otherwise() },
            Err(error) => Self { by: None, ended: Err(error) },
        }
    }
}

/// The next tokens of a session, for a refresh token that was not used before.
///
/// A refresh token that comes twice was stolen from someone: whoever comes second ends the session for both
/// (RFC 9700, section 4.14.2). `Unauthenticated` then, and for any token that is not good. The access token may be asked
/// to allow less than the session does; `Forbidden` if it should allow more, and the refresh token stays good.
pub async fn refresh(
    database: &Database,
    keys: &Keys,
    token: &Secret,
    scope: Option<&[Scope]>,
    now: DateTime<Utc>,
) -> Tried<Token> {
    let used = digest(token);
    // Looked at first without a lock, so that rubbish does not queue with those who write.
    let found = database.find_session_of(&used, now).await;
    Tried::with(found, || Err(invalid()), async |_| next(database, keys, &used, scope, now).await).await
}

async fn next(
    database: &Database,
    keys: &Keys,
    used: &Digest,
    scope: Option<&[Scope]>,
    now: DateTime<Utc>,
) -> Result<Token> {
    let write = database.write().await?;
    let session = write.lock_session_of(used, now).await?.ok_or_else(invalid)?;
    let scope = narrowed(scope, session.allowed())?;
    if !write.use_refresh_token(used, now).await? {
        write.revoke_session(session.id, now).await?;
        write.commit().await?;
        tracing::warn!(user = session.user.id.0, session = %session.id, "A refresh token came twice; its session ended");
        return Err(invalid());
    }
    let next = random::secret::<32>()?;
    write.extend_session(session.id, &digest(&next), now, now + REFRESH_LIFETIME).await?;
    write.commit().await?;
    issue(keys, &session, scope, next, now)
}

fn invalid() -> Error {
    Error::Unauthenticated("the refresh token is not valid; sign in again".into())
}

/// Ends the session of a refresh token, used or not. Whether there was one to end.
pub async fn logout(database: &Database, token: &Secret, now: DateTime<Utc>) -> Tried<bool> {
    let found = database.find_session_of(&digest(token), now).await;
    Tried::with(found, || Ok(false), async |session| end(database, session, now).await).await
}

/// Ends the session of a token of either kind, refresh or access. Whether there was one to end. `Invalid` with an API
/// key's token, which has no session.
pub async fn revoke(database: &Database, keys: &Keys, token: &Secret, now: DateTime<Utc>) -> Tried<bool> {
    let tried = logout(database, token, now).await;
    if !matches!(tried.ended, Ok(false)) {
        return tried;
    }
    let Ok(access) = keys.verify(token.reveal(), now) else { return tried };
    let Holder::Session { session, .. } = access.holder else {
        let why = Error::invalid("the tokens of an API key end with the key: revoke that");
        return Tried { by: None, ended: Err(why) };
    };
    let found = database.find_session(session, now).await;
    Tried::with(found, || Ok(false), async |session| end(database, session, now).await).await
}

async fn end(database: &Database, session: &Session, now: DateTime<Utc>) -> Result<bool> {
    let write = database.write().await?;
    let ended = write.revoke_session(session.id, now).await?;
    write.commit().await?;
    Ok(ended)
}

/// Who the bearer of an access token is. Asks the database in one statement whether the session, or the API key that the
/// token was given for, still stands.
///
/// `Unauthenticated` with a token that is malformed, forged, expired, or of a session or key that has ended;
/// `Overused` where the key was used too often.
pub async fn authenticate(
    database: &Database,
    keys: &Keys,
    meter: &Meter,
    bearer: &str,
    now: DateTime<Utc>,
) -> Result<Principal> {
    let access = keys.verify(bearer, now)?;
    let (user, session) = match access.holder {
        Holder::Session { user, session } => (user, session),
        Holder::ApiKey { shown_prefix } => {
            return super::client::authenticate_client(database, meter, &shown_prefix, &access.scopes, now).await;
        }
    };
    let found = database.look_up_session(session, now).await?;
    let (session, version) = found
        .filter(|(session, _)| session.user.id == user)
        .ok_or_else(|| Error::Unauthenticated("the session has ended; sign in again".into()))?;
    Ok(Principal::of_user(session.user, &access.scopes, Some(session.id), None).seeing(version))
}

/// The tokens of a session, whose refresh token is written down already.
pub(super) fn issue(
    keys: &Keys,
    session: &Session,
    scope: Vec<Scope>,
    refresh_token: Secret,
    now: DateTime<Utc>,
) -> Result<Token> {
    let holder = Holder::Session { user: session.user.id, session: session.id };
    let access = Access { holder, scopes: scope.clone() };
    let expires_in = u32::try_from(ACCESS_LIFETIME.as_secs()).map_err(Error::internal)?;
    Ok(Token { access_token: keys.issue(&access, now)?, expires_in, refresh_token, scope })
}

/// What one access token allows: all that its session or API key does, or those that are asked for.
pub(super) fn narrowed(asked: Option<&[Scope]>, all: Vec<Scope>) -> Result<Vec<Scope>> {
    let Some(asked) = asked else { return Ok(all) };
    if asked.is_empty() {
        return Err(Error::invalid("the list of scopes is empty; leave it out for all that there are"));
    }
    if let Some(lacking) = asked.iter().find(|scope| !all.contains(scope)) {
        return Err(Error::Forbidden(format!("the scope {lacking} is not among those that were granted")));
    }
    Ok(all.into_iter().filter(|scope| asked.contains(scope)).collect())
}

/// Refresh tokens hold 256 random bits: a plain digest keeps them as well as a slow one would.
pub(super) fn digest(token: &Secret) -> Digest {
    Sha256::digest(token.reveal()).into()
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
