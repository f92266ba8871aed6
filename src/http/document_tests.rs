//! Documents by name, through the router.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::documents::Trusted;
use super::router::Settings;
use super::testing::Server;

const TEXT: &str = "query A { __typename }";

fn persisted(query: Option<&str>) -> serde_json::Value {
    let hash = hex::encode(Sha256::digest(TEXT));
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    json!({ "query": query, "extensions": extensions })
}

#[tokio::test]
async fn a_persisted_query_is_sent_once_and_then_asked_for_by_its_hash() {
    let server = Server::new().await;
    let answer = server.post(&persisted(None)).await;
    assert_eq!(answer.code(), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(answer.json()["errors"][0]["message"], "PersistedQueryNotFound");
    let answer = server.post(&persisted(Some(TEXT))).await;
    assert_eq!(answer.json()["data"], json!({ "__typename": "Query" }), "{}", answer.text());
    assert_eq!(server.post(&persisted(None)).await.json()["data"], json!({ "__typename": "Query" }));
    let hash = hex::encode(Sha256::digest(TEXT));
    let extensions = format!("%7B%22persistedQuery%22:%7B%22version%22:1,%22sha256Hash%22:%22{hash}%22%7D%7D");
    let answer = server.get(&format!("/graphql?extensions={extensions}")).await;
    assert_eq!((answer.status, answer.json()["data"].clone()), (StatusCode::OK, json!({ "__typename": "Query" })));
    let wrong = json!({ "query": "{ __typename }", "extensions": persisted(None)["extensions"] });
    assert_eq!(server.post(&wrong).await.code(), "BAD_USER_INPUT");
    let version = json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": hash } } });
    assert_eq!(server.post(&version).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_asked_for_by_its_hash_is_guarded_like_any_other() {
    let server = Server::new().await;
    let bomb = format!("{{ {} }}", "a: __typename ".repeat(101));
    let hash = hex::encode(Sha256::digest(&bomb));
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    assert_eq!(server.post(&json!({ "query": bomb, "extensions": extensions })).await.code(), "TOO_COMPLEX");
    assert_eq!(server.post(&json!({ "extensions": extensions })).await.code(), "TOO_COMPLEX");
}

#[tokio::test]
async fn where_only_trusted_documents_run_others_are_forbidden() {
    let trusted = Trusted::from_iter([("parks".to_owned(), "{ a: __typename }".to_owned())]);
    let settings = Settings { trusted: Arc::new(trusted), only_trusted: true, ..Settings::default() };
    let server = Server::with(settings).await;
    assert_eq!(server.post(&json!({ "documentId": "parks" })).await.json()["data"], json!({ "a": "Query" }));
    assert_eq!(server.get("/graphql?documentId=parks").await.json()["data"], json!({ "a": "Query" }));
    for body in
        [json!({ "query": "{ __typename }" }), persisted(None), persisted(Some(TEXT)), json!({ "documentId": "x" })]
    {
        assert_eq!(server.post(&body).await.code(), "FORBIDDEN", "{body}");
    }
}
