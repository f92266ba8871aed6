//! Relay's connection, edge and page info. async-graphql has its own, whose names and descriptions cannot be chosen.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::{Object, ObjectType, SimpleObject, TypeName};

use super::rows::{Column, Plan, Row, Rows};

/// Says where a thing stands in its list.
type Cursor<T> = dyn Fn(&T) -> String + Send + Sync;

/// A page of a list, and what `Total` says beside it.
pub struct Connection<T: Row, Total> {
    nodes: Arc<Rows<T>>,
    cursor: Arc<Cursor<T>>,
    total: Total,
    has_previous_page: bool,
    has_next_page: bool,
}

/// A thing in a list, and where it stands.
pub struct Edge<T: Row> {
    nodes: Arc<Rows<T>>,
    index: usize,
    cursor: Arc<Cursor<T>>,
}

impl<T: Row> Edge<T> {
    fn thing(&self) -> &T {
        &self.nodes.0[self.index]
    }

    fn place(&self) -> String {
        (self.cursor)(self.thing())
    }
}

/// A thing in a list, and where it stands.
#[Object(name_type)]
impl<T: Row> Edge<T> {
    /// The thing.
    async fn node(&self) -> &T {
        self.thing()
    }

    /// Where it stands, for `after` and `before`; opaque.
    async fn cursor(&self) -> String {
        self.place()
    }
}

impl<T: Row> Row for Edge<T> {
    fn column(field: &str) -> Option<Column<Self>> {
        match field {
            "cursor" => Some(Column::Scalar(|it, json| json.text(&it.place()))),
            "node" => Some(Column::Object(|asked| {
                let plan = Plan::<T>::of(asked)?;
                Some(Box::new(move |it, json| plan.write(it.thing(), json)))
            })),
            _ => None,
        }
    }
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

impl<T: Row, Total> Connection<T, Total> {
    /// A page of things; `more` is whether there is more in front of it and behind it.
    pub fn new(
        nodes: Vec<T>,
        cursor: impl Fn(&T) -> String + Send + Sync + 'static,
        more: (bool, bool),
        total: Total,
    ) -> Self {
        let (has_previous_page, has_next_page) = more;
        Self { nodes: Arc::new(Rows(nodes)), cursor: Arc::new(cursor), total, has_previous_page, has_next_page }
    }
}

/// A page of a list.
#[Object(name_type)]
impl<T: Row, Total: ObjectType> Connection<T, Total> {
    /// The things.
    async fn nodes(&self) -> &Rows<T> {
        &self.nodes
    }

    /// The things with their cursors.
    async fn edges(&self) -> Rows<Edge<T>> {
        let edge = |index| Edge { nodes: self.nodes.clone(), index, cursor: self.cursor.clone() };
        Rows((0..self.nodes.0.len()).map(edge).collect())
    }

    /// Where the page lies in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.nodes.0.first().map(&*self.cursor),
            end_cursor: self.nodes.0.last().map(&*self.cursor),
        }
    }

    #[graphql(flatten)]
    async fn total(&self) -> &Total {
        &self.total
    }
}

impl<T: Row, Total: ObjectType> TypeName for Connection<T, Total> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: Row> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}
