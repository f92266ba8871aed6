//! One transaction that writes.

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

use super::data_version;
use super::database::{Database, PATIENCE};
use super::sql::Sql;
use crate::error::{Error, Result};

/// A transaction; dropped without [`Write::commit`] it leaves nothing.
pub struct Write {
    transaction: DatabaseTransaction,
    backend: sea_orm::DbBackend,
    /// Whether a statement was begun that changes what the data's version is of.
    is_change: AtomicBool,
    /// Let go after the transaction: fields are dropped in their order.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Database {
    /// Begins to write: at once the one writer on SQLite; on PostgreSQL others are kept out by the locks taken.
    pub async fn write(&self) -> Result<Write> {
        let database = self.clone();
        to_the_end(async move { database.begin_to_write().await }).await
    }

    async fn begin_to_write(&self) -> Result<Write> {
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
        Ok(Write { transaction, backend: self.backend(), is_change: AtomicBool::new(false), _turn: turn })
    }
}

/// Does what must not be given up half way: who drops a transaction's beginning would leave a connection with a
/// transaction that nobody knows of (sqlx 0.9.0). Given up, it ends by itself, and what it made is dropped.
pub(super) async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work).await.map_err(Error::internal)?
}

impl Write {
    /// Makes all of it last.
    pub async fn commit(self) -> Result<()> {
        if self.is_change.load(Ordering::Relaxed) {
            // Last, since others who raise the same row wait until this ends.
            data_version::raise(self.sql("")).execute(self.connection()).await?;
        }
        Ok(self.transaction.commit().await?)
    }

    /// Undoes all of it and waits until that is done.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.transaction.rollback().await?)
    }

    pub(super) fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Notes that parks, readings, stats or grants are changed; [`Write::sql`] does of itself.
    pub(super) fn changes_data(&self) {
        self.is_change.store(true, Ordering::Relaxed);
    }

    pub(super) fn sql(&self, text: &str) -> Sql {
        if data_version::is_change(text) {
            self.changes_data();
        }
        Sql::new(self.backend, text)
    }
}
