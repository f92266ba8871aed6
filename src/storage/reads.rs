//! The one place through which parks, readings and stats are read: every statement is bounded by the visibility.

use std::pin::pin;

use futures::{Stream, TryStreamExt};
use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    QueryResult, SqliteTransactionMode, StreamTrait, TransactionOptions, TransactionTrait,
};

use super::database::Database;
use super::sql::Sql;
use crate::domain::access::Visibility;
use crate::error::Result;

/// What one caller can see. Each method runs one statement, however many parks it is asked for; a park that is not
/// there, or not for the caller, is left out of the answer.
pub struct Reads {
    source: Source,
    backend: DbBackend,
    visibility: Visibility,
}

/// Where statements run.
enum Source {
    /// Any connection, each statement on its own.
    Pool(DatabaseConnection),
    /// One connection, all statements as of one moment. Dropping it ends it.
    Snapshot(DatabaseTransaction),
}

impl Database {
    /// Reads for a caller, each statement as of its own moment.
    pub fn reads(&self, visibility: Visibility) -> Reads {
        Reads { source: Source::Pool(self.pool().clone()), backend: self.backend(), visibility }
    }

    /// Reads for a caller, all as of the moment of the first one. They run one after another on one connection, which
    /// is held until the value is dropped.
    pub async fn snapshot(&self, visibility: Visibility) -> Result<Reads> {
        let options = if self.is_postgres() {
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
        };
        let snapshot = self.pool().begin_with_options(options).await?;
        Ok(Reads { source: Source::Snapshot(snapshot), backend: self.backend(), visibility })
    }
}

impl Reads {
    /// Whose reads they are.
    pub fn visibility(&self) -> Visibility {
        self.visibility
    }

    /// Runs a statement whose rows may be many: each is read as it comes, since a driver's rows are many times the size
    /// of what is in them.
    pub(super) async fn collect<T: Send>(&self, sql: Sql, read: fn(&QueryResult) -> Result<T>) -> Result<Vec<T>> {
        let statement = sql.statement();
        match &self.source {
            Source::Pool(connection) => drain(connection.stream_raw(statement).await?, read).await,
            Source::Snapshot(connection) => drain(connection.stream_raw(statement).await?, read).await,
        }
    }

    pub(super) fn connection(&self) -> DatabaseExecutor<'_> {
        match &self.source {
            Source::Pool(connection) => DatabaseExecutor::Connection(connection),
            Source::Snapshot(connection) => DatabaseExecutor::Transaction(connection),
        }
    }

    pub(super) fn sql(&self, text: &str) -> Sql {
        Sql::new(self.backend, text)
    }
}

async fn drain<T: Send>(
    rows: impl Stream<Item = Result<QueryResult, DbErr>> + Send,
    read: fn(&QueryResult) -> Result<T>,
) -> Result<Vec<T>> {
    let mut rows = pin!(rows);
    let mut all = Vec::new();
    while let Some(row) = rows.try_next().await? {
        all.push(read(&row)?);
    }
    Ok(all)
}

impl Sql {
    /// Appends the condition that the park whose key the column holds is visible.
    ///
    /// Grants are looked at by the statement itself, so that one that is taken back counts from the next statement on.
    pub(super) fn visible(&mut self, park_id: &str, visibility: Visibility) -> &mut Self {
        match visibility {
            Visibility::Everything => self.push("TRUE"),
            Visibility::Customer(customer) => {
                self.push(park_id).push(" IN (SELECT g.park_id FROM customer_park g WHERE g.customer_id = ");
                self.bind(customer.0).push(")")
            }
            Visibility::Nothing => self.push("FALSE"),
        }
    }
}
