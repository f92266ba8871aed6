//! What the lists that are for admins say beside their things.

use async_graphql::{Context, Object};

use super::caller::{Caller, database};
use super::scalars::Long;
use crate::domain::access::Scope;
use crate::error::Result;

/// How many things a list for admins holds.
#[derive(Clone, Copy, Debug)]
pub enum AdminTotal {
    /// Users.
    Users,
    /// Customers.
    Customers,
    /// API keys, those that have ended too.
    ApiKeys,
    /// Entries of the audit log.
    Audit,
}

/// How many things a list for admins holds.
#[Object]
impl AdminTotal {
    /// How many the list holds; counted only where it is asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Long> {
        Caller::of(ctx).may(Scope::Admin)?;
        let database = database(ctx);
        let count = match self {
            Self::Users => database.user_count().await,
            Self::Customers => database.customer_count().await,
            Self::ApiKeys => database.api_key_count().await,
            Self::Audit => database.audit_count().await,
        };
        count.map(Long)
    }
}
