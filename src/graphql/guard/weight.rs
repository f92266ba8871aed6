//! How much a document selects once its fragments are resolved, without resolving them.

use std::collections::HashMap;
use std::convert::Infallible;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet};
use async_graphql::{Name, ServerError, Value};
use async_graphql_value::Value as DocumentValue;

use super::{coded, too_complex};

/// Counts over a selection, saturating.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) fields: usize,
    /// Fields of the selection itself.
    pub(super) roots: usize,
    pub(super) aliases: usize,
    pub(super) directives: usize,
    /// Values in arguments.
    pub(super) values: usize,
    pub(super) logins: usize,
    /// What introspection may answer with, by the sizes of the schema's lists.
    pub(super) introspection: usize,
    /// The same, were all of it introspection.
    told: usize,
    /// Fields within each other.
    pub(super) depth: usize,
    /// Selections within each other: fields and fragments.
    levels: usize,
}

impl Weight {
    /// Both, beside each other.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            roots: self.roots.saturating_add(other.roots),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            values: self.values.saturating_add(other.values),
            logins: self.logins.saturating_add(other.logins),
            introspection: self.introspection.saturating_add(other.introspection),
            told: self.told.saturating_add(other.told),
            depth: self.depth.max(other.depth),
            levels: self.levels.max(other.levels),
        }
    }
}

/// The most selections within each other: validation and execution recurse that deep, and so does this.
const MAX_LEVELS: usize = 32;

/// Weighs the parts of one document, each fragment once.
pub(super) struct Scales<'d> {
    document: &'d ExecutableDocument,
    /// None while a fragment is being weighed.
    known: HashMap<&'d str, Option<Weight>>,
}

/// How long the lists of a schema are that introspection answers with: types lead to fields, and these to types, so
/// that a short document could ask for more than all memory holds.
fn length(field: &str) -> usize {
    match field {
        "types" => 100,
        "fields" | "inputFields" | "enumValues" => 10,
        "args" | "possibleTypes" | "directives" => 5,
        "interfaces" => 2,
        _ => 1,
    }
}

type Weighed = Result<Weight, ServerError>;

impl<'d> Scales<'d> {
    pub(super) fn new(document: &'d ExecutableDocument) -> Self {
        Self { document, known: HashMap::new() }
    }

    /// Weighs every fragment, used or not: finds the circles.
    pub(super) fn fragments(&mut self) -> Result<(), ServerError> {
        self.document.fragments.keys().try_for_each(|name| self.fragment(name, 1).map(drop))
    }

    pub(super) fn operation(&mut self, operation: &'d OperationDefinition) -> Weighed {
        let mut weight = self.selection(&operation.selection_set.node, 1)?;
        weight.directives = weight.directives.saturating_add(operation.directives.len());
        if operation.ty != OperationType::Mutation {
            weight.logins = 0;
        }
        Ok(weight)
    }

    /// `level` bounds the recursion: no call goes deeper than the limit.
    fn selection(&mut self, set: &'d SelectionSet, level: usize) -> Weighed {
        if set.items.is_empty() {
            return Ok(Weight::default());
        }
        shallow(level)?;
        let mut total = Weight::default();
        for item in &set.items {
            let (mut weight, directives) = match &item.node {
                Selection::Field(field) => {
                    let mut weight = self.selection(&field.node.selection_set.node, level + 1)?;
                    weight.depth += 1;
                    weight.roots = 1;
                    weight.fields = weight.fields.saturating_add(1);
                    let values = field.node.arguments.iter().map(|(_, value)| count(&value.node)).sum();
                    weight.values = weight.values.saturating_add(values);
                    weight.aliases = weight.aliases.saturating_add(usize::from(field.node.alias.is_some()));
                    let name = field.node.name.node.as_str();
                    weight.logins =
                        weight.logins.saturating_add(usize::from(matches!(name, "login" | "changePassword")));
                    weight.told = weight.told.saturating_mul(length(name)).saturating_add(1);
                    if matches!(name, "__schema" | "__type") {
                        weight.introspection = weight.told;
                    }
                    (weight, &field.node.directives)
                }
                Selection::InlineFragment(fragment) => {
                    (self.selection(&fragment.node.selection_set.node, level + 1)?, &fragment.node.directives)
                }
                Selection::FragmentSpread(spread) => {
                    (self.fragment(&spread.node.fragment_name.node, level + 1)?, &spread.node.directives)
                }
            };
            weight.directives = weight.directives.saturating_add(directives.len());
            total = total.plus(weight);
        }
        total.levels += 1;
        Ok(total)
    }

    fn fragment(&mut self, name: &'d Name, level: usize) -> Weighed {
        let Some(fragment) = self.document.fragments.get(name) else {
            // Validation names it, each time.
            return Ok(Weight { fields: 1, roots: 1, ..Weight::default() });
        };
        match self.known.get(name.as_str()) {
            Some(Some(weight)) => {
                shallow(level + weight.levels.saturating_sub(1))?;
                Ok(*weight)
            }
            Some(None) => {
                let sentence = format!("the fragment {name} spreads itself");
                Err(coded(ServerError::new(sentence, Some(fragment.pos)), "GRAPHQL_VALIDATION_FAILED"))
            }
            None => {
                self.known.insert(name.as_str(), None);
                let weight = self.selection(&fragment.node.selection_set.node, level)?;
                self.known.insert(name.as_str(), Some(weight));
                Ok(weight)
            }
        }
    }
}

/// Whether all fields at the root are among these.
pub(super) fn only_fields(operation: &OperationDefinition, names: &[&str]) -> bool {
    operation.selection_set.node.items.iter().all(|item| match &item.node {
        Selection::Field(field) => names.contains(&field.node.name.node.as_str()),
        Selection::InlineFragment(_) | Selection::FragmentSpread(_) => false,
    })
}

/// How many values there are in one, itself too.
fn count(value: &DocumentValue) -> usize {
    let inner: usize = match value {
        DocumentValue::List(items) => items.iter().map(count).sum(),
        DocumentValue::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    };
    inner + 1
}

fn shallow(level: usize) -> Result<(), ServerError> {
    if level > MAX_LEVELS { Err(too_complex("selections within each other", MAX_LEVELS)) } else { Ok(()) }
}

/// Whether any value written in the document is `wanted`, be it in an argument or in the default of a variable.
pub(super) fn any_value(document: &ExecutableDocument, wanted: fn(&Value) -> bool) -> bool {
    let in_operation = |operation: &OperationDefinition| {
        let mut defaults = operation.variable_definitions.iter().filter_map(|one| one.node.default_value.as_ref());
        defaults.any(|default| wanted(&default.node)) || in_selection(&operation.selection_set.node, wanted)
    };
    document.operations.iter().any(|(_, operation)| in_operation(&operation.node))
        || document.fragments.values().any(|fragment| in_selection(&fragment.node.selection_set.node, wanted))
}

fn in_selection(set: &SelectionSet, wanted: fn(&Value) -> bool) -> bool {
    set.items.iter().any(|item| match &item.node {
        Selection::Field(field) => {
            field.node.arguments.iter().any(|(_, value)| {
                // A variable stands for nothing here: what is written in variables is looked at there.
                let Ok(value) = value.node.clone().into_const_with(|_| Ok::<_, Infallible>(Value::Null));
                wanted(&value)
            }) || in_selection(&field.node.selection_set.node, wanted)
        }
        Selection::InlineFragment(fragment) => in_selection(&fragment.node.selection_set.node, wanted),
        Selection::FragmentSpread(_) => false,
    })
}
