//! Access tokens, good and forged.

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

#[test]
fn a_token_that_was_found_good_is_good_no_longer_than_its_time_and_in_no_other_words() {
    let keys = keys();
    let token = keys.issue(&access(), now()).unwrap();
    for _ in 0..2 {
        assert_eq!(keys.verify(token.reveal(), now()).unwrap(), access());
    }
    let end = now() + ACCESS_LIFETIME;
    assert!(keys.verify(token.reveal(), end).unwrap_err().to_string().contains("expired"));
    let [head, claims, signature] = token.reveal().split('.').collect::<Vec<_>>().try_into().unwrap();
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let forged = URL_SAFE_NO_PAD.encode(text.replace("parks:read", "admin"));
    for _ in 0..2 {
        refusal(&keys, &format!("{head}.{forged}.{signature}"));
    }
    assert!(Keys::from_pem(&Keys::generate_pem().unwrap(), ISSUER).unwrap().verify(token.reveal(), now()).is_err());
}
