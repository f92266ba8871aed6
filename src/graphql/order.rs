//! The order of an answer: that of the document, as the specification has it.
//!
//! async-graphql puts a field into the answer when it is resolved, so fields that wait for the database come in an order
//! that differs from run to run. Here they are put back. Where fragments on different types name the same fields in
//! different orders, the first one's holds for all.

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, PathSegment, Response, ServerError, Value};

use super::guard::selected;

/// Fields in their order, each with that of its own.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Order(Vec<(Name, Order)>);

impl Order {
    /// The order of the operation that is executed; `operation` names it where there are several.
    ///
    /// The document is one that the guard has admitted: its fragments do not spread themselves.
    pub fn of(document: &ExecutableDocument, operation: Option<&str>) -> Self {
        let mut order = Self::default();
        if let Some(operation) = selected(document, operation) {
            order.take(document, &operation.selection_set.node);
        }
        order
    }

    /// Puts an answer in order, its errors by their paths.
    pub fn arrange(&self, response: &mut Response) {
        self.put(&mut response.data);
        response.errors.sort_by_cached_key(|error| self.path(error));
    }

    fn take(&mut self, document: &ExecutableDocument, selections: &SelectionSet) {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    let place = self.place(key).unwrap_or_else(|| {
                        self.0.push((key.clone(), Self::default()));
                        self.0.len() - 1
                    });
                    self.0[place].1.take(document, &field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => self.take(document, &fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        self.take(document, &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.0.iter().position(|(name, _)| name == key)
    }

    fn put(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                if !fields.keys().map(|key| self.place(key)).is_sorted() {
                    fields.sort_by(|one, _, other, _| self.place(one).cmp(&self.place(other)));
                }
                for (key, order) in self.0.iter().filter(|(_, order)| !order.0.is_empty()) {
                    if let Some(value) = fields.get_mut(key) {
                        order.put(value);
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
                order = order.zip(place).map(|(order, place)| &order.0[place].1);
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
        Order::of(&parse_query(document).unwrap(), None).arrange(&mut response);
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
    fn errors_come_in_the_order_of_what_they_are_of() {
        let error = |path: Vec<PathSegment>| ServerError { path, ..ServerError::new("", Some(Pos::default())) };
        let of = |field: &str, index| vec![PathSegment::Field(field.into()), PathSegment::Index(index)];
        let mut response = Response::new(Value::Null);
        response.errors = vec![error(of("b", 0)), error(of("a", 10)), error(of("a", 9)), error(vec![])];
        Order::of(&parse_query("{ a b }").unwrap(), None).arrange(&mut response);
        let paths: Vec<_> = response.errors.into_iter().map(|error| error.path).collect();
        assert_eq!(paths, [vec![], of("a", 9), of("a", 10), of("b", 0)]);
    }
}
