//! A statement in the making: text and the values bound in it.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, SqlErr, Statement, Value};

use crate::error::Result;

/// SQL with its bound values; both databases take `$1`, `$2`, ….
#[derive(Debug)]
pub struct Sql {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// A statement that begins so.
    pub fn new(backend: DbBackend, text: &str) -> Self {
        Self { backend, text: text.to_owned(), values: Vec::new() }
    }

    /// Whether it is for PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.backend == DbBackend::Postgres
    }

    /// Appends text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a value's place and binds the value there.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Appends `(row), (row), …`, each row's values in order.
    pub fn bind_rows<const N: usize>(&mut self, rows: impl IntoIterator<Item = [Value; N]>) -> &mut Self {
        for (index, row) in rows.into_iter().enumerate() {
            self.push(if index == 0 { "(" } else { ", (" });
            for (column, value) in row.into_iter().enumerate() {
                if column > 0 {
                    self.push(", ");
                }
                self.bind(value);
            }
            self.push(")");
        }
        self
    }

    /// As the driver takes it.
    pub fn statement(self) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text, self.values)
    }

    /// Runs it; how many rows it touched.
    pub async fn execute(self, connection: &impl ConnectionTrait) -> Result<u64> {
        Ok(connection.execute_raw(self.statement()).await?.rows_affected())
    }

    /// Runs it; whether it touched a row. False also where a value that is unique is taken.
    pub async fn execute_unless_taken(self, connection: &impl ConnectionTrait) -> Result<bool> {
        match connection.execute_raw(self.statement()).await {
            Ok(done) => Ok(done.rows_affected() > 0),
            Err(fault) if matches!(fault.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Runs it; the whole number in its one row.
    pub async fn number(self, connection: &impl ConnectionTrait) -> Result<i64> {
        match self.row(connection).await? {
            Some(row) => Ok(row.try_get_by_index(0)?),
            None => Ok(0),
        }
    }

    /// Runs it; its rows.
    pub async fn rows(self, connection: &impl ConnectionTrait) -> Result<Vec<QueryResult>> {
        Ok(connection.query_all_raw(self.statement()).await?)
    }

    /// Runs it; its one row, if it has any.
    pub async fn row(self, connection: &impl ConnectionTrait) -> Result<Option<QueryResult>> {
        Ok(connection.query_one_raw(self.statement()).await?)
    }
}
