//! What an operation may cost, told from its text and variables before any SQL: the fields that its answer could hold.
//!
//! A list counts as long as the most that was asked of it, stats as long as their range has buckets, a series as its
//! range could have points. A range that is open counts as a few years: what is really there is not known yet.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Value, Variables};

use crate::domain::chrono::{DateTime, NaiveDate};

/// The page of a list where none is asked for.
const DEFAULT_PAGE: u64 = 100;
/// The most buckets that `stats` answers with.
const MAX_BUCKETS: u64 = 10_000;
/// What walking past a bucket costs.
const BUCKETS_A_COUNT: u64 = 20;
/// The most points of a series.
const MAX_POINTS: u64 = 1_000_000;
/// A point of a series is one of a column, and costs a part of what a field does.
const POINTS_A_FIELD: u64 = 4;
/// The width in minutes that points of a series are taken to have.
const POINT_MINUTES: u64 = 5;

/// Prices the fragments of a document, each once, and an operation.
pub(super) struct Prices<'d> {
    document: &'d ExecutableDocument,
    variables: &'d Variables,
    known: HashMap<&'d str, u64>,
}

impl<'d> Prices<'d> {
    /// The document is one whose fragments do not spread themselves; the variables have their defaults.
    pub(super) fn new(document: &'d ExecutableDocument, variables: &'d Variables) -> Self {
        Self { document, variables, known: HashMap::new() }
    }

    /// What the operation costs, saturating.
    pub(super) fn operation(&mut self, operation: &'d OperationDefinition) -> u64 {
        self.selection(&operation.selection_set.node)
    }

    fn selection(&mut self, set: &'d SelectionSet) -> u64 {
        set.items.iter().fold(0, |cost, item| {
            cost.saturating_add(match &item.node {
                Selection::Field(field) => {
                    let each = self.selection(&field.node.selection_set.node);
                    let of_its_own = self.of_its_own(&field.node).saturating_add(1);
                    self.length(&field.node).saturating_mul(each).saturating_add(of_its_own)
                }
                Selection::InlineFragment(fragment) => self.selection(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            })
        })
    }

    fn fragment(&mut self, name: &'d Name) -> u64 {
        if let Some(cost) = self.known.get(name.as_str()) {
            return *cost;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return 0 };
        let cost = self.selection(&fragment.node.selection_set.node);
        self.known.insert(name.as_str(), cost);
        cost
    }

    /// What a field costs whatever is selected of it: the list of energy types is made of the buckets of all parks, and
    /// counted by walking through them.
    fn of_its_own(&self, field: &Field) -> u64 {
        let is_counted = || selects(&field.selection_set.node, "totalCount");
        if field.name.node == "energyTypeStats" && is_counted() {
            return self.buckets(field).saturating_mul(BUCKETS_A_COUNT);
        }
        0
    }

    /// How many times what is in a field may stand in the answer.
    fn length(&self, field: &Field) -> u64 {
        match field.name.node.as_str() {
            "stats" => self.buckets(field).min(MAX_BUCKETS),
            "series" => self.points(field).min(MAX_POINTS) / POINTS_A_FIELD,
            "nodes" | "node" if field.arguments.is_empty() => 1,
            "nodes" => match self.argument(field, "ids") {
                Some(Value::List(ids)) => count(ids.len()),
                _ => 1,
            },
            "parks" => self.page(field).min(self.named_parks(field)),
            "readings" => self.page(field).min(self.minutes(field).unwrap_or(u64::MAX)),
            "parkStats" | "energyTypeStats" | "loads" | "users" | "customers" | "apiKeys" | "auditLog" => {
                self.page(field)
            }
            _ if self.argument(field, "first").is_some() || self.argument(field, "last").is_some() => self.page(field),
            _ => 1,
        }
    }

    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let value = field.get_argument(name)?.node.clone();
        let of_variable = |name: Name| self.variables.get(&name).cloned().ok_or(());
        value.into_const_with(of_variable).ok().filter(|value| *value != Value::Null)
    }

    fn page(&self, field: &Field) -> u64 {
        let size = self.argument(field, "first").or_else(|| self.argument(field, "last"));
        match size {
            Some(Value::Number(size)) => size.as_i64().map_or(DEFAULT_PAGE, |size| size.max(0).unsigned_abs()),
            _ => DEFAULT_PAGE,
        }
    }

    /// How many parks a filter names.
    fn named_parks(&self, field: &Field) -> u64 {
        let filter = self.argument(field, "filter");
        let named = |key| match part(filter.as_ref(), key) {
            Some(Value::List(names)) => count(names.len()),
            _ => u64::MAX,
        };
        named("ids").min(named("names"))
    }

    fn buckets(&self, field: &Field) -> u64 {
        let granularity = match self.argument(field, "granularity") {
            Some(Value::Enum(name)) => name.to_string(),
            Some(Value::String(name)) => name,
            _ => String::new(),
        };
        let (days, open) = match granularity.as_str() {
            "HOUR" => return self.days(field).map_or(MAX_BUCKETS, |days| days.saturating_mul(25)),
            "WEEK" => (7, 150),
            "MONTH" => (28, 40),
            "QUARTER" => (90, 15),
            "YEAR" => (365, 5),
            _ => (1, 1_000),
        };
        self.days(field).map_or(open, |range| range / days + 1)
    }

