//! Access tokens: signed claims (RFC 9068) that live for minutes.

use std::time::Duration;

use jsonwebtoken::{Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::Keys;
use crate::domain::access::{Scope, UserId, join_scopes, split_scopes};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::error::{Error, Result};

/// How long an access token is good for.
pub(super) const ACCESS_LIFETIME: Duration = Duration::from_mins(15);

/// The media type of an access token (RFC 9068, section 2.1).
const TYPE: &str = "at+jwt";

/// The client of every token of a session: the service's own sign-in.
const CLIENT: &str = "energy-parks";

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub holder: Holder,
    pub scopes: Vec<Scope>,
}

/// For whom an access token stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// A user, as long as the session lasts.
    Session { user: UserId, session: Uuid },
    /// An API key, by its prefix as it is shown, as long as the key stands.
    ApiKey { shown_prefix: String },
}

/// What a token's text says.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    exp: i64,
    jti: String,
    scope: String,
    /// The session; an API key's token has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}

impl Keys {
    /// A token that says so from `now` on.
    pub(super) fn issue(&self, access: &Access, now: DateTime<Utc>) -> Result<Secret> {
        let (sub, client_id, sid) = match &access.holder {
            Holder::Session { user, session } => (user.0.to_string(), CLIENT.to_owned(), Some(session.to_string())),
            // The client itself is the subject (RFC 9068, section 2.2).
            Holder::ApiKey { shown_prefix } => (shown_prefix.clone(), shown_prefix.clone(), None),
        };
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            sub,
            client_id,
            iat: now.timestamp(),
            nbf: None,
            exp: (now + ACCESS_LIFETIME).timestamp(),
            jti: super::random::secret::<16>()?.into_revealed(),
            scope: join_scopes(&access.scopes),
            sid,
        };
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(self.current.id.clone()),
            ..Header::new(self.current.algorithm)
        };
        encode(&header, &claims, &self.signing).map(Secret::new).map_err(Error::internal)
    }

    /// What a token says, if one of these keys signed it for this service and its time is now; else `Unauthenticated`.
    pub(super) fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Access> {
        let claims = self.verified.claims(token, || self.claims(token)).ok_or_else(invalid)?;
        if claims.exp <= now.timestamp() {
            return Err(Error::Unauthenticated("the access token has expired".into()));
        }
        if claims.nbf.is_some_and(|from| now.timestamp() < from) {
            return Err(invalid());
        }
        claims.access().ok_or_else(invalid)
    }

    /// The claims of a token of the right type, key, signature, issuer and audience.
    fn claims(&self, token: &str) -> Option<Claims> {
        let header = decode_header(token).ok()?;
        let key = self.of_id(header.kid.as_deref()?)?;
        let of_this_type = header.typ.as_deref().is_some_and(|typ| typ.eq_ignore_ascii_case(TYPE));
        // Extensions that a header marks as critical are none that this code understands (RFC 7515, section 4.1.11).
        if !of_this_type || header.crit.is_some() {
            return None;
        }
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.issuer]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The library reads the system's clock; the caller's is the one that counts.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        decode::<Claims>(token, &key.verifying, &validation).ok().map(|token| token.claims)
    }
}

impl Claims {
    fn access(&self) -> Option<Access> {
        let holder = match &self.sid {
            Some(sid) => Holder::Session { user: UserId(self.sub.parse().ok()?), session: sid.parse().ok()? },
            None => Holder::ApiKey { shown_prefix: self.sub.clone() },
        };
        Some(Access { holder, scopes: split_scopes(&self.scope).ok()? })
    }
}

fn invalid() -> Error {
    Error::Unauthenticated("the access token is not valid".into())
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
