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

#[derive(Serialize, Deserialize)]
struct Claims {
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
        let claims = self.claims(token).ok_or_else(invalid)?;
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
    fn access(self) -> Option<Access> {
        let holder = match self.sid {
            Some(sid) => Holder::Session { user: UserId(self.sub.parse().ok()?), session: sid.parse().ok()? },
            None => Holder::ApiKey { shown_prefix: self.sub },
        };
        Some(Access { holder, scopes: split_scopes(&self.scope).ok()? })
    }
}

fn invalid() -> Error {
    Error::Unauthenticated("the access token is not valid".into())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::{Algorithm, EncodingKey};
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://parks.example";

    /// A P-256 key in PKCS#8, made with OpenSSL for these tests.
    const P256: &str = include_str!("../../tests/data/keys/p256.pem");

    fn keys() -> Keys {
        Keys::from_pem(&Keys::generate_pem().unwrap(), ISSUER).unwrap()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 250_000_000).unwrap()
    }

    fn access() -> Access {
        let holder = Holder::Session { user: UserId(7), session: Uuid::from_u128(42) };
        Access { holder, scopes: vec![Scope::ParksRead, Scope::StatsRead] }
    }

    /// The header and claims of a good token, to be spoilt.
    fn parts(keys: &Keys) -> (Header, Value) {
        let token = keys.issue(&access(), now()).unwrap();
        let claims = token.reveal().split('.').nth(1).unwrap();
        let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        (decode_header(token.reveal()).unwrap(), claims)
    }

    fn refusal(keys: &Keys, token: &str) -> String {
        let error = keys.verify(token, now()).unwrap_err();
        assert_eq!(error.code(), "UNAUTHENTICATED");
        error.to_string()
    }

    #[track_caller]
    fn refused_when(spoil: impl FnOnce(&mut Header, &mut Value)) {
        let keys = keys();
        let (mut header, mut claims) = parts(&keys);
        assert!(keys.verify(&encode(&header, &claims, &keys.signing).unwrap(), now()).is_ok());
        spoil(&mut header, &mut claims);
        assert_eq!(refusal(&keys, &encode(&header, &claims, &keys.signing).unwrap()), "the access token is not valid");
    }

    #[test]
    fn a_token_says_what_it_was_issued_for() {
        for pem in [Keys::generate_pem().unwrap(), Secret::new(P256)] {
            let keys = Keys::from_pem(&pem, ISSUER).unwrap();
            let token = keys.issue(&access(), now()).unwrap();
            assert_eq!(keys.verify(token.reveal(), now()).unwrap(), access());
        }
    }

    /// RFC 9068, sections 2.1 and 2.2.
    #[test]
    fn a_token_carries_the_claims_of_a_jwt_access_token() {
        let (header, mut claims) = parts(&keys());
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        assert!(claims["jti"].as_str().unwrap().len() >= 22);
        claims.as_object_mut().unwrap().remove("jti");
        let expected = json!({
            "iss": ISSUER, "aud": ISSUER, "sub": "7", "client_id": "energy-parks", "scope": "parks:read stats:read",
            "iat": 1_800_000_000, "exp": 1_800_000_900, "sid": "00000000-0000-0000-0000-00000000002a",
        });
        assert_eq!(claims, expected);
    }

    #[test]
    fn a_token_of_an_api_key_has_the_key_as_its_subject_and_client_and_no_session() {
        let keys = keys();
        let holder = Holder::ApiKey { shown_prefix: "ep_0123456789ab".to_owned() };
        let access = Access { holder, scopes: vec![Scope::StatsRead] };
        let token = keys.issue(&access, now()).unwrap();
        assert_eq!(keys.verify(token.reveal(), now()).unwrap(), access);
        let claims = URL_SAFE_NO_PAD.decode(token.reveal().split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("ep_0123456789ab"), &json!("ep_0123456789ab")));
        assert_eq!(claims.get("sid"), None);
    }

    #[test]
    fn two_tokens_of_one_moment_differ() {
        let keys = keys();
        assert_ne!(keys.issue(&access(), now()).unwrap(), keys.issue(&access(), now()).unwrap());
    }

    #[test]
    fn a_token_is_good_until_its_last_second_and_then_has_expired() {
        let keys = keys();
        let token = keys.issue(&access(), now()).unwrap();
        let end = DateTime::from_timestamp(1_800_000_900, 0).unwrap();
        assert!(keys.verify(token.reveal(), end - Duration::from_millis(1)).is_ok());
        let error = keys.verify(token.reveal(), end).unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), ("UNAUTHENTICATED", "the access token has expired"));
    }

    #[test]
    fn a_token_from_the_future_is_refused() {
        refused_when(|_, claims| claims["nbf"] = json!(1_800_000_001));
    }

    #[test]
    fn a_token_without_an_end_is_refused() {
        refused_when(|_, claims| drop(claims.as_object_mut().unwrap().remove("exp")));
    }

    #[test]
    fn a_token_of_another_issuer_is_refused() {
        refused_when(|_, claims| claims["iss"] = json!("https://elsewhere.example"));
        refused_when(|_, claims| drop(claims.as_object_mut().unwrap().remove("iss")));
    }

    #[test]
    fn a_token_for_another_audience_is_refused() {
        refused_when(|_, claims| claims["aud"] = json!("https://elsewhere.example"));
        refused_when(|_, claims| drop(claims.as_object_mut().unwrap().remove("aud")));
    }

    #[test]
    fn a_token_of_another_type_is_refused() {
        refused_when(|header, _| header.typ = Some("JWT".into()));
        refused_when(|header, _| header.typ = None);
    }

    #[test]
    fn a_token_that_names_another_key_or_none_is_refused() {
        refused_when(|header, _| header.kid = Some("other".into()));
        refused_when(|header, _| header.kid = None);
    }

    /// The keys before and after a change of the key that signs, on servers that are restarted one by one.
    #[test]
    fn a_token_of_an_accepted_key_is_good_and_one_of_a_dropped_key_is_not() {
        let (old, new) = (Keys::generate_pem().unwrap(), Secret::new(P256));
        let keys = |signing: &Secret, accepted: &[&Secret]| {
            let mut keys = Keys::from_pem(signing, ISSUER).unwrap();
            for pem in accepted {
                keys.accept_pem(pem).unwrap();
            }
            keys
        };
        let (before, ready) = (keys(&old, &[]), keys(&old, &[&new]));
        let (changed, after) = (keys(&new, &[&old]), keys(&new, &[]));
        let by_old = before.issue(&access(), now()).unwrap();
        let by_new = changed.issue(&access(), now()).unwrap();
        for keys in [&before, &ready, &changed] {
            assert_eq!(keys.verify(by_old.reveal(), now()).unwrap(), access());
        }
        for keys in [&ready, &changed, &after] {
            assert_eq!(keys.verify(by_new.reveal(), now()).unwrap(), access());
        }
        refusal(&after, by_old.reveal());
        refusal(&before, by_new.reveal());
    }

    /// Two keys of different kinds are good: neither may stand in for the other.
    #[test]
    fn a_token_that_names_one_accepted_key_and_is_signed_by_another_is_refused() {
        let mut keys = keys();
        keys.accept_pem(&Secret::new(P256)).unwrap();
        let other = Keys::from_pem(&Secret::new(P256), ISSUER).unwrap();
        let (header, claims) = parts(&keys);
        for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
            let header = Header { alg: algorithm, ..header.clone() };
            let signer = if algorithm == Algorithm::ES256 { &other.signing } else { &keys.signing };
            let token = encode(&header, &claims, signer).unwrap();
            assert_eq!(keys.verify(&token, now()).is_ok(), algorithm == Algorithm::EdDSA);
        }
    }

    #[test]
    fn a_token_with_a_critical_extension_is_refused() {
        refused_when(|header, _| header.crit = Some(vec!["exp".into()]));
    }

    #[test]
    fn a_token_with_an_unknown_scope_is_refused() {
        refused_when(|_, claims| claims["scope"] = json!("parks:read everything"));
    }

    #[test]
    fn a_token_of_another_key_under_this_ones_name_is_refused() {
        let (keys, other) = (keys(), keys());
        let (header, claims) = parts(&keys);
        refusal(&keys, &encode(&header, &claims, &other.signing).unwrap());
    }

    /// The public key is known to all: used as a secret it must open nothing.
    #[test]
    fn a_token_signed_with_the_public_key_as_a_secret_is_refused() {
        let keys = keys();
        let (header, claims) = parts(&keys);
        let secret = EncodingKey::from_secret(keys.current.verifying.try_get_as_bytes().unwrap());
        let header = Header { alg: Algorithm::HS256, ..header };
        refusal(&keys, &encode(&header, &claims, &secret).unwrap());
    }

    #[test]
    fn a_token_without_a_signature_is_refused() {
        let keys = keys();
        let token = keys.issue(&access(), now()).unwrap();
        let claims = token.reveal().split('.').nth(1).unwrap();
        for algorithm in ["none", "None", "EdDSA"] {
            let header = json!({ "alg": algorithm, "typ": "at+jwt", "kid": keys.current.id }).to_string();
            refusal(&keys, &format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(header)));
        }
    }

    #[test]
    fn a_token_with_any_character_changed_is_refused() {
        let keys = keys();
        let token = keys.issue(&access(), now()).unwrap().into_revealed();
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            refusal(&keys, &String::from_utf8(bytes).unwrap());
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let keys = keys();
        for text in ["", ".", "..", "...", "a.b.c", "Bearer x", "ééé.é.é"] {
            refusal(&keys, text);
        }
    }
}
