//! The one place through which parks, readings and stats are read: every statement is bounded by the visibility.

use std::pin::pin;

use futures::{Stream, TryStreamExt};
use sea_orm::{DatabaseExecutor, DbErr, QueryResult, StreamTrait};

use super::database::Database;
use super::sql::Sql;
use crate::domain::access::Visibility;
use crate::error::Result;

/// What one caller can see. Each method runs one statement, however many parks it is asked for; a park that is not
/// there, or not for the caller, is left out of the answer.
pub struct Reads {
    database: Database,
    visibility: Visibility,
}

impl Database {
    /// Reads for a caller.
    pub fn reads(&self, visibility: Visibility) -> Reads {
        Reads { database: self.clone(), visibility }
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
        match self.connection().await? {
            DatabaseExecutor::Connection(connection) => drain(connection.stream_raw(statement).await?, read).await,
            DatabaseExecutor::Transaction(connection) => drain(connection.stream_raw(statement).await?, read).await,
            DatabaseExecutor::OwnedTransaction(connection) => {
                drain(connection.stream_raw(statement).await?, read).await
            }
        }
    }

    pub(super) async fn connection(&self) -> Result<DatabaseExecutor<'_>> {
        self.database.reader().await
    }

    pub(super) fn sql(&self, text: &str) -> Sql {
        self.database.sql(text)
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
