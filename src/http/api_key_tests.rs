//! API keys through the router.

use axum::http::StatusCode;
use serde_json::json;

use super::testing::{GRAPHQL, JSON, Server};
use crate::auth::{NewApiKey, create_api_key, create_customer, revoke_api_key};
use crate::domain::api_key::{Allowance, Owner};

#[tokio::test]
async fn an_api_key_signs_in_until_it_is_revoked_or_used_too_often() {
    let server = Server::new().await;
    let (database, now) = (&server.app.database, server.app.now());
    let customer = create_customer(database, "me", now).await.unwrap();
    let new = NewApiKey {
        name: "nightly".into(),
        owner: Owner::Customer(customer),
        scopes: None,
        expires_at: None,
        allowance: Allowance { per_minute: None, per_day: Some(2) },
    };
    let ask = async |shown: &str| {
        let body = json!({ "query": "{ viewer { name role scope } }" }).to_string();
        server.send("POST", "/graphql", &[JSON, GRAPHQL, ("x-api-key", shown)], body).await
    };
    let (key, shown) = create_api_key(database, new.clone(), now).await.unwrap();
    let viewer = json!({ "name": "nightly", "role": null, "scope": ["PARKS_READ", "READINGS_READ", "STATS_READ"] });
    for _ in 0..2 {
        let answer = ask(shown.reveal()).await;
        assert_eq!((answer.status, answer.json()["data"].clone()), (StatusCode::OK, json!({ "viewer": viewer })));
    }
    let answer = ask(shown.reveal()).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::TOO_MANY_REQUESTS, json!("RATE_LIMITED")));
    let told = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map(|name| answer.header(name));
    assert_eq!(told, ["2", "0", answer.header("retry-after")], "the key's own limit, and not its address's");
    revoke_api_key(database, key.id, now).await.unwrap();
    let answer = ask(shown.reveal()).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, json!("UNAUTHENTICATED")));
    assert!(answer.header("www-authenticate").starts_with("Bearer "));
    assert!(!answer.text().contains(&key.prefix), "{}", answer.text());
}
