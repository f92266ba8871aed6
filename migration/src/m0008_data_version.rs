//! By what answers are known to be current: a number that no two states of the data share.

use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm_migration::prelude::*;

use crate::dialect;

/// See the file's head.
#[derive(Debug)]
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0008_data_version"
    }
}

/// So many rows, of which each writer raises one.
const SLOTS: i32 = 16;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        #[expect(clippy::disallowed_methods, reason = "no version may come again, whatever a test's clock says")]
        // Later than any version before, should the table have been there and gone.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        let rows: Vec<_> = (0..SLOTS).map(|slot| format!("({slot}, {now})")).collect();
        let insert = format!("INSERT INTO data_version (slot, version) VALUES {}", rows.join(", "));
        dialect::run(manager, &[UP, &insert]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &["DROP TABLE data_version"]).await
    }
}

/// The version of parks, readings, stats and grants is the sum of all rows. Who changes any of them raises one row at
/// the end of its transaction, to the present in Unix microseconds at least: so writers seldom wait for one another, and
/// a database that was set back never shows a version again.
const UP: &str = "CREATE TABLE data_version (
        slot {int} PRIMARY KEY,
        version {long} NOT NULL
    ) {narrow}";
