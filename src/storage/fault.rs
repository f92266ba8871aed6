//! The database's errors as the crate's one.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

use crate::error::Error;

impl From<DbErr> for Error {
    fn from(fault: DbErr) -> Self {
        match unavailable(&fault) {
            Some(sentence) => Self::unavailable(sentence),
            None => Self::internal(fault),
        }
    }
}

/// Why the same may succeed later, nothing having been done: a sentence for the operator.
fn unavailable(fault: &DbErr) -> Option<String> {
    match fault {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Some(TIMED_OUT.into()),
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Some(CLOSED.into()),
        DbErr::Conn(RuntimeErr::SqlxError(cause)) => Some(driver(cause).unwrap_or_else(|| answer(cause))),
        DbErr::Conn(cause) => Some(format!("the database cannot be connected to: {cause}")),
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => driver(cause),
        _ => None,
    }
}

const TIMED_OUT: &str = "no connection to the database could be had in time";
const CLOSED: &str = "the connections to the database are closed";

fn driver(cause: &sqlx::Error) -> Option<String> {
    match cause {
        sqlx::Error::Io(cause) => Some(format!("the connection to the database broke: {cause}")),
        sqlx::Error::Tls(cause) => Some(format!("the connection to the database cannot be made safe: {cause}")),
        sqlx::Error::PoolTimedOut => Some(TIMED_OUT.into()),
        sqlx::Error::PoolClosed => Some(CLOSED.into()),
        sqlx::Error::WorkerCrashed => Some("the thread that works on the database has ended".into()),
        sqlx::Error::Database(told) => {
            let code = told.code()?;
            if told.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                sqlite(&code).map(Into::into)
            } else {
                postgres_is_unavailable(&code).then(|| answer(cause))
            }
        }
        _ => None,
    }
}

/// Whether there was no connection to be had.
pub fn timed_out(fault: &DbErr) -> bool {
    unavailable(fault).as_deref() == Some(TIMED_OUT)
}

/// What the database itself says, without the driver's words.
pub fn answer(cause: &sqlx::Error) -> String {
    match cause {
        sqlx::Error::Database(told) => format!("the database answers: {}", told.message()),
        other => format!("the database cannot be connected to: {other}"),
    }
}

/// What SQLite's result codes say of a database that may be had later. Extended ones hold the primary one in their low
/// byte.
fn sqlite(code: &str) -> Option<&'static str> {
    Some(match code.parse::<u32>().ok()? & 0xff {
        5 | 6 => "the database is locked: another process has been writing to it for too long",
        8 => "the database may not be written to",
        10 => "the database's file cannot be read or written",
        13 => "the disk that holds the database is full",
        14 => "the database's file cannot be opened",
        _ => return None,
    })
}

/// Connection exceptions, rollbacks for others' sake, no resources, an operator's intervention, system errors.
fn postgres_is_unavailable(state: &str) -> bool {
    ["08", "40", "53", "57", "58"].iter().any(|class| state.starts_with(class)) || state == "55P03"
}

/// A row that is not what was written: a broken store.
pub fn broken(what: impl std::fmt::Display) -> Error {
    Error::internal(format!("the database holds what cannot be read: {what}"))
}

#[cfg(test)]
mod tests {
    use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
    use sea_orm::{ConnectionTrait, SqlxSqliteConnector};

    use crate::error::Error;
    use crate::storage::{Database, Settings};

    #[tokio::test]
    async fn a_locked_database_is_told_without_words_of_the_driver() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/parks.db", folder.path().display());
        let database = Database::connect(&Settings::new(&url)).await.unwrap();
        let _write = database.write().await.unwrap();
        let impatient = url.parse::<SqliteConnectOptions>().unwrap().busy_timeout(std::time::Duration::ZERO);
        let other = SqlitePoolOptions::new().connect_with(impatient).await.unwrap();
        let other = SqlxSqliteConnector::from_sqlx_sqlite_pool(other);
        let error = Error::from(other.execute_unprepared("CREATE TABLE t (a)").await.unwrap_err());
        assert_eq!(error.code(), "UNAVAILABLE");
        let told = error.cause().unwrap().to_string();
        assert_eq!(told, "the database is locked: another process has been writing to it for too long");
    }
}
