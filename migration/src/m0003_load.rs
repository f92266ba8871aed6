//! The ledger of loads.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// See the file's head.
#[derive(Debug)]
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_load"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &["DROP TABLE load"]).await
    }
}

/// Keys are UUIDs of version 7 and sort by time. `warnings` and `errors` are JSON.
const UP: [&str; 1] = ["CREATE TABLE load (
        id {uuid} PRIMARY KEY,
        kind {text} NOT NULL,
        status {text} NOT NULL,
        source {text} NOT NULL,
        sha256 {text},
        rows_read {long} NOT NULL,
        inserted {long} NOT NULL,
        updated {long} NOT NULL,
        unchanged {long} NOT NULL,
        rejected {long} NOT NULL,
        warnings {text} NOT NULL,
        errors {text} NOT NULL,
        started_at {long} NOT NULL,
        heartbeat_at {long} NOT NULL,
        finished_at {long},
        \"by\" {text} NOT NULL
    ) {table}"];
