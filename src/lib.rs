//! energy-parks: a GraphQL API server for the readings of wind and solar parks.
//!
//! The rooms, and who may use whom (`tests/architecture.rs` holds the walls):
//!
//! ```text
//! domain <- error <- { storage, warehouse } <- { auth, ingest } <- app <- graphql <- http <- cli, main
//! ```

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod domain;
pub mod error;
pub mod graphql;
pub mod http;
pub mod ingest;
pub mod storage;
pub mod telemetry;
