//! Rules of input values that apollo-compiler 1.32 leaves out: fields of an object that stand twice (section 5.6.3), inputs
//! of which exactly one field is to be given (5.6.1), and variables within lists and objects (5.8.5).

use std::collections::HashSet;

use apollo_compiler::ast::{Argument, InputValueDefinition, Type, Value, VariableDefinition};
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};

use super::diagnosis::Found;

/// What is wrong with the values of a document, whose fragments do not spread themselves.
pub(super) fn check(schema: &Schema, document: &ExecutableDocument, tells: bool) -> Vec<Found> {
    let mut found = Vec::new();
    for operation in document.operations.iter() {
        let mut walk = Walk { schema, document, operation, tells, seen: HashSet::new(), found: &mut found };
        walk.defaults();
        walk.selection(&operation.selection_set);
    }
    found
}

/// A walk through one operation and its fragments.
struct Walk<'d> {
    schema: &'d Schema,
    document: &'d ExecutableDocument,
    operation: &'d Operation,
    tells: bool,
    seen: HashSet<&'d Name>,
    found: &'d mut Vec<Found>,
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'d> {
    ty: &'d Type,
    /// Whether something stands for a value that is not given.
    has_default: bool,
    /// Whether it is an argument's whole value, whose variable apollo-compiler looks at.
    is_argument: bool,
    /// Whether it is the one field of an object that takes exactly one.
    is_one_of: bool,
}

impl<'d> Walk<'d> {
    fn defaults(&mut self) {
        for variable in &self.operation.variables {
            if let Some(default) = &variable.default_value {
                let place = Place { ty: &variable.ty, has_default: false, is_argument: true, is_one_of: false };
                self.value(default, Some(place));
            }
        }
    }

    fn selection(&mut self, set: &'d SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.arguments, &field.definition.arguments);
                    self.selection(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.selection(&fragment.selection_set),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                        && self.seen.insert(&fragment.name)
                    {
                        self.selection(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn arguments(&mut self, arguments: &'d [Node<Argument>], definitions: &'d [Node<InputValueDefinition>]) {
        for argument in arguments {
            let definition = definitions.iter().find(|definition| definition.name == argument.name);
            self.value(
                &argument.value,
                definition.map(|definition| Place { is_argument: true, ..place_of(definition) }),
            );
        }
    }

    /// Looks through a value; without a place where its type is not known.
    fn value(&mut self, value: &'d Node<Value>, place: Option<Place<'d>>) {
        match &**value {
            Value::Variable(name) => {
                if let Some(place) = place {
                    self.variable(name, value, place);
                }
            }
            Value::List(items) => {
                let place = place.filter(|place| place.ty.is_list()).map(|place| Place {
                    ty: place.ty.item_type(),
                    has_default: false,
                    is_argument: false,
                    is_one_of: false,
                });
                for item in items {
                    self.value(item, place);
                }
            }
            Value::Object(fields) => self.object(value, fields, place),
            _ => {}
        }
    }

    fn object(&mut self, value: &'d Node<Value>, fields: &'d [(Name, Node<Value>)], place: Option<Place<'d>>) {
        let mut names = HashSet::with_capacity(fields.len());
        for (name, inner) in fields {
            if !names.insert(name) {
                let at = name.location().or(inner.location()).map(|span| span.offset());
                self.found.push(Found::invalid(at, format!("the field `{name}` of the object stands there twice")));
            }
        }
        // A single value stands for a list of it.
        let input = place.and_then(|place| self.input(place.ty.inner_named_type()));
        let is_one_of = input.is_some_and(|input| input.directives.has("oneOf"));
        if is_one_of && (fields.len() != 1 || fields.iter().any(|(_, inner)| inner.is_null())) {
            let at = value.location().map(|span| span.offset());
            self.found.push(Found::invalid(at, "the object is to have exactly one field, which is not null"));
        }
        for (name, inner) in fields {
            let definition = input.and_then(|input| input.fields.get(name));
            self.value(inner, definition.map(|definition| Place { is_one_of, ..place_of(definition) }));
        }
    }

    fn variable(&mut self, name: &Name, value: &Node<Value>, place: Place<'d>) {
        // What is not defined, or of another type altogether, apollo-compiler tells of.
        let Some(variable) = self.operation.variables.iter().find(|variable| variable.name == *name) else { return };
        let is_known = place.is_argument && variable.default_value.as_ref().is_none_or(|default| !default.is_null());
        let is_other = variable.ty.inner_named_type() != place.ty.inner_named_type();
        if is_known || is_other || is_allowed(variable, place) {
            return;
        }
        let expected = if place.is_one_of { place.ty.clone().non_null() } else { place.ty.clone() };
        let where_expected = if self.tells { format!(", where `{expected}` is expected") } else { String::new() };
        let sentence = format!("the variable `${name}` of type `{}` cannot stand here{where_expected}", variable.ty);
        self.found.push(Found::invalid(value.location().map(|span| span.offset()), sentence));
    }

    fn input(&self, name: &str) -> Option<&'d InputObjectType> {
        match self.schema.types.get(name)? {
            ExtendedType::InputObject(input) => Some(input),
            _ => None,
        }
    }
}

fn place_of(definition: &InputValueDefinition) -> Place<'_> {
    let has_default = definition.default_value.is_some();
    Place { ty: &definition.ty, has_default, is_argument: false, is_one_of: false }
}

/// `IsVariableUsageAllowed` of the specification.
fn is_allowed(variable: &VariableDefinition, place: Place<'_>) -> bool {
    if variable.ty.is_non_null() {
        return variable.ty.is_assignable_to(place.ty);
    }
    let has_default = variable.default_value.as_ref().is_some_and(|default| !default.is_null());
    let must_have_value = place.ty.is_non_null() || place.is_one_of;
    (!must_have_value || has_default || place.has_default) && variable.ty.is_assignable_to(&place.ty.clone().nullable())
}
