//! Customers and the parks granted to them, API keys, and the log of who did what.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// See the file's head.
#[derive(Debug)]
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_access"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &DOWN).await
    }
}

/// A user without a customer is staff and sees every park, so nothing may take a user's customer away by itself: a
/// customer that has users cannot be deleted. Keys of customers are never given twice, so that what a deleted one
/// loaded is nobody's.
///
/// An API key is of a user or of a customer. `hash` is its text's keyed hash, by the key in `secret`; `prefix` is the part
/// that is shown. `used` counts the requests of the UTC day `used_day`.
///
/// `audit` has no foreign keys: it outlives what it tells of.
const UP: [&str; 10] = [
    "CREATE TABLE customer (
        id {key},
        name {text} NOT NULL UNIQUE,
        created_at {long} NOT NULL,
        updated_at {long} NOT NULL
    ) {table}",
    "CREATE TABLE customer_park (
        customer_id {int} NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
        park_id {int} NOT NULL REFERENCES park (id) ON DELETE CASCADE,
        granted_at {long} NOT NULL,
        PRIMARY KEY (customer_id, park_id)
    ) {narrow}",
    "CREATE INDEX customer_park_park_id ON customer_park (park_id)",
    "ALTER TABLE \"user\" ADD COLUMN customer_id {int} REFERENCES customer (id)",
    "CREATE INDEX user_customer_id ON \"user\" (customer_id)",
    "ALTER TABLE load ADD COLUMN customer_id {int}",
    "CREATE TABLE secret (name {text} PRIMARY KEY, value {bytes} NOT NULL) {narrow}",
    "CREATE TABLE api_key (
        id {uuid} PRIMARY KEY,
        prefix {text} NOT NULL UNIQUE,
        hash {bytes} NOT NULL,
        name {text} NOT NULL,
        scopes {text} NOT NULL,
        user_id {int} REFERENCES \"user\" (id) ON DELETE CASCADE,
        customer_id {int} REFERENCES customer (id) ON DELETE CASCADE,
        rate_limit {int},
        daily_quota {long},
        used_day {int} NOT NULL,
        used {long} NOT NULL,
        created_at {long} NOT NULL,
        expires_at {long},
        last_used_at {long},
        revoked_at {long},
        CHECK ((user_id IS NULL) <> (customer_id IS NULL))
    ) {table}",
    "CREATE INDEX api_key_user_id ON api_key (user_id)",
    "CREATE TABLE audit (
        id {uuid} PRIMARY KEY,
        at {long} NOT NULL,
        actor {text},
        address {text},
        action {text} NOT NULL,
        subject {text},
        outcome {text} NOT NULL,
        detail {text}
    ) {table}",
];

const DOWN: [&str; 8] = [
    "DROP TABLE audit",
    "DROP TABLE api_key",
    "DROP TABLE secret",
    "ALTER TABLE load DROP COLUMN customer_id",
    "DROP INDEX user_customer_id",
    "ALTER TABLE \"user\" DROP COLUMN customer_id",
    "DROP TABLE customer_park",
    "DROP TABLE customer",
];
