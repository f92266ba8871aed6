//! The shape of an answer: that of the document, as the specification has it.
//!
//! async-graphql puts a field into the answer when it is resolved, so fields that wait for the database come in an order
//! that differs from run to run. Here they are put back. Where fragments on different types name the same fields in
//! different orders, the first one's holds for all. Where a field failed that is never null, async-graphql leaves it out:
//! here the object that it is of becomes null, or the next above that may be (section 6.4.4).

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, FragmentSpread, InlineFragment, OperationType, Selection, SelectionSet, Type,
};
use async_graphql::{Name, PathSegment, Positioned, Response, ServerError, Value, Variables};

use super::conditions::is_skipped;
use super::guard::plain::PLACEHOLDER;
use super::guard::selected;
use super::types::{TYPES, base};

/// Fields in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Order(Vec<Entry>);

/// A field, and those of its own.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    key: Name,
    /// None where the schema does not know it, and of `__typename`.
    ty: Option<&'static Type>,
    /// Whether it has fields of its own.
    is_object: bool,
    /// Whether it stands in several places, whose fields are put together.
    is_repeated: bool,
    inner: Order,
}

/// What is executed.
struct Asked<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
}

impl Order {
    /// The order of the operation that is executed; `operation` names it where there are several.
    ///
    /// The document is one that the guard has admitted: its fragments do not spread themselves.
    pub fn of(document: &ExecutableDocument, operation: Option<&str>, variables: &Variables) -> Self {
        let mut order = Self::default();
        if let Some(operation) = selected(document, operation) {
            let root = match operation.ty {
                OperationType::Query => "Query",
                OperationType::Mutation => "Mutation",
                OperationType::Subscription => "Subscription",
            };
            order.take(&Asked { document, variables }, &operation.selection_set.node, root);
        }
        order
    }

    /// Whether an object of the answer is put together from several places in the document.
    pub fn puts_together(&self) -> bool {
        self.0.iter().any(|entry| entry.is_object && (entry.is_repeated || entry.inner.puts_together()))
    }

    /// Puts an answer in shape, its errors in the order of their paths.
    pub fn arrange(&self, response: &mut Response) {
        response.errors.sort_by_cached_key(|error| self.path(error));
        // Those that may be null come first: they make the objects in which the others fail.
        for only_nullable in [true, false] {
            for error in &response.errors {
                if self.fail(&mut response.data, &error.path, only_nullable) {
                    response.data = Value::Null;
                }
            }
        }
        self.put(&mut response.data);
    }

