//! The interface `Stats`: the fields of [`Figures`], implemented by every kind of stats.
//!
//! Written by hand, since async-graphql's derive wants each field again as a method of each kind. No field answers with
//! the interface; it is there for clients' fragments.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaType, MetaTypeId, Registry};
use async_graphql::{ContextSelectionSet, OutputType, Positioned, SchemaBuilder, ServerResult, Value, indexmap};

use super::stats::Figures;

const NAME: &str = "Stats";
const KINDS: [&str; 2] = ["ParkStats", "EnergyTypeStats"];

/// Registers the interface.
pub fn register<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S> {
    builder.register_output_type::<Stats>()
}

enum Stats {}

impl OutputType for Stats {
    fn type_name() -> Cow<'static, str> {
        NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        for kind in KINDS {
            registry.add_implements(kind, NAME);
        }
        let name = registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            let fields = match registry.create_fake_output_type::<Figures>() {
                MetaType::Object { fields, .. } => fields,
                _ => indexmap::IndexMap::default(),
            };
            MetaType::Interface {
                name: NAME.to_owned(),
                description: Some("The figures of one bucket of time.".to_owned()),
                fields,
                possible_types: KINDS.into_iter().map(str::to_owned).collect(),
                extends: false,
                inaccessible: false,
                tags: Vec::new(),
                keys: None,
                visible: None,
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: Vec::new(),
                requires_scopes: Vec::new(),
            }
        });
        // It lent its fields and is no type that a client could meet.
        registry.types.remove(&*Figures::type_name());
        name
    }

    async fn resolve(&self, _ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        match *self {}
    }
}
