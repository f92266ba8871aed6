//! Lists that are written as JSON in one step.
//!
//! async-graphql resolves each field of each item as a future of its own: tens of milliseconds for a month of readings. A
//! list whose items hold what is asked of them is written straight from the selection set. The bytes are those that the
//! fields one by one would give, and where any field has to be resolved, or the answer to be put together from several
//! parts, they are resolved one by one.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::resolve_list;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

use self::json::Json;
pub use self::plan::{Asked, Plan};

pub mod json;
mod plan;
#[cfg(test)]
mod tests;

/// An object of which some fields are at hand.
pub trait Row: OutputType + 'static {
    /// How a field is written; none where it has to be resolved.
    fn column(field: &str) -> Option<Column<Self>>
    where
        Self: Sized,
    {
        let _ = field;
        None
    }
}

/// How a field of a row is written.
pub enum Column<T> {
    /// A scalar.
    Scalar(fn(&T, &mut Json)),
    /// An object that is at hand too, if all that is asked of it is.
    Object(fn(&Asked<'_>) -> Option<Write<T>>),
}

/// Writes something of a row.
pub type Write<T> = Box<dyn Fn(&T, &mut Json) + Send + Sync>;

/// In the data of a request all of whose fields are to be resolved one by one.
pub struct FieldByField;

/// What a list may hold: how one of its items is written; none where fields have to be resolved.
pub trait Item: OutputType {
    /// Looked at once for the whole list.
    fn writer(asked: &Asked<'_>) -> Option<Write<Self>>
    where
        Self: Sized;
}

impl<T: Row> Item for T {
    fn writer(asked: &Asked<'_>) -> Option<Write<Self>> {
        let plan = Plan::of(asked)?;
        Some(Box::new(move |row, json| plan.write(row, json)))
    }
}

/// A list of rows, or of scalars.
pub struct Rows<T>(pub Vec<T>);

impl<T: Item> OutputType for Rows<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        if ctx.data_opt::<FieldByField>().is_none()
            && let Some(write) = T::writer(&Asked::of(ctx))
        {
            let mut json = Json::default();
            json.list(&self.0, |item, json| write(item, json));
            return Ok(json.into_value());
        }
        resolve_list(ctx, field, &self.0, Some(self.0.len())).await
    }
}
