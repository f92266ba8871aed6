//! A document as it is executed: rewritten where async-graphql 7.2.1 strays from the specification.
//!
//! An argument whose variable has no value is left out, so that its default holds (section 6.4.1). Fields of one response
//! key at the root of a mutation are executed once, their selections merged (section 6.3.2). A selection of which nothing
//! is left by `@skip` and `@include` still makes an object. Conditions of `__typename` stand on a fragment around it, since
//! validation does not see that they use a variable.

mod roots;

use std::collections::HashSet;

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, InlineFragment, OperationDefinition, Selection,
    SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, Variables};
use async_graphql_value::Value;

use self::roots::merge_roots;

/// A field that is asked for and never answered with: it keeps an object from being empty.
pub const PLACEHOLDER: &str = "_kept";

/// Rewrites a document that is valid, for variables that have their defaults.
pub(super) fn make_plain(document: &mut ExecutableDocument, variables: &Variables) {
    merge_roots(document, variables);
    let absent = absent(document, variables);
    for operation in operations(document) {
        operation.variable_definitions.retain(|definition| !absent.contains(&definition.node.name.node));
        amend(&mut operation.selection_set.node, &absent);
    }
    for fragment in document.fragments.values_mut() {
        amend(&mut fragment.node.selection_set.node, &absent);
    }
}

fn operations(document: &mut ExecutableDocument) -> Vec<&mut OperationDefinition> {
    match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(operations) => operations.values_mut().map(|one| &mut one.node).collect(),
    }
}

/// Keeps every object of a document from being empty: where an answer is put together from several parts, the one that
/// comes first would be taken for null.
pub fn keep_objects(document: &mut ExecutableDocument) {
    fn keep(set: &mut SelectionSet) {
        for item in &mut set.items {
            match &mut item.node {
                Selection::Field(field) => keep(&mut field.node.selection_set.node),
                Selection::InlineFragment(fragment) => keep(&mut fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
        if let Some(first) = set.items.first() {
            let placeholder = placeholder(first.pos);
            set.items.push(placeholder);
        }
    }
    for operation in operations(document) {
        keep(&mut operation.selection_set.node);
    }
    for fragment in document.fragments.values_mut() {
        keep(&mut fragment.node.selection_set.node);
    }
}

/// The variables that may be left out wherever they stand: nobody gave a value, none must have one, and no condition is
/// made of them.
fn absent(document: &ExecutableDocument, variables: &Variables) -> HashSet<Name> {
    let definitions = || document.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
    let mut absent: HashSet<_> = definitions()
        .map(|definition| &definition.node.name.node)
        .filter(|name| !variables.contains_key(*name))
        .cloned()
        .collect();
    for definition in definitions().filter(|one| !one.node.var_type.node.nullable || one.node.default_value.is_some()) {
        absent.remove(&definition.node.name.node);
    }
    if absent.is_empty() {
        return absent;
    }
    for (_, operation) in document.operations.iter() {
        conditions(&operation.node.selection_set.node, &mut absent);
    }
    for fragment in document.fragments.values() {
        conditions(&fragment.node.selection_set.node, &mut absent);
    }
    absent
}

/// Takes the variables of directives away.
fn conditions(set: &SelectionSet, absent: &mut HashSet<Name>) {
    for item in &set.items {
        let (directives, inner) = match &item.node {
            Selection::Field(field) => (&field.node.directives, Some(&field.node.selection_set)),
            Selection::InlineFragment(fragment) => (&fragment.node.directives, Some(&fragment.node.selection_set)),
            Selection::FragmentSpread(spread) => (&spread.node.directives, None),
        };
        for (_, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
            if let Value::Variable(name) = &value.node {
                absent.remove(name);
            }
        }
        if let Some(inner) = inner {
            conditions(&inner.node, absent);
        }
    }
}

/// Leaves out what has no value, and keeps objects from being empty.
fn amend(set: &mut SelectionSet, absent: &HashSet<Name>) {
    let mut conditional = !set.items.is_empty();
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) => {
                if !absent.is_empty() {
                    field.node.arguments.retain_mut(|(_, value)| has_value(&mut value.node, absent));
                }
                conditional &= has_conditions(&field.node.directives);
                amend(&mut field.node.selection_set.node, absent);
                if field.node.name.node == "__typename" && !field.node.directives.is_empty() {
                    let directives = std::mem::take(&mut field.node.directives);
                    let items = vec![Positioned::new(Selection::Field(field.clone()), item.pos)];
                    let selection_set = Positioned::new(SelectionSet { items }, item.pos);
                    let fragment = InlineFragment { type_condition: None, directives, selection_set };
                    item.node = Selection::InlineFragment(Positioned::new(fragment, item.pos));
                }
            }
            Selection::InlineFragment(fragment) => amend(&mut fragment.node.selection_set.node, absent),
            Selection::FragmentSpread(_) => {}
        }
    }
    if conditional && let Some(first) = set.items.first() {
        let placeholder = placeholder(first.pos);
        set.items.push(placeholder);
    }
}

fn has_conditions(directives: &[Positioned<Directive>]) -> bool {
    directives.iter().any(|directive| matches!(directive.node.name.node.as_str(), "skip" | "include"))
}

