//! `/oauth/revoke` as RFC 7009 has it, each behaviour by its section.

use axum::body::Body;
use axum::http::StatusCode;

use super::super::testing::{Answer, JSON, Server};

async fn pair(server: &Server) -> (String, String) {
    let answer = server.form("/oauth/token", "grant_type=password&username=rita&password=correct+horse").await.json();
    let text = |field: &str| answer[field].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

async fn revoke(server: &Server, body: &str) -> Answer {
    server.form("/oauth/revoke", body).await
}

async fn refreshes(server: &Server, token: &str) -> bool {
    let body = format!("grant_type=refresh_token&refresh_token={token}");
    server.form("/oauth/token", &body).await.status == StatusCode::OK
}

#[tokio::test]
async fn rfc_7009_2_1_a_refresh_token_takes_the_access_tokens_of_its_grant_with_it() {
    let server = Server::new().await;
    let ((access, refresh), (other, _)) = (pair(&server).await, pair(&server).await);
    let answer = revoke(&server, &format!("token={refresh}")).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(server.viewer(&access).await.status, StatusCode::UNAUTHORIZED);
    assert!(!refreshes(&server, &refresh).await);
    assert_eq!(server.viewer(&other).await.status, StatusCode::OK, "other sign-ins go on");
}

#[tokio::test]
async fn rfc_7009_2_1_an_access_token_ends_with_the_next_request_and_its_refresh_token_too() {
    let server = Server::new().await;
    let (access, refresh) = pair(&server).await;
    assert_eq!(revoke(&server, &format!("token={access}")).await.status, StatusCode::OK);
    assert_eq!(server.viewer(&access).await.status, StatusCode::UNAUTHORIZED);
    assert!(!refreshes(&server, &refresh).await);
}

#[tokio::test]
async fn rfc_7009_2_1_a_hint_that_is_wrong_or_unknown_is_ignored() {
    let server = Server::new().await;
    for hint in ["access_token", "refresh_token", "nonsense"] {
        let (access, refresh) = pair(&server).await;
        let body = format!("token={refresh}&token_type_hint={hint}");
        assert_eq!(revoke(&server, &body).await.status, StatusCode::OK);
        assert_eq!(server.viewer(&access).await.status, StatusCode::UNAUTHORIZED, "{hint}");
    }
}

#[tokio::test]
async fn rfc_7009_2_2_a_token_that_opens_nothing_is_taken_back_already() {
    let server = Server::new().await;
    let (_, refresh) = pair(&server).await;
    for token in [refresh.as_str(), refresh.as_str(), "rubbish", "a.b.c"] {
        assert_eq!(revoke(&server, &format!("token={token}")).await.status, StatusCode::OK, "{token}");
    }
}

#[tokio::test]
async fn rfc_7009_2_2_1_errors_are_those_of_rfc_6749() {
    let server = Server::new().await;
    let (access, refresh) = pair(&server).await;
    let both = format!("token={refresh}&token={refresh}");
    for body in ["", "token=", "token_type_hint=refresh_token", &both] {
        let answer = revoke(&server, body).await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::BAD_REQUEST, &"invalid_request".into()));
    }
    let json = server.send("POST", "/oauth/revoke", &[JSON], format!(r#"{{"token":"{refresh}"}}"#)).await;
    assert_eq!(json.status, StatusCode::BAD_REQUEST);
    let foreign = revoke(&server, &format!("token={refresh}&client_id=other")).await;
    assert_eq!((foreign.status, &foreign.json()["error"]), (StatusCode::UNAUTHORIZED, &"invalid_client".into()));
    let get = server.send("GET", &format!("/oauth/revoke?token={refresh}"), &[], Body::empty()).await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(server.viewer(&access).await.status, StatusCode::OK, "none of it has revoked anything");
}
