//! Tokens of a foreign issuer, good and bad, and an issuer that is broken or hostile.

use std::time::Duration;

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::testing::{AUDIENCE, Issuer, Reply, Signer};
use super::*;
use crate::domain::access::{Role, Scope, Visibility};
use crate::storage::testing::{databases, everywhere, noon};

/// An issuer with one key, and the server that knows it.
struct Scene {
    issuer: Issuer,
    key: Signer,
    foreign: ForeignIssuer,
    database: crate::storage::testing::TestDatabase,
}

impl Scene {
    async fn new() -> Self {
        Self::with(Signer::ed25519("one")).await
    }

    async fn with(key: Signer) -> Self {
        let issuer = Issuer::new(&[&key]).await;
        let foreign = issuer.known();
        Self { issuer, key, foreign, database: databases().await.unwrap().swap_remove(0) }
    }

    async fn who(&self, token: &str) -> Result<Principal> {
        self.who_at(token, noon()).await
    }

    async fn who_at(&self, token: &str, now: DateTime<Utc>) -> Result<Principal> {
        self.foreign.authenticate(&self.database.database, token, now).await
    }

    /// A token whose claims were changed; null takes one away.
    fn token(&self, changes: &Value) -> String {
        let mut claims = self.issuer.claims(noon());
        for (claim, value) in changes.as_object().unwrap() {
            claims[claim] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.key.sign(&claims)
    }

    /// The code of a token with such claims, or `good`.
    async fn code(&self, changes: &Value) -> &'static str {
        code(&self.who(&self.token(changes)).await)
    }
}

fn code(outcome: &Result<Principal>) -> &'static str {
    outcome.as_ref().map_or_else(Error::code, |_| "good")
}

const REFUSED: &str = "UNAUTHENTICATED";

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
async fn a_token_for_another_audience_or_of_another_issuer_is_refused() {
    let scene = Scene::new().await;
    for good in [json!({}), json!({ "aud": ["other", AUDIENCE] }), json!({ "aud": ["cognito-client"] })] {
        assert_eq!(scene.code(&good).await, "good", "{good}");
    }
    for bad in [
        json!({ "aud": "other" }),
        json!({ "aud": null }),
        json!({ "aud": [] }),
        json!({ "aud": 7 }),
        json!({ "aud": "other", "client_id": AUDIENCE, "token_use": "access" }),
        json!({ "aud": "PARKS" }),
        json!({ "iss": "https://elsewhere.example" }),
        json!({ "iss": null }),
        json!({ "iss": [scene.issuer.url] }),
        json!({ "iss": format!("{}/", scene.issuer.url) }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "a\nb" }),
    ] {
        assert_eq!(scene.code(&bad).await, REFUSED, "{bad}");
    }
}

/// Amazon Cognito's access tokens have no audience.
#[tokio::test]
async fn a_token_without_an_audience_is_good_by_its_client_if_it_is_an_access_token() {
    let scene = Scene::new().await;
    let cognito = |client: &str, used: Value| json!({ "aud": null, "client_id": client, "token_use": used });
    assert_eq!(scene.code(&cognito("cognito-client", json!("access"))).await, "good");
    assert_eq!(scene.code(&cognito("other-client", json!("access"))).await, REFUSED);
    assert_eq!(scene.code(&cognito("cognito-client", json!("id"))).await, REFUSED);
    assert_eq!(scene.code(&cognito("cognito-client", Value::Null)).await, REFUSED);
}

#[tokio::test]
async fn a_token_is_good_in_its_time_alone() {
    let scene = Scene::new().await;
    let at = noon().timestamp();
    for (changes, expected) in [
        (json!({ "exp": at + 1 }), "good"),
        (json!({ "exp": at }), REFUSED),
        (json!({ "exp": at - 86_400 }), REFUSED),
        (json!({ "exp": null }), REFUSED),
        (json!({ "exp": "tomorrow" }), REFUSED),
        (json!({ "nbf": at }), "good"),
        // The issuer's clock may be a little ahead.
        (json!({ "nbf": at + 60 }), "good"),
        (json!({ "nbf": at + 61 }), REFUSED),
    ] {
        assert_eq!(scene.code(&changes).await, expected, "{changes}");
    }
}