fn placeholder(pos: Pos) -> Positioned<Selection> {
    let name = |text: &str| Positioned::new(Name::new(text), pos);
    let field = Field {
        alias: Some(name(PLACEHOLDER)),
        name: name("__typename"),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::new(SelectionSet { items: Vec::new() }, pos),
    };
    Positioned::new(Selection::Field(Positioned::new(field, pos)), pos)
}

/// Whether an argument has a value; within it, what has none is left out, and in a list is null.
fn has_value(value: &mut Value, absent: &HashSet<Name>) -> bool {
    match value {
        Value::Variable(name) => return !absent.contains(name),
        Value::Object(fields) => fields.retain(|_, value| has_value(value, absent)),
        Value::List(items) => {
            for item in items {
                if !has_value(item, absent) {
                    *item = Value::Null;
                }
            }
        }
        _ => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    use super::*;

    fn plain(text: &str, variables: async_graphql::Value) -> ExecutableDocument {
        let mut document = parse_query(text).unwrap();
        make_plain(&mut document, &Variables::from_value(variables));
        document
    }

    /// The fields at the root and those within them.
    fn fields(document: &ExecutableDocument) -> Vec<(String, Vec<String>)> {
        let keys = |set: &SelectionSet| {
            let of = |item: &Positioned<Selection>| match &item.node {
                Selection::Field(field) => field.node.response_key().node.to_string(),
                _ => "...".to_owned(),
            };
            set.items.iter().map(of).collect::<Vec<_>>()
        };
        let (_, operation) = document.operations.iter().next().unwrap();
        let inner = operation.node.selection_set.node.items.iter().map(|item| match &item.node {
            Selection::Field(field) => keys(&field.node.selection_set.node),
            _ => Vec::new(),
        });
        keys(&operation.node.selection_set.node).into_iter().zip(inner).collect()
    }

    fn named(name: &str, inner: &[&str]) -> (String, Vec<String>) {
        (name.to_owned(), inner.iter().map(|one| (*one).to_owned()).collect())
    }

    #[test]
    fn fields_of_one_key_at_the_root_of_a_mutation_are_one() {
        let document = plain(
            "mutation { a(x: 1, y: 2) { id } ...F ... { a(y: 2, x: 1) { code } } b: a(x: 2) { id } }
             fragment F on Mutation { a(x: 1, y: 2) { name } }",
            value!({}),
        );
        assert_eq!(fields(&document), [named("a", &["id", "name", "code"]), named("b", &["id"])]);
        assert!(document.fragments.is_empty());
    }

    #[test]
    fn conditions_at_the_root_of_a_mutation_are_looked_at_before_fields_are_joined() {
        let document = plain(
            "mutation($y: Boolean!, $n: Boolean!, $x: Int) {
                a(x: $x) { id } ... @include(if: $y) { a(x: $x) { code } } a(x: $x) @skip(if: $n) { name }
                ...F @skip(if: $y) b @include(if: $n) { id } c @skip(if: $y) { id }
            } fragment F on Mutation { a(x: $x) { never } }",
            value!({ "y": true, "n": false, "x": 1 }),
        );
        assert_eq!(fields(&document), [named("a", &["id", "code", "name"])]);
        let (_, operation) = document.operations.iter().next().unwrap();
        let [definition] = operation.node.variable_definitions.as_slice() else { panic!("{operation:?}") };
        assert_eq!(definition.node.name.node, "x");
        let document = plain("mutation($y: Boolean!) { a @skip(if: $y) { id } }", value!({ "y": true }));
        assert_eq!(fields(&document), [named(PLACEHOLDER, &[])]);
    }

    #[test]
    fn what_does_not_ask_the_same_is_left_to_validation() {
        let document = plain("mutation { a(x: 1) { id } a(x: 2) { id } }", value!({}));
        assert_eq!(fields(&document).len(), 2);
        let document = plain("{ a { id } a { name } }", value!({}));
        assert_eq!(fields(&document).len(), 2, "a query may be asked twice");
    }

    #[test]
    fn a_variable_without_a_value_is_as_if_it_were_not_there() {
        let text =
            "query($g: G, $h: G, $on: Boolean) { a(g: $g, h: $h, o: {g: $g, h: 1}, l: [$g]) b @include(if: $on) }";
        let document = plain(text, value!({ "h": null }));
        let (_, operation) = document.operations.iter().next().unwrap();
        let names: Vec<_> =
            operation.node.variable_definitions.iter().map(|one| one.node.name.node.to_string()).collect();
        assert_eq!(names, ["h", "on"], "null is a value, a condition needs its variable");
        let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else { panic!() };
        let arguments: Vec<_> =
            field.node.arguments.iter().map(|(name, value)| format!("{}: {}", name.node, value.node)).collect();
        assert_eq!(arguments, ["h: $h", "o: {h: 1}", "l: [null]"]);
    }

    #[test]
    fn an_object_of_which_all_is_conditional_has_a_placeholder() {
        let document = plain("{ a { b @skip(if: true) } c { d e @include(if: false) } }", value!({}));
        assert_eq!(fields(&document), [named("a", &["b", PLACEHOLDER]), named("c", &["d", "e"])]);
    }

    #[test]
    fn conditions_of_typename_stand_where_validation_looks() {
        let document = plain("{ a { __typename @skip(if: true) } __typename }", value!({}));
        assert_eq!(fields(&document), [named("a", &["...", PLACEHOLDER]), named("__typename", &[])]);
    }
}
