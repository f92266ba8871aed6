//! The audit log. For admins.

use async_graphql::{Context, Enum, Object};
use uuid::Uuid;

use super::admin_total::AdminTotal;
use super::caller::{Caller, database};
use super::connection::Connection;
use super::paging::{MAX_PAGE, Paging};
use super::rows::Row;
use super::scalars::DateTime;
use crate::domain::access::Scope;
use crate::domain::audit;
use crate::error::Result;

/// How something ended that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "audit::Outcome", name = "AuditOutcome")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not allowed.
    Refused,
    /// It could not be done.
    Failed,
}

/// Something that was done or tried.
pub struct AuditEntry(audit::Entry);

/// Something that was done or tried.
#[Object]
impl AuditEntry {
    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Who: a user's or API key's name, the name that was tried, `command line`, or `server` for what it does when it starts;
    /// null where nobody said.
    async fn actor(&self) -> Option<&str> {
        self.0.actor.as_deref()
    }

    /// From which address; null at the command line.
    async fn address(&self) -> Option<String> {
        self.0.address.map(|address| address.to_string())
    }

    /// What: a mutation's name, also where OAuth does the same; a query's that was refused; `authenticate` for a credential
    /// that was refused; `clientCredentials` for a token that an API key got; `token` for a request for tokens that was
    /// refused before it was told what it asks; `upload`; `document` for one that is not trusted; or a command's name.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// On whom or what; null where the action says it all.
    async fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// How it ended.
    async fn outcome(&self) -> Outcome {
        self.0.outcome.into()
    }

    /// What was given or changed, how a load ended, and why it was refused or failed.
    async fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }
}

/// A page of the audit log.
pub type AuditEntryConnection = Connection<AuditEntry, AdminTotal>;

impl Row for AuditEntry {}

/// The query for the audit log.
#[derive(Default)]
pub struct AuditQueries;

/// The query for the audit log.
#[Object]
impl AuditQueries {
    /// What was done and tried, the latest first: sign-ins, refusals, grants, loads, deletions, and all other mutations. For
    /// admins. `first` defaults to 100, at most 1,000.
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Result<AuditEntryConnection> {
        Caller::of(ctx).may(Scope::Admin)?;
        let asked = Paging { first, after, last, before }.check::<Uuid>(MAX_PAGE)?;
        let entries = database(ctx).audit(&asked.page).await?;
        Ok(asked.connection(entries.into_iter().map(AuditEntry).collect(), AdminTotal::Audit, |entry| entry.0.id))
    }
}
