//! Users, their sessions, and the refresh tokens of each.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// See the file's head.
#[derive(Debug)]
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_identity"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &["DROP TABLE refresh_token", "DROP TABLE session", "DROP TABLE \"user\""]).await
    }
}

/// A session is a family of refresh tokens, of which the database keeps SHA-256 alone.
const UP: [&str; 6] = [
    "CREATE TABLE \"user\" (
        id {key},
        name {text} NOT NULL UNIQUE,
        password_hash {text} NOT NULL,
        role {text} NOT NULL,
        disabled_at {long},
        password_changed_at {long} NOT NULL,
        created_at {long} NOT NULL,
        updated_at {long} NOT NULL
    ) {table}",
    "CREATE TABLE session (
        id {uuid} PRIMARY KEY,
        user_id {int} NOT NULL REFERENCES \"user\" (id) ON DELETE CASCADE,
        scopes {text} NOT NULL,
        created_at {long} NOT NULL,
        expires_at {long} NOT NULL,
        revoked_at {long}
    ) {table}",
    "CREATE INDEX session_user_id ON session (user_id)",
    "CREATE INDEX session_expires_at ON session (expires_at)",
    "CREATE TABLE refresh_token (
        hash {bytes} PRIMARY KEY,
        session_id {uuid} NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        issued_at {long} NOT NULL,
        expires_at {long} NOT NULL,
        used_at {long}
    ) {table}",
    "CREATE INDEX refresh_token_session_id ON refresh_token (session_id)",
];
