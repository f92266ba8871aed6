//! Signing in, staying in, signing out, and who a bearer of a token is.

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use uuid::{NoContext, Timestamp, Uuid};

use super::keys::Keys;
use super::meter::Meter;
use super::password::{Passwords, Verdict};
use super::principal::Principal;
use super::random;
use super::throttle::{Attempt, place};
use super::token::{ACCESS_LIFETIME, Access, Holder};
use crate::domain::access::Scope;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::domain::text;
use crate::domain::user::{Session, User};
use crate::error::{Error, Result};
use crate::storage::{Credentials, Database, Digest};

/// How long a refresh token is good for, and so a session that nobody uses.
const REFRESH_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// How often a sign-in begins afresh when the user changes under its hands.
const ATTEMPTS: usize = 3;

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

/// What someone signs in with.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    /// Who one says one is.
    pub username: &'a str,
    /// The proof of it.
    pub password: &'a Secret,
    /// The scopes asked for; `None` is all that the user's role allows.
    pub scope: Option<&'a [Scope]>,
    /// From where it comes, if that is known.
    pub address: Option<IpAddr>,
}

/// Opens a session.
///
/// `RateLimited` if too many sign-ins have failed; `Unauthenticated` in the same words and after the same work whether the user is unknown, disabled, or has another
/// password; `Forbidden` if the role lacks a scope asked for; `Invalid` if the list asked for is empty.
pub async fn login(
    database: &Database,
    keys: &Keys,
    passwords: &Passwords,
    sign_in: SignIn<'_>,
    now: DateTime<Utc>,
) -> Result<Token> {
    let name = text::name(sign_in.username).ok();
    // What can be no name is tried by nobody else: all of it is one.
    let attempt = Attempt::begin(database, name.as_deref().unwrap_or_default(), sign_in.address, now).await?;
    let outcome = try_login(database, keys, passwords, name.as_deref(), sign_in, now).await;
    if !matches!(outcome, Err(Error::Unauthenticated(_))) {
        attempt.forgive(database).await?;
    }
    outcome
}

async fn try_login(
    database: &Database,
    keys: &Keys,
    passwords: &Passwords,
    name: Option<&str>,
    sign_in: SignIn<'_>,
    now: DateTime<Utc>,
) -> Result<Token> {
    let SignIn { password, scope, address, .. } = sign_in;
    let address = address.map(place);
    for _ in 0..ATTEMPTS {
        let credentials = match name {
            Some(name) => database.find_credentials(name).await?,
            None => None,
        };
        let verdict = passwords.verify(password, credentials.as_ref().map(|known| &known.password_hash)).await?;
        let known = credentials.filter(|known| verdict != Verdict::Wrong && known.user.disabled_at.is_none());
        let Some(known) = known else { break };
        let session = Session { id: session_id(now), scopes: granted(scope, &known.user)?, user: known.user.clone() };
        let afresh =
            if verdict == Verdict::RightButOutdated { Some(passwords.hash_again(password).await?) } else { None };
        if let Some(token) =
            open(database, keys, (&known, afresh.as_ref()), (&session, address.as_deref()), now).await?
        {
            return Ok(token);
        }
        // The user was changed since it was read: look again.
    }
    Err(Error::Unauthenticated("the username or the password is wrong".into()))
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
) -> Result<Token> {
    let invalid = || Error::Unauthenticated("the refresh token is not valid; sign in again".into());
    let used = digest(token);
    // Looked at first without a lock, so that rubbish does not queue with those who write.
    database.find_session_of(&used, now).await?.ok_or_else(invalid)?;
    let write = database.write().await?;
    let session = write.lock_session_of(&used, now).await?.ok_or_else(invalid)?;
    let scope = narrowed(scope, session.allowed())?;
    if !write.use_refresh_token(&used, now).await? {
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

/// Ends the session of a refresh token, used or not. Whether there was one to end.
pub async fn logout(database: &Database, token: &Secret, now: DateTime<Utc>) -> Result<bool> {
    let Some(session) = database.find_session_of(&digest(token), now).await? else { return Ok(false) };
    let write = database.write().await?;
    let ended = write.revoke_session(session.id, now).await?;
    write.commit().await?;
    Ok(ended)
}

/// Ends the session of a token of either kind, refresh or access. Whether there was one to end. `Invalid` with an API
/// key's token, which has no session.
pub async fn revoke(database: &Database, keys: &Keys, token: &Secret, now: DateTime<Utc>) -> Result<bool> {
    if logout(database, token, now).await? {
        return Ok(true);
    }
    let Ok(access) = keys.verify(token.reveal(), now) else { return Ok(false) };
    let Holder::Session { session, .. } = access.holder else {
        return Err(Error::invalid("the tokens of an API key end with the key: revoke that"));
    };
    let Some(session) = database.find_session(session, now).await? else { return Ok(false) };
    let write = database.write().await?;
    let ended = write.revoke_session(session.id, now).await?;
    write.commit().await?;
    Ok(ended)
}

/// Who the bearer of an access token is. Asks the database in one statement whether the session, or the API key that the
/// token was given for, still stands.
///
/// `Unauthenticated` with a token that is malformed, forged, expired, or of a session or key that has ended;
/// `RateLimited` where the key was used too often.
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
    let session = database.find_session(session, now).await?;
    let session = session
        .filter(|session| session.user.id == user)
        .ok_or_else(|| Error::Unauthenticated("the session has ended; sign in again".into()))?;
    Ok(Principal::of_user(session.user, &access.scopes, Some(session.id), None))
}

/// Writes the session down with its first tokens, and the password's hash made afresh, if it was; `None` if the user no longer stands as it was seen.
async fn open(
    database: &Database,
    keys: &Keys,
    (seen, afresh): (&Credentials, Option<&Secret>),
    (session, address): (&Session, Option<&str>),
    now: DateTime<Utc>,
) -> Result<Option<Token>> {
    let refresh_token = random::secret::<32>()?;
    let write = database.write().await?;
    if !write.lock_credentials(seen).await? {
        return Ok(None);
    }
    if let Some(hash) = afresh {
        write.renew_password_hash(seen.user.id, hash).await?;
    }
    write.insert_session(session, address, &digest(&refresh_token), now, now + REFRESH_LIFETIME).await?;
    write.commit().await?;
    issue(keys, session, session.allowed(), refresh_token, now).map(Some)
}

fn issue(
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

/// The scopes of a new session, each once and in the order in which they are shown.
fn granted(asked: Option<&[Scope]>, user: &User) -> Result<Vec<Scope>> {
    let has = user.scopes();
    let Some(asked) = asked else { return Ok(has) };
    if asked.is_empty() {
        return Err(Error::invalid("the list of scopes is empty; leave it out for all that the role allows"));
    }
    if let Some(lacking) = asked.iter().find(|scope| !has.contains(scope)) {
        let role = user.role.as_str().to_lowercase();
        return Err(Error::Forbidden(format!("the role {role} does not have the scope {lacking}")));
    }
    Ok(Scope::ALL.into_iter().filter(|scope| asked.contains(scope)).collect())
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
fn digest(token: &Secret) -> Digest {
    Sha256::digest(token.reveal()).into()
}

fn session_id(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

#[cfg(test)]
#[path = "sign_in_tests.rs"]
mod tests;
