//! What a foreign token says.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use crate::domain::access::{Role, Scope};
use crate::domain::chrono::{DateTime, TimeDelta, Utc};
use crate::domain::text;
use crate::error::{Error, Result};

/// How far the issuer's clock may be ahead of ours. Of a token's end there is no such grace.
const AHEAD: TimeDelta = TimeDelta::seconds(60);

/// The claims that are looked at, as Amazon Cognito and Keycloak write them.
#[derive(Debug, Deserialize)]
pub struct Claims {
    /// One issuer: the library would take a list that ours is among.
    pub iss: String,
    pub sub: String,
    exp: i64,
    nbf: Option<i64>,
    #[serde(default)]
    aud: Texts,
    client_id: Option<String>,
    /// Cognito's: `access` or `id`.
    token_use: Option<String>,
    /// Keycloak's: `Bearer`, `ID`, `Refresh`, `Logout`.
    typ: Option<String>,
    scope: Option<String>,
    /// Who bears the token must hold a key too (RFC 7800).
    cnf: Option<IgnoredAny>,
    /// It tells of something that has happened (RFC 8417).
    events: Option<IgnoredAny>,
    #[serde(default)]
    groups: Texts,
    #[serde(default, rename = "cognito:groups")]
    cognito_groups: Texts,
    #[serde(default)]
    realm_access: Roles,
    /// Keycloak's roles of its programs.
    #[serde(default)]
    resource_access: HashMap<String, Roles>,
    preferred_username: Option<String>,
    username: Option<String>,
    #[serde(rename = "cognito:username")]
    cognito_username: Option<String>,
}

/// Keycloak's roles of a realm or of a program.
#[derive(Debug, Default, Deserialize)]
struct Roles {
    #[serde(default)]
    roles: Texts,
}

/// A text or several; anything else is none.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Several(Vec<String>),
    None(IgnoredAny),
}

impl Default for Texts {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Texts {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
            Self::None(_) => &[],
        }
    }
}

impl Claims {
    /// `Unauthenticated` before the token's time and after.
    pub fn check_time(&self, now: DateTime<Utc>) -> Result<()> {
        if self.exp <= now.timestamp() {
            return Err(Error::Unauthenticated("the access token has expired".into()));
        }
        if self.nbf.is_some_and(|from| (now + AHEAD).timestamp() < from) {
            return Err(Error::Unauthenticated("the access token is not valid yet".into()));
        }
        Ok(())
    }

    /// Whether it is for one of these. Cognito's access tokens name no audience but the client that asked for them.
    pub fn is_for_one_of(&self, audiences: &[String]) -> bool {
        let named = self.aud.as_slice();
        if named.is_empty() && matches!(self.aud, Texts::Several(_)) {
            let of_access = self.token_use.as_deref() == Some("access");
            return of_access && self.client_id.as_ref().is_some_and(|client| audiences.contains(client));
        }
        named.iter().any(|audience| audiences.contains(audience))
    }

    /// Whether it is a token to show to servers: none to refresh or to sign out with, none that tells of an event, and
    /// none that is worth nothing without a key that only its owner has.
    pub fn opens_resources(&self) -> bool {
        let known = |claim: Option<&str>, values: [&str; 2]| claim.is_none_or(|value| values.contains(&value));
        known(self.token_use.as_deref(), ["access", "id"])
            && known(self.typ.as_deref(), ["Bearer", "ID"])
            && self.cnf.is_none()
            && self.events.is_none()
    }

    /// The groups of who bears it, and Keycloak's roles: of the realm, and of the program that we are. Those of others say
    /// nothing here.
    pub fn groups(&self, audiences: &[String]) -> Vec<String> {
        let of_us = audiences.iter().filter_map(|name| self.resource_access.get(name)).map(|access| &access.roles);
        let all = [&self.cognito_groups, &self.groups, &self.realm_access.roles];
        all.into_iter().chain(of_us).flat_map(Texts::as_slice).cloned().collect()
    }

    /// What it allows: what the role does, and no more than the scopes that it names, if it names any of ours. Cognito
    /// writes them behind the name of a resource server: `parks/stats:read`.
    pub fn narrowed(&self, role: Role, is_customer: bool) -> Vec<Scope> {
        let named = self.scope.as_deref().unwrap_or_default().split_ascii_whitespace();
        let named: Vec<Scope> =
            named.filter_map(|text| text.rsplit_once('/').map_or(text, |(_, name)| name).parse().ok()).collect();
        let all = role.scopes().iter().copied();
        let of_place = all.filter(|scope| !is_customer || Scope::OF_CUSTOMERS.contains(scope));
        of_place.filter(|scope| named.is_empty() || named.contains(scope)).collect()
    }

    /// Who bears it: the same for all tokens of one user.
    pub fn identity(&self) -> Uuid {
        // The name of the issuer holds no zero.
        let digest = Sha256::new().chain_update(&self.iss).chain_update([0]).chain_update(&self.sub).finalize();
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = of_digest);
        Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// How logs and lists name who bears it: with its issuer and its key there, so that it is never taken for a user of
    /// ours or for another's of the same name. `None` if its key cannot be written.
    pub fn shown_name(&self, issuer: &str) -> Option<String> {
        let subject = text::name(&self.sub).ok()?;
        let issuer = issuer.split_once("://").map_or(issuer, |(_, rest)| rest).trim_end_matches('/');
        let known = [&self.preferred_username, &self.username, &self.cognito_username];
        let known = known.into_iter().flatten().find_map(|name| text::name(name).ok());
        Some(match known.filter(|known| *known != subject) {
            Some(known) => format!("{known} ({subject} at {issuer})"),
            None => format!("{subject} at {issuer}"),
        })
    }
}
