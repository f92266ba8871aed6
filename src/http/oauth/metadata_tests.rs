//! What clients find by themselves, as RFC 8414 and RFC 7517 have it, each behaviour by its section.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::router::Settings;
use super::super::testing::{ISSUER, Server};
use crate::auth::Keys;
use crate::config::Introspection;
use crate::domain::access::Role;
use crate::domain::secret::Secret;
use crate::error::Result;
use crate::storage::Database;
use crate::storage::testing::everywhere;

fn over(database: &Database, keys: Keys) -> Server {
    Server::over(database.clone(), keys, Settings::default(), Introspection::Open)
}

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
async fn rfc_8414_3_1_an_issuer_with_a_path_is_told_of_behind_it() -> Result<()> {
    everywhere(async |database| {
        let issuer = "https://example.org/energy/parks";
        let server = over(&database, Keys::from_pem(&Keys::generate_pem()?, issuer)?);
        let at = async |path: &str| server.get(&format!("/.well-known/oauth-authorization-server{path}")).await;
        assert_eq!(at("/energy/parks").await.json()["issuer"], issuer);
        assert_eq!(
            at("").await.json()["token_endpoint"],
            format!("{issuer}/oauth/token"),
            "behind a proxy that strips it"
        );
        for other in ["/energy", "/energy/parks/x", "/parks", "/"] {
            assert_eq!(at(other).await.status, StatusCode::NOT_FOUND, "{other}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn rfc_8414_3_2_what_is_told_may_be_kept_for_minutes_and_no_list_is_empty_but_the_required_one() {
    let server = Server::new().await;
    for path in ["oauth-authorization-server", "jwks.json"] {
        let answer = server.get(&format!("/.well-known/{path}")).await;
        assert_eq!(answer.header("cache-control"), "public, max-age=300", "{path}");
    }
    for (name, value) in metadata(&server).await.as_object().unwrap() {
        let is_empty = value.as_array().is_some_and(Vec::is_empty);
        assert_eq!(is_empty, name == "response_types_supported", "{name}");
    }
}

/// The key that signs is another from one start to the next, and the one before is accepted.
#[tokio::test]
async fn rfc_7517_5_1_a_changed_key_stands_in_the_set_beside_the_one_before_and_nobody_is_signed_out() -> Result<()> {
    everywhere(async |database| {
        let (old, new) = (Keys::generate_pem()?, Secret::new(include_str!("../../../tests/data/keys/p256.pem")));
        let before = over(&database, Keys::from_pem(&old, ISSUER)?);
        before.user("rita", Role::Reader).await;
        let sign_in = "grant_type=password&username=rita&password=correct+horse";
        let tokens = before.form("/oauth/token", sign_in).await.json();
        let text = |tokens: &Value, field: &str| tokens[field].as_str().unwrap().to_owned();
        let mut keys = Keys::from_pem(&new, ISSUER)?;
        keys.accept_pem(&old)?;
        let after = over(&database, keys);
        let set = after.get("/.well-known/jwks.json").await.json();
        let members =
            |field: &str| set["keys"].as_array().unwrap().iter().map(|key| key[field].clone()).collect::<Vec<_>>();
        // RFC 7518, sections 3.1 and 6.1; RFC 8037, section 2.
        assert_eq!(
            (members("kty"), members("crv")),
            (vec!["EC".into(), "OKP".into()], vec!["P-256".into(), "Ed25519".into()])
        );
        assert_eq!(
            (members("alg"), members("use")),
            (vec!["ES256".into(), "EdDSA".into()], vec![json!("sig"), json!("sig")])
        );
        assert_ne!(members("kid")[0], members("kid")[1]);
        assert_eq!(
            after.viewer(&text(&tokens, "access_token")).await.status,
            StatusCode::OK,
            "the token of the old key"
        );
        let body = format!("grant_type=refresh_token&refresh_token={}", text(&tokens, "refresh_token"));
        let next = after.form("/oauth/token", &body).await.json();
        assert_eq!(
            after.viewer(&text(&next, "access_token")).await.status,
            StatusCode::OK,
            "and the next, of the new one"
        );
        Ok(())
    })
    .await
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
