//! What a request leaves in the audit log: each mutation with how it ended, and each query that was not allowed.
//!
//! It is told from the document and the answer, so that no resolver can forget it; what only a resolver knows is in its
//! [`Note`]. Of the arguments only names, ids and what is given to whom are kept, never a password, a token or a file.

mod notes;
mod told;

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet};
use async_graphql::{Name, PathSegment, Response, ServerError, Value, Variables};

pub use self::notes::{Note, Notes};
use self::told::{Told, argument, cut, shown};
use super::caller::Caller;
use super::conditions::is_skipped;
use super::guard::selected;
use super::wire::code_of;
use crate::auth::{self, Log};
use crate::domain::audit::{Entry, Outcome};

/// What is entered of a mutation whose caller did not wait for its answer.
const GONE: &str = "the caller went away before the answer; it may have been done";

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
    told: Told,
    /// The name that someone signs in with.
    username: Option<String>,
}

impl Step {
    fn entry(&self, outcome: Outcome, caller: &Caller, note: Note, why: Option<String>) -> Entry {
        let actor = || caller.principal.as_ref().map(|principal| principal.name.clone());
        let subject = match (self.told.subject.clone(), note.name) {
            (Some(id), Some(name)) if id != name => Some(format!("{name} ({id})")),
            (subject, name) => subject.or(name),
        };
        let details: Vec<String> = [self.told.details.clone(), note.detail, why].into_iter().flatten().collect();
        Entry {
            actor: self.username.clone().or(note.actor).or_else(actor),
            address: caller.address,
            subject,
            detail: (!details.is_empty()).then(|| details.join("; ")),
            ..auth::entry(self.field.as_str(), outcome, caller.clock.now)
        }
    }
}

/// A trail that is being gone. Where it is given up before its end is known, its mutations are entered as failed.
pub struct Going {
    rest: Option<(Trail, Caller)>,
    log: Log,
    notes: Notes,
}

impl Going {
    /// Enters what came of it. What was done is written before this returns, sign-ins aside, of which anyone may make many.
    pub async fn arrive(mut self, response: &Response) {
        let Some((trail, caller)) = self.rest.take() else { return };
        let entries = trail.entries(response, &caller, &self.notes);
        let is_awaited = entries.iter().any(|entry| entry.outcome == Outcome::Done && entry.action != "login");
        for entry in entries {
            self.log.enter(entry);
        }
        if is_awaited {
            self.log.settle().await;
        }
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let Some((trail, caller)) = self.rest.take().filter(|(trail, _)| trail.is_mutation) else { return };
        for step in &trail.steps {
            self.log.enter(step.entry(Outcome::Failed, &caller, self.notes.take(&step.key), Some(GONE.to_owned())));
        }
    }
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

    /// Begins to go it.
    pub fn go(self, caller: Caller, log: Log, notes: Notes) -> Going {
        Going { rest: Some((self, caller)), log, notes }
    }