    fn take(&mut self, asked: &Asked<'_>, selections: &SelectionSet, of: &str) {
        for selection in &selections.items {
            let (Selection::Field(Positioned { node: Field { directives, .. }, .. })
            | Selection::InlineFragment(Positioned { node: InlineFragment { directives, .. }, .. })
            | Selection::FragmentSpread(Positioned { node: FragmentSpread { directives, .. }, .. })) = &selection.node;
            if is_skipped(directives, asked.variables) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    if key == PLACEHOLDER {
                        continue;
                    }
                    let ty = TYPES.field(of, &field.node.name.node);
                    let known = self.place(key);
                    let place = known.unwrap_or_else(|| {
                        let is_object = !field.node.selection_set.node.items.is_empty();
                        let inner = Self::default();
                        self.0.push(Entry { key: key.clone(), ty, is_object, is_repeated: false, inner });
                        self.0.len() - 1
                    });
                    self.0[place].is_repeated |= known.is_some();
                    let of = ty.map_or("", |ty| base(ty).as_str());
                    self.0[place].inner.take(asked, &field.node.selection_set.node, of);
                }
                Selection::InlineFragment(fragment) => {
                    let of = fragment.node.type_condition.as_ref().map_or(of, |one| one.node.on.node.as_str());
                    self.take(asked, &fragment.node.selection_set.node, of);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = asked.document.fragments.get(&spread.node.fragment_name.node) {
                        let of = fragment.node.type_condition.node.on.node.as_str();
                        self.take(asked, &fragment.node.selection_set.node, of);
                    }
                }
            }
        }
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.0.iter().position(|entry| entry.key == key)
    }

    /// Makes null what failed at a path below an object. Whether the object itself must become null for it.
    fn fail(&self, object: &mut Value, path: &[PathSegment], only_nullable: bool) -> bool {
        let Some((PathSegment::Field(key), path)) = path.split_first() else { return false };
        let Some(entry) = self.place(key).map(|place| &self.0[place]) else { return false };
        let may_be_null = entry.ty.is_none_or(|ty| ty.nullable);
        let failed = match (path.is_empty(), &mut *object) {
            (true, _) if only_nullable && !may_be_null => return false,
            (true, _) => true,
            (false, Value::Object(fields)) => match fields.get_mut(key.as_str()) {
                Some(value) => entry.inner.fail_within(value, entry.ty, path, only_nullable),
                None => return false,
            },
            (false, _) => return false,
        };
        if failed && may_be_null {
            // An object of which nothing else was asked was taken for none.
            if *object == Value::Null && only_nullable {
                *object = Value::Object(IndexMap::new());
            }
            if let Value::Object(fields) = object {
                fields.insert(Name::new(key), Value::Null);
            }
        }
        failed && !may_be_null
    }

    /// The same below a value, which may be a list of others.
    fn fail_within(&self, value: &mut Value, ty: Option<&Type>, path: &[PathSegment], only_nullable: bool) -> bool {
        let Some(PathSegment::Index(index)) = path.first() else { return self.fail(value, path, only_nullable) };
        let Value::List(items) = value else { return false };
        let Some(item) = items.get_mut(*index) else { return false };
        let ty = ty.and_then(|ty| match &ty.base {
            BaseType::List(inner) => Some(inner.as_ref()),
            BaseType::Named(_) => None,
        });
        let may_be_null = ty.is_none_or(|ty| ty.nullable);
        let failed = if path.len() == 1 { true } else { self.fail_within(item, ty, &path[1..], only_nullable) };
        if failed && may_be_null {
            *item = Value::Null;
        }
        failed && !may_be_null
    }

    fn put(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.shift_remove(PLACEHOLDER);
                if !fields.keys().map(|key| self.place(key)).is_sorted() {
                    fields.sort_by(|one, _, other, _| self.place(one).cmp(&self.place(other)));
                }
                for entry in self.0.iter().filter(|entry| entry.is_object) {
                    if let Some(value) = fields.get_mut(&entry.key) {
                        entry.inner.put(value);
                    }
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.put(item)),
            _ => {}
        }
    }

    /// Where an error stands: places of fields in the document, and of items in their lists.
    fn path(&self, error: &ServerError) -> Vec<usize> {
        let mut order = Some(self);
        let segments = error.path.iter().map(|segment| match segment {
            PathSegment::Index(index) => *index,
            PathSegment::Field(key) => {
                let place = order.and_then(|order| order.place(key));
                order = order.zip(place).map(|(order, place)| &order.0[place].inner);
                place.unwrap_or(usize::MAX)
            }
        });
        segments.collect()
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::{Pos, value};

    use super::*;

    fn arranged(document: &str, data: Value) -> String {
        let mut response = Response::new(data);
        Order::of(&parse_query(document).unwrap(), None, &Variables::default()).arrange(&mut response);
        serde_json::to_string(&response.data).unwrap()
    }

    #[test]
    fn fields_come_in_the_order_of_the_document() {
        let data = value!({ "c": [{ "y": 1, "x": 2 }, null], "a": 1, "b": { "z": 1 } });
        let document = "{ a b { z } c { x y } }";
        assert_eq!(arranged(document, data), r#"{"a":1,"b":{"z":1},"c":[{"x":2,"y":1},null]}"#);
    }

    #[test]
    fn aliases_fragments_and_repeated_fields_are_placed_where_they_first_stand() {
        let data = value!({ "last": 1, "n": { "two": 2, "one": 1, "three": 3 } });
        let document =
            "query { n { one: id ...F } last n { three: id } } fragment F on Park { ... on Park { two: id } }";
        assert_eq!(arranged(document, data), r#"{"n":{"one":1,"two":2,"three":3},"last":1}"#);
    }

    #[test]
    fn a_field_that_is_skipped_has_no_place() {
        let document = "{ a @skip(if: true) ... @include(if: false) { c } b a c }";
        assert_eq!(arranged(document, value!({ "a": 1, "c": 3, "b": 2 })), r#"{"b":2,"a":1,"c":3}"#);
    }

    #[test]
    fn errors_come_in_the_order_of_what_they_are_of() {
        let error = |path: Vec<PathSegment>| ServerError { path, ..ServerError::new("", Some(Pos::default())) };
        let of = |field: &str, index| vec![PathSegment::Field(field.into()), PathSegment::Index(index)];
        let mut response = Response::new(Value::Null);
        response.errors = vec![error(of("b", 0)), error(of("a", 10)), error(of("a", 9)), error(vec![])];
        Order::of(&parse_query("{ a b }").unwrap(), None, &Variables::default()).arrange(&mut response);
        let paths: Vec<_> = response.errors.into_iter().map(|error| error.path).collect();
        assert_eq!(paths, [vec![], of("a", 9), of("a", 10), of("b", 0)]);
    }

    /// What becomes of data with errors at paths like `parks.nodes.0.stats`.
    fn failed(document: &str, data: Value, paths: &[&str]) -> String {
        let segment = |text: &str| text.parse().map_or_else(|_| PathSegment::Field(text.into()), PathSegment::Index);
        let error = |path: &&str| ServerError {
            path: path.split('.').map(segment).collect(),
            ..ServerError::new("", Some(Pos::default()))
        };
        let mut response = Response::new(data);
        response.errors = paths.iter().map(error).collect();
        Order::of(&parse_query(document).unwrap(), None, &Variables::default()).arrange(&mut response);
        serde_json::to_string(&response.data).unwrap()
    }

    #[test]
    fn what_is_never_null_makes_null_the_next_above_that_may_be() {
        let park = "{ park(by: {}) { name stats { count } } other: park(by: {}) { name } }";
        let data = || value!({ "park": { "name": "a" }, "other": { "name": "b" } });
        assert_eq!(failed(park, data(), &["park.stats"]), r#"{"park":null,"other":{"name":"b"}}"#);
        assert_eq!(failed(park, data(), &["park.stats", "other.name"]), r#"{"park":null,"other":null}"#);
        let list = "{ parks { nodes { name stats { count } } } }";
        let data = || value!({ "parks": { "nodes": [{ "name": "a" }, { "name": "b", "stats": [] }] } });
        assert_eq!(failed(list, data(), &["parks.nodes.0.stats"]), "null", "nothing above may be null");
        let nodes = "{ nodes(ids: []) { id ... on Park { stats { count } } } }";
        let data = || value!({ "nodes": [{ "id": "a" }, { "id": "b" }] });
        assert_eq!(failed(nodes, data(), &["nodes.1.stats"]), r#"{"nodes":[{"id":"a"},null]}"#);
    }

    #[test]
    fn what_may_be_null_is_null_alone() {
        let document = "{ park(by: {}) { name latestReading { megawatts } } }";
        let data = value!({ "park": { "name": "a" } });
        assert_eq!(failed(document, data, &["park.latestReading"]), r#"{"park":{"name":"a","latestReading":null}}"#);
        let document = "{ park(by: {}) { latestReading { megawatts } } }";
        let data = || value!({ "park": null });
        assert_eq!(failed(document, data(), &["park.latestReading"]), r#"{"park":{"latestReading":null}}"#);
        let both = "{ park(by: {}) { latestReading { megawatts } stats { count } } }";
        assert_eq!(failed(both, data(), &["park.latestReading", "park.stats"]), r#"{"park":null}"#);
    }

    #[test]
    fn a_placeholder_goes() {
        let document = format!("{{ park(by: {{}}) {{ {PLACEHOLDER}: __typename }} }}");
        let data = value!({ "park": { "_kept": "Park" } });
        assert_eq!(failed(&document, data, &[]), r#"{"park":{}}"#);
    }
}
