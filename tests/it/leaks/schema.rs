//! The schema as the server tells it, and the documents that ask for every field of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::answers::is_nothing;
use super::calls;
use crate::server::TestServer;

const INTROSPECTION: &str = "{ __schema { queryType { name } mutationType { name } subscriptionType { name } types {
    name kind possibleTypes { name } fields(includeDeprecated: true) { name args { name } type { ...T } } } } }
    fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name kind ofType { name } } } } }";

pub struct Schema {
    pub has_subscriptions: bool,
    types: BTreeMap<String, Type>,
}

struct Type {
    possible: Vec<String>,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    arguments: Vec<String>,
    of: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The name of the type within lists and non-nulls.
fn innermost(value: &Value) -> String {
    if value["name"].is_null() { innermost(&value["ofType"]) } else { text(&value["name"]) }
}

impl Schema {
    pub async fn of(server: &TestServer) -> Self {
        let told = server.data(INTROSPECTION, &json!({})).await;
        let schema = &told["__schema"];
        let kind = |it: &Value| {
            let fields = items(&it["fields"]).iter().map(|field| Field {
                name: text(&field["name"]),
                arguments: items(&field["args"]).iter().map(|argument| text(&argument["name"])).collect(),
                of: innermost(&field["type"]),
            });
            let possible = items(&it["possibleTypes"]).iter().map(|one| text(&one["name"])).collect();
            (text(&it["name"]), Type { possible, fields: fields.collect() })
        };
        let is_ours = |it: &&Value| {
            let kind = text(&it["kind"]);
            ["OBJECT", "INTERFACE", "UNION"].contains(&kind.as_str()) && !text(&it["name"]).starts_with("__")
        };
        Self {
            has_subscriptions: !schema["subscriptionType"].is_null(),
            types: items(&schema["types"]).iter().filter(is_ours).map(kind).collect(),
        }
    }

    /// Each field that an answer can hold, as `Type.field`.
    pub fn fields(&self) -> Vec<String> {
        let mut reached = BTreeSet::new();
        let mut next = vec!["Query", "Mutation"];
        while let Some(name) = next.pop() {
            let Some(it) = self.types.get(name) else { continue };
            if reached.insert(name) {
                next.extend(it.possible.iter().map(String::as_str));
                next.extend(it.fields.iter().map(|field| field.of.as_str()));
            }
        }
        let objects = reached.into_iter().filter(|name| self.types[*name].possible.is_empty());
        objects
            .flat_map(|name| self.types[name].fields.iter().map(move |field| format!("{name}.{}", field.name)))
            .collect()
    }

    /// The arguments that no call gives, as `Type.field(argument)`.
    pub fn unasked_arguments(&self) -> Vec<String> {
        let mut unasked = Vec::new();
        for coordinate in self.fields() {
            let (of, name) = coordinate.split_once('.').unwrap();
            let field = self.types[of].fields.iter().find(|field| field.name == name).unwrap();
            let calls = calls::of(&coordinate);
            let is_given = |argument: &&String| {
                calls
                    .iter()
                    .any(|call| call.split(['(', ' ', '{', ',']).any(|word| word.strip_suffix(':') == Some(argument)))
            };
            unasked.extend(field.arguments.iter().filter(|it| !is_given(it)).map(|it| format!("{coordinate}({it})")));
        }
        unasked
    }

    /// Whether the field stands under a mutation that every customer is refused, or is one.
    pub fn is_refused_to_customers(coordinate: &str, seen: &BTreeMap<&str, Vec<&str>>) -> bool {
        let is_refused = |values: &Vec<&str>| values.iter().all(|value| is_nothing(value));
        coordinate.starts_with("Mutation.") && seen.get(coordinate).is_some_and(is_refused)
            || ["Query.users", "Query.customers", "Query.apiKeys", "Query.auditLog"].contains(&coordinate)
    }

    /// One document for each call of each root field, with all fields of what it answers but some. Queries come first.
    pub fn documents(&self, without: &[&str]) -> Vec<String> {
        let mut documents = Vec::new();
        let roots = self.types["Query"].fields.iter().map(|field| ("query", "Query", field));
        let mutations = self.types["Mutation"].fields.iter().map(|field| ("mutation", "Mutation", field));
        let mut all: Vec<_> = roots.chain(mutations).collect();
        // What takes away comes last.
        all.sort_by_key(|(kind, _, field)| (*kind == "mutation", calls::rank(&field.name)));
        for (kind, root, field) in all {
            for call in calls::of(&format!("{root}.{}", field.name)) {
                let selection = self.selection(&field.of, &mut vec![root.to_owned()], without);
                documents.push(format!("{kind} {{ {root}_{name}_0: {name}{call}{selection} }}", name = field.name));
            }
        }
        documents
    }

    fn selection(&self, of: &str, path: &mut Vec<String>, without: &[&str]) -> String {
        let Some(it) = self.types.get(of) else { return String::new() };
        path.push(of.to_owned());
        let mut parts = vec!["__typename".to_owned()];
        if it.possible.is_empty() {
            let wanted = |field: &&Field| !without.contains(&format!("{of}.{}", field.name).as_str());
            for field in it.fields.iter().filter(wanted) {
                parts.extend(self.calls(of, field, path, without));
            }
        }
        for possible in &it.possible {
            parts.push(format!("... on {possible}{}", self.selection(possible, path, without)));
        }
        path.pop();
        format!(" {{ {} }}", parts.join(" "))
    }

    /// The field with each of its calls; where its type goes round in circles only what has no fields itself.
    fn calls(&self, of: &str, field: &Field, path: &mut Vec<String>, without: &[&str]) -> Vec<String> {
        let Field { name, of: inner, .. } = field;
        // What stands in `nodes` whole stands in `edges` in short.
        let selection = if path.contains(inner) || (of.ends_with("Edge") && name == "node") {
            let leaves = self.types[inner].fields.iter().filter(|leaf| !self.types.contains_key(&leaf.of));
            let leaves: Vec<_> = leaves.map(|leaf| format!("{inner}_{leaf}_0: {leaf}", leaf = leaf.name)).collect();
            format!(" {{ {} }}", leaves.join(" "))
        } else {
            self.selection(inner, path, without)
        };
        let calls = calls::of(&format!("{of}.{name}")).into_iter().enumerate();
        calls.map(|(number, call)| format!("{of}_{name}_{number}: {name}{call}{selection}")).collect()
    }
}
