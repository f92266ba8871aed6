//! API keys: made and shown once, ended at once, and who shows one.
//!
//! A key's text is `ep_`, a prefix that is shown in lists, `_`, and 256 random bits. Of the whole text the database
//! keeps HMAC-SHA-256 under a secret of its own. That is not the key that signs tokens, which is changed now and then:
//! API keys outlive it.

use aws_lc_rs::hmac;
use uuid::{NoContext, Timestamp, Uuid};

use super::acting_name::acting_name;
use super::meter::Meter;
use super::principal::Principal;
use super::random;
use crate::domain::access::Scope;
use crate::domain::api_key::{Allowance, ApiKey, ApiKeyId, MARK, Owner, Used};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::error::{Error, Result};
use crate::storage::{Database, KeyHash};

/// The longest text that is looked at.
const MAX_TEXT: usize = 200;

/// What is told of a new key.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What it is for.
    pub name: String,
    /// For whom it stands.
    pub owner: Owner,
    /// What it allows; all that its owner may where it is left out.
    pub scopes: Option<Vec<Scope>>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// How often it may be used.
    pub allowance: Allowance,
}

/// A new key, and its text, which nobody can tell again.
///
/// `Invalid` with a name, scopes, an end or an allowance that is not acceptable; `Forbidden` with a scope that the owner
/// has not.
pub async fn create_api_key(database: &Database, new: NewApiKey, now: DateTime<Utc>) -> Result<(ApiKey, Secret)> {
    let name = acting_name(&new.name).map_err(|why| Error::invalid(format!("the API key's name {why}")))?;
    let scopes = granted(new.scopes, &new.owner)?;
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::invalid("the API key would have expired already"));
    }
    if new.allowance.per_minute == Some(0) || new.allowance.per_day.is_some_and(|count| count < 1) {
        return Err(Error::invalid("an API key's limits are 1 and above; leave one out for none"));
    }
    if matches!(&new.owner, Owner::User(user) if user.disabled_at.is_some()) {
        return Err(Error::invalid("the user is disabled"));
    }
    let prefix = random::hexadecimal::<6>()?;
    let shown = Secret::new(format!("{MARK}_{prefix}_{}", random::secret::<32>()?.reveal()));
    let key = ApiKey {
        id: ApiKeyId(new_id(now)),
        prefix,
        name,
        owner: new.owner,
        scopes,
        allowance: new.allowance,
        used: Used::default(),
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    let write = database.write().await?;
    let secret = write.api_key_secret(&random::bytes::<32>()?).await?;
    let hash = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), shown.reveal().as_bytes());
    write.insert_api_key(&key, hash.as_ref()).await?;
    write.commit().await?;
    Ok((key, shown))
}

/// Ends a key for good. Whether it had not ended before. `NotFound` if there is none.
pub async fn revoke_api_key(database: &Database, id: ApiKeyId, now: DateTime<Utc>) -> Result<bool> {
    database.find_api_key_by_id(id).await?.ok_or_else(|| Error::not_found("there is no such API key"))?;
    let write = database.write().await?;
    let ended = write.revoke_api_key(id, now).await?;
    write.commit().await?;
    Ok(ended)
}

/// Who shows an API key. Asks the database in one statement, so that a key that was ended opens nothing from the next
/// request on, in any process.
///
/// `Unauthenticated` with a text that is no key that stands, in the same words whatever is wrong with it;
/// `Overused` where it was used too often.
pub async fn authenticate_api_key(
    database: &Database,
    meter: &Meter,
    shown: &Secret,
    now: DateTime<Utc>,
) -> Result<Principal> {
    let refused = || Error::Unauthenticated("the API key is not valid, or no longer".into());
    let prefix = prefix(shown.reveal()).ok_or_else(refused)?;
    let (key, hash, version) = database.look_up_api_key(prefix).await?.ok_or_else(refused)?;
    if !is_text_of(shown, &hash) || !key.stands(now) {
        return Err(refused());
    }
    let left = meter.take(database, &key, now)?;
    Ok(Principal { left: Some(left), ..Principal::of_api_key(key) }.seeing(version))
}

/// The part of a key's text that may be told, if it could be one's.
pub fn shown_prefix(shown: &Secret) -> Option<String> {
    prefix(shown.reveal()).map(|prefix| format!("{MARK}_{prefix}"))
}

/// The same of a text that may be a whole key, or the prefix as it is shown.
pub fn prefix_in(text: &str) -> Option<String> {
    let prefix = prefix(text).or_else(|| prefix_of(text))?;
    is_prefix(prefix).then(|| format!("{MARK}_{prefix}"))
}

/// Compares in constant time.
fn is_text_of(shown: &Secret, KeyHash { secret, hash }: &KeyHash) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), shown.reveal().as_bytes(), hash).is_ok()
}

/// The prefix of a text that could be a key's.
fn prefix(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(MARK)?.strip_prefix('_')?;
    let (prefix, secret) = rest.split_once('_')?;
    (is_prefix(prefix) && !secret.is_empty() && text.len() <= MAX_TEXT).then_some(prefix)
}

fn is_prefix(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The prefix in the part of a key's text that is shown.
pub(super) fn prefix_of(shown: &str) -> Option<&str> {
    shown.strip_prefix(MARK)?.strip_prefix('_').filter(|prefix| !prefix.is_empty())
}

/// The scopes of a new key, each once and in the order in which they are shown.
fn granted(asked: Option<Vec<Scope>>, owner: &Owner) -> Result<Vec<Scope>> {
    let has = match owner {
        Owner::User(user) => user.scopes(),
        // Left out, a customer's key reads.
        Owner::Customer(_) if asked.is_none() => vec![Scope::ParksRead, Scope::ReadingsRead, Scope::StatsRead],
        Owner::Customer(_) => Scope::OF_CUSTOMERS.to_vec(),
    };
    let Some(asked) = asked else { return Ok(has) };
    if asked.is_empty() {
        return Err(Error::invalid("the list of scopes is empty; leave it out for the usual ones"));
    }
    if let Some(lacking) = asked.iter().find(|scope| !has.contains(scope)) {
        return Err(Error::Forbidden(format!("the key's owner does not have the scope {lacking}")));
    }
    Ok(Scope::ALL.into_iter().filter(|scope| asked.contains(scope)).collect())
}

/// A UUID of version 7.
pub(super) fn new_id(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

#[cfg(test)]
#[path = "api_key_tests.rs"]
mod tests;
