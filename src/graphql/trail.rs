//! What a request leaves in the audit log: each mutation with how it ended, and each query that was not allowed.
//!
//! It is told from the document and the answer, so that no resolver can forget it. Of the arguments only names and ids
//! are kept, never a password, a token or a file.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet};
use async_graphql::{ID, Name, PathSegment, Response, ServerError, Value, Variables};

use super::caller::Caller;
use super::conditions::is_skipped;
use super::guard::selected;
use super::ids::NodeId;
use crate::auth::{self, Log};
use crate::domain::audit::{Entry, Outcome};

/// The arguments, and those of an argument `input`, that say on whom or what something is done.
const SUBJECTS: [&str; 9] = ["id", "by", "name", "user", "customer", "park", "parks", "username", "input"];
/// The longest text that is kept of an argument or an error.
const MAX_CHARS: usize = 300;
/// The most items of a list that are kept.
const MAX_ITEMS: usize = 20;

/// The fields of an operation that the log may tell of.
#[derive(Debug, Default)]
pub struct Trail {
    is_mutation: bool,
    steps: Vec<Step>,
}

/// One field at the root.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    /// Under which it stands in the answer.
    key: Name,
    field: Name,
    subject: Option<String>,
    /// The name that someone signs in with.
    username: Option<String>,
}

impl Trail {
    /// The trail of the operation that will be executed. The document is one that the guard has admitted.
    pub fn of(document: &ExecutableDocument, operation: Option<&str>, variables: &Variables) -> Self {
        let mut trail = Self::default();
        if let Some(operation) = selected(document, operation) {
            trail.is_mutation = operation.ty == OperationType::Mutation;
            trail.take(document, &operation.selection_set.node, variables);
        }
        trail
    }

    /// Enters what came of it. What was done is written before this returns, sign-ins aside, of which anyone may make many.
    pub async fn follow(self, response: &Response, caller: &Caller, log: &Log) {
        let entries = self.entries(response, caller);
        let is_awaited = entries.iter().any(|entry| entry.outcome == Outcome::Done && entry.action != "login");
        for entry in entries {
            log.enter(entry);
        }
        if is_awaited {
            log.settle().await;
        }
    }

    fn entries(self, response: &Response, caller: &Caller) -> Vec<Entry> {
        let errors: HashMap<&str, &ServerError> =
            response.errors.iter().rev().filter_map(|error| Some((root(error)?, error))).collect();
        // An error without a place is one of the whole request, of which nothing was executed.
        if response.errors.iter().any(|error| error.path.is_empty()) {
            return Vec::new();
        }
        let mut entries = Vec::new();
        for step in self.steps {
            let error = errors.get(step.key.as_str()).copied();
            let outcome = error.map_or(Outcome::Done, outcome);
            let is_told = match outcome {
                // The next tokens of a session are no news.
                Outcome::Done => self.is_mutation && step.field != "refreshToken",
                Outcome::Refused => self.is_mutation || code(error) == Some("FORBIDDEN"),
                Outcome::Failed => self.is_mutation,
            };
            if is_told {
                let actor = caller.principal.as_ref().map(|principal| principal.name.clone());
                entries.push(Entry {
                    actor: step.username.or(actor),
                    address: caller.address,
                    subject: step.subject,
                    detail: error.map(|error| cut(&error.message)),
                    ..auth::entry(step.field.as_str(), outcome, caller.now)
                });
            }
            // Mutations run one after another, and an error where null is not allowed ends them.
            if self.is_mutation && error.is_some() && response.data == Value::Null {
                break;
            }
        }
        entries
    }

    fn take(&mut self, document: &ExecutableDocument, selections: &SelectionSet, variables: &Variables) {
        for selection in &selections.items {
            let (directives, inner) = match &selection.node {
                Selection::Field(field) => {
                    if !is_skipped(&field.node.directives, variables) {
                        self.step(&field.node, variables);
                    }
                    continue;
                }
                Selection::InlineFragment(fragment) => (&fragment.node.directives, &fragment.node.selection_set),
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) else { continue };
                    (&spread.node.directives, &fragment.node.selection_set)
                }
            };
            if !is_skipped(directives, variables) {
                self.take(document, &inner.node, variables);
            }
        }
    }

    fn step(&mut self, field: &Field, variables: &Variables) {
        let key = field.response_key().node.clone();
        let name = field.name.node.clone();
        // Fields of one key are one; those of the schema itself are nobody's.
        if name.starts_with("__") || self.steps.iter().any(|step| step.key == key) {
            return;
        }
        let argument = |name: &str| {
            let value = field.get_argument(name)?.node.clone();
            value.into_const_with(|name| variables.get(&name).cloned().ok_or(())).ok()
        };
        let is_sign_in = name == "login";
        let found = SUBJECTS.into_iter().filter(|_| !is_sign_in).find_map(|name| shown(&argument(name)?));
        let username = argument("username").filter(|_| is_sign_in).as_ref().and_then(shown);
        self.steps.push(Step { key, field: name, subject: found, username });
    }
}

