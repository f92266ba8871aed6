//! The OAuth 2 endpoints: tokens for programs that speak OAuth, and what they are found and checked by.
//!
//! One file a noun: a [`form`] comes in, its [`client`] is told, [`token`] and [`revocation`] answer it, [`refusal`]
//! says what was wrong as RFC 6749 has it, a [`deed`] tells the audit log of it, and [`pace`] bounds how often that may
//! be; [`metadata`] tells where all this is. What a sign-in is, [`crate::auth`] knows; here nothing is known of passwords
//! and keys.

mod client;
mod deed;
mod form;
mod metadata;
mod pace;
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
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::router::Server;

/// Where tokens are given out.
const TOKEN: &str = "/oauth/token";

/// Where they are taken back.
const REVOKE: &str = "/oauth/revoke";

/// Where the public keys are.
const JWKS: &str = "/.well-known/jwks.json";

/// Where all of these are told.
const METADATA: &str = "/.well-known/oauth-authorization-server";

/// The endpoints.
pub fn routes(server: &Server) -> Router<Server> {
    Router::new()
        .route(TOKEN, post(token::post))
        .route(REVOKE, post(revocation::post))
        .route_layer(from_fn_with_state(server.clone(), pace::keep))
        .route(JWKS, get(metadata::jwks))
        .route(METADATA, get(metadata::authorization_server))
        .route(&format!("{METADATA}/{{*path}}"), get(metadata::of_issuer))
}
