//! From bytes to rows.

mod deletion;
pub mod portfolio;

pub use deletion::{delete_park, delete_readings};
