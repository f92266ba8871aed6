//! All SQL: parks, readings in blocks, the stats made of them, the ledger of loads, users and their sessions.
//!
//! [`Database`] is the way in. What is read of parks, readings and stats goes through [`Reads`], which applies the
//! caller's visibility; what is written goes through [`Write`], one transaction that locks the parks it touches
//! before it reads anything. Values are `domain`'s: no row, entity or driver's type leaves. The room knows nothing of
//! GraphQL, HTTP, files or who is asking beyond their [`Visibility`](crate::domain::access::Visibility).

mod database;
mod entity;
mod fault;
mod instant;
mod list;
mod loads;
mod migrate;
mod park_filter;
mod park_locks;
mod park_reads;
mod park_row;
mod park_writes;
mod reads;
mod rebuild;
mod sessions;
mod sql;
mod users;
mod write;

pub use database::{Database, Settings};
pub use migrate::Step;
pub use park_locks::LockedPark;
pub use reads::Reads;
pub use sessions::Digest;
pub use users::Credentials;
pub use write::Write;

#[cfg(test)]
mod park_reads_tests;
#[cfg(test)]
pub(crate) mod testing;