#[tokio::test]
async fn tokens_for_other_ends_are_refused() {
    let scene = Scene::new().await;
    for good in [json!({ "typ": "Bearer" }), json!({ "token_use": "access" })] {
        assert_eq!(scene.code(&good).await, "good", "{good}");
    }
    for bad in [
        json!({ "typ": "Refresh" }),
        json!({ "typ": "Logout" }),
        json!({ "token_use": "refresh" }),
        json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } }),
        json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } }),
    ] {
        assert_eq!(scene.code(&bad).await, REFUSED, "{bad}");
    }
    let claims = scene.issuer.claims(noon());
    let with = |typ: Option<&str>, crit: Option<&str>| {
        let crit = crit.map(|name| vec![name.to_owned()]);
        let header = Header { typ: typ.map(str::to_owned), crit, ..scene.key.header() };
        encode(&header, &claims, &scene.key.signing).unwrap()
    };
    for (typ, crit, expected) in [
        (None, None, "good"),
        (Some("at+jwt"), None, "good"),
        (Some("application/at+JWT"), None, "good"),
        (Some("logout+jwt"), None, REFUSED),
        (Some("dpop+jwt"), None, REFUSED),
        (Some("JWT"), Some("exp"), REFUSED),
    ] {
        assert_eq!(code(&scene.who(&with(typ, crit)).await), expected, "{typ:?} {crit:?}");
    }
}

#[tokio::test]
async fn groups_are_those_of_cognito_and_of_keycloak() {
    let scene = Scene::new().await;
    for changes in [
        json!({ "groups": ["other", "operator"] }),
        json!({ "groups": "operator" }),
        json!({ "groups": null, "cognito:groups": ["operator"] }),
        json!({ "groups": null, "realm_access": { "roles": ["default-roles-x", "operator"] } }),
        json!({ "groups": ["reader"], "cognito:groups": ["operator"] }),
    ] {
        let who = scene.who(&scene.token(&changes)).await.unwrap();
        assert_eq!(who.role, Some(Role::Operator), "{changes}");
    }
    for changes in [
        json!({ "groups": null }),
        json!({ "groups": ["other", "Admin", "*"] }),
        json!({ "groups": { "admin": true } }),
        json!({ "groups": [["admin"]] }),
        json!({ "groups": null, "role": "admin", "scope": "admin" }),
    ] {
        assert_eq!(scene.code(&changes).await, "FORBIDDEN", "{changes}");
    }
}

#[tokio::test]
async fn a_token_that_names_scopes_of_ours_allows_no_more_than_they_do() {
    let scene = Scene::new().await;
    for (scope, expected) in [
        ("openid profile", Role::Operator.scopes()),
        ("openid stats:read", &[Scope::StatsRead]),
        ("parks-api/stats:read parks-api/parks:read", &[Scope::ParksRead, Scope::StatsRead]),
        ("admin", &[]),
    ] {
        let who = scene.who(&scene.token(&json!({ "groups": ["operator"], "scope": scope }))).await.unwrap();
        assert_eq!(who.scopes, expected, "{scope}");
    }
}

