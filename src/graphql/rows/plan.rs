//! What is to be written of each row: the selection set, looked at once for the whole list.

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::{ContextSelectionSet, Name};

use super::json::Json;
use super::{Column, Row, Write};
use crate::graphql::guard::plain::PLACEHOLDER;

/// What is asked of an object: one selection set, or several under one response key.
pub struct Asked<'a> {
    ctx: &'a ContextSelectionSet<'a>,
    sets: Vec<&'a SelectionSet>,
}

/// A response key with the fields that stand under it.
type Entry<'a> = (&'a Name, Vec<&'a Field>);

impl<'a> Asked<'a> {
    /// What is asked of the items of a list.
    pub fn of(ctx: &'a ContextSelectionSet<'a>) -> Self {
        Self { ctx, sets: vec![&ctx.item.node] }
    }

    /// The fields asked of an object of that type, in the order of their first places (section 6.3.2);
    /// those that are skipped are gone before.
    fn entries(&self, of: &str) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for set in &self.sets {
            self.collect(set, of, &mut entries);
        }
        entries
    }

    fn collect(&self, set: &'a SelectionSet, of: &str, entries: &mut Vec<Entry<'a>>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    match entries.iter_mut().find(|(other, _)| *other == key) {
                        Some((_, fields)) => fields.push(&field.node),
                        None => entries.push((key, vec![&field.node])),
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref().map(|one| &one.node.on.node);
                    if condition.is_none_or(|condition| self.holds(condition, of)) {
                        self.collect(&fragment.node.selection_set.node, of, entries);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.ctx.query_env.fragments.get(&spread.node.fragment_name.node)
                        && self.holds(&fragment.node.type_condition.node.on.node, of)
                    {
                        self.collect(&fragment.node.selection_set.node, of, entries);
                    }
                }
            }
        }
    }

    /// Whether a type is, or implements, the one of a condition.
    fn holds(&self, condition: &Name, of: &str) -> bool {
        let implements = || self.ctx.schema_env.registry.implements.get(of);
        condition == of || implements().is_some_and(|interfaces| interfaces.contains(condition.as_str()))
    }
}

/// How rows are written: each response key as JSON, and its value.
pub struct Plan<T>(Vec<(Vec<u8>, Write<T>)>);

impl<T: Row> Plan<T> {
    /// The plan of what is asked; none where a field has to be resolved.
    pub fn of(asked: &Asked<'_>) -> Option<Self> {
        let name = T::type_name();
        let entries = asked.entries(&name);
        let steps = entries.into_iter().filter(|(key, _)| *key != PLACEHOLDER).map(|(key, fields)| {
            let first = fields.first()?;
            let write: Write<T> = match first.name.node.as_str() {
                "__typename" => {
                    let name = name.clone();
                    Box::new(move |_, json| json.text(&name))
                }
                field => match T::column(field)? {
                    Column::Scalar(write) => Box::new(write),
                    Column::Object(plan) => {
                        let sets = fields.iter().map(|field| &field.selection_set.node).collect();
                        plan(&Asked { ctx: asked.ctx, sets })?
                    }
                },
            };
            // What a directive does to a field is not known here.
            let is_plain = fields.iter().all(|field| {
                field.directives.iter().all(|directive| matches!(directive.node.name.node.as_str(), "skip" | "include"))
            });
            is_plain.then(|| (Json::key(key), write))
        });
        steps.collect::<Option<_>>().map(Self)
    }

    /// Writes a row.
    pub fn write(&self, row: &T, json: &mut Json) {
        json.object(&self.0, row);
    }
}
