//! Relay's connection, edge and page info. async-graphql has its own, whose names and descriptions cannot be chosen.

use std::borrow::Cow;

use async_graphql::{Object, ObjectType, OutputType, SimpleObject, TypeName};

/// A page of a list, and what `Total` says beside it.
pub struct Connection<T: OutputType, Total> {
    edges: Vec<Edge<T>>,
    total: Total,
    has_previous_page: bool,
    has_next_page: bool,
}

/// A thing in a list, and where it stands.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct Edge<T: OutputType> {
    /// The thing.
    node: T,
    /// Where it stands, for `after` and `before`; opaque.
    cursor: String,
}

/// Where a page lies in its list.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Whether there is more in front of this page; forwards: whether `after` was given.
    has_previous_page: bool,
    /// Whether there is more behind this page; backwards: whether `before` was given.
    has_next_page: bool,
    /// The cursor of the first; null where the page is empty.
    start_cursor: Option<String>,
    /// The cursor of the last; null where the page is empty.
    end_cursor: Option<String>,
}

impl<T: OutputType, Total> Connection<T, Total> {
    /// A page of things with their cursors; `more` is whether there is more in front of it and behind it.
    pub fn new(things: impl IntoIterator<Item = (String, T)>, more: (bool, bool), total: Total) -> Self {
        let edges = things.into_iter().map(|(cursor, node)| Edge { node, cursor }).collect();
        Self { edges, total, has_previous_page: more.0, has_next_page: more.1 }
    }
}

/// A page of a list.
#[Object(name_type)]
impl<T: OutputType, Total: ObjectType> Connection<T, Total> {
    /// The things.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// The things with their cursors.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// Where the page lies in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    #[graphql(flatten)]
    async fn total(&self) -> &Total {
        &self.total
    }
}

impl<T: OutputType, Total: ObjectType> TypeName for Connection<T, Total> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}
