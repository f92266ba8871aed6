//! API keys as OAuth clients, as RFC 6749 has it, each behaviour by its section, on each kind of database.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::super::router::Settings;
use super::super::testing::{Answer, FORM, ISSUER, Server};
use crate::auth::{self, Keys, NewApiKey, create_api_key, create_customer};
use crate::config::Introspection;
use crate::domain::access::Role;
use crate::domain::api_key::{Allowance, ApiKey, Owner};
use crate::domain::secret::Secret;
use crate::error::Result;
use crate::storage::Database;
use crate::storage::testing::everywhere;

const GRANT: &str = "grant_type=client_credentials";

fn over(database: &Database, pem: &Secret) -> Server {
    let keys = Keys::from_pem(pem, ISSUER).unwrap();
    Server::over(database.clone(), keys, Settings::default(), Introspection::Open)
}

fn server(database: &Database) -> Server {
    over(database, &Keys::generate_pem().unwrap())
}

/// A key of the customer `name`, which reads.
async fn key(server: &Server, name: &str, allowance: Allowance) -> Result<(ApiKey, Secret)> {
    let (database, now) = (&server.app.database, server.app.now());
    let owner = Owner::Customer(create_customer(database, name, now).await?);
    let new = NewApiKey { name: "nightly".into(), owner, scopes: None, expires_at: None, allowance };
    create_api_key(database, new, now).await
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

async fn by_header(server: &Server, header: &str, body: &str) -> Answer {
    server.send("POST", "/oauth/token", &[FORM, ("authorization", header)], body.to_owned()).await
}

async fn by_form(server: &Server, (key, shown): &(ApiKey, Secret), rest: &str) -> Answer {
    let body = format!("{GRANT}&client_id={}&client_secret={}{rest}", key.shown_prefix(), shown.reveal());
    server.form("/oauth/token", &body).await
}

fn token(answer: &Answer) -> String {
    answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (status, &json!(code)), "{}", answer.text());
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
}

