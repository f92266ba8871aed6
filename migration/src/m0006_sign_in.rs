//! Sign-ins that failed, counted for a while; and from where a session was opened.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// See the file's head.
#[derive(Debug)]
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_sign_in"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &["ALTER TABLE session DROP COLUMN address", "DROP TABLE sign_in_failure"]).await
    }
}

/// `subject` is the SHA-256 of who or where is counted; before `closed_until` no further attempt is made. `address` is
/// that of one host, or the /64 network of IPv6.
const UP: [&str; 3] = [
    "CREATE TABLE sign_in_failure (
        subject {bytes} PRIMARY KEY,
        failures {int} NOT NULL,
        last_at {long} NOT NULL,
        closed_until {long} NOT NULL
    ) {narrow}",
    "CREATE INDEX sign_in_failure_last_at ON sign_in_failure (last_at)",
    "ALTER TABLE session ADD COLUMN address {text}",
];
