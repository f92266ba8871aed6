//! The fields at the roots of mutations: what is asked for in several places, or under conditions, is done once.

use std::collections::HashSet;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::Value;

use super::{operations, placeholder};
use crate::graphql::conditions::is_skipped;

/// Merges the fields at the roots of mutations.
pub(super) fn merge_roots(document: &mut ExecutableDocument, variables: &Variables) {
    let is_mutation = |operation: &OperationDefinition| operation.ty == OperationType::Mutation;
    if !document.operations.iter().any(|(_, operation)| is_mutation(&operation.node)) {
        return;
    }
    let fragments = document.fragments.clone();
    let mut flattened = HashSet::new();
    for operation in operations(document).into_iter().filter(|operation| is_mutation(operation)) {
        let mut items = Vec::new();
        for item in std::mem::take(&mut operation.selection_set.node.items) {
            flatten(item, &mut items, variables, &mut |name| {
                let fragment = fragments.get(name)?;
                flattened.insert(name.clone());
                Some(fragment.node.selection_set.node.items.clone())
            });
        }
        if items.is_empty() {
            items.push(placeholder(operation.selection_set.pos));
        }
        operation.selection_set.node.items = merged(items);
    }
    // What was flattened everywhere is defined no more: nobody is to be told that it is not used.
    let mut spread = HashSet::new();
    for (_, operation) in document.operations.iter() {
        spreads(&operation.node.selection_set.node, &mut spread);
    }
    for fragment in document.fragments.values() {
        spreads(&fragment.node.selection_set.node, &mut spread);
    }
    document.fragments.retain(|name, _| !flattened.contains(name) || spread.contains(name));
    // Nor of a variable that stood in a condition alone.
    let mut used = HashSet::new();
    for (_, operation) in document.operations.iter() {
        variables_in(&operation.node.selection_set.node, &mut used);
    }
    for fragment in document.fragments.values() {
        variables_in(&fragment.node.selection_set.node, &mut used);
    }
    for operation in operations(document) {
        operation.variable_definitions.retain(|definition| used.contains(&definition.node.name.node));
    }
}

/// The variables of arguments and conditions.
fn variables_in(set: &SelectionSet, used: &mut HashSet<Name>) {
    for item in &set.items {
        let (directives, inner) = match &item.node {
            Selection::Field(field) => {
                field.node.arguments.iter().for_each(|(_, value)| variables_of(&value.node, used));
                (&field.node.directives, Some(&field.node.selection_set))
            }
            Selection::InlineFragment(fragment) => (&fragment.node.directives, Some(&fragment.node.selection_set)),
            Selection::FragmentSpread(spread) => (&spread.node.directives, None),
        };
        let conditions = directives.iter().flat_map(|directive| &directive.node.arguments);
        conditions.for_each(|(_, value)| variables_of(&value.node, used));
        if let Some(inner) = inner {
            variables_in(&inner.node, used);
        }
    }
}

fn variables_of(value: &Value, used: &mut HashSet<Name>) {
    match value {
        Value::Variable(name) => {
            used.insert(name.clone());
        }
        Value::List(items) => items.iter().for_each(|item| variables_of(item, used)),
        Value::Object(fields) => fields.values().for_each(|value| variables_of(value, used)),
        _ => {}
    }
}

/// Puts a selection's fields in place of fragments, those whose conditions hold: they stand there without conditions.
/// Fragments at the root are on the root's type, or validation says so of their fields.
fn flatten(
    mut item: Positioned<Selection>,
    items: &mut Vec<Positioned<Selection>>,
    variables: &Variables,
    fragment: &mut impl FnMut(&Name) -> Option<Vec<Positioned<Selection>>>,
) {
    let directives = match &mut item.node {
        Selection::Field(field) => &mut field.node.directives,
        Selection::InlineFragment(fragment) => &mut fragment.node.directives,
        Selection::FragmentSpread(spread) => &mut spread.node.directives,
    };
    if is_skipped(directives, variables) {
        return;
    }
    directives.clear();
    let inner = match &item.node {
        Selection::InlineFragment(one) => Some(one.node.selection_set.node.items.clone()),
        Selection::FragmentSpread(spread) => fragment(&spread.node.fragment_name.node),
        Selection::Field(_) => None,
    };
    match inner {
        Some(inner) => inner.into_iter().for_each(|item| flatten(item, items, variables, fragment)),
        None => items.push(item),
    }
}

/// Joins fields of one response key that ask the same. Where they do not, validation refuses them.
fn merged(items: Vec<Positioned<Selection>>) -> Vec<Positioned<Selection>> {
    let mut merged: Vec<Positioned<Selection>> = Vec::with_capacity(items.len());
    for item in items {
        let Selection::Field(field) = &item.node else {
            merged.push(item);
            continue;
        };
        let same = merged.iter_mut().find_map(|other| match &mut other.node {
            Selection::Field(other) if asks_the_same(&other.node, &field.node) => Some(other),
            _ => None,
        });
        match same {
            Some(other) => {
                other.node.selection_set.node.items.extend(field.node.selection_set.node.items.iter().cloned());
            }
            None => merged.push(item),
        }
    }
    merged
}

fn asks_the_same(one: &Field, other: &Field) -> bool {
    let arguments = |field: &Field| {
        let mut all: Vec<_> =
            field.arguments.iter().map(|(name, value)| (name.node.clone(), value.node.clone())).collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all
    };
    one.response_key().node == other.response_key().node
        && one.name.node == other.name.node
        && arguments(one) == arguments(other)
}

fn spreads(set: &SelectionSet, names: &mut HashSet<Name>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => spreads(&field.node.selection_set.node, names),
            Selection::InlineFragment(fragment) => spreads(&fragment.node.selection_set.node, names),
            Selection::FragmentSpread(spread) => {
                names.insert(spread.node.fragment_name.node.clone());
            }
        }
    }
}