#[tokio::test]
async fn rfc_6749_4_4_3_an_api_key_gets_a_token_for_itself_and_no_refresh_token() -> Result<()> {
    everywhere(async |database| {
        let server = server(&database);
        let client = key(&server, "me", Allowance::default()).await?;
        let answer = by_form(&server, &client, "").await;
        let body = answer.json();
        assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert_eq!(body["scope"], "parks:read readings:read stats:read");
        assert_eq!(body.as_object().unwrap().len(), 4, "{body}");
        let who = server.viewer(&token(&answer)).await.json();
        assert_eq!(who["data"]["viewer"]["name"], "nightly");
        // RFC 9068, section 2.2: without a user the client is the subject.
        let claims = URL_SAFE_NO_PAD.decode(token(&answer).split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let name = json!(client.0.shown_prefix());
        assert_eq!((&claims["sub"], &claims["client_id"]), (&name, &name));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn rfc_6749_4_4_the_public_client_has_no_credentials_to_get_a_token_for() {
    let server = Server::new().await;
    for client in ["", "&client_id=energy-parks", "&username=rita&password=correct+horse"] {
        refused(&server.form("/oauth/token", &format!("{GRANT}{client}")).await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn rfc_6749_2_3_1_a_client_authenticates_by_header_or_by_form() -> Result<()> {
    everywhere(async |database| {
        let server = server(&database);
        let (key, shown) = key(&server, "me", Allowance::default()).await?;
        let (id, secret) = (key.shown_prefix(), shown.reveal());
        let encoded = format!("{}:{}", id.replace('_', "%5F"), secret.replace('_', "%5f"));
        for header in [basic(&id, secret), basic(&id, secret).replace("Basic", "bAsIc"), {
            format!("Basic {}", STANDARD.encode(encoded))
        }] {
            let answer = by_header(&server, &header, GRANT).await;
            assert_eq!(server.viewer(&token(&answer)).await.status, StatusCode::OK, "{header}");
            let also_named = by_header(&server, &header, &format!("{GRANT}&client_id={id}")).await;
            assert_eq!(also_named.status, StatusCode::OK);
        }
        let answer = by_form(&server, &(key, shown), "").await;
        assert_eq!(server.viewer(&token(&answer)).await.status, StatusCode::OK);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn rfc_6749_5_2_a_client_with_a_wrong_secret_is_refused_with_a_challenge() -> Result<()> {
    everywhere(async |database| {
        let server = server(&database);
        let (one, other) =
            (key(&server, "one", Allowance::default()).await?, key(&server, "two", Allowance::default()));
        let other = other.await?;
        let (id, secret) = (one.0.shown_prefix(), one.1.reveal());
        let guess = format!("{id}_{}", "A".repeat(43));
        let named_otherwise = one.0.id.0.to_string();
        for (what, header) in [
            ("a guess", basic(&id, &guess)),
            ("no secret", basic(&id, "")),
            ("the name as the secret", basic(&id, &id)),
            ("another's key", basic(&id, other.1.reveal())),
            ("another's name", basic(&other.0.shown_prefix(), secret)),
            ("another kind of name", basic(&named_otherwise, secret)),
            ("the public client's name", basic("energy-parks", secret)),
            ("no name", basic("", secret)),
        ] {
            let answer = by_header(&server, &header, GRANT).await;
            refused(&answer, 401, "invalid_client");
            assert_eq!(answer.header("www-authenticate"), r#"Basic realm="energy-parks", charset="UTF-8""#, "{what}");
            assert!(!answer.text().contains(secret), "{what}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn rfc_6749_3_3_a_client_may_ask_for_less_than_its_key_allows_and_never_for_more() -> Result<()> {
    everywhere(async |database| {
        let server = server(&database);
        let client = key(&server, "me", Allowance::default()).await?;
        for more in ["readings:write", "admin", "stats:read+admin", "everything", "+"] {
            refused(&by_form(&server, &client, &format!("&scope={more}")).await, 400, "invalid_scope");
        }
        let answer = by_form(&server, &client, "&scope=stats:read").await;
        assert_eq!(answer.json()["scope"], "stats:read");
        let who = server.viewer(&token(&answer)).await.json();
        assert_eq!(who["data"]["viewer"]["scope"], json!(["STATS_READ"]), "the token allows no more than it says");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn rfc_6749_5_2_an_api_key_is_no_client_of_people() -> Result<()> {
    everywhere(async |database| {
        let server = server(&database);
        server.user("rita", Role::Reader).await;
        let (key, shown) = key(&server, "me", Allowance::default()).await?;
        let header = basic(&key.shown_prefix(), shown.reveal());
        for body in
            ["grant_type=password&username=rita&password=correct+horse", "grant_type=refresh_token&refresh_token=x"]
        {
            refused(&by_header(&server, &header, body).await, 400, "unauthorized_client");
        }
        refused(&by_header(&server, &header, "grant_type=implicit").await, 400, "unsupported_grant_type");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_token_of_an_api_key_ends_with_the_key_on_every_server() -> Result<()> {
    everywhere(async |database| {
        let pem = Keys::generate_pem()?;
        let (one, other) = (over(&database, &pem), over(&database, &pem));
        one.user("oli", Role::Operator).await;
        for what in ["revoked", "expired", "its user disabled", "its user deleted"] {
            let now = one.app.now();
            let user = auth::get_user(&database, "oli").await?;
            let owner = Owner::User(user.clone());
            let expires_at = Some(now + std::time::Duration::from_mins(1));
            let new = NewApiKey { name: what.into(), owner, scopes: None, expires_at, allowance: Allowance::default() };
            let client = create_api_key(&database, new, now).await?;
            let bearer = token(&by_form(&one, &client, "").await);
            assert_eq!(other.viewer(&bearer).await.status, StatusCode::OK, "{what}");
            match what {
                "revoked" => assert!(auth::revoke_api_key(&database, client.0.id, now).await?),
                "expired" => {
                    one.pass(std::time::Duration::from_mins(1));
                    other.pass(std::time::Duration::from_mins(1));
                }
                "its user disabled" => auth::disable_user(&database, user.id, now).await?,
                _ => auth::delete_user(&database, user.id).await?,
            }
            let answer = other.viewer(&bearer).await;
            assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, json!("UNAUTHENTICATED")), "{what}");
            assert!(answer.header("www-authenticate").contains("invalid_token"), "{what}");
            refused(&by_form(&one, &client, "").await, 401, "invalid_client");
            if what == "its user disabled" {
                auth::enable_user(&database, user.id, now).await?;
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_token_of_an_api_key_expires_by_itself() -> Result<()> {
    everywhere(async |database| {
        let server = server(&database);
        let client = key(&server, "me", Allowance::default()).await?;
        let bearer = token(&by_form(&server, &client, "").await);
        server.pass(std::time::Duration::from_secs(899));
        assert_eq!(server.viewer(&bearer).await.status, StatusCode::OK);
        server.pass(std::time::Duration::from_secs(1));
        assert_eq!(server.viewer(&bearer).await.status, StatusCode::UNAUTHORIZED);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_role_that_loses_a_scope_takes_it_from_the_tokens_of_its_keys() -> Result<()> {
    everywhere(async |database| {
        let server = server(&database);
        server.user("oli", Role::Operator).await;
        let user = auth::get_user(&database, "oli").await?;
        let owner = Owner::User(user.clone());
        let new =
            NewApiKey { name: "x".into(), owner, scopes: None, expires_at: None, allowance: Allowance::default() };
        let client = create_api_key(&database, new, server.app.now()).await?;
        let bearer = token(&by_form(&server, &client, "&scope=readings:write+stats:read").await);
        let scope = async || server.viewer(&bearer).await.json()["data"]["viewer"]["scope"].clone();
        assert_eq!(scope().await, json!(["STATS_READ", "READINGS_WRITE"]));
        let changes = auth::UserChanges { role: Some(Role::Reader), ..auth::UserChanges::default() };
        auth::update_user(&database, user.id, changes, server.app.now()).await?;
        assert_eq!(scope().await, json!(["STATS_READ"]));
        refused(&by_form(&server, &client, "&scope=readings:write").await, 400, "invalid_scope");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_api_key_has_one_allowance_for_itself_and_its_tokens() -> Result<()> {
    everywhere(async |database| {
        let server = server(&database);
        let allowance = Allowance { per_minute: None, per_day: Some(3) };
        let client = key(&server, "me", allowance).await?;
        let bearer = token(&by_form(&server, &client, "").await);
        for _ in 0..2 {
            assert_eq!(server.viewer(&bearer).await.status, StatusCode::OK);
        }
        let answer = server.viewer(&bearer).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::TOO_MANY_REQUESTS, json!("RATE_LIMITED")));
        let answer = by_form(&server, &client, "").await;
        refused(&answer, 429, "temporarily_unavailable");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn rfc_7009_2_2_1_what_an_api_key_has_got_ends_with_the_key_and_not_by_itself() -> Result<()> {
    everywhere(async |database| {
        let server = server(&database);
        server.user("rita", Role::Reader).await;
        let client = key(&server, "me", Allowance::default()).await?;
        let bearer = token(&by_form(&server, &client, "").await);
        let body = format!("token={bearer}");
        refused(&server.form("/oauth/revoke", &body).await, 400, "unsupported_token_type");
        let rita = server.sign_in("rita").await;
        let rita = rita.trim_start_matches("Bearer ");
        let header = basic(&client.0.shown_prefix(), client.1.reveal());
        for token in [rita, &bearer] {
            let body = format!("token={token}");
            let headers = [FORM, ("authorization", header.as_str())];
            refused(&server.send("POST", "/oauth/revoke", &headers, body).await, 400, "unauthorized_client");
            assert_eq!(server.viewer(token).await.status, StatusCode::OK, "nothing was revoked");
        }
        let headers = [FORM, ("authorization", &basic(&client.0.shown_prefix(), "guess"))];
        refused(&server.send("POST", "/oauth/revoke", &headers, body).await, 401, "invalid_client");
        Ok(())
    })
    .await
}
