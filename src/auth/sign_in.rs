//! Signing in by name and password.

use std::net::IpAddr;

use uuid::{NoContext, Timestamp, Uuid};

use super::device::{Device, Devices};
use super::keys::Keys;
use super::password::{Passwords, Verdict};
use super::random;
use super::session::{REFRESH_LIFETIME, Token, digest, issue};
use super::throttle::{Attempt, Origin, place};
use crate::domain::access::Scope;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::domain::text;
use crate::domain::user::{Session, User};
use crate::error::{Error, Result};
use crate::storage::{Credentials, Database};

/// How often a sign-in begins afresh when the user changes under its hands.
const ATTEMPTS: usize = 3;

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
    /// The device, which is marked when it was the right password.
    pub device: &'a Device,
}

/// Opens a session.
///
/// `RateLimited` if too many sign-ins have failed; `Unauthenticated` in the same words and after the same work whether
/// the user is unknown, disabled, or has another password; `Forbidden` if the role lacks a scope asked for; `Invalid` if the list asked for is empty.
pub async fn login(
    database: &Database,
    keys: &Keys,
    passwords: &Passwords,
    devices: &Devices,
    sign_in: SignIn<'_>,
    now: DateTime<Utc>,
) -> Result<Token> {
    let name = text::name(sign_in.username).ok();
    // What can be no name is tried by nobody else: all of it is one.
    let counted = name.as_deref().unwrap_or_default();
    let known = devices.know(database, sign_in.device, counted).await?;
    let from = known.as_ref().map_or(Origin::Address(sign_in.address), Origin::Device);
    let attempt = Attempt::begin(database, counted, from, now).await?;
    let outcome = try_login(database, keys, passwords, name.as_deref(), sign_in, now).await;
    if !matches!(outcome, Err(Error::Unauthenticated(_))) {
        attempt.forgive(database).await?;
    }
    if outcome.is_ok() {
        devices.give(database, sign_in.device, known, counted).await?;
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

/// Writes the session down with its first tokens, and the password's hash made afresh, if it was; `None` if the user no
/// longer stands as it was seen.
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

fn session_id(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

#[cfg(test)]
#[path = "sign_in_tests.rs"]
mod tests;
