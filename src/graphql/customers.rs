//! Customers, and the parks granted to them. For admins.

use async_graphql::{Context, ID, InputObject, Object};

use super::admin_total::AdminTotal;
use super::caller::{Caller, app, database};
use super::connection::Connection;
use super::ids::NodeId;
use super::loaders::Loaders;
use super::paging::{MAX_PAGE, Paging};
use super::park::{Park, ParkBy};
use super::parks::{self, ParkConnection, ParkTotal};
use super::rows::Row;
use super::scalars::DateTime;
use super::trail::Notes;
use crate::auth;
use crate::domain::access::{CustomerId, Scope};
use crate::domain::customer;
use crate::domain::park::ParkId;
use crate::error::{Error, Result};

/// The most parks that are granted or taken back at once.
const MAX_PARKS: usize = 1_000;

/// A customer: its users and API keys see the parks granted to it and no others.
pub struct Customer(pub customer::Customer);

/// A customer: its users and API keys see the parks granted to it and no others.
#[Object]
impl Customer {
    /// Its global id.
    pub async fn id(&self) -> ID {
        NodeId::Customer(self.0.id).id()
    }

    /// Its name; unique.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The parks granted to it, by name; `first` defaults to 100, at most 1,000.
    async fn parks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Result<ParkConnection> {
        Caller::of(ctx).may(Scope::ParksRead)?;
        let asked = Paging { first, after, last, before }.check::<String>(MAX_PAGE)?;
        let granted = Loaders::of(ctx).grants(self.0.id).await?;
        let page = &asked.page;
        let within = |(name, _): &&(String, ParkId)| {
            page.after.as_ref().is_none_or(|after| name > after)
                && page.before.as_ref().is_none_or(|before| name < before)
        };
        let mut ids: Vec<ParkId> = granted.iter().filter(within).map(|(_, park)| *park).collect();
        let limit = usize::try_from(page.limit).map_err(Error::internal)?;
        if page.from_end {
            ids.drain(..ids.len().saturating_sub(limit));
        } else {
            ids.truncate(limit);
        }
        // Through the loader, which applies what the one who asks may see.
        let parks = futures::future::try_join_all(ids.into_iter().map(|park| Loaders::of(ctx).park(park))).await?;
        let parks = parks.into_iter().flatten().map(Park).collect();
        Ok(asked.connection(parks, ParkTotal::Granted(self.0.id), |park| park.0.details.name.clone()))
    }
}

/// A page of customers.
pub type CustomerConnection = Connection<Customer, AdminTotal>;

impl Row for Customer {}

/// A customer as it is told of.
#[derive(InputObject)]
pub struct CustomerInput {
    /// Its name; unique.
    name: String,
}

/// The queries for customers.
#[derive(Default)]
pub struct CustomerQueries;

/// The queries for customers.
#[Object]
impl CustomerQueries {
    /// Customers, by name; for admins. `first` defaults to 100, at most 1,000.
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Result<CustomerConnection> {
        Caller::of(ctx).may(Scope::Admin)?;
        let asked = Paging { first, after, last, before }.check::<String>(MAX_PAGE)?;
        let customers = database(ctx).customers(&asked.page).await?;
        Ok(asked
            .connection(customers.into_iter().map(Customer).collect(), AdminTotal::Customers, |it| it.0.name.clone()))
    }
}

/// Making and forgetting customers, and granting them parks.
#[derive(Default)]
pub struct CustomerMutations;

/// Making and forgetting customers, and granting them parks.
#[Object]
impl CustomerMutations {
    /// Makes a customer, to which nothing is granted; for admins. `CONFLICT` if the name is taken.
    async fn create_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The customer.")] input: CustomerInput,
    ) -> Result<Customer> {
        Caller::of(ctx).may(Scope::Admin)?;
        auth::create_customer(&app(ctx).database, &input.name, Caller::of(ctx).clock.now).await.map(Customer)
    }

    /// Gives a customer another name; for admins. `CONFLICT` if it is taken.
    async fn update_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "What changes.")] input: CustomerInput,
    ) -> Result<Customer> {
        Caller::of(ctx).may(Scope::Admin)?;
        auth::rename_customer(&app(ctx).database, key(&id)?, &input.name, Caller::of(ctx).clock.now).await.map(Customer)
    }

    /// Deletes a customer, its grants and its API keys; for admins. Answers with the customer as it was. `CONFLICT` while it
    /// has users.
    async fn delete_customer(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ID) -> Result<Customer> {
        Caller::of(ctx).may(Scope::Admin)?;
        let customer = get(ctx, &id).await?;
        Notes::name(ctx, &customer.0.name);
        auth::delete_customer(&app(ctx).database, customer.0.id).await?;
        Ok(customer)
    }

    /// Grants parks to a customer, which sees them from its next request on; for admins. `NOT_FOUND` if a park is not there.
    async fn grant_parks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which customer.")] customer: ID,
        #[graphql(desc = "Which; at most 1,000.")] parks: Vec<ParkBy>,
    ) -> Result<Customer> {
        Caller::of(ctx).may(Scope::Admin)?;
        let parks = park_keys(ctx, parks).await?;
        let database = &app(ctx).database;
        auth::grant_parks(database, key(&customer)?, &parks, Caller::of(ctx).clock.now).await?;
        named(ctx, &customer).await
    }

    /// Takes grants back: from its next request on the parks do not exist for the customer. For admins. `NOT_FOUND` if a park
    /// is not there.
    async fn revoke_parks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From which customer.")] customer: ID,
        #[graphql(desc = "Which; at most 1,000.")] parks: Vec<ParkBy>,
    ) -> Result<Customer> {
        Caller::of(ctx).may(Scope::Admin)?;
        let parks = park_keys(ctx, parks).await?;
        auth::revoke_parks(&app(ctx).database, key(&customer)?, &parks).await?;
        named(ctx, &customer).await
    }
}

async fn park_keys(ctx: &Context<'_>, parks: Vec<ParkBy>) -> Result<Vec<ParkId>> {
    if parks.len() > MAX_PARKS {
        return Err(Error::invalid(format!("parks holds more than {MAX_PARKS}")));
    }
    let found = parks.into_iter().map(|park| async { parks::get(ctx, park).await.map(|park| park.id) });
    futures::future::try_join_all(found).await
}

/// The same, its name noted for the log.
async fn named(ctx: &Context<'_>, id: &ID) -> Result<Customer> {
    let customer = get(ctx, id).await?;
    Notes::name(ctx, &customer.0.name);
    Ok(customer)
}

/// The customer that an id stands for.
pub async fn get(ctx: &Context<'_>, id: &ID) -> Result<Customer> {
    let found = app(ctx).database.customers_by_id(&[key(id)?]).await?.pop();
    found.map(Customer).ok_or_else(gone)
}

/// The key of the customer that an id stands for.
pub fn key(id: &ID) -> Result<CustomerId> {
    match NodeId::read(id) {
        Some(NodeId::Customer(customer)) => Ok(customer),
        _ => Err(gone()),
    }
}

fn gone() -> Error {
    Error::not_found("there is no such customer")
}
