//! Reading as of one moment, so that the parts of one answer fit together while others write.

use std::sync::Arc;

use sea_orm::{
    AccessMode, DatabaseExecutor, DatabaseTransaction, IsolationLevel, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{OnceCell, OwnedSemaphorePermit};
use tokio::time::timeout;

use super::database::Database;
use super::write::to_the_end;
use crate::error::{Error, Result};

/// A transaction that only reads, begun by the first who reads; dropping it ends it.
pub(super) type Moment = Arc<OnceCell<Held>>;

/// The transaction, and the place among the readers that it takes: given back after it.
pub(super) struct Held {
    transaction: DatabaseTransaction,
    _place: OwnedSemaphorePermit,
}

impl Database {
    /// The same database, of which all is read as of the moment of the first statement. Statements run one after another
    /// on one connection, which is held until the last clone of this value is dropped. What is written is not seen.
    #[must_use]
    pub fn at_one_moment(&self) -> Self {
        let mut database = self.clone();
        database.moment = Some(Moment::default());
        database
    }

    /// Where reading statements run: anywhere, each on its own, or all as of one moment.
    pub(super) async fn reader(&self) -> Result<DatabaseExecutor<'_>> {
        let Some(moment) = &self.moment else { return Ok(DatabaseExecutor::Connection(self.pool())) };
        Ok(DatabaseExecutor::Transaction(&moment.get_or_try_init(|| self.hold()).await?.transaction))
    }

    async fn hold(&self) -> Result<Held> {
        let database = self.clone();
        to_the_end(async move {
            let place = timeout(database.patience, Arc::clone(&database.readers).acquire_owned()).await;
            let place = place.map_err(|_| Error::unavailable("all connections for readers are taken"))?;
            let place = place.map_err(Error::internal)?;
            Ok(Held { transaction: database.pool().begin_with_options(database.read_only()).await?, _place: place })
        })
        .await
    }

    fn read_only(&self) -> TransactionOptions {
        if self.is_postgres() {
            TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                sqlite_transaction_mode: None,
            }
        } else {
            TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            }
        }
    }
}
