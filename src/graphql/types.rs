//! The types of the schema's fields, as the SDL tells them: what async-graphql knows and does not show.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Name, Positioned};

/// The types of the schema.
pub static TYPES: LazyLock<Types> = LazyLock::new(|| Types::of(&super::sdl()));

/// The fields of object types and interfaces.
#[derive(Debug, Default)]
pub struct Types(HashMap<Name, HashMap<Name, Type>>);

impl Types {
    fn of(sdl: &str) -> Self {
        // What the crate prints it can parse; without types every field counts as one that may be null.
        let definitions = parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
        let types = definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => return None,
            };
            let fields = fields
                .into_iter()
                .map(|Positioned { node: FieldDefinition { name, ty, .. }, .. }| (name.node, ty.node));
            Some((definition.node.name.node, fields.collect()))
        });
        Self(types.collect())
    }

    /// The type of a field.
    pub fn field(&self, of: &str, name: &str) -> Option<&Type> {
        self.0.get(of)?.get(name)
    }
}

/// The name of a type without its lists.
pub fn base(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_types_of_the_schema() {
        let of = |of, name| TYPES.field(of, name).map(ToString::to_string);
        assert_eq!(of("Query", "parks").as_deref(), Some("ParkConnection!"));
        assert_eq!(of("Park", "stats").as_deref(), Some("[ParkStats!]!"));
        assert_eq!(of("Node", "id").as_deref(), Some("ID!"));
        assert_eq!(of("Park", "nothing"), None);
    }
}
