//! Tokens of a foreign issuer, such as Amazon Cognito or Keycloak: checked with the keys that it publishes.
//!
//! A token is this issuer's if it says so, and is then checked with this issuer's keys alone: keys of the two never
//! stand in for each other, whatever their names. Who shows one has no row here; what it is follows from its groups. A
//! token is good until it expires: only its issuer could end it before.
//!
//! One file a noun: [`claims`] of a token, the [`key_set`] that is published, the [`key_ring`] that keeps it fresh, and
//! [`fetch`], the only place that asks anybody over the network. A hostile or broken issuer can refuse its own users and
//! nobody else: what is fetched is small, in time, and seldom.

mod claims;
mod fetch;
mod key_ring;
mod key_set;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;

use self::claims::Claims;
use self::fetch::{Address, Fetcher};
use self::key_ring::{KeyRing, Source};
use super::principal::Principal;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::group_rule::{GroupRule, place};
use crate::error::{Error, Result};
use crate::storage::Database;

/// The longest token that is looked at; ten times as long as those with many groups.
const MAX_TOKEN: usize = 32 << 10;

/// The media types of tokens that are for resource servers; those for other ends, such as `logout+jwt`, say so
/// (RFC 8725, section 3.11).
const TYPES: [&str; 3] = ["JWT", "at+jwt", "application/at+jwt"];

/// What is set about the issuer.
#[derive(Clone, Debug, Default)]
pub struct ForeignSettings {
    /// Its name, as its tokens have it.
    pub issuer: String,
    /// For whom its tokens must be: one of these.
    pub audiences: Vec<String>,
    /// Where its keys are; found by its name where it is left out.
    pub jwks_url: Option<String>,
    /// A file of the authorities that vouch for its address, in PEM, beside those that everyone trusts.
    pub ca_file: Option<PathBuf>,
    /// What its groups are here.
    pub rules: Vec<GroupRule>,
}

/// An issuer whose tokens are accepted beside our own.
#[derive(Clone, Debug)]
pub struct ForeignIssuer {
    issuer: Arc<str>,
    audiences: Arc<[String]>,
    rules: Arc<[GroupRule]>,
    ring: KeyRing,
}

impl ForeignIssuer {
    /// The issuer that is set; nothing is asked of it yet. `own` is the issuer of our own tokens. `Invalid` with a
    /// sentence that names the setting that is wrong.
    pub fn new(settings: ForeignSettings, own: &str) -> Result<Self> {
        let ForeignSettings { issuer, audiences, jwks_url, ca_file, rules } = settings;
        let wrong = |setting: &str, why: &str| Error::invalid(format!("{setting}: {why}"));
        if issuer.trim_end_matches('/') == own {
            return Err(wrong("OIDC_ISSUER", "is this server itself (PUBLIC_URL)"));
        }
        if audiences.is_empty() {
            return Err(wrong("OIDC_AUDIENCE", "is missing; it says for whom the tokens of OIDC_ISSUER must be"));
        }
        let source = match jwks_url {
            Some(url) => Source::Set(Address::parse(&url).map_err(|why| wrong("OIDC_JWKS_URL", &why))?),
            None => Source::discovered_by(&issuer).map_err(|why| wrong("OIDC_ISSUER", &why))?,
        };
        let authorities = ca_file.map(fs::read).transpose().map_err(|_| wrong("OIDC_CA_FILE", "cannot be read"))?;
        let fetcher = Fetcher::new(authorities.as_deref())?;
        let ring = KeyRing::new(source, fetcher);
        Ok(Self { issuer: issuer.into(), audiences: audiences.into(), rules: rules.into(), ring })
    }

    /// Whether a token says that it is this issuer's. Nothing that it says is believed yet.
    pub fn is_named_by(&self, token: &str) -> bool {
        #[derive(Deserialize)]
        struct Named {
            iss: String,
        }
        let named = || insecure_decode_claims::<Named>(token).ok();
        token.len() <= MAX_TOKEN && named().is_some_and(|named| *named.iss == *self.issuer)
    }

    /// Who shows a token of this issuer.
    ///
    /// `Unauthenticated` with one that is forged, expired, for somebody else, or no access token; `Forbidden` to those
    /// whose groups are nothing here; `Unavailable` while the issuer's keys cannot be had.
    pub async fn authenticate(&self, database: &Database, token: &str, now: DateTime<Utc>) -> Result<Principal> {
        let claims = self.claims(token, now).await?.ok_or_else(invalid)?;
        claims.check_time(now)?;
        let is_of_issuer = *claims.iss == *self.issuer;
        if !is_of_issuer || !claims.is_for_one_of(&self.audiences) || !claims.opens_resources() {
            return Err(invalid());
        }
        let name = claims.shown_name(&self.issuer).ok_or_else(invalid)?;
        let groups = claims.groups(&self.audiences);
        let place = place(&self.rules, &groups).map_err(|why| {
            tracing::info!(name, ?groups, "groups of a good token {why}");
            Error::Forbidden(format!("the groups of {name} {why}"))
        })?;
        let customer = match place.customer {
            // A customer that is gone or renamed is nobody's: what matters is that it never becomes staff.
            Some(customer) => Some(database.find_customer(customer).await?.ok_or_else(|| {
                tracing::warn!(customer, "OIDC_GROUPS names a customer that does not exist");
                Error::Forbidden(format!("the customer that the groups of {name} stand for does not exist"))
            })?),
            None => None,
        };
        let scopes = claims.narrowed(place.role, customer.is_some());
        Ok(Principal {
            name,
            user_id: None,
            role: Some(place.role),
            scopes,
            customer,
            session: None,
            foreign: Some(claims.identity()),
            api_key: None,
            left: None,
            data_version: None,
        })
    }

    /// What a token says, if this issuer signed it. `Unavailable` while its keys cannot be had.
    async fn claims(&self, token: &str, now: DateTime<Utc>) -> Result<Option<Claims>> {
        let Ok(header) = decode_header(token) else { return Ok(None) };
        let is_type = |typ: &str| TYPES.iter().any(|known| typ.eq_ignore_ascii_case(known));
        // Extensions that a header marks as critical are none that this code understands (RFC 7515, section 4.1.11).
        if header.crit.is_some() || header.typ.is_some_and(|typ| !is_type(&typ)) {
            return Ok(None);
        }
        // A key is found by its name and has one algorithm: the token's word for it only tells apart two keys of
        // different kinds under one name (RFC 7517, section 4.5).
        let Some(kid) = header.kid else { return Ok(None) };
        if !key_set::ALGORITHMS.contains(&header.alg) {
            return Ok(None);
        }
        let Some(key) = self.ring.key(&kid, header.alg, now).await? else { return Ok(None) };
        let mut validation = Validation::new(key.algorithm);
        validation.set_required_spec_claims(&["iss", "sub", "exp"]);
        // What they must be is checked one by one: the library reads the system's clock, and knows of no `client_id`.
        validation.validate_aud = false;
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(decode::<Claims>(token, &key.verifying, &validation).ok().map(|token| token.claims))
    }
}

fn invalid() -> Error {
    Error::Unauthenticated("the access token is not valid".into())
}
