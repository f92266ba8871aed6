//! The facts in blocks, the stats made of them, and what was replaced.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// See the file's head.
#[derive(Debug)]
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_readings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &UP).await?;
        dialect::run_on_postgres(manager, &ON_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &["DROP TABLE reading_revision", "DROP TABLE day_stats", "DROP TABLE reading_block"])
            .await
    }
}

/// Keys lead with `park_id`, by which the tables can be distributed; the only foreign keys are to `park`, and
/// revisions, which outlive their park, have none. `count` is the number of readings in a block. A revision is a
/// packed day as well: the readings that a load replaced or deleted, `number` counting up in a load and park.
const UP: [&str; 3] = [
    "CREATE TABLE reading_block (
        park_id {int} NOT NULL REFERENCES park (id),
        day {int} NOT NULL,
        count {int} NOT NULL,
        readings {bytes} NOT NULL,
        PRIMARY KEY (park_id, day)
    ) {narrow}",
    "CREATE TABLE day_stats (
        park_id {int} NOT NULL REFERENCES park (id),
        date {int} NOT NULL,
        count {int} NOT NULL,
        minutes {int} NOT NULL,
        min {double} NOT NULL,
        max {double} NOT NULL,
        sum {double} NOT NULL,
        energy_mwh {double} NOT NULL,
        generated_mwh {double} NOT NULL,
        first_starts_at {long} NOT NULL,
        last_starts_at {long} NOT NULL,
        last_minutes {int} NOT NULL,
        last_megawatts {double} NOT NULL,
        PRIMARY KEY (park_id, date)
    ) {narrow}",
    "CREATE TABLE reading_revision (
        park_id {int} NOT NULL,
        load_id {uuid} NOT NULL,
        number {int} NOT NULL,
        day {int} NOT NULL,
        count {int} NOT NULL,
        readings {bytes} NOT NULL,
        replaced_at {long} NOT NULL,
        PRIMARY KEY (park_id, load_id, number)
    ) {narrow}",
];

/// Blocks of up to some 1,000 readings stay in their row, unsqueezed; today's block is rewritten with every batch, so
/// pages keep some room for that.
const ON_POSTGRES: [&str; 2] = [
    "ALTER TABLE reading_block SET (toast_tuple_target = 8160, fillfactor = 90)",
    "ALTER TABLE day_stats SET (fillfactor = 90)",
];
