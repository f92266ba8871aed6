//! The schema: one file a noun. GraphQL types are newtypes over domain values; nothing here knows SQL or HTTP.
//!
//! A request brings a [`Caller`] and gets its own [`Loaders`]; what a caller may see is decided in
//! [`crate::storage::Reads`], what it may do by its [`crate::domain::access::Scope`]s.

mod admin_total;
mod api_keys;
mod audit;
mod caller;
mod changes;
mod clock;
mod conditions;
mod connection;
mod customers;
mod energy_type_stats;
mod errors;
pub mod guard;
mod ids;
mod load;
mod load_mutations;
mod loaders;
mod node;
mod order;
mod paging;
mod park;
mod park_mutations;
mod park_stats;
mod parks;
mod reading;
mod rows;
mod scalars;
mod session;
mod stats;
mod stats_interface;
mod stats_queries;
mod together;
mod trail;
mod types;
mod users;
pub mod wire;

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{EmptySubscription, MergedObject, Request, Response};

pub use self::caller::{Caller, PerMinute};
pub use self::clock::Clock;
pub use self::ids::NodeId;
use self::loaders::Loaders;
use self::order::Order;
use self::rows::FieldByField;
use self::trail::{Notes, Trail};
use crate::app::App;
use crate::auth::Principal;
use crate::domain::access::Visibility;

/// The schema.
#[derive(Clone)]
pub struct Schema {
    fields: async_graphql::Schema<Query, Mutation, EmptySubscription>,
    /// Whether it tells of itself: introspection.
    tells: bool,
}

/// What can be asked.
#[derive(Default, MergedObject)]
pub struct Query(
    node::NodeQueries,
    session::ViewerQueries,
    parks::ParkQueries,
    stats_queries::StatsQueries,
    load::LoadQueries,
    users::UserQueries,
    customers::CustomerQueries,
    api_keys::ApiKeyQueries,
    audit::AuditQueries,
);

/// What can be changed.
#[derive(Default, MergedObject)]
pub struct Mutation(
    session::SessionMutations,
    park_mutations::ParkMutations,
    load_mutations::LoadMutations,
    users::UserMutations,
    customers::CustomerMutations,
    api_keys::ApiKeyMutations,
);

/// Builds the schema. Whether it `tells` of itself: introspection.
pub fn schema(tells: bool) -> Schema {
    let builder = async_graphql::Schema::build(Query::default(), Mutation::default(), EmptySubscription);
    let builder = stats_interface::register(builder.disable_suggestions());
    let fields = if tells { builder.finish() } else { builder.disable_introspection().finish() };
    Schema { fields, tells }
}

/// The schema as SDL, as `schema.graphql` keeps it.
pub fn sdl() -> String {
    let mut sdl = schema(true).fields.sdl();
    sdl.truncate(sdl.trim_end().len());
    sdl.push('\n');
    sdl
}

/// Executes a request that the guard has admitted.
pub async fn execute(schema: &Schema, request: Request, app: &Arc<App>, caller: Caller) -> Response {
    answer(schema, request, app, caller, false).await
}

/// As [`execute`]; `field_by_field` is the slow and obvious way, which writes no list in one step.
async fn answer(
    schema: &Schema,
    mut request: Request,
    app: &Arc<App>,
    caller: Caller,
    field_by_field: bool,
) -> Response {
    let operation = request.operation_name.clone();
    let is_query = request.parsed_query().is_ok_and(|document| {
        guard::selected(document, operation.as_deref()).is_some_and(|it| it.ty == OperationType::Query)
    });
    let variables = std::mem::take(&mut request.variables);
    let order = request
        .parsed_query()
        .map(|document| Order::of(document, operation.as_deref(), &variables))
        .unwrap_or_default();
    let trail = request.parsed_query().map(|document| Trail::of(document, operation.as_deref(), &variables));
    let notes = Notes::default();
    let going = trail.map(|trail| trail.go(caller.clone(), app.audit.clone(), notes.clone()));
    request.variables = variables;
    let visibility = caller.principal.as_ref().map_or(Visibility::Nothing, Principal::visibility);
    if request.query.contains("audit") {
        // What was tried before is told.
        app.audit.settle().await;
    }
    // What a mutation answers is what it has made of things.
    let database = if is_query { app.database.at_one_moment() } else { app.database.clone() };
    let reads = Arc::new(database.reads(visibility));
    let request = request.data(Loaders::new(&database, &reads)).data(reads).data(database);
    let mut request = request.data(caller).data(app.clone()).data(notes);
    if order.puts_together()
        && let Ok(mut document) = request.parsed_query().cloned()
    {
        guard::plain::keep_objects(&mut document);
        request.set_parsed_query(document);
    }
    let request = if field_by_field || order.puts_together() { request.data(FieldByField) } else { request };
    // Tokio's budget would make siblings wait at random, and batches of loaders fall apart.
    let mut response = tokio::task::unconstrained(schema.fields.execute(request)).await;
    errors::publish_all(&mut response, schema.tells);
    order.arrange(&mut response);
    if let Ok(going) = going {
        going.arrive(&response).await;
    }
    response
}