#[tokio::test]
async fn a_customer_s_group_sees_the_customer_s_parks_and_never_all() -> Result<()> {
    everywhere(async |database| {
        let key = Signer::ed25519("one");
        let issuer = Issuer::new(&[&key]).await;
        let foreign = issuer.known();
        let mut claims = issuer.claims(noon());
        claims["groups"] = json!(["acme", "admin"]);
        let token = key.sign(&claims);
        let who = async || foreign.authenticate(&database, &token, noon()).await;
        assert_eq!(code(&who().await), "FORBIDDEN", "the customer does not exist yet");
        let acme = super::super::create_customer(&database, "Acme", noon()).await?;
        let principal = who().await?;
        assert_eq!(principal.visibility(), Visibility::Customer(acme.id));
        assert_eq!((principal.role, principal.scopes.as_slice()), (Some(Role::Reader), Role::Reader.scopes()));
        assert_eq!(principal.may_keep_parks().unwrap_err().code(), "FORBIDDEN");
        super::super::rename_customer(&database, acme.id, "Acme Energy", noon()).await?;
        assert_eq!(code(&who().await), "FORBIDDEN", "renamed");
        super::super::delete_customer(&database, acme.id).await?;
        assert_eq!(code(&who().await), "FORBIDDEN", "gone");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_new_key_is_found_with_its_first_token_and_one_that_is_gone_is_forgotten() {
    let scene = Scene::new().await;
    assert_eq!(scene.code(&json!({})).await, "good");
    let new = Signer::rsa("two", 0);
    scene.issuer.publish(&[&new]);
    let mut claims = scene.issuer.claims(noon());
    claims["exp"] = json!(noon().timestamp() + 86_400);
    let (by_old, by_new) = (scene.key.sign(&claims), new.sign(&claims));
    let after = |seconds| noon() + Duration::from_secs(seconds);
    assert_eq!(code(&scene.who_at(&by_new, after(9)).await), REFUSED, "it was asked a moment ago");
    assert_eq!(code(&scene.who_at(&by_old, after(9)).await), "good");
    assert_eq!(code(&scene.who_at(&by_new, after(10)).await), "good");
    assert_eq!(code(&scene.who_at(&by_old, after(11)).await), REFUSED, "it is published no more");
    assert_eq!(scene.issuer.asked(), 2);
}

#[tokio::test]
async fn keys_are_fetched_again_after_some_minutes_without_keeping_anyone_waiting() {
    let scene = Scene::new().await;
    let mut claims = scene.issuer.claims(noon());
    claims["exp"] = json!(noon().timestamp() + 86_400);
    let token = scene.key.sign(&claims);
    let at = |minutes| noon() + Duration::from_mins(minutes);
    assert_eq!(code(&scene.who_at(&token, at(0)).await), "good");
    assert_eq!(code(&scene.who_at(&token, at(9)).await), "good");
    assert_eq!(scene.issuer.asked(), 1);
    scene.issuer.publish(&[]);
    assert_eq!(code(&scene.who_at(&token, at(10)).await), "good", "the old keys until the new ones are there");
    let unknown = Signer::ed25519("two").sign(&claims);
    assert_eq!(code(&scene.who_at(&unknown, at(10)).await), REFUSED, "it waits for what is under way");
    assert_eq!(code(&scene.who_at(&token, at(10)).await), REFUSED, "the key was taken back");
    assert_eq!(scene.issuer.asked(), 2);
}

#[tokio::test]
async fn an_issuer_that_is_down_is_unavailable_until_it_answers() {
    let scene = Scene::new().await;
    scene.issuer.reply("/jwks", Reply::Closed);
    assert_eq!(scene.code(&json!({})).await, "UNAVAILABLE");
    assert_eq!(scene.code(&json!({})).await, "UNAVAILABLE");
    assert_eq!(scene.issuer.asked(), 1, "it is not asked at every request");
    scene.issuer.publish(&[&scene.key]);
    let later = noon() + Duration::from_secs(10);
    assert_eq!(code(&scene.who_at(&scene.token(&json!({})), later).await), "good");
}

#[tokio::test]
async fn the_keys_that_are_known_count_for_an_hour_while_the_issuer_does_not_answer() {
    let scene = Scene::new().await;
    let mut claims = scene.issuer.claims(noon());
    claims["exp"] = json!(noon().timestamp() + 86_400);
    let token = scene.key.sign(&claims);
    let at = |minutes| noon() + Duration::from_mins(minutes);
    assert_eq!(code(&scene.who_at(&token, at(0)).await), "good");
    scene.issuer.reply("/jwks", Reply::Closed);
    assert_eq!(code(&scene.who_at(&token, at(59)).await), "good");
    assert_eq!(code(&scene.who_at(&token, at(60)).await), "UNAVAILABLE");
}

/// What a broken or hostile issuer may answer instead of its keys.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_key_set_is_not_taken_for_one_and_holds_nobody_up() {
    let key = Signer::ed25519("one");
    let good = json!({ "keys": [key.jwk] }).to_string();
    let many: Vec<_> = (0..101).map(|at| json!({ "kty": "oct", "kid": at.to_string() })).chain([key.jwk]).collect();
    let hidden = Signer::ed25519("one");
    for (what, reply) in [
        ("an empty text", Reply::Json(String::new())),
        ("a page", Reply::Json("<html></html>".into())),
        ("another document", Reply::Json(r#"{"keys": {"one": 1}}"#.into())),
        ("deep nesting", Reply::Json(format!(r#"{{"keys":{}"#, "[".repeat(100_000)))),
        ("too many keys", Reply::Json(json!({ "keys": many }).to_string())),
        ("a text that is too long", Reply::Json(format!("{}{good}", " ".repeat(300_000)))),
        ("a text without an end", Reply::Endless),
        ("one that drips", Reply::Dripping(good.clone())),
        ("silence", Reply::Silent),
        ("a closed connection", Reply::Closed),
        ("an error", Reply::Other("500 Internal Server Error", String::new(), good.clone())),
        ("a redirect", Reply::Other("302 Found", "location: /elsewhere\r\n".into(), good.clone())),
        ("a redirect for good", Reply::Other("308 Permanent Redirect", "location: /elsewhere\r\n".into(), good)),
        ("a head that is too long", Reply::Other("200 OK", format!("x: {}\r\n", "x".repeat(100_000)), "{}".into())),
    ] {
        let scene = Scene::new().await;
        scene.issuer.reply("/elsewhere", Reply::Json(json!({ "keys": [scene.key.jwk, hidden.jwk] }).to_string()));
        scene.issuer.reply("/jwks", reply);
        let answer = tokio::time::timeout(Duration::from_secs(5), scene.who(&scene.token(&json!({})))).await;
        assert_eq!(code(&answer.expect(what)), "UNAVAILABLE", "{what}");
        scene.issuer.publish(&[&scene.key]);
        let later = noon() + Duration::from_secs(10);
        assert_eq!(code(&scene.who_at(&scene.token(&json!({})), later).await), "good", "after {what}");
    }
}

#[tokio::test]
async fn a_configuration_that_is_another_s_or_points_elsewhere_is_not_believed() {
    let elsewhere = Issuer::new(&[&Signer::ed25519("one")]).await;
    let scene = Scene::new().await;
    let (issuer, jwks) = (scene.issuer.url.as_str(), format!("{}/jwks", scene.issuer.url));
    let of = |issuer: &str, jwks: &str| Reply::Json(json!({ "issuer": issuer, "jwks_uri": jwks }).to_string());
    for (seconds, configuration) in [
        of(issuer, &format!("{}/jwks", elsewhere.url)),
        of(issuer, "http://169.254.169.254/latest/meta-data"),
        of(issuer, "file:///etc/passwd"),
        of(&elsewhere.url, &jwks),
        of(&format!("{issuer}/"), &jwks),
        Reply::Json("{}".into()),
        Reply::Other("307 Temporary Redirect", format!("location: {}/x\r\n", elsewhere.url), String::new()),
    ]
    .into_iter()
    .enumerate()
    {
        scene.issuer.reply("/.well-known/openid-configuration", configuration);
        let at = noon() + Duration::from_secs(10 * u64::try_from(seconds).unwrap());
        let outcome = scene.who_at(&scene.token(&json!({})), at).await;
        assert_eq!((code(&outcome), scene.issuer.asked(), elsewhere.asked()), ("UNAVAILABLE", 0, 0), "{seconds}");
    }
    scene.issuer.reply("/.well-known/openid-configuration", of(issuer, &jwks));
    let at = noon() + Duration::from_secs(100);
    assert_eq!(code(&scene.who_at(&scene.token(&json!({})), at).await), "good");
}

#[tokio::test]
async fn an_address_of_the_keys_that_is_set_is_asked_and_no_other() {
    let key = Signer::rsa("one", 0);
    let issuer = Issuer::new(&[&key]).await;
    let name = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_parks";
    let jwks_url = Some(format!("{}/jwks", issuer.url));
    let settings = ForeignSettings { issuer: name.into(), jwks_url, ..issuer.settings() };
    let foreign = ForeignIssuer::new(settings, "https://parks.example").unwrap();
    let mut claims = issuer.claims(noon());
    claims["iss"] = json!(name);
    let database = databases().await.unwrap().swap_remove(0);
    let who = foreign.authenticate(&database.database, &key.sign(&claims), noon()).await.unwrap();
    assert_eq!(who.name, "maria (8f1c at cognito-idp.eu-west-1.amazonaws.com/eu-west-1_parks)");
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

/// Tokens of made-up keys must not make us ask the issuer again and again, nor hold our requests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_tokens_of_unknown_keys_cost_one_fetch() {
    let scene = std::sync::Arc::new(Scene::new().await);
    let claims = scene.issuer.claims(noon());
    assert_eq!(scene.code(&json!({})).await, "good");
    let forger = Signer::ed25519("forged");
    let later = noon() + Duration::from_mins(1);
    let mut tasks = JoinSet::new();
    for number in 0..1_000 {
        let header = Header { kid: Some(format!("forged-{number}")), ..forger.header() };
        let token = encode(&header, &claims, &forger.signing).unwrap();
        let scene = scene.clone();
        tasks.spawn(async move { code(&scene.who_at(&token, later).await) });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|code| [REFUSED, "UNAVAILABLE"].contains(code)), "{answers:?}");
    assert_eq!(scene.issuer.asked(), 2);
    assert_eq!(code(&scene.who_at(&scene.token(&json!({})), later).await), "good");
}

#[tokio::test]
async fn no_more_than_a_hundred_wait_for_an_issuer_that_is_silent() {
    let scene = std::sync::Arc::new(Scene::new().await);
    scene.issuer.reply("/jwks", Reply::Silent);
    let mut tasks = JoinSet::new();
    for _ in 0..150 {
        let (scene, token) = (scene.clone(), scene.token(&json!({})));
        tasks.spawn(async move {
            let error = scene.who(&token).await.unwrap_err();
            error.cause().unwrap().to_string()
        });
    }
    let causes = tasks.join_all().await;
    let turned_away = causes.iter().filter(|cause| *cause == "too many wait for a foreign issuer").count();
    assert_eq!((turned_away, scene.issuer.asked()), (50, 1));
}

#[tokio::test]
async fn a_token_says_whose_it_is_and_is_no_longer_than_tokens_are() {
    let scene = Scene::new().await;
    assert!(scene.foreign.is_named_by(&scene.token(&json!({}))));
    assert!(!scene.foreign.is_named_by(&scene.token(&json!({ "iss": "https://parks.example" }))));
    assert!(!scene.foreign.is_named_by(&scene.token(&json!({ "groups": ["x".repeat(40_000)] }))));
    for text in ["", "..", "rubbish", "a.b.c"] {
        assert!(!scene.foreign.is_named_by(text));
    }
}

#[tokio::test]
async fn a_wrong_setting_is_named() {
    let settings = |change: fn(&mut ForeignSettings)| {
        let mut settings = ForeignSettings {
            issuer: "https://id.example.org/realms/energy".into(),
            audiences: vec![AUDIENCE.into()],
            ..ForeignSettings::default()
        };
        change(&mut settings);
        ForeignIssuer::new(settings, "https://parks.example")
    };
    assert!(settings(|_| ()).is_ok());
    for (change, expected) in [
        ((|it| it.issuer = "https://parks.example/".into()) as fn(&mut ForeignSettings), "OIDC_ISSUER: is this server"),
        (|it| it.issuer = "http://id.example.org".into(), "OIDC_ISSUER: is to begin with https://"),
        (|it| it.issuer = "energy".into(), "OIDC_ISSUER: is no address"),
        (|it| it.audiences.clear(), "OIDC_AUDIENCE: is missing"),
        (|it| it.jwks_url = Some("http://id.example.org/keys".into()), "OIDC_JWKS_URL: is to begin with https://"),
        (|it| it.ca_file = Some("/nowhere.pem".into()), "OIDC_CA_FILE: cannot be read"),
        (|it| it.ca_file = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").into()), "OIDC_CA_FILE: holds no"),
    ] {
        let error = settings(change).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
