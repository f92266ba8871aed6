//! What the log tells of a field's arguments: names, ids and the values that say what is given to whom. Passwords, tokens
//! and files are none of these.

use async_graphql::parser::types::Field;
use async_graphql::{ID, Name, Value, Variables};

use crate::graphql::ids::NodeId;

/// The arguments, and those of an argument `input`, that say on whom or what something is done; the first counts.
const SUBJECTS: [&str; 9] = ["id", "by", "name", "user", "customer", "park", "parks", "username", "input"];
/// Those that say what is done to it, beside the ones above.
const DETAILS: [&str; 14] = [
    "role",
    "disabled",
    "scope",
    "scopes",
    "expiresAt",
    "requestsPerMinute",
    "requestsPerDay",
    "from",
    "until",
    "timezone",
    "energyType",
    "capacityMw",
    "intervalMinutes",
    "dryRun",
];
/// The arguments whose fields are looked at too.
const HOLDERS: [&str; 2] = ["input", "range"];
/// The longest text that is kept of an argument or an error.
pub const MAX_CHARS: usize = 300;
/// The most items of a list that are kept.
const MAX_ITEMS: usize = 20;

/// What the log tells of a field's arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// On whom or what.
    pub subject: Option<String>,
    /// What is given or changed: `role: ADMIN, customer: Customer:2`.
    pub details: Option<String>,
}

impl Told {
    /// What is told of a field's arguments; nothing of a sign-in's, which has a username of its own.
    pub fn of(field: &Field, variables: &Variables) -> Self {
        let arguments: Vec<(&Name, Value)> = field
            .arguments
            .iter()
            .filter_map(|(name, value)| Some((&name.node, resolved(&value.node, variables)?)))
            .collect();
        let value = |name: &str| arguments.iter().find(|(given, _)| *given == name).map(|(_, value)| value);
        let found = SUBJECTS.into_iter().find_map(|name| Some((name, shown(value(name)?)?)));
        let (place, subject) = found.unzip();
        let mut details = Vec::new();
        for (name, value) in &arguments {
            match value {
                Value::Object(fields) if HOLDERS.contains(&name.as_str()) => {
                    // The subject of an input is among its own fields.
                    let of_input = SUBJECTS.into_iter().find(|name| fields.contains_key(*name));
                    let subject = of_input.filter(|_| place == Some("input"));
                    details.extend(fields.iter().filter_map(|(name, value)| detail(name, value, subject)));
                }
                value => details.extend(detail(name, value, place)),
            }
        }
        Self { subject, details: (!details.is_empty()).then(|| cut(&details.join(", "))) }
    }
}

/// An argument's value.
pub fn argument(field: &Field, name: &str, variables: &Variables) -> Option<Value> {
    resolved(&field.get_argument(name)?.node, variables)
}

/// A value with its variables filled in; `None` where one has no value.
fn resolved(value: &async_graphql_value::Value, variables: &Variables) -> Option<Value> {
    value.clone().into_const_with(|name| variables.get(&name).cloned().ok_or(())).ok()
}

fn detail(name: &Name, value: &Value, subject: Option<&str>) -> Option<String> {
    let name = name.as_str();
    let is_told = DETAILS.contains(&name) || SUBJECTS.contains(&name);
    let text = match value {
        Value::Null => "null".to_owned(),
        value => shown(value)?,
    };
    (is_told && subject != Some(name) && name != "username").then(|| format!("{name}: {text}"))
}

/// A plain value, a list of them, or the one that stands in an object.
pub fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(match NodeId::read(&ID(text.clone())) {
            Some(id) => id.to_string(),
            None => cut(text),
        }),
        Value::Enum(name) => Some(name.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::List(items) => {
            let mut names: Vec<_> = items.iter().take(MAX_ITEMS).filter_map(shown).collect();
            if items.len() > MAX_ITEMS {
                names.push("…".into());
            }
            (!names.is_empty()).then(|| names.join(", "))
        }
        Value::Object(fields) => SUBJECTS.into_iter().find_map(|name| shown(fields.get(name)?)),
        _ => None,
    }
}

/// As much of a text as is kept.
pub fn cut(text: &str) -> String {
    text.chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::Selection;
    use serde_json::json;

    use super::*;

    fn told(call: &str, variables: serde_json::Value) -> (String, String) {
        let document = parse_query(format!("mutation {{ {call} {{ id }} }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else { panic!("{call}") };
        let Told { subject, details } = Told::of(&field.node, &Variables::from_json(variables));
        (subject.unwrap_or_default(), details.unwrap_or_default())
    }

    #[test]
    fn who_is_given_what_is_told_and_no_secret() {
        let input = json!({ "p": "hunter2", "c": "Q3VzdG9tZXI6Mg" });
        for (call, subject, details) in [
            (
                r"createUser(input: {name: $c, password: $p, role: ADMIN, customer: null})",
                "Customer:2",
                "role: ADMIN, customer: null",
            ),
            (
                r#"updateUser(id: "VXNlcjoz", input: {name: "mira", disabled: true})"#,
                "User:3",
                "name: mira, disabled: true",
            ),
            (r#"changePassword(user: "VXNlcjoz", currentPassword: $p, newPassword: $p)"#, "User:3", ""),
            (r#"grantParks(customer: $c, parks: [{name: "a"}, {id: "UGFyazo3"}])"#, "Customer:2", "parks: a, Park:7"),
            (
                r#"createApiKey(input: {name: "x", customer: $c, scopes: [STATS_READ, ADMIN], requestsPerDay: 9})"#,
                "x",
                "customer: Customer:2, scopes: STATS_READ, ADMIN, requestsPerDay: 9",
            ),
            (
                r#"deleteReadings(park: {name: "b"}, range: {from: "2025-01-01T00:00:00Z"})"#,
                "b",
                "from: 2025-01-01T00:00:00Z",
            ),
            (r"loadReadings(park: {name: $unset}, source: {csv: $p}, dryRun: true)", "", "dryRun: true"),
            (r"refreshToken(refreshToken: $p)", "", ""),
        ] {
            assert_eq!(told(call, input.clone()), (subject.to_owned(), details.to_owned()), "{call}");
        }
    }

    #[test]
    fn long_texts_and_lists_are_cut() {
        let (subject, _) = told(&format!(r#"deletePark(id: "{}")"#, "x".repeat(9_999)), json!({}));
        assert_eq!(subject.len(), MAX_CHARS);
        let parks = r#"{name: "a"},"#.repeat(1_000);
        let (_, details) = told(&format!(r#"grantParks(customer: "c", parks: [{parks}])"#), json!({}));
        assert_eq!(details.matches('a').count(), 1 + MAX_ITEMS, "{details}");
        assert!(details.ends_with('…'), "{details}");
    }
}
