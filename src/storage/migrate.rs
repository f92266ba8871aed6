//! The schema, brought up and down in one transaction, so that several processes may start at once.

use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;

use super::database::Database;
use super::sql::Sql;
use super::write::Write;
use crate::error::Result;

/// The advisory lock under which PostgreSQL's schema changes; any number that nobody else uses.
const LOCK: i64 = 0x656e_6572_6779;

/// The step that makes the audit log.
const AUDIT: &str = "m0005_access";

/// One step of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

impl Database {
    /// Applies the next steps, all of them by default.
    pub async fn migrate_up(&self, steps: Option<u32>) -> Result<()> {
        let write = self.locked().await?;
        Migrator::up(write.connection(), steps).await?;
        write.commit().await
    }

    /// Takes the last steps back, all of them by default: their data is lost.
    pub async fn migrate_down(&self, steps: Option<u32>) -> Result<()> {
        let write = self.locked().await?;
        Migrator::down(write.connection(), steps).await?;
        write.commit().await
    }

    /// The steps in order.
    pub async fn migrate_status(&self) -> Result<Vec<Step>> {
        let steps = Migrator::get_migration_with_status_read_only(self.pool()).await?;
        let step = |step: &migration::Migration| Step {
            name: step.name().to_owned(),
            applied: step.status() == migration::MigrationStatus::Applied,
        };
        Ok(steps.iter().map(step).collect())
    }

    /// Whether the database has an audit log now.
    pub async fn keeps_audit(&self) -> Result<bool> {
        Ok(self.migrate_status().await?.iter().any(|step| step.applied && step.name == AUDIT))
    }

    async fn locked(&self) -> Result<Write> {
        let write = self.write().await?;
        if self.is_postgres() {
            let mut sql = Sql::new(write.connection().get_database_backend(), "SELECT pg_advisory_xact_lock(");
            sql.bind(LOCK).push(")");
            sql.execute(write.connection()).await?;
        }
        Ok(write)
    }
}