/// A name or id, a list of them, or the one that stands in an object.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(match NodeId::read(&ID(text.clone())) {
            Some(id) => id.to_string(),
            None => cut(text),
        }),
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

fn cut(text: &str) -> String {
    text.chars().take(MAX_CHARS).collect()
}

/// The field at the root in which an error arose.
fn root(error: &ServerError) -> Option<&str> {
    match error.path.first()? {
        PathSegment::Field(key) => Some(key),
        PathSegment::Index(_) => None,
    }
}

fn outcome(error: &ServerError) -> Outcome {
    match code(Some(error)) {
        Some("UNAUTHENTICATED" | "FORBIDDEN" | "RATE_LIMITED") => Outcome::Refused,
        _ => Outcome::Failed,
    }
}

fn code(error: Option<&ServerError>) -> Option<&str> {
    match error?.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::{ErrorExtensionValues, value};
    use serde_json::json;

    use super::*;

    fn trail(document: &str, variables: serde_json::Value) -> Vec<(String, Option<String>, Option<String>)> {
        let trail = Trail::of(&parse_query(document).unwrap(), None, &Variables::from_json(variables));
        trail.steps.into_iter().map(|step| (step.field.to_string(), step.subject, step.username)).collect()
    }

    fn entries(document: &str, data: Value, errors: &[(&str, &str)]) -> Vec<(String, Outcome)> {
        let mut response = Response::new(data);
        for (key, code) in errors {
            let mut error = ServerError::new("why", None);
            error.path = if key.is_empty() { vec![] } else { vec![PathSegment::Field((*key).to_owned())] };
            error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", *code);
            response.errors.push(error);
        }
        let caller = Caller { principal: None, address: None, now: crate::storage::testing::noon() };
        let trail = Trail::of(&parse_query(document).unwrap(), None, &Variables::default());
        trail.entries(&response, &caller).into_iter().map(|entry| (entry.action, entry.outcome)).collect()
    }

    #[test]
    fn names_and_ids_are_kept_and_no_secret() {
        let secret = r#"mutation($p: String!, $n: String) {
            login(username: "ann", password: $p) { scope }
            createUser(input: {name: $n, password: $p, role: READER}) { id }
            changePassword(user: "VXNlcjoz", currentPassword: $p, newPassword: $p) { id }
            grantParks(customer: "Q3VzdG9tZXI6Mg", parks: [{name: "a"}]) { id }
            refreshToken(refreshToken: $p) { scope }
            loadReadings(park: {name: "Bemmel"}, source: {csv: $p}) { id }
        }"#;
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            trail(secret, json!({"p": "hunter2", "n": "mia"})),
            [
                ("login".into(), None, text("ann")),
                ("createUser".into(), text("mia"), None),
                ("changePassword".into(), text("User:3"), None),
                ("grantParks".into(), text("Customer:2"), None),
                ("refreshToken".into(), None, None),
                ("loadReadings".into(), text("Bemmel"), None),
            ]
        );
        let long =
            trail(r#"mutation { deletePark(id: "ID") { id } }"#.replace("ID", &"x".repeat(9_999)).as_str(), json!({}));
        assert_eq!(long[0].1.as_ref().map(String::len), Some(MAX_CHARS));
    }

    #[test]
    fn fields_are_found_in_fragments_under_aliases_and_not_where_they_are_skipped() {
        let document = r#"mutation($no: Boolean!) { a: deleteUser(id: "1") { id } ...F ... on Mutation @skip(if: true) { d: logout }
            e: logout @include(if: $no) __typename } fragment F on Mutation { c: logout }"#;
        let fields: Vec<_> = trail(document, json!({"no": false})).into_iter().map(|step| step.0).collect();
        assert_eq!(fields, ["deleteUser", "logout"]);
    }

    #[test]
    fn what_was_done_before_an_error_is_told_and_what_came_after_was_not_done() {
        let three = "mutation { a: createUser { id } b: deleteUser { id } c: logout }";
        let told = entries(three, Value::Null, &[("b", "FORBIDDEN")]);
        assert_eq!(told, [("createUser".into(), Outcome::Done), ("deleteUser".into(), Outcome::Refused)]);
        assert_eq!(entries(three, Value::Null, &[("", "GRAPHQL_VALIDATION_FAILED")]), []);
        assert_eq!(entries(three, value!({"a": 1, "b": 2, "c": 3}), &[]).len(), 3);
        assert_eq!(entries("mutation { logout }", Value::Null, &[("logout", "INTERNAL")])[0].1, Outcome::Failed);
    }

    #[test]
    fn queries_are_told_of_where_they_were_forbidden() {
        let query = "{ users { nodes { id } } x: loads { nodes { id } } parks { nodes { id } } }";
        let told = entries(query, Value::Null, &[("x", "FORBIDDEN"), ("parks", "BAD_USER_INPUT")]);
        assert_eq!(told, [("loads".into(), Outcome::Refused)]);
        assert_eq!(entries(query, Value::Null, &[("users", "UNAUTHENTICATED")]), []);
    }
}
