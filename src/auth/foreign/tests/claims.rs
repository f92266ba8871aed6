//! For whom, from whom, when and for which end a token is.

use jsonwebtoken::{Header, encode};
use serde_json::{Value, json};

use super::super::testing::AUDIENCE;
use super::{REFUSED, Scene, code};
use crate::storage::testing::noon;

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
async fn a_token_says_whose_it_is_and_is_no_longer_than_tokens_are() {
    let scene = Scene::new().await;
    assert!(scene.foreign.is_named_by(&scene.token(&json!({}))));
    assert!(!scene.foreign.is_named_by(&scene.token(&json!({ "iss": "https://parks.example" }))));
    assert!(!scene.foreign.is_named_by(&scene.token(&json!({ "groups": ["x".repeat(40_000)] }))));
    for text in ["", "..", "rubbish", "a.b.c"] {
        assert!(!scene.foreign.is_named_by(text));
    }
}
