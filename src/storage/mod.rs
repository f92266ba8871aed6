//! All SQL: parks, readings in blocks, the stats made of them, the ledger of loads; customers, users, their sessions and
//! API keys, and the log of what they did.
//!
//! [`Database`] is the way in. What is read of parks, readings and stats goes through [`Reads`], which applies the
//! caller's visibility; what is written goes through [`Write`], one transaction that locks the parks it touches
//! before it reads anything. Values are `domain`'s: no row, entity or driver's type leaves. The room knows nothing of
//! GraphQL, HTTP, files or who is asking beyond their [`Visibility`](crate::domain::access::Visibility).

mod api_keys;
mod audit;
mod block_reads;
mod block_row;
mod block_writes;
mod customers;
mod data_version;
mod database;
mod day_stats;
mod days;
mod entity;
mod fault;
mod gather;
mod grants;
mod instant;
mod keyset;
mod list;
mod loads;
mod lookups;
mod migrate;
mod moment;
mod park_filter;
mod park_locks;
mod park_reads;
mod park_row;
mod park_writes;
mod reading_counts;
mod reading_pages;
mod reading_writes;
mod reads;
mod rebuild;
mod rights;
mod secrets;
mod sessions;
mod sign_in_failures;
mod sql;
mod stats_reads;
mod user_changes;
mod users;
mod write;

pub use api_keys::KeyHash;
pub use database::{Database, Settings};
pub use day_stats::DayStats;
pub use migrate::Step;
pub use park_locks::LockedPark;
pub use reading_writes::Counts;
pub use reads::Reads;
pub use rebuild::Difference;
pub use sessions::Digest;
pub use stats_reads::Span;
pub use users::{Credentials, NewUser};
pub use write::Write;

#[cfg(test)]
mod database_tests;
#[cfg(test)]
mod load_tests;
#[cfg(test)]
mod park_reads_tests;
#[cfg(test)]
mod reading_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod visibility_tests;
#[cfg(test)]
mod writer_tests;
