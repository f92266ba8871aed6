//! API keys. For admins.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::admin_total::AdminTotal;
use super::caller::{Caller, app, database};
use super::connection::Connection;
use super::customers::{self, Customer};
use super::ids::NodeId;
use super::paging::{MAX_PAGE, Paging};
use super::rows::Row;
use super::scalars::{DateTime, Long};
use super::session::Scope;
use super::trail::{Note, Notes};
use super::users::{self, User};
use crate::auth::{self, NewApiKey};
use crate::domain::access;
use crate::domain::api_key::{self, Allowance, ApiKeyId, Owner};
use crate::domain::chrono;
use crate::error::{Error, Result};

/// A program's credential, for the header `X-API-Key`. Its text is told once, when it is made.
pub struct ApiKey(pub api_key::ApiKey);

/// A program's credential, for the header `X-API-Key`. Its text is told once, when it is made.
#[Object]
impl ApiKey {
    /// Its global id.
    pub async fn id(&self) -> ID {
        NodeId::ApiKey(self.0.id).id()
    }

    /// What its text begins with.
    async fn prefix(&self) -> String {
        self.0.shown_prefix()
    }

    /// What it is for.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The user it stands for; null with a customer's key.
    async fn user(&self) -> Option<User> {
        match &self.0.owner {
            Owner::User(user) => Some(User(user.clone())),
            Owner::Customer(_) => None,
        }
    }

    /// The customer whose parks it sees; null with a key of staff, who see all.
    async fn customer(&self) -> Option<Customer> {
        self.0.customer().cloned().map(Customer)
    }

    /// What it allows, as far as its user still may.
    async fn scopes(&self) -> Vec<Scope> {
        self.0.scopes.iter().copied().map(Into::into).collect()
    }

    /// How often it may be used a minute; null where it has no limit of its own.
    async fn requests_per_minute(&self) -> Option<i32> {
        self.0.allowance.per_minute.map(|count| i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// How often it may be used a day from midnight UTC; null where it has no limit.
    async fn requests_per_day(&self) -> Option<Long> {
        self.0.allowance.per_day.map(Long)
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it ends by itself; null where it does not.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime::from)
    }

    /// When it was last used, to the minute; null where it never was.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime::from)
    }

    /// When it was ended; null where it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime::from)
    }
}

/// A new API key with its text.
#[derive(SimpleObject)]
pub struct ApiKeyCreated {
    /// The key.
    api_key: ApiKey,
    /// Its text, for the header `X-API-Key`. Keep it: nobody can tell it again.
    key: String,
}

/// A new API key, of a user or of a customer.
#[derive(InputObject)]
pub struct ApiKeyInput {
    /// What it is for.
    name: String,
    /// The user it stands for.
    user: Option<ID>,
    /// The customer it stands for.
    customer: Option<ID>,
    /// What it allows; where it is left out all that the user may, or what a customer may read.
    scopes: Option<Vec<Scope>>,
    /// When it ends by itself.
    expires_at: Option<DateTime>,
    /// How often it may be used a minute; as often as anyone where it is left out.
    requests_per_minute: Option<i32>,
    /// How often it may be used a day from midnight UTC.
    requests_per_day: Option<Long>,
}

/// A page of API keys.
pub type ApiKeyConnection = Connection<ApiKey, AdminTotal>;

impl Row for ApiKey {}

/// The queries for API keys.
#[derive(Default)]
pub struct ApiKeyQueries;

/// The queries for API keys.
#[Object]
impl ApiKeyQueries {
    /// API keys, the newest first, those that have ended too; for admins. `first` defaults to 100, at most 1,000.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Result<ApiKeyConnection> {
        Caller::of(ctx).may(access::Scope::Admin)?;
        let asked = Paging { first, after, last, before }.check::<Uuid>(MAX_PAGE)?;
        let keys = database(ctx).api_keys(&asked.page).await?;
        Ok(asked.connection(keys.into_iter().map(ApiKey).collect(), AdminTotal::ApiKeys, |key| key.0.id.0))
    }
}

/// Making and ending API keys.
#[derive(Default)]
pub struct ApiKeyMutations;

/// Making and ending API keys.
#[Object]
impl ApiKeyMutations {
    /// Makes an API key; for admins. `FORBIDDEN` with a scope that its owner has not.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key.")] input: ApiKeyInput,
    ) -> Result<ApiKeyCreated> {
        Caller::of(ctx).may(access::Scope::Admin)?;
        let owner = match (&input.user, &input.customer) {
            (Some(user), None) => {
                let found = app(ctx).database.find_user_by_id(users::key(user)?).await?;
                Owner::User(found.ok_or_else(users::gone)?)
            }
            (None, Some(customer)) => Owner::Customer(customers::get(ctx, customer).await?.0),
            _ => return Err(Error::invalid("an API key is of a user or of a customer: give one of them")),
        };
        let per_minute = input.requests_per_minute.map(u32::try_from).transpose();
        let per_minute = per_minute.map_err(|_| Error::invalid("requestsPerMinute is below 0"))?;
        let new = NewApiKey {
            name: input.name,
            owner,
            scopes: input.scopes.map(|scopes| scopes.into_iter().map(Into::into).collect()),
            expires_at: input.expires_at.map(instant).transpose()?,
            allowance: Allowance { per_minute, per_day: input.requests_per_day.map(|count| count.0) },
        };
        let (key, shown) = auth::create_api_key(&app(ctx).database, new, Caller::of(ctx).clock.now).await?;
        Notes::add(ctx, Note { detail: Some(key.shown_prefix()), ..Note::default() });
        Ok(ApiKeyCreated { api_key: ApiKey(key), key: shown.into_revealed() })
    }

    /// Ends an API key for good: it opens nothing from the next request on. For admins.
    async fn revoke_api_key(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ID) -> Result<ApiKey> {
        Caller::of(ctx).may(access::Scope::Admin)?;
        let id = key(&id)?;
        let database = &app(ctx).database;
        auth::revoke_api_key(database, id, Caller::of(ctx).clock.now).await?;
        let key = database.find_api_key_by_id(id).await?.ok_or_else(gone)?;
        Notes::name(ctx, &format!("{} {}", key.name, key.shown_prefix()));
        Ok(ApiKey(key))
    }
}

fn instant(time: DateTime) -> Result<chrono::DateTime<chrono::Utc>> {
    chrono::DateTime::from_timestamp(time.instant, 0).ok_or_else(|| Error::invalid("expiresAt is out of range"))
}

fn key(id: &ID) -> Result<ApiKeyId> {
    match NodeId::read(id) {
        Some(NodeId::ApiKey(key)) => Ok(key),
        _ => Err(gone()),
    }
}

fn gone() -> Error {
    Error::not_found("there is no such API key")
}
