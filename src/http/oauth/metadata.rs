//! What a client finds by itself: where the endpoints are (RFC 8414), and the public keys (RFC 7517).

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::pages::not_found;
use super::super::router::Server;
use super::token::GRANTS;
use super::{JWKS, REVOKE, TOKEN};
use crate::domain::access::Scope;

/// Short, so that a new key is known soon.
const FOR_A_WHILE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// `/.well-known/oauth-authorization-server`.
pub async fn authorization_server(State(server): State<Server>) -> Response {
    let issuer = server.api.app().keys.issuer();
    let methods = ["none", "client_secret_basic", "client_secret_post"];
    let body = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}{TOKEN}"),
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint": format!("{issuer}{REVOKE}"),
        "revocation_endpoint_auth_methods_supported": ["none"],
        "jwks_uri": format!("{issuer}{JWKS}"),
        "grant_types_supported": GRANTS,
        // There is no authorization endpoint, and so no response of one; the member is required all the same (section 2).
        "response_types_supported": [],
        "scopes_supported": Scope::ALL.map(Scope::as_str),
    });
    ([(header::CACHE_CONTROL, FOR_A_WHILE)], Json(body)).into_response()
}

/// The same behind the path of an issuer that has one (RFC 8414, section 3.1).
pub async fn of_issuer(server: State<Server>, Path(path): Path<String>) -> Response {
    let issuer = server.api.app().keys.issuer();
    let own = issuer.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    if own.is_some_and(|(_, own)| own == path) { authorization_server(server).await } else { not_found().await }
}

/// `/.well-known/jwks.json`.
pub async fn jwks(State(server): State<Server>) -> Response {
    let kind = HeaderValue::from_static("application/jwk-set+json");
    let headers = [(header::CACHE_CONTROL, FOR_A_WHILE), (header::CONTENT_TYPE, kind)];
    (headers, server.api.app().keys.public_set().to_string()).into_response()
}
