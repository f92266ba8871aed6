//! From bytes to rows: loads of parks and readings, and the entries they leave in the ledger.
//!
//! A load reads its source as a stream, off the async threads, into good rows of twenty bytes and a report of bad ones;
//! then one transaction lays the rows into the database and enters the load (R21, R22). Faulty rows and files are data:
//! they end in the report, not in an error. The room knows SQL and GraphQL from hearsay only.

mod conflict;
mod deletion;
mod fault;
mod intake;
mod ledger;
mod lines;
mod number;
mod options;
mod park_file;
mod park_rows;
mod parks;
pub mod portfolio;
mod progress;
mod quotes;
mod readings;
mod report;
mod rights;
mod row;
mod shape;
mod source;
mod table;

pub use deletion::{delete_park, delete_readings};
pub use options::{By, Now, ParkRef, ParkRow, ParksOptions, ReadingRow, ReadingsOptions};
pub use parks::load_parks;
pub use progress::Progress;
pub use readings::{Begun, begin_readings, load_readings, run_readings};
pub use source::Source;

#[cfg(test)]
mod clocks_tests;
#[cfg(test)]
mod customers_tests;
#[cfg(test)]
mod files_tests;
#[cfg(test)]
mod parks_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod readings_tests;
#[cfg(test)]
mod rights_tests;
#[cfg(test)]
mod testing;
