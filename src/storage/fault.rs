//! The database's errors as the crate's one.

use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::error::Error;

/// SQLite's primary result codes for a database that is busy, locked, full, or whose file cannot be read.
const SQLITE_UNAVAILABLE: [u32; 6] = [5, 6, 8, 10, 13, 14];

impl From<DbErr> for Error {
    fn from(fault: DbErr) -> Self {
        if is_unavailable(&fault) { Self::unavailable(fault) } else { Self::internal(fault) }
    }
}

/// Whether the same statement may succeed later, nothing having been done.
fn is_unavailable(fault: &DbErr) -> bool {
    match fault {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            match cause.as_ref() {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                sqlx::Error::Database(cause) => cause.code().is_some_and(|code| {
                    if cause.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                        sqlite_is_unavailable(&code)
                    } else {
                        postgres_is_unavailable(&code)
                    }
                }),
                _ => false,
            }
        }
        _ => false,
    }
}

/// SQLite's extended codes hold the primary one in their low byte.
fn sqlite_is_unavailable(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|code| SQLITE_UNAVAILABLE.contains(&(code & 0xff)))
}

/// Connection exceptions, rollbacks for others' sake, no resources, an operator's intervention, system errors.
fn postgres_is_unavailable(state: &str) -> bool {
    ["08", "40", "53", "57", "58"].iter().any(|class| state.starts_with(class)) || state == "55P03"
}

/// A row that is not what was written: a broken store.
pub fn broken(what: impl std::fmt::Display) -> Error {
    Error::internal(format!("the database holds what cannot be read: {what}"))
}
