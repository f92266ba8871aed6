//! The OAuth 2 endpoints: tokens for programs that speak OAuth, and what they are found and checked by.
//!
//! One file a noun: a [`form`] comes in, its [`client`] is told, [`token`] and [`revocation`] answer it, [`refusal`]
//! says what was wrong as RFC 6749 has it; [`metadata`] tells where all this is. What a sign-in is, [`crate::auth`]
//! knows; here nothing is known of passwords and keys.

mod client;
mod form;
mod metadata;
mod refusal;
mod revocation;
mod token;

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod metadata_tests;
#[cfg(test)]
mod revocation_tests;
#[cfg(test)]
mod token_tests;

use axum::Router;
use axum::routing::{get, post};

use super::router::Server;

/// Where tokens are given out.
const TOKEN: &str = "/oauth/token";

/// Where they are taken back.
const REVOKE: &str = "/oauth/revoke";

/// Where the public keys are.
const JWKS: &str = "/.well-known/jwks.json";

/// The endpoints.
pub fn routes() -> Router<Server> {
    Router::new()
        .route(TOKEN, post(token::post))
        .route(REVOKE, post(revocation::post))
        .route(JWKS, get(metadata::jwks))
        .route("/.well-known/oauth-authorization-server", get(metadata::authorization_server))
}
