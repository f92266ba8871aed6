//! Plain values and the rules of time and energy: no I/O, no async, nothing of ours but itself.
//!
//! Instants are Unix seconds in UTC (`i64`), days of storage are UTC days since 1970-01-01 (`i32`), local dates
//! are [`chrono::NaiveDate`] in a park's zone. Powers are megawatts, energies megawatt-hours. Other rooms take
//! chrono and chrono-tz from the re-exports here.

pub mod access;
pub mod api_key;
pub mod audit;
pub mod bearer;
pub mod block;
pub mod bucket_stats;
pub mod calendar;
pub mod clock;
pub mod customer;
pub mod data_version;
pub mod figures;
pub mod fleet;
pub mod fold;
pub mod group_rule;
pub mod load;
pub mod merge;
pub mod park;
pub mod range;
pub mod reading;
#[cfg(test)]
mod samples;
pub mod secret;
pub mod text;
pub mod timestamp;
pub mod user;
pub mod width;
pub mod zone;

pub use chrono;
pub use chrono_tz;
