//! `schema.graphql` is the API's contract: what the code says, and described throughout.

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};

#[test]
fn the_kept_schema_is_that_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == energy_parks::graphql::sdl(), "schema.graphql is not what the code says: run make schema");
}

#[test]
fn everything_in_the_schema_is_described() {
    let schema = parse_schema(energy_parks::graphql::sdl()).unwrap();
    let types = schema.definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(&definition.node),
        // Built-in directives are the specification's, and the schema itself is what its types say.
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    let mut names = Vec::new();
    let mut bare = Vec::new();
    for (name, description) in types.flat_map(descriptions) {
        if description.is_none_or(|text| text.trim().is_empty()) {
            bare.push(name.clone());
        }
        names.push(name);
    }
    assert_eq!(bare, [""; 0], "say what these are");
    for name in ["Query.parks.filter", "EnergyType.WIND", "ParkFilter.search", "Stats.mean", "Long"] {
        assert!(names.iter().any(|found| found == name), "{name} was not looked at");
    }
}

type Described<'a> = (String, Option<&'a str>);

fn text(description: Option<&Positioned<String>>) -> Option<&str> {
    description.map(|description| description.node.as_str())
}

/// What a type and its parts are, by dotted names.
fn descriptions(definition: &TypeDefinition) -> Vec<Described<'_>> {
    let name = &definition.name.node;
    let mut found = vec![(name.to_string(), text(definition.description.as_ref()))];
    match &definition.kind {
        TypeKind::Scalar | TypeKind::Union(_) => {}
        TypeKind::Object(object) => found.extend(object.fields.iter().flat_map(|one| field(name, &one.node))),
        TypeKind::Interface(interface) => found.extend(interface.fields.iter().flat_map(|one| field(name, &one.node))),
        TypeKind::Enum(values) => found.extend(
            values
                .values
                .iter()
                .map(|value| (format!("{name}.{}", value.node.value.node), text(value.node.description.as_ref()))),
        ),
        TypeKind::InputObject(input) => found.extend(input.fields.iter().map(|one| argument(name, &one.node))),
    }
    found
}

fn field<'a>(of: &str, field: &'a FieldDefinition) -> Vec<Described<'a>> {
    let name = format!("{of}.{}", field.name.node);
    let arguments = field.arguments.iter().map(|one| argument(&name, &one.node));
    std::iter::once((name.clone(), text(field.description.as_ref()))).chain(arguments).collect()
}

fn argument<'a>(of: &str, argument: &'a InputValueDefinition) -> Described<'a> {
    (format!("{of}.{}", argument.name.node), text(argument.description.as_ref()))
}