    fn entries(self, response: &Response, caller: &Caller, notes: &Notes) -> Vec<Entry> {
        // An error without a place is one of the whole request, of which nothing was executed.
        if response.errors.iter().any(|error| error.path.is_empty()) {
            return Vec::new();
        }
        let mut errors: HashMap<&str, &ServerError> = HashMap::new();
        for error in &response.errors {
            let Some(root) = root(error) else { continue };
            // The first, unless another is the field's own, or else a refusal, which no other mistake is to hide.
            let is_own = |error: &ServerError| self.is_mutation && error.path.len() == 1;
            let rank = |error: &ServerError| (is_own(error), outcome(error) == Outcome::Refused);
            let kept = errors.entry(root).or_insert(error);
            if rank(error) > rank(kept) {
                *kept = error;
            }
        }
        let mut entries = Vec::new();
        for step in &self.steps {
            let error = errors.get(step.key.as_str()).copied();
            let note = notes.take(&step.key);
            // A mutation is done by the resolver at the root; what goes wrong below it is the answer alone.
            let deed = error.filter(|error| !self.is_mutation || error.path.len() == 1);
            let outcome = deed.map_or_else(|| note.outcome.unwrap_or(Outcome::Done), outcome);
            let is_told = match outcome {
                // The next tokens of a session are no news.
                Outcome::Done => self.is_mutation && step.field != "refreshToken",
                Outcome::Refused => self.is_mutation || error.and_then(code_of) == Some("FORBIDDEN"),
                Outcome::Failed => self.is_mutation,
            };
            if is_told {
                let why = error.map(|error| match deed {
                    Some(_) => cut(&error.message),
                    None => format!("a part of the answer failed: {}", cut(&error.message)),
                });
                entries.push(step.entry(outcome, caller, note, why));
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
        let mut told = Told::of(field, variables);
        let is_sign_in = name == "login";
        if is_sign_in {
            // Who tries to be somebody is told as the one who tries.
            told.subject = None;
        }
        let username = argument(field, "username", variables).filter(|_| is_sign_in).as_ref().and_then(shown);
        self.steps.push(Step { key, field: name, told, username });
    }
}

/// The field at the root in which an error arose.
fn root(error: &ServerError) -> Option<&str> {
    match error.path.first()? {
        PathSegment::Field(key) => Some(key),
        PathSegment::Index(_) => None,
    }
}

fn outcome(error: &ServerError) -> Outcome {
    match code_of(error) {
        Some("UNAUTHENTICATED" | "FORBIDDEN" | "RATE_LIMITED") => Outcome::Refused,
        _ => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::{ErrorExtensionValues, value};
    use serde_json::json;

    use super::*;
    use crate::auth::Device;
    use crate::domain::range::Page;
    use crate::graphql::Clock;
    use crate::storage::testing::{everywhere, noon};

    fn caller() -> Caller {
        Caller { principal: None, address: None, device: Device::default(), per_minute: None, clock: Clock::at(noon()) }
    }

    fn trail(document: &str, variables: serde_json::Value) -> Trail {
        Trail::of(&parse_query(document).unwrap(), None, &Variables::from_json(variables))
    }

    fn entries(document: &str, data: Value, errors: &[(&str, &str)]) -> Vec<(String, Outcome)> {
        let mut response = Response::new(data);
        for (key, code) in errors {
            let mut error = ServerError::new("why", None);
            error.path = key.split_terminator('.').map(|key| PathSegment::Field(key.to_owned())).collect();
            error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", *code);
            response.errors.push(error);
        }
        let entries = trail(document, json!({})).entries(&response, &caller(), &Notes::default());
        entries.into_iter().map(|entry| (entry.action, entry.outcome)).collect()
    }

    #[test]
    fn who_signs_in_is_told_as_the_one_who_tries() {
        let sign_in =
            r#"mutation($p: String!) { login(username: "ann", password: $p, scope: [STATS_READ]) { scope } }"#;
        let trail = trail(sign_in, json!({ "p": "hunter2" }));
        let entry = trail.steps[0].entry(Outcome::Refused, &caller(), Note::default(), Some("why".into()));
        let text = |text: &str| Some(text.to_owned());
        assert_eq!((entry.actor, entry.subject, entry.detail), (text("ann"), None, text("scope: STATS_READ; why")));
    }

    #[test]
    fn what_a_resolver_notes_stands_beside_what_the_document_tells() {
        let trail = trail(r#"mutation { deleteUser(id: "VXNlcjoz") { id } }"#, json!({}));
        let note = Note { name: Some("mia".into()), detail: Some("gone".into()), ..Note::default() };
        let entry = trail.steps[0].entry(Outcome::Done, &caller(), note, None);
        assert_eq!((entry.subject.as_deref(), entry.detail.as_deref()), (Some("mia (User:3)"), Some("gone")));
    }

    #[tokio::test]
    async fn a_mutation_whose_caller_has_gone_away_is_told_of_and_a_query_is_not() -> crate::error::Result<()> {
        everywhere(async |database| {
            let log = Log::start(database.clone());
            for document in [
                r#"mutation { deletePark(id: "UGFyazo3") { id } logout(refreshToken: "x") }"#,
                "{ parks { totalCount } }",
            ] {
                drop(trail(document, json!({})).go(caller(), log.clone(), Notes::default()));
            }
            log.settle().await;
            let entries = database.audit(&Page { after: None, before: None, limit: 9, from_end: false }).await?;
            let told: Vec<_> =
                entries.iter().map(|it| (it.action.as_str(), it.outcome, it.detail.as_deref())).collect();
            let failed = |action| (action, Outcome::Failed, Some(GONE));
            assert_eq!(told, [failed("logout"), failed("deletePark")]);
            Ok(())
        })
        .await
    }

    #[test]
    fn fields_are_found_in_fragments_under_aliases_and_not_where_they_are_skipped() {
        let document = r#"mutation($no: Boolean!) { a: deleteUser(id: "1") { id } ...F ... on Mutation @skip(if: true) { d: logout }
            e: logout @include(if: $no) __typename } fragment F on Mutation { c: logout }"#;
        let fields: Vec<_> = trail(document, json!({"no": false})).steps.into_iter().map(|step| step.field).collect();
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
    fn a_mutation_whose_answer_fails_in_part_was_done_all_the_same() {
        let one = "mutation { a: deleteReadings { id by } b: logout }";
        let told = [("deleteReadings".into(), Outcome::Done), ("logout".into(), Outcome::Done)];
        assert_eq!(entries(one, value!({"a": {"id": 1, "by": null}, "b": true}), &[("a.by", "FORBIDDEN")]), told);
        assert_eq!(entries(one, Value::Null, &[("a.id", "INTERNAL")]), told[..1]);
        let both = [("a.id", "FORBIDDEN"), ("a", "BAD_USER_INPUT")];
        assert_eq!(entries(one, Value::Null, &both), [("deleteReadings".into(), Outcome::Failed)]);
    }

    #[test]
    fn queries_are_told_of_where_they_were_forbidden() {
        let query = "{ users { nodes { id } } x: loads { nodes { id } } parks { nodes { id } } }";
        let told = entries(query, Value::Null, &[("x", "FORBIDDEN"), ("parks", "BAD_USER_INPUT")]);
        assert_eq!(told, [("loads".into(), Outcome::Refused)]);
        assert_eq!(entries(query, Value::Null, &[("users", "UNAUTHENTICATED")]), []);
        let hidden = entries(query, Value::Null, &[("x", "BAD_USER_INPUT"), ("x", "FORBIDDEN")]);
        assert_eq!(hidden, told, "behind another mistake");
    }
}
