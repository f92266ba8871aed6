//! An issuer that is broken or hostile, or set wrongly.

use std::time::Duration;

use serde_json::json;

use super::super::testing::{AUDIENCE, Issuer, Reply, Signer};
use super::super::{ForeignIssuer, ForeignSettings};
use super::{Scene, code};
use crate::storage::testing::{databases, noon};

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
