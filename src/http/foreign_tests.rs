//! Tokens of a foreign issuer through the router.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::router::Settings;
use super::testing::{Answer, GRAPHQL, ISSUER, JSON, Server};
use crate::auth::foreign_testing::{Issuer, Reply, Signer};
use crate::auth::{Keys, create_customer};
use crate::config::Introspection;
use crate::domain::access::Role;
use crate::domain::secret::Secret;
use crate::error::Result;
use crate::storage::Database;
use crate::storage::testing::{everywhere, park};

fn server(database: &Database, issuer: &Issuer, pem: &Secret) -> Server {
    let keys = Keys::from_pem(pem, ISSUER).unwrap();
    let (settings, open) = (Settings::default(), Introspection::Open);
    Server::beside(Some(issuer.known()), database.clone(), keys, settings, open)
}

async fn ask(server: &Server, token: &str, query: &str) -> Answer {
    let headers = [JSON, GRAPHQL, ("authorization", &format!("Bearer {token}"))];
    server.send("POST", "/graphql", &headers, json!({ "query": query }).to_string()).await
}

fn with(issuer: &Issuer, server: &Server, changes: &Value) -> Value {
    let mut claims = issuer.claims(server.app.now());
    for (claim, value) in changes.as_object().unwrap() {
        claims[claim] = value.clone();
    }
    claims
}

#[tokio::test]
async fn a_foreign_token_opens_the_api_and_rfc_6750_3_1_a_bad_one_is_refused_with_a_challenge() -> Result<()> {
    everywhere(async |database| {
        let key = Signer::rsa("one", 0);
        let issuer = Issuer::new(&[&key]).await;
        let server = server(&database, &issuer, &Keys::generate_pem()?);
        let answer = server.viewer(&key.sign(&with(&issuer, &server, &json!({})))).await;
        let name = format!("maria (8f1c at {})", issuer.url.trim_start_matches("http://"));
        assert_eq!(answer.json()["data"]["viewer"]["name"], name, "{}", answer.text());
        let at = server.app.now().timestamp();
        let (forger, short) = (Signer::rsa("one", 1), key.sign(&with(&issuer, &server, &json!({ "exp": at + 1 }))));
        let good = with(&issuer, &server, &json!({}));
        for (what, token) in [
            ("of another key", forger.sign(&good)),
            ("of a key that is not published", Signer::ed25519("two").sign(&good)),
            ("for another audience", key.sign(&with(&issuer, &server, &json!({ "aud": "other" })))),
            ("not yet valid", key.sign(&with(&issuer, &server, &json!({ "nbf": at + 3_600 })))),
            ("that says it is ours", key.sign(&with(&issuer, &server, &json!({ "iss": ISSUER })))),
            ("of a third issuer", key.sign(&with(&issuer, &server, &json!({ "iss": "https://third.example" })))),
            ("that has expired", {
                server.pass(std::time::Duration::from_secs(1));
                short
            }),
        ] {
            let answer = server.viewer(&token).await;
            assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, json!("UNAUTHENTICATED")), "{what}");
            let challenge = r#"Bearer realm="energy-parks", error="invalid_token""#;
            assert_eq!(answer.header("www-authenticate"), challenge, "{what}");
        }
        let nobody = server.viewer(&key.sign(&with(&issuer, &server, &json!({ "groups": [] })))).await;
        assert_eq!((nobody.status, nobody.code()), (StatusCode::FORBIDDEN, json!("FORBIDDEN")));
        assert!(nobody.header("www-authenticate").contains("insufficient_scope"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_foreign_key_of_the_name_of_ours_signs_no_token_of_ours_and_spoils_none() -> Result<()> {
    everywhere(async |database| {
        let pem = Keys::generate_pem()?;
        let our_name = Keys::from_pem(&pem, ISSUER)?.public_set()["keys"][0]["kid"].as_str().unwrap().to_owned();
        let key = Signer::ed25519(&our_name);
        let issuer = Issuer::new(&[&key]).await;
        let server = server(&database, &issuer, &pem);
        server.user("rita", Role::Reader).await;
        let ours = server.sign_in("rita").await.trim_start_matches("Bearer ").to_owned();
        let theirs = key.sign(&with(&issuer, &server, &json!({})));
        for token in [&ours, &theirs] {
            assert_eq!(server.viewer(token).await.status, StatusCode::OK);
        }
        // The foreign issuer writes what our tokens say.
        let claims = ours.split('.').nth(1).unwrap();
        let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims).unwrap();
        let forged = key.sign(&serde_json::from_slice(&claims).unwrap());
        assert_eq!(server.viewer(&forged).await.status, StatusCode::UNAUTHORIZED);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn while_the_issuer_is_down_its_tokens_are_unavailable_and_ours_go_on() -> Result<()> {
    everywhere(async |database| {
        let key = Signer::p256("one");
        let issuer = Issuer::new(&[&key]).await;
        issuer.reply("/jwks", Reply::Silent);
        let server = server(&database, &issuer, &Keys::generate_pem()?);
        server.user("rita", Role::Reader).await;
        let ours = server.sign_in("rita").await.trim_start_matches("Bearer ").to_owned();
        let theirs = key.sign(&with(&issuer, &server, &json!({})));
        let (waiting, ours) = tokio::join!(server.viewer(&theirs), server.viewer(&ours));
        assert_eq!((waiting.status, waiting.code()), (StatusCode::SERVICE_UNAVAILABLE, json!("UNAVAILABLE")));
        assert!(waiting.header("retry-after").parse::<u32>().is_ok());
        assert!(!waiting.text().contains("127.0.0.1"), "{}", waiting.text());
        assert_eq!(ours.status, StatusCode::OK);
        issuer.publish(&[&key]);
        server.pass(std::time::Duration::from_secs(10));
        assert_eq!(server.viewer(&theirs).await.status, StatusCode::OK);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_customer_s_group_sees_the_parks_of_the_customer_alone() -> Result<()> {
    everywhere(async |database| {
        let key = Signer::ed25519("one");
        let issuer = Issuer::new(&[&key]).await;
        let server = server(&database, &issuer, &Keys::generate_pem()?);
        let acme = create_customer(&database, "Acme", server.app.now()).await?;
        let bemmel = park(&database, "Bemmel", "Europe/Amsterdam").await?.id;
        park(&database, "Zeewolde", "Europe/Amsterdam").await?;
        crate::auth::grant_parks(&database, acme.id, &[bemmel], server.app.now()).await?;
        let token = key.sign(&with(&issuer, &server, &json!({ "groups": ["acme", "admin"] })));
        let seen = ask(&server, &token, "{ parks { nodes { name } totalCount } }").await.json();
        assert_eq!(seen["data"]["parks"], json!({ "nodes": [{ "name": "Bemmel" }], "totalCount": 1 }), "{seen}");
        let staff = key.sign(&with(&issuer, &server, &json!({ "groups": ["admin"] })));
        let seen = ask(&server, &staff, "{ parks { totalCount } }").await.json();
        assert_eq!(seen["data"]["parks"]["totalCount"], 2, "{seen}");
        Ok(())
    })
    .await
}
