//! The connections to one database, SQLite or PostgreSQL.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions as _};
use sea_orm::{ConnectOptions, DatabaseConnection, DbBackend, DbErr, RuntimeErr};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;

use super::fault::{answer, timed_out};
use super::lookups::Lookups;
use super::moment::Moment;
use super::sql::Sql;
use crate::error::{Error, Result};

/// How long a writer waits for another one.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// How long it is waited for connections that are in use when all are to be closed.
const PARTING: Duration = Duration::from_secs(3);

/// What is to be known of a database before it is connected to.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite://path` or `postgres://user:password@host:port/name`.
    pub url: String,
    /// The most connections held open.
    pub max_connections: u32,
    /// How long a query waits for a connection; a server that is down is tried again until then.
    pub patience: Duration,
}

/// Without the URL, which may hold a password.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

impl Settings {
    /// A database with the usual number of connections.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), max_connections: 16, patience: Duration::from_secs(10) }
    }
}

/// A database; cheap to clone, all clones share the connections.
#[derive(Clone)]
pub struct Database {
    pool: DatabaseConnection,
    statements: Arc<AtomicU64>,
    /// SQLite has one writer; those of this process queue here in their order, since SQLite's own waiting polls.
    gate: Option<Arc<Mutex<()>>>,
    /// As many as may hold a connection for all that one query reads; the others stay for who asks and what is written.
    pub(super) readers: Arc<Semaphore>,
    pub(super) patience: Duration,
    /// Who is asking, as far as that is being found out.
    pub(super) lookups: Lookups,
    /// What is read as of one moment shares it.
    pub(super) moment: Option<Moment>,
}

impl Database {
    /// Connects; an SQLite file is made if missing, its folder too.
    ///
    /// The URL may hold a password: it is never part of an error.
    pub async fn connect(settings: &Settings) -> Result<Self> {
        let options = if settings.url.starts_with("sqlite:") {
            sqlite(settings)?
        } else if settings.url.starts_with("postgres:") || settings.url.starts_with("postgresql:") {
            postgres(settings)?
        } else {
            return Err(Error::invalid("the database's URL begins with neither sqlite: nor postgres:"));
        };
        let mut pool = match connect(options).await {
            Ok(pool) => pool,
            Err(fault) if settings.url.starts_with("sqlite:") => return Err(fault.into()),
            Err(fault) => return Err(unreachable(settings, fault).await),
        };
        let statements = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&statements);
        pool.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let gate = (pool.get_database_backend() == DbBackend::Sqlite).then(Arc::default);
        let connections = settings.max_connections.max(2);
        let readers = usize::try_from(connections - connections.div_ceil(4)).unwrap_or(1);
        let (readers, patience) = (Arc::new(Semaphore::new(readers)), settings.patience);
        Ok(Self { pool, statements, gate, readers, patience, lookups: Lookups::default(), moment: None })
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.backend() == DbBackend::Postgres
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.pool.ping().await?)
    }

    /// How many statements were run so far, those of transactions too: for tests that count them.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Closes all connections, once those in use are given back; waits for some seconds at most, since sqlx 0.9.0 may wait
    /// without an end where questions were given up just before.
    pub async fn close(&self) -> Result<()> {
        if let Ok(closed) = timeout(PARTING, self.pool.close_by_ref()).await {
            return Ok(closed?);
        }
        tracing::warn!("connections to the database were not given back in time");
        Ok(())
    }

    pub(super) fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    pub(super) fn sql(&self, text: &str) -> Sql {
        Sql::new(self.backend(), text)
    }

    pub(super) fn gate(&self) -> Option<&Arc<Mutex<()>>> {
        self.gate.as_ref()
    }
}