    fn days(&self, field: &Field) -> Option<u64> {
        let dates = self.argument(field, "dates");
        let date = |key| match part(dates.as_ref(), key) {
            Some(Value::String(text)) => text.parse::<NaiveDate>().ok(),
            _ => None,
        };
        let days = (date("until")? - date("from")?).num_days();
        Some(days.max(0).unsigned_abs())
    }

    fn points(&self, field: &Field) -> u64 {
        self.minutes(field).map_or(MAX_POINTS, |minutes| minutes / POINT_MINUTES + 1)
    }

    fn minutes(&self, field: &Field) -> Option<u64> {
        let range = self.argument(field, "range");
        let instant = |key| match part(range.as_ref(), key) {
            Some(Value::String(text)) => DateTime::parse_from_rfc3339(text).ok(),
            _ => None,
        };
        let minutes = (instant("until")? - instant("from")?).num_minutes();
        Some(minutes.max(0).unsigned_abs().saturating_add(1))
    }
}

/// Whether a field is selected, or may be by a fragment.
fn selects(set: &SelectionSet, name: &str) -> bool {
    set.items.iter().any(|item| match &item.node {
        Selection::Field(field) => field.node.name.node == name,
        Selection::InlineFragment(fragment) => selects(&fragment.node.selection_set.node, name),
        Selection::FragmentSpread(_) => true,
    })
}

fn part<'v>(object: Option<&'v Value>, key: &str) -> Option<&'v Value> {
    match object {
        Some(Value::Object(fields)) => fields.get(key),
        _ => None,
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn cost(document: &str) -> u64 {
        cost_with(document, json!({}))
    }

    fn cost_with(document: &str, variables: serde_json::Value) -> u64 {
        let document = parse_query(document).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        Prices::new(&document, &Variables::from_json(variables)).operation(&operation.node)
    }

    #[test]
    fn a_list_costs_what_it_could_hold() {
        assert_eq!(cost("{ parks { nodes { name } } }"), 1 + 100 * 2);
        assert_eq!(cost("{ parks(last: 5) { nodes { name id } } }"), 1 + 5 * 3);
        assert_eq!(cost(r#"{ parks(filter: {names: ["a", "b"]}) { nodes { name } } }"#), 1 + 2 * 2);
        assert_eq!(cost(r#"{ nodes(ids: ["a", "b", "c"]) { id } }"#), 1 + 3);
        let query = "query($n: Int) { loads(first: $n) { nodes { id } } }";
        assert_eq!(cost_with(query, json!({ "n": 7 })), 1 + 7 * 2);
        assert_eq!(cost("{ parks(first: 0) { nodes { name } } }"), 1);
    }

    #[test]
    fn stats_cost_what_their_range_holds() {
        let of =
            |arguments: &str| cost(&format!("{{ park(by: {{name: \"a\"}}) {{ stats{arguments} {{ date }} }} }}")) - 2;
        let year = r#"dates: {from: "2025-01-01", until: "2026-01-01"}"#;
        assert_eq!(of(&format!("({year})")), 366);
        assert_eq!(of(&format!("({year}, granularity: HOUR)")), 365 * 25);
        assert_eq!(of(&format!("({year}, granularity: MONTH)")), 14);
        assert_eq!((of(""), of("(granularity: HOUR)")), (1_000, 10_000));
    }

    #[test]
    fn counting_the_buckets_of_energy_types_costs_what_there_are() {
        let of = |arguments: &str, fields: &str| cost(&format!("{{ energyTypeStats{arguments} {{ {fields} }} }}"));
        assert_eq!(of("(first: 1)", "nodes { date }"), 1 + 2);
        assert_eq!(of("(first: 1)", "totalCount"), 1 + 1 + 20 * 1_000);
        assert_eq!(of("(first: 1, granularity: HOUR)", "...F } } fragment F on C { x { y"), 1 + 2 + 20 * 10_000);
    }

    #[test]
    fn lists_within_lists_multiply() {
        let query = "{ parks(first: 1000) { nodes { readings(first: 10000) { nodes { megawatts timestamp } } } } }";
        assert_eq!(cost(query), 1 + 1_000 * (1 + 1 + 10_000 * 3));
        let day = r#"range: {from: "2025-01-01T00:00:00Z", until: "2025-01-02T00:00:00Z"}"#;
        assert_eq!(
            cost(&format!("{{ a {{ readings({day}, first: 10000) {{ nodes {{ megawatts }} }} }} }}")),
            2 + 1_441 * 2
        );
        assert_eq!(cost(&format!("{{ a {{ series({day}) {{ megawatts minutes }} }} }}")), 2 + 289 / 4 * 2);
    }

    #[test]
    fn a_fragment_that_doubles_is_priced_once_and_saturates() {
        let mut document = "{ ...F0 }".to_owned();
        for n in 0..100 {
            let next = n + 1;
            write!(document, " fragment F{n} on Q {{ ...F{next} ...F{next} }}").unwrap();
        }
        document += " fragment F100 on Q { parks { nodes { name } } }";
        assert_eq!(cost(&document), u64::MAX);
    }
}
