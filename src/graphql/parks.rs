//! The queries for parks.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::caller::{Caller, reads, visible};
use super::connection::Connection;
use super::ids::NodeId;
use super::loaders::Loaders;
use super::paging::{MAX_PAGE, Paging};
use super::park::{EnergyType, Park, ParkBy};
use super::scalars::{Long, TimeZone};
use crate::domain::access::{CustomerId, Scope};
use crate::domain::park;
use crate::domain::text;
use crate::error::{Error, Result};

/// Which parks are meant: every field narrows; one left out does not, an empty list matches none.
#[derive(Clone, Debug, Default, InputObject)]
#[graphql(name = "ParkFilter")]
pub struct ParkFilterInput {
    /// By id.
    ids: Option<Vec<ID>>,
    /// By exact name.
    names: Option<Vec<String>>,
    /// By energy type.
    energy_types: Option<Vec<EnergyType>>,
    /// By time zone.
    timezones: Option<Vec<TimeZone>>,
    /// By a part of the name, without regard to case.
    search: Option<String>,
}

impl From<ParkFilterInput> for park::ParkFilter {
    fn from(input: ParkFilterInput) -> Self {
        let park_of = |id: ID| match NodeId::read(&id) {
            Some(NodeId::Park(park)) => Some(park),
            _ => None,
        };
        Self {
            ids: input.ids.map(|ids| ids.into_iter().filter_map(park_of).collect()),
            names: input.names.map(|names| names.iter().filter_map(|name| text::name(name).ok()).collect()),
            energy_types: input.energy_types.map(|types| types.into_iter().map(Into::into).collect()),
            timezones: input.timezones.map(|zones| zones.into_iter().map(|zone| zone.0).collect()),
            search: input.search,
        }
    }
}

/// The order of a list of parks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "park::ParkOrder")]
pub enum ParkOrder {
    /// By name, code point by code point.
    #[default]
    NameAsc,
    /// By name, backwards.
    NameDesc,
}

/// What a list of parks says beside them.
pub enum ParkTotal {
    /// Of the parks that pass a filter.
    Filter(park::ParkFilter),
    /// Of the parks that are granted to a customer.
    Granted(CustomerId),
}

/// A page of parks.
#[Object]
impl ParkTotal {
    /// How many parks the list holds; counted only where it is asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Long> {
        let reads = reads(ctx, Scope::ParksRead)?;
        match self {
            Self::Filter(filter) => reads.park_count(filter).await.map(Long),
            Self::Granted(customer) => {
                let granted = Loaders::of(ctx).grants(*customer).await?;
                i64::try_from(granted.len()).map(Long).map_err(Error::internal)
            }
        }
    }
}

/// A page of parks.
pub type ParkConnection = Connection<Park, ParkTotal>;

/// The queries for parks.
#[derive(Default)]
pub struct ParkQueries;

/// The queries for parks.
#[Object]
impl ParkQueries {
    /// One park; null if there is none for the caller.
    async fn park(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By its id or its name.")] by: ParkBy,
    ) -> Result<Option<Park>> {
        Caller::of(ctx).may(Scope::ParksRead)?;
        Ok(find(ctx, by).await?.map(Park))
    }

    /// Parks, by name where no order is asked; `first` defaults to 100, at most 1,000.
    #[expect(clippy::too_many_arguments, reason = "Relay's arguments")]
    async fn parks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which; all where it is left out.")] filter: Option<ParkFilterInput>,
        #[graphql(desc = "In which order; by name where it is left out.")] order_by: Option<ParkOrder>,
        #[graphql(desc = "So many from the start.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Result<ParkConnection> {
        let reads = reads(ctx, Scope::ParksRead)?;
        let filter = park::ParkFilter::from(filter.unwrap_or_default());
        let asked = Paging { first, after, last, before }.check::<String>(MAX_PAGE)?;
        let order = order_by.unwrap_or_default().into();
        let parks = reads.parks(&filter, order, &asked.page).await?;
        let parks = parks.into_iter().map(|park| Park(Arc::new(park))).collect();
        Ok(asked.connection(parks, ParkTotal::Filter(filter), |park| park.0.details.name.clone()))
    }
}

/// The park that is meant, if it is there for the caller.
pub async fn find(ctx: &Context<'_>, by: ParkBy) -> Result<Option<Arc<park::Park>>> {
    match by {
        ParkBy::Id(id) => match NodeId::read(&id) {
            Some(NodeId::Park(id)) => Loaders::of(ctx).park(id).await,
            _ => Ok(None),
        },
        ParkBy::Name(name) => {
            let Ok(name) = text::name(&name) else { return Ok(None) };
            Caller::of(ctx).principal()?;
            let found = visible(ctx).parks_by_name(&[name]).await?;
            Ok(found.into_iter().next().map(Arc::new))
        }
    }
}

/// The park that is meant; a `NotFound` if it is not there for the caller.
pub async fn get(ctx: &Context<'_>, by: ParkBy) -> Result<Arc<park::Park>> {
    find(ctx, by).await?.ok_or_else(gone)
}

/// The error where a park is meant that is not there for the caller.
pub fn gone() -> Error {
    Error::not_found("there is no such park")
}
