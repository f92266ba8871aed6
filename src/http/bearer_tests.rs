//! Bearer tokens at `/graphql`: what is refused, and how (RFC 6750). What a token's claims must be is tested one by one
//! where they are read, in `auth`; here each kind of forgery meets the whole server.

use axum::body::Body;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::router::Settings;
use super::testing::{Answer, GRAPHQL, ISSUER, JSON, Server};
use crate::auth::{Keys, delete_user, disable_user, get_user, set_password};
use crate::config::Introspection;
use crate::domain::access::Role;
use crate::domain::secret::Secret;
use crate::error::Result;
use crate::storage::Database;
use crate::storage::testing::everywhere;

async fn token(server: &Server) -> String {
    let answer = server.form("/oauth/token", "grant_type=password&username=rita&password=correct+horse").await;
    answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

#[track_caller]
fn refused(answer: &Answer, what: &str) {
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, json!("UNAUTHENTICATED")), "{what}");
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="energy-parks", error="invalid_token""#, "{what}");
    assert_eq!(answer.json().get("data"), None, "{what}: nothing was executed");
}

fn over(database: &Database, pem: &Secret, issuer: &str) -> Server {
    let keys = Keys::from_pem(pem, issuer).unwrap();
    Server::over(database.clone(), keys, Settings::default(), Introspection::Open)
}

/// One of a token's three parts as JSON.
fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

/// The token with its header and claims changed, under its old signature.
fn changed(token: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let (mut header, mut claims) = (part(token, 0), part(token, 1));
    change(&mut header, &mut claims);
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", encoded(&header), encoded(&claims), token.split('.').nth(2).unwrap())
}

