//! Relay's Node: anything with a global id.

use async_graphql::{Context, ID, Interface, Object};

use super::api_keys::ApiKey;
use super::caller::{Caller, database, reads};
use super::customers::Customer;
use super::ids::NodeId;
use super::load::Load;
use super::loaders::Loaders;
use super::park::Park;
use super::users::User;
use crate::domain::access::Scope;
use crate::error::{Error, Result};

/// The most ids that `nodes` answers at once.
const MAX_NODES: usize = 1_000;

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its global id."))]
pub enum Node {
    /// A park.
    Park(Park),
    /// A load.
    Load(Load),
    /// A user.
    User(User),
    /// A customer.
    Customer(Customer),
    /// An API key.
    ApiKey(ApiKey),
}

/// The queries by global id.
#[derive(Default)]
pub struct NodeQueries;

/// The queries by global id.
#[Object]
impl NodeQueries {
    /// The thing with this id; null if there is none for the caller.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Its global id.")] id: ID) -> Result<Option<Node>> {
        find(ctx, &id).await
    }

    /// The things with these ids, in their order, null for each that is not there for the caller; at most 1,000.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their global ids.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_NODES {
            return Err(Error::invalid(format!("ids holds more than {MAX_NODES}")));
        }
        futures::future::try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let principal = Caller::of(ctx).principal()?;
    match NodeId::read(id) {
        Some(NodeId::Park(park)) if principal.may(Scope::ParksRead).is_ok() => {
            Ok(Loaders::of(ctx).park(park).await?.map(|park| Node::Park(Park(park))))
        }
        Some(NodeId::Load(load)) if principal.may(Scope::ReadingsWrite).is_ok() => {
            let now = Caller::of(ctx).clock.now;
            Ok(reads(ctx, Scope::ReadingsWrite)?.find_load(load, now).await?.map(|load| Node::Load(Load(load))))
        }
        Some(NodeId::User(user)) if principal.may(Scope::Admin).is_ok() => {
            Ok(database(ctx).find_user_by_id(user).await?.map(|user| Node::User(User(user))))
        }
        Some(NodeId::Customer(customer)) if principal.may(Scope::Admin).is_ok() => {
            let found = database(ctx).customers_by_id(&[customer]).await?.pop();
            Ok(found.map(|customer| Node::Customer(Customer(customer))))
        }
        Some(NodeId::ApiKey(key)) if principal.may(Scope::Admin).is_ok() => {
            Ok(database(ctx).find_api_key_by_id(key).await?.map(|key| Node::ApiKey(ApiKey(key))))
        }
        _ => Ok(None),
    }
}