/// Several processes that make an SQLite database at once may find it locked without being made to wait.
async fn connect(options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    let mut tries = 0;
    loop {
        match sea_orm::Database::connect(options.clone()).await {
            Ok(pool) => return Ok(pool),
            Err(fault) if tries == CONNECT_TRIES || DbBackend::Postgres.is_prefix_of(options.get_url()) => {
                return Err(fault);
            }
            Err(_) => tries += 1,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Why PostgreSQL gave no connection. Of one that was waited for in vain the pool does not say why: it is asked again.
async fn unreachable(settings: &Settings, fault: DbErr) -> Error {
    let Ok(options) = settings.url.parse::<PgConnectOptions>() else { return wrong_url() };
    let socket = options.get_socket().map(|socket| socket.display().to_string());
    let place = socket.unwrap_or_else(|| format!("{}:{}", options.get_host(), options.get_port()));
    if timed_out(&fault) {
        return Error::unavailable(match timeout(settings.patience, options.connect()).await {
            Err(_) => format!("the database at {place} does not answer"),
            Ok(Ok(_)) => format!("the database at {place} gave no connection in time"),
            Ok(Err(cause)) => unconnected(&place, &cause),
        });
    }
    match fault {
        DbErr::Conn(RuntimeErr::SqlxError(cause)) => Error::unavailable(unconnected(&place, &cause)),
        fault => fault.into(),
    }
}

fn unconnected(place: &str, cause: &sqlx::Error) -> String {
    match cause {
        sqlx::Error::Io(cause) if cause.kind() == ErrorKind::ConnectionRefused => {
            format!("the database at {place} refuses connections")
        }
        sqlx::Error::Io(cause) => format!("the database at {place} cannot be reached: {cause}"),
        sqlx::Error::Protocol(_) => format!("what listens at {place} is no PostgreSQL database"),
        cause => answer(cause),
    }
}

fn wrong_url() -> Error {
    Error::invalid("the database's URL is no valid postgres: URL")
}

/// How often an SQLite database that cannot be opened is tried again.
const CONNECT_TRIES: u32 = 5;

fn options(url: String, settings: &Settings) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(settings.max_connections.max(2))
        .acquire_timeout(settings.patience)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

fn sqlite(settings: &Settings) -> Result<ConnectOptions> {
    let wrong = |_| Error::invalid("the database's URL is no valid sqlite: URL");
    let parsed: SqliteConnectOptions = settings.url.parse().map_err(wrong)?;
    let file = parsed.get_filename();
    let in_memory = settings.url.contains(":memory:") || settings.url.contains("mode=memory");
    if in_memory || file.as_os_str().is_empty() {
        return Err(Error::invalid("an SQLite database in memory is one a connection: name a file"));
    }
    make(file).map_err(|cause| Error::unavailable(format!("the database's file cannot be made: {cause}")))?;
    let mut options = options(settings.url.clone(), settings);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .create_if_missing(true)
            .page_size(PAGE_BYTES)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            // After a large load its log shrinks again.
            .pragma("journal_size_limit", "67108864")
    });
    Ok(options)
}

/// Large enough for a day of readings every five minutes to lie in one page.
const PAGE_BYTES: u32 = 16_384;

/// Makes the file, for its owner alone, unless it is there.
fn make(file: &Path) -> std::io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

/// The parsed URL goes to the driver apart from the options, which tracing shows and which hold no password so.
fn postgres(settings: &Settings) -> Result<ConnectOptions> {
    let parsed: PgConnectOptions = settings.url.parse().map_err(|_| wrong_url())?;
    let parsed = parsed.application_name("energy-parks").disable_statement_logging();
    let mut options = options("postgres://".to_owned(), settings);
    options.map_sqlx_postgres_opts(move |_| parsed.clone());
    options.map_sqlx_postgres_pool_opts(|pool| {
        pool.after_connect(|connection, _| {
            Box::pin(async move {
                // Compiling a plan costs more than any query here takes; that a table is there already is no news.
                sqlx::Executor::execute(connection, "SET jit = off; SET client_min_messages = warning").await?;
                Ok(())
            })
        })
    });
    Ok(options)
}
