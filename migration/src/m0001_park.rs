//! Parks, and the counter their keys come from.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// See the file's head.
#[derive(Debug)]
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_park"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &["DROP TABLE park", "DROP TABLE counter"]).await
    }
}

/// `name_folded` is the form in which a search compares. `calendar` names the version of the zone by which the stats
/// were made. Keys come from `counter` in the transaction that uses them, so that both databases give the same ones
/// whatever was rolled back before, and none is given twice.
const UP: [&str; 3] = [
    "CREATE TABLE counter (name {text} PRIMARY KEY, last {int} NOT NULL) {narrow}",
    "INSERT INTO counter (name, last) VALUES ('park', 0)",
    "CREATE TABLE park (
        id {int} PRIMARY KEY,
        name {text} NOT NULL UNIQUE,
        name_folded {text} NOT NULL,
        timezone {text} NOT NULL,
        energy_type {text} NOT NULL,
        capacity_mw {double},
        latitude {double},
        longitude {double},
        interval_minutes {int},
        calendar {text} NOT NULL,
        created_at {long} NOT NULL,
        updated_at {long} NOT NULL
    ) {table}",
];
