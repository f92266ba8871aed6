//! One transaction that writes.

use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

use super::database::{Database, PATIENCE};
use super::sql::Sql;
use crate::error::{Error, Result};

/// A transaction; dropped without [`Write::commit`] it leaves nothing.
pub struct Write {
    transaction: DatabaseTransaction,
    backend: sea_orm::DbBackend,
    /// Let go after the transaction: fields are dropped in their order.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Database {
    /// Begins to write: at once the one writer on SQLite; on PostgreSQL others are kept out by the locks taken.
    pub async fn write(&self) -> Result<Write> {
        let turn = match self.gate() {
            Some(gate) => {
                let waited = timeout(PATIENCE, gate.clone().lock_owned()).await;
                Some(waited.map_err(|_| Error::unavailable("another writer did not finish in time"))?)
            }
            None => None,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: turn.is_some().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.pool().begin_with_options(options).await?;
        Ok(Write { transaction, backend: self.backend(), _turn: turn })
    }
}

impl Write {
    /// Makes all of it last.
    pub async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }

    /// Undoes all of it and waits until that is done.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.transaction.rollback().await?)
    }

    pub(super) fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    pub(super) fn sql(&self, text: &str) -> Sql {
        Sql::new(self.backend, text)
    }
}
