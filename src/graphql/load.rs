//! Loads and their reports.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use uuid::Uuid;

use super::caller::{Caller, reads};
use super::connection::Connection;
use super::ids::NodeId;
use super::paging::{MAX_PAGE, Paging};
use super::rows::Row;
use super::scalars::{DateTime, Long};
use crate::domain::access::Scope;
use crate::domain::load;
use crate::error::{Error, Result};

/// What a load brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "load::LoadKind")]
pub enum LoadKind {
    /// Parks.
    Parks,
    /// Readings.
    Readings,
    /// Readings were deleted.
    Deletion,
}

/// How a load stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "load::LoadStatus")]
pub enum LoadStatus {
    /// At work.
    Running,
    /// Done: the rows are in.
    Loaded,
    /// Nothing is in, for the reasons in `errors`.
    Refused,
    /// Nothing is in, on request; the counts say what would have been.
    DryRun,
    /// It broke off: nothing is in.
    Failed,
}

/// A bad row: where, what and why.
#[derive(SimpleObject)]
pub struct RowError {
    /// The line of the file, its header being line 1; of rows given inline their number from 1; 0 is the whole file.
    line: i32,
    /// The column; null where the row or file as a whole is meant.
    column: Option<String>,
    /// The cell's text, cut to 200 characters.
    value: Option<String>,
    /// What is wrong with it.
    reason: String,
}

impl From<&load::RowError> for RowError {
    fn from(error: &load::RowError) -> Self {
        Self {
            line: i32::try_from(error.line).unwrap_or(i32::MAX),
            column: error.column.clone(),
            value: error.value.clone(),
            reason: error.reason.clone(),
        }
    }
}

/// One file, upload or edit that was to change the data, with its report.
pub struct Load(pub load::Load);

/// One file, upload or edit that was to change the data, with its report.
#[Object]
impl Load {
    /// Its global id.
    pub async fn id(&self) -> ID {
        NodeId::Load(self.0.id).id()
    }

    /// What it brought.
    async fn kind(&self) -> LoadKind {
        self.0.kind.into()
    }

    /// How it stands.
    async fn status(&self) -> LoadStatus {
        self.0.status.into()
    }

    /// The file's name, or `csv` or `rows` of what was given inline.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// SHA-256 of the bytes as received, in hexadecimal; null where there was no file.
    async fn sha256(&self) -> Option<&str> {
        self.0.sha256.as_deref()
    }

    /// Rows of the file; `inserted`, `updated`, `unchanged` and `rejected` add up to it.
    async fn rows_read(&self) -> Long {
        Long(self.0.counts.rows_read)
    }

    /// New rows.
    async fn inserted(&self) -> Long {
        Long(self.0.counts.inserted)
    }

    /// Rows that replaced another value, which is kept as a revision.
    async fn updated(&self) -> Long {
        Long(self.0.counts.updated)
    }

    /// Rows that stood already.
    async fn unchanged(&self) -> Long {
        Long(self.0.counts.unchanged)
    }

    /// Bad rows.
    async fn rejected(&self) -> Long {
        Long(self.0.counts.rejected)
    }

    /// What the operator should know, such as a likely wrong clock or unit.
    async fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// The first bad rows by line: at most 1,000 are kept, `rejected` counts all.
    async fn errors(
        &self,
        #[graphql(desc = "At most so many; 100 where it is left out.")] first: Option<i32>,
    ) -> Result<Vec<RowError>> {
        let most = usize::try_from(first.unwrap_or(100)).map_err(|_| Error::invalid("first is below 0"))?;
        if most > load::MAX_ROW_ERRORS {
            return Err(Error::invalid("first is above 1000, the most that this list gives at once"));
        }
        Ok(self.0.errors.iter().take(most).map(RowError::from).collect())
    }

    /// When it began.
    async fn started_at(&self) -> DateTime {
        self.0.started_at.into()
    }

    /// When it ended; null while it is at work.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime::from)
    }

    /// The name of who loaded.
    async fn by(&self) -> &str {
        &self.0.by
    }
}

/// What a list of loads says beside them.
pub struct LoadTotal;

/// A page of loads.
#[Object]
impl LoadTotal {
    /// How many loads there are; counted only where it is asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Long> {
        reads(ctx, Scope::ReadingsWrite)?.load_count().await.map(Long)
    }
}

impl Row for Load {}

/// A page of loads.
pub type LoadConnection = Connection<Load, LoadTotal>;

/// The queries for loads.
#[derive(Default)]
pub struct LoadQueries;

/// The queries for loads.
#[Object]
impl LoadQueries {
    /// The ledger of loads, the latest first; for operators, a customer's see those of their own. `first` defaults to 100, at most 1,000.
    async fn loads(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<LoadConnection> {
        let reads = reads(ctx, Scope::ReadingsWrite)?;
        let asked = Paging { first, after, last: None, before: None }.check::<Uuid>(MAX_PAGE)?;
        let loads = reads.loads(&asked.page, Caller::of(ctx).clock.now).await?;
        Ok(asked.connection(loads.into_iter().map(Load).collect(), LoadTotal, |load| load.0.id))
    }

    /// One load; null if there is none. For operators.
    async fn load(&self, ctx: &Context<'_>, #[graphql(desc = "Its global id.")] id: ID) -> Result<Option<Load>> {
        let reads = reads(ctx, Scope::ReadingsWrite)?;
        let Some(NodeId::Load(id)) = NodeId::read(&id) else { return Ok(None) };
        Ok(reads.find_load(id, Caller::of(ctx).clock.now).await?.map(Load))
    }
}
