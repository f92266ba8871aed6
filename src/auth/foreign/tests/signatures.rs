//! By which key a token is signed, and by which it is judged.

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::super::testing::Signer;
use super::{REFUSED, Scene, code};
use crate::domain::access::{Role, Visibility};
use crate::storage::testing::noon;

#[tokio::test]
async fn a_good_token_of_each_kind_of_key_opens_what_its_groups_may() {
    for key in [Signer::rsa("one", 0), Signer::p256("one"), Signer::ed25519("one")] {
        let scene = Scene::with(key).await;
        let who = scene.who(&scene.token(&json!({}))).await.unwrap();
        assert_eq!(who.scopes, Role::Reader.scopes());
        assert_eq!((who.role, who.user_id, who.visibility()), (Some(Role::Reader), None, Visibility::Everything));
        assert_eq!(who.name, format!("maria (8f1c at {})", scene.issuer.url.trim_start_matches("http://")));
        assert_eq!(scene.issuer.asked(), 1);
        let again = scene.who(&scene.token(&json!({ "groups": ["operator"] }))).await.unwrap();
        let other = scene.who(&scene.token(&json!({ "sub": "8f1d" }))).await.unwrap();
        assert_eq!(who.foreign, again.foreign, "one user, whatever the token");
        assert_ne!(who.foreign, other.foreign);
    }
}

#[tokio::test]
async fn the_algorithm_follows_from_the_key_whether_it_tells_one_or_not() {
    for (key, alg) in
        [(Signer::rsa("one", 0), "RS256"), (Signer::p256("one"), "ES256"), (Signer::ed25519("one"), "EdDSA")]
    {
        let scene = Scene::with(key.published_with(&json!({ "alg": null, "use": null }))).await;
        assert_eq!(scene.code(&json!({})).await, "good", "{alg} untold");
        let claims = scene.issuer.claims(noon());
        // The public key is known to all: used as a secret it must open nothing.
        let secrets = [scene.key.jwk.to_string(), scene.key.jwk["n"].to_string(), scene.key.jwk["x"].to_string()];
        for secret in secrets {
            let header = Header { kid: Some("one".into()), ..Header::default() };
            let token = encode(&header, &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap();
            assert_eq!(code(&scene.who(&token).await), REFUSED, "HS256");
        }
        let good = scene.token(&json!({}));
        let (body, signature) = (good.split('.').nth(1).unwrap(), good.split('.').nth(2).unwrap());
        for forged in ["none", "None", "HS256", "RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"] {
            let header = json!({ "alg": forged, "kid": "one" }).to_string();
            let header = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
            assert_eq!(code(&scene.who(&format!("{header}.{body}.")).await), REFUSED, "{forged} without a signature");
            assert_eq!(code(&scene.who(&format!("{header}.{body}.{signature}")).await), REFUSED, "{forged}");
        }
        assert_eq!(scene.issuer.asked(), 1, "a forged algorithm costs no fetch");
    }
}

#[tokio::test]
async fn keys_for_other_ends_or_of_other_kinds_open_nothing() {
    for (key, changes) in [
        (Signer::ed25519("one"), json!({ "use": "enc" })),
        (Signer::ed25519("one"), json!({ "key_ops": ["sign"] })),
        (Signer::ed25519("one"), json!({ "alg": "ES256" })),
        (Signer::ed25519("one"), json!({ "kid": null })),
        (Signer::ed25519("one"), json!({ "crv": "X25519" })),
        (Signer::ed25519("one"), json!({ "x": "AAAA" })),
        (Signer::p256("one"), json!({ "crv": "P-384" })),
        (Signer::p256("one"), json!({ "y": "AAAA" })),
        (Signer::p256("one"), json!({ "kty": "OKP" })),
        (Signer::rsa("one", 0), json!({ "alg": "RS512" })),
        (Signer::rsa("one", 0), json!({ "alg": "RSA-OAEP", "use": "enc" })),
        (Signer::rsa("one", 0), json!({ "n": "AQAB" })),
        (Signer::rsa("one", 0), json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256" })),
    ] {
        let scene = Scene::with(key.published_with(&changes)).await;
        assert_eq!(scene.code(&json!({})).await, REFUSED, "{changes}");
    }
    let fine = Signer::ed25519("one").published_with(&json!({ "key_ops": ["verify"], "x5c": ["rubbish"], "other": 1 }));
    assert_eq!(Scene::with(fine).await.code(&json!({})).await, "good");
}

#[tokio::test]
async fn a_token_whose_key_or_signature_is_another_s_is_refused() {
    let scene = Scene::new().await;
    let (claims, other) = (scene.issuer.claims(noon()), Signer::ed25519("one"));
    assert_eq!(code(&scene.who(&other.sign(&claims)).await), REFUSED, "another key of the same name");
    let unnamed = encode(&Header::new(scene.key.algorithm), &claims, &scene.key.signing).unwrap();
    assert_eq!(code(&scene.who(&unnamed).await), REFUSED, "no kid");
    let good = scene.token(&json!({}));
    for at in (0..good.len()).step_by(7) {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(code(&scene.who(&String::from_utf8(bytes).unwrap()).await), REFUSED, "character {at}");
    }
    for text in ["", ".", "..", "a.b.c", &format!("{good}.x"), &good[..good.len() - 40]] {
        assert_eq!(code(&scene.who(text).await), REFUSED, "{text}");
    }
    assert_eq!(code(&scene.who(&good).await), "good");
}

#[tokio::test]
async fn two_keys_of_one_name_are_told_apart_by_their_kind_and_else_open_nothing() {
    let (ed, rsa, p256) = (Signer::ed25519("one"), Signer::rsa("one", 0), Signer::p256("one"));
    let scene = Scene::with(ed).await;
    let claims = scene.issuer.claims(noon());
    scene.issuer.publish(&[&scene.key, &rsa, &p256, &scene.key]);
    for key in [&scene.key, &rsa, &p256] {
        assert_eq!(code(&scene.who(&key.sign(&claims)).await), "good", "{:?}", key.algorithm);
    }
    let (one, other) = (Signer::rsa("one", 0), Signer::rsa("one", 1));
    let scene = Scene::with(one).await;
    scene.issuer.publish(&[&scene.key, &other, &scene.key]);
    for key in [&scene.key, &other] {
        assert_eq!(code(&scene.who(&key.sign(&claims)).await), REFUSED, "nobody chooses");
    }
}
