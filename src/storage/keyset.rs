//! A page of a list in keyset order as conditions, an order and a limit.

use sea_orm::Value;

use super::sql::Sql;
use crate::domain::range::Page;
use crate::error::{Error, Result};

impl Sql {
    /// Appends the conditions, order and limit of a page of a list that is ordered by the column, whose values are
    /// unique. A page from the end comes backwards: see [`in_list_order`].
    pub fn keyset<K: Clone + Into<Value>>(
        &mut self,
        column: &str,
        descending: bool,
        page: &Page<K>,
    ) -> Result<&mut Self> {
        for (key, later) in [(&page.after, !descending), (&page.before, descending)] {
            if let Some(key) = key {
                self.push(" AND ").push(column).push(if later { " > " } else { " < " }).bind(key.clone());
            }
        }
        self.push(" ORDER BY ").push(column).push(if descending == page.from_end { " LIMIT " } else { " DESC LIMIT " });
        self.bind(i64::try_from(page.limit).map_err(Error::internal)?);
        Ok(self)
    }
}

/// Puts the rows of a page into the list's order.
pub fn in_list_order<T, K>(mut rows: Vec<T>, page: &Page<K>) -> Vec<T> {
    if page.from_end {
        rows.reverse();
    }
    rows
}

/// A page whose keys are texts that both databases can compare: PostgreSQL takes no NUL, which is in no column.
pub fn text_keys(page: &Page<String>) -> Page<String> {
    let clean = |key: &Option<String>| key.as_ref().map(|key| key.replace('\0', ""));
    Page { after: clean(&page.after), before: clean(&page.before), ..page.clone() }
}