#[tokio::test]
async fn rfc_6750_3_1_every_kind_of_forged_token_is_refused_with_a_challenge() -> Result<()> {
    everywhere(async |database| {
        let (pem, other) = (Keys::generate_pem()?, Keys::generate_pem()?);
        let server = over(&database, &pem, ISSUER);
        server.user("rita", Role::Admin).await;
        let good = token(&server).await;
        assert_eq!(server.viewer(&good).await.status, StatusCode::OK);
        let unsigned = |token: String| format!("{}.", token.rsplit_once('.').unwrap().0);
        let name = part(&token(&over(&database, &other, ISSUER)).await, 0)["kid"].clone();
        let forged = [
            ("of another issuer and audience", token(&over(&database, &pem, "https://elsewhere.example")).await),
            ("of a key that is not known", token(&over(&database, &other, ISSUER)).await),
            ("of another key under this one's name", {
                let foreign = token(&over(&database, &other, ISSUER)).await;
                changed(&foreign, |header, _| header["kid"] = part(&good, 0)["kid"].clone())
            }),
            ("that names another key", changed(&good, |header, _| header["kid"] = name)),
            ("without a key's name", changed(&good, |header, _| drop(header.as_object_mut().unwrap().remove("kid")))),
            ("with alg none and the signature", changed(&good, |header, _| header["alg"] = json!("none"))),
            ("with alg none", unsigned(changed(&good, |header, _| header["alg"] = json!("none")))),
            ("with alg None", unsigned(changed(&good, |header, _| header["alg"] = json!("None")))),
            ("with alg HS256", changed(&good, |header, _| header["alg"] = json!("HS256"))),
            ("with alg ES256", changed(&good, |header, _| header["alg"] = json!("ES256"))),
            ("with another scope", changed(&good, |_, claims| claims["scope"] = json!("admin"))),
            ("of another user", changed(&good, |_, claims| claims["sub"] = json!("1"))),
            ("that lives longer", changed(&good, |_, claims| claims["exp"] = json!(9_999_999_999_u64))),
            ("without a signature", unsigned(good.clone())),
            ("with half of its signature", good[..good.len() - 40].to_owned()),
            ("with a part too many", format!("{good}.x")),
            ("that is none", "rubbish".to_owned()),
        ];
        for (what, token) in forged {
            refused(&server.viewer(&token).await, what);
        }
        assert_eq!(server.viewer(&good).await.status, StatusCode::OK);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn rfc_6750_3_1_a_token_that_has_expired_is_refused_with_a_challenge() {
    let server = Server::new().await;
    let token = token(&server).await;
    server.pass(std::time::Duration::from_mins(15));
    refused(&server.viewer(&token).await, "expired");
}

#[tokio::test]
async fn what_is_done_to_a_user_in_one_process_refuses_its_token_in_another_with_the_next_request() -> Result<()> {
    everywhere(async |database| {
        let pem = Keys::generate_pem()?;
        let (one, other) = (over(&database, &pem, ISSUER), over(&database, &pem, ISSUER));
        for what in ["a new password", "disabled", "deleted", "signed out", "revoked"] {
            one.user("rita", Role::Reader).await;
            let token = token(&one).await;
            assert_eq!(other.viewer(&token).await.status, StatusCode::OK, "{what}");
            let (user, now) = (get_user(&database, "rita").await?.id, one.app.now());
            match what {
                "a new password" => {
                    let password = Secret::new("another horse");
                    set_password(&database, &one.app.passwords, user, &password, now).await?;
                }
                "disabled" => disable_user(&database, user, now).await?,
                "deleted" => delete_user(&database, user).await?,
                _ => assert_eq!(one.form("/oauth/revoke", &format!("token={token}")).await.status, StatusCode::OK),
            }
            refused(&other.viewer(&token).await, what);
            if what != "deleted" {
                delete_user(&database, user).await?;
            }
        }
        Ok(())
    })
    .await
}

/// A key is changed as the README says: the next one is accepted first, then it signs.
#[tokio::test]
async fn a_change_of_the_signing_key_logs_nobody_out() -> Result<()> {
    everywhere(async |database| {
        let (old, new) = (Keys::generate_pem()?, Keys::generate_pem()?);
        let server = |signing: &Secret, accepted: &Secret| {
            let mut keys = Keys::from_pem(signing, ISSUER).unwrap();
            keys.accept_pem(accepted).unwrap();
            Server::over(database.clone(), keys, Settings::default(), Introspection::Open)
        };
        let (before, after) = (server(&old, &new), server(&new, &old));
        before.user("rita", Role::Reader).await;
        let (by_old, by_new) = (token(&before).await, token(&after).await);
        assert_ne!(part(&by_old, 0)["kid"], part(&by_new, 0)["kid"]);
        for server in [&before, &after] {
            for token in [&by_old, &by_new] {
                assert_eq!(server.viewer(token).await.status, StatusCode::OK);
            }
            let set = server.get("/.well-known/jwks.json").await.json();
            assert_eq!(set["keys"].as_array().unwrap().len(), 2);
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn rfc_6750_3_1_the_challenge_tells_no_error_where_no_credential_was_shown() {
    let server = Server::new().await;
    let form = ("content-type", "multipart/form-data; boundary=x");
    let answer = server.send("POST", "/graphql", &[form, GRAPHQL], Body::from("--x--")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="energy-parks""#);
}

#[tokio::test]
async fn rfc_6750_3_1_a_token_that_allows_too_little_is_told_so() {
    let server = Server::new().await;
    let bearer = format!("Bearer {}", token(&server).await);
    let form = ("content-type", "multipart/form-data; boundary=x");
    let answer = server.send("POST", "/graphql", &[form, ("authorization", &bearer)], Body::from("--x--")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="energy-parks", error="insufficient_scope""#);
}

#[tokio::test]
async fn rfc_6750_2_3_a_token_in_the_address_or_in_two_places_is_none() {
    let server = Server::new().await;
    let token = token(&server).await;
    let body = r#"{"query":"{ viewer { name } }"}"#;
    let in_address = server.send("POST", &format!("/graphql?access_token={token}"), &[JSON, GRAPHQL], body).await;
    assert_eq!(in_address.code(), json!("UNAUTHENTICATED"));
    let bearer = format!("Bearer {token}");
    let twice = [JSON, GRAPHQL, ("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
    refused(&server.send("POST", "/graphql", &twice, body).await, "two credentials");
}
