//! The database's schema, one file a step; knows no entity, so that old steps never change.
//!
//! Kinds of columns, the same in both databases: instants of bookkeeping (`created_at` and the like) are Unix
//! microseconds in UTC; instants of readings (`starts_at`) are Unix seconds in UTC; days and dates are days since
//! 1970-01-01. There is no database-side time. Names and other text compare by code point.

#![expect(elided_lifetimes_in_paths, reason = "the migrations' trait was declared so, and its macro holds us to it")]

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::{Migration, MigrationStatus, MigratorTrait};

mod dialect;
mod m0001_park;
mod m0002_readings;
mod m0003_load;
mod m0004_identity;
mod m0005_access;
mod m0006_sign_in;
mod m0007_fold_case;
mod m0008_data_version;

/// Brings the schema up and down.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_park::Migration),
            Box::new(m0002_readings::Migration),
            Box::new(m0003_load::Migration),
            Box::new(m0004_identity::Migration),
            Box::new(m0005_access::Migration),
            Box::new(m0006_sign_in::Migration),
            Box::new(m0007_fold_case::Migration),
            Box::new(m0008_data_version::Migration),
        ]
    }
}
