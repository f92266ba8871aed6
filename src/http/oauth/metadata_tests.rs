//! What clients find by themselves, as RFC 8414 and RFC 7517 have it, each behaviour by its section.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::testing::{ISSUER, Server};

async fn metadata(server: &Server) -> Value {
    let answer = server.get("/.well-known/oauth-authorization-server").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    answer.json()
}

#[tokio::test]
async fn rfc_8414_2_the_metadata_names_the_issuer_and_what_it_gives() {
    let metadata = metadata(&Server::new().await).await;
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(metadata["grant_types_supported"], json!(["password", "refresh_token", "client_credentials"]));
    assert_eq!(metadata["response_types_supported"], json!([]));
    assert_eq!(
        metadata["token_endpoint_auth_methods_supported"],
        json!(["none", "client_secret_basic", "client_secret_post"])
    );
    let scopes = json!(["parks:read", "readings:read", "stats:read", "readings:write", "admin"]);
    assert_eq!(metadata["scopes_supported"], scopes);
}

#[tokio::test]
async fn rfc_8414_3_each_endpoint_that_the_metadata_names_is_there() {
    let server = Server::new().await;
    let metadata = metadata(&server).await;
    let path = |field: &str| metadata[field].as_str().unwrap().strip_prefix(ISSUER).unwrap().to_owned();
    for endpoint in ["token_endpoint", "revocation_endpoint"] {
        assert_eq!(server.form(&path(endpoint), "").await.status, StatusCode::BAD_REQUEST, "{endpoint}");
    }
    assert_eq!(server.get(&path("jwks_uri")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rfc_7517_8_5_the_key_set_has_a_type_of_its_own() {
    let answer = Server::new().await.get("/.well-known/jwks.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/jwk-set+json"));
}

#[tokio::test]
async fn rfc_7517_4_5_the_key_that_a_token_names_is_in_the_set_and_no_private_part_is() {
    let server = Server::new().await;
    let token = server.sign_in("rita").await;
    let header = token.trim_start_matches("Bearer ").split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let set = server.get("/.well-known/jwks.json").await.json();
    let keys = set["keys"].as_array().unwrap();
    let named: Vec<_> = keys.iter().filter(|key| key["kid"] == header["kid"]).collect();
    assert_eq!(named.len(), 1, "{set}");
    for (field, value) in [("use", "sig"), ("alg", header["alg"].as_str().unwrap()), ("kty", "OKP")] {
        assert_eq!(named[0][field], value);
    }
    assert!(keys.iter().all(|key| key.get("d").is_none() && key.get("k").is_none()));
}
