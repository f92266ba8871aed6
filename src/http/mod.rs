//! The router: GraphQL over HTTP, OAuth, the pages, the schema's text, and how the server is.
//!
//! This room turns HTTP into requests of [`crate::graphql`] and their answers into HTTP, and knows nothing of parks. It
//! sets no cookie and reads none, so no other site can act in a visitor's name: what a browser sends by itself carries
//! no credential, and everything with one has a browser ask first, which only the sites of a setting are allowed.

#[cfg(test)]
mod access_tests;
mod activity;
mod address;
mod answer;
mod api;
#[cfg(test)]
mod api_key_tests;
#[cfg(test)]
mod audit_tests;
#[cfg(test)]
mod bearer_tests;
mod body;
mod budget;
mod cached;
#[cfg(test)]
mod cached_tests;
mod credential;
mod cross_origin;
mod crowd;
mod device;
#[cfg(test)]
mod document_tests;
mod documents;
mod endpoint;
mod execution;
#[cfg(test)]
mod foreign_tests;
mod health;
mod kept;
mod layers;
#[cfg(test)]
mod limit_tests;
mod negotiation;
mod oauth;
mod pages;
mod parts;
mod rate;
mod rest;
mod router;
mod serve;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod upload;
#[cfg(test)]
mod validation_tests;
mod values;
mod visitor;

pub use api::Api;
pub use documents::Trusted;
pub use health::Readiness;
pub use router::{Settings, router};
pub use serve::{serve, stop_signal};
