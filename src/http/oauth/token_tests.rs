//! `/oauth/token` as RFC 6749 has it, each behaviour by its section.

use axum::body::Body;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::task::JoinSet;

use super::super::router::Settings;
use super::super::testing::{Answer, FORM, ISSUER, Server};
use crate::auth::Keys;
use crate::config::Introspection;
use crate::domain::access::Role;
use crate::storage::testing::everywhere;

const SIGN_IN: &str = "grant_type=password&username=rita&password=correct+horse";

async fn token(server: &Server, body: &str) -> Answer {
    server.form("/oauth/token", body).await
}

fn text(answer: &Answer, field: &str) -> String {
    answer.json()[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", answer.text())).to_owned()
}

/// An error must have a status, a code, a description, and be kept by no cache.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), text(answer, "error").as_str()), (status, code), "{}", answer.text());
    assert!(!text(answer, "error_description").is_empty());
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn rfc_6749_3_2_the_endpoint_takes_post_alone() {
    let server = Server::new().await;
    for method in ["GET", "PUT", "DELETE"] {
        let answer = server.send(method, &format!("/oauth/token?{SIGN_IN}"), &[], Body::empty()).await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"), "{method}");
    }
}

#[tokio::test]
async fn rfc_6749_3_2_parameters_come_as_a_form_and_never_in_the_address() {
    let server = Server::new().await;
    for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x", "", "rubbish"] {
        let answer = server.send("POST", "/oauth/token", &[("content-type", kind)], SIGN_IN).await;
        refused(&answer, 400, "invalid_request");
    }
    refused(&server.send("POST", "/oauth/token", &[], SIGN_IN).await, 400, "invalid_request");
    let packed = [FORM, ("content-encoding", "gzip")];
    refused(&server.send("POST", "/oauth/token", &packed, SIGN_IN).await, 400, "invalid_request");
    refused(&server.form(&format!("/oauth/token?{SIGN_IN}"), "").await, 400, "invalid_request");
    let utf_8 = [("content-type", "application/x-www-form-urlencoded; charset=UTF-8")];
    assert_eq!(server.send("POST", "/oauth/token", &utf_8, SIGN_IN).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rfc_6749_3_2_a_parameter_stands_at_most_once_and_unknown_ones_are_ignored() {
    let server = Server::new().await;
    for twice in ["username=rita", "grant_type=password", "scope=", "nonsense=1&nonsense=1"] {
        refused(&token(&server, &format!("{SIGN_IN}&scope=stats:read&{twice}")).await, 400, "invalid_request");
    }
    assert_eq!(token(&server, &format!("{SIGN_IN}&nonsense=1&audience=x")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rfc_6749_4_3_a_name_and_a_password_bring_tokens_that_the_api_takes() {
    let server = Server::new().await;
    let answer = token(&server, SIGN_IN).await;
    let who = server.viewer(&text(&answer, "access_token")).await;
    assert_eq!(who.json()["data"]["viewer"]["name"], "rita");
    for lacking in ["grant_type=password&username=rita", "grant_type=password&password=x&username="] {
        refused(&token(&server, lacking).await, 400, "invalid_request");
    }
}

#[tokio::test]
async fn rfc_6749_4_3_2_guesses_at_a_password_are_slowed_down_and_the_right_one_gets_in_after_the_wait() {
    let server = Server::new().await;
    for _ in 0..11 {
        refused(&token(&server, "grant_type=password&username=rita&password=wrong").await, 400, "invalid_grant");
    }
    let answer = token(&server, SIGN_IN).await;
    refused(&answer, 429, "temporarily_unavailable");
    let wait = answer.header("retry-after").parse().unwrap();
    server.pass(std::time::Duration::from_secs(wait));
    assert_eq!(token(&server, SIGN_IN).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rfc_6749_5_1_the_answer_says_what_was_given_and_is_kept_by_no_cache() {
    let server = Server::new().await;
    let answer = token(&server, &format!("{SIGN_IN}&scope=stats:read%20parks:read")).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(body["scope"], "parks:read stats:read");
    assert_eq!(body.as_object().unwrap().len(), 5);
}

#[tokio::test]
async fn rfc_6749_3_3_a_scope_that_is_unknown_or_more_than_the_role_has_is_refused() {
    let server = Server::new().await;
    for scope in ["parks:read+everything", "admin", "parks:read+readings:write", "PARKS_READ", "+"] {
        refused(&token(&server, &format!("{SIGN_IN}&scope={scope}")).await, 400, "invalid_scope");
    }
    let all = token(&server, SIGN_IN).await;
    assert_eq!(text(&all, "scope"), "parks:read readings:read stats:read", "without one it is all that the role has");
}

#[tokio::test]
async fn rfc_6749_5_2_a_wrong_password_an_unknown_user_and_a_bad_refresh_token_are_invalid_grants() {
    let server = Server::new().await;
    let wrong = token(&server, "grant_type=password&username=rita&password=wrong").await;
    let unknown = token(&server, "grant_type=password&username=nobody&password=wrong").await;
    refused(&wrong, 400, "invalid_grant");
    assert_eq!(wrong.text(), unknown.text(), "nobody learns who has an account");
    refused(&token(&server, "grant_type=refresh_token&refresh_token=rubbish").await, 400, "invalid_grant");
}

#[tokio::test]
async fn rfc_6749_5_2_a_grant_that_is_not_given_here_is_unsupported() {
    let server = Server::new().await;
    for grant in ["authorization_code", "implicit", "Password", "urn:ietf:params:oauth:grant-type:jwt-bearer"] {
        refused(&token(&server, &format!("grant_type={grant}")).await, 400, "unsupported_grant_type");
    }
    for none in ["", "username=rita", "grant_type="] {
        refused(&token(&server, none).await, 400, "invalid_request");
    }
}

#[tokio::test]
async fn rfc_6749_5_2_a_client_that_is_not_known_is_refused_with_a_challenge() {
    let server = Server::new().await;
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    for header in [&basic("other:secret"), &basic("energy-parks:guess"), &basic("x"), "Basic %%", "Bearer abc", "Basic"]
    {
        let answer = server.send("POST", "/oauth/token", &[FORM, ("authorization", header)], SIGN_IN).await;
        refused(&answer, 401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic realm="), "{header}");
    }
    for client in ["client_id=other", "client_id=energy-parks&client_secret=guess", "client_secret=guess"] {
        refused(&token(&server, &format!("{SIGN_IN}&{client}")).await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn rfc_6749_2_3_1_the_public_client_may_say_its_name_and_needs_no_secret() {
    let server = Server::new().await;
    for client in ["client_id=energy-parks", "client_id=energy-parks&client_secret="] {
        assert_eq!(token(&server, &format!("{SIGN_IN}&{client}")).await.status, StatusCode::OK, "{client}");
    }
    let header = format!("Basic {}", STANDARD.encode("energy%2Dparks:"));
    let headers = [FORM, ("authorization", header.as_str())];
    assert_eq!(server.send("POST", "/oauth/token", &headers, SIGN_IN).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rfc_6749_2_3_a_client_that_authenticates_in_two_ways_is_refused() {
    let server = Server::new().await;
    let header = format!("Basic {}", STANDARD.encode("energy-parks:"));
    let headers = [FORM, ("authorization", header.as_str())];
    for also in ["client_secret=x", "client_id=other", "client_id=energy-parks&client_secret=x"] {
        let answer = server.send("POST", "/oauth/token", &headers, format!("{SIGN_IN}&{also}")).await;
        refused(&answer, 400, "invalid_request");
    }
    let twice = [FORM, ("authorization", header.as_str()), ("authorization", header.as_str())];
    refused(&server.send("POST", "/oauth/token", &twice, SIGN_IN).await, 400, "invalid_request");
}

#[tokio::test]
async fn rfc_6749_6_a_refresh_token_brings_the_next_pair_and_is_good_once() {
    let server = Server::new().await;
    let first = token(&server, SIGN_IN).await;
    let refresh = |answer: &Answer| format!("grant_type=refresh_token&refresh_token={}", text(answer, "refresh_token"));
    let second = token(&server, &refresh(&first)).await;
    assert_ne!(text(&second, "refresh_token"), text(&first, "refresh_token"));
    assert_eq!(server.viewer(&text(&second, "access_token")).await.status, StatusCode::OK);
    refused(&token(&server, &refresh(&first)).await, 400, "invalid_grant");
    refused(&token(&server, &refresh(&second)).await, 400, "invalid_grant");
    let ended = server.viewer(&text(&second, "access_token")).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED, "a token that came twice was stolen: the session is over");
}

#[tokio::test]
async fn rfc_6749_6_a_refresh_may_ask_for_less_and_never_for_more() {
    let server = Server::new().await;
    let first = token(&server, &format!("{SIGN_IN}&scope=parks:read+stats:read")).await;
    let refresh = |answer: &Answer, scope: &str| {
        format!("grant_type=refresh_token&refresh_token={}&scope={scope}", text(answer, "refresh_token"))
    };
    refused(&token(&server, &refresh(&first, "readings:read")).await, 400, "invalid_scope");
    let second = token(&server, &refresh(&first, "stats:read")).await;
    assert_eq!(text(&second, "scope"), "stats:read");
    assert_eq!(text(&token(&server, &refresh(&second, "")).await, "scope"), "parks:read stats:read");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let server = Server::new().await;
    let answer = token(&server, &format!("{SIGN_IN}&x={}", "x".repeat(16 << 10))).await;
    refused(&answer, 413, "invalid_request");
}

/// Many programs that share one refresh token and are spread over two servers, on each kind of database.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_simultaneous_uses_of_one_refresh_token_at_most_one_family_survives() -> crate::error::Result<()> {
    everywhere(async |database| {
        let pem = Keys::generate_pem()?;
        let over = |database| {
            let keys = Keys::from_pem(&pem, ISSUER).unwrap();
            std::sync::Arc::new(Server::over(database, keys, Settings::default(), Introspection::Open))
        };
        let servers = [over(database.clone()), over(database)];
        servers[0].user("rita", Role::Reader).await;
        let first = token(&servers[0], SIGN_IN).await;
        let body = format!("grant_type=refresh_token&refresh_token={}", text(&first, "refresh_token"));
        let mut tasks = JoinSet::new();
        for turn in 0..50 {
            let (server, body) = (servers[turn % 2].clone(), body.clone());
            tasks.spawn(async move { token(&server, &body).await });
        }
        let mut alive = 0;
        let answers = tasks.join_all().await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == StatusCode::OK).collect();
        for answer in &won {
            let lives = async |server: &Server| server.viewer(&text(answer, "access_token")).await.status;
            let seen = [lives(&servers[0]).await, lives(&servers[1]).await];
            assert_eq!(seen[0], seen[1], "the two servers agree");
            alive += usize::from(seen[0] == StatusCode::OK);
        }
        assert!(won.len() <= 1 && alive <= 1, "{} won, {alive} live on", won.len());
        for answer in answers.iter().filter(|answer| answer.status != StatusCode::OK) {
            refused(answer, 400, "invalid_grant");
        }
        Ok(())
    })
    .await
}
