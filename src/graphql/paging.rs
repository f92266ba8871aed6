//! Relay's paging arguments, checked, and the connections they make.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::connection::Connection;
use super::rows::Row;
use crate::domain::range::Page;
use crate::error::{Error, Result};

/// The page that is meant where none is asked for.
const DEFAULT_FIRST: i32 = 100;
/// The largest page of parks, loads and the like.
pub const MAX_PAGE: i32 = 1_000;
/// The largest page of readings and stats.
pub const MAX_LONG_PAGE: i32 = 10_000;

/// An opaque cursor: the keyset key as JSON in base64url.
fn cursor_of<K: Serialize>(key: &K) -> String {
    // Names, numbers and ids cannot fail to be written.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn read_cursor<K: DeserializeOwned>(text: &str, argument: &str) -> Result<K> {
    let key = URL_SAFE_NO_PAD.decode(text).ok().and_then(|json| serde_json::from_slice(&json).ok());
    key.ok_or_else(|| Error::invalid(format!("{argument} is no cursor of this list")))
}

/// `first`, `after`, `last`, `before` as they came.
pub struct Paging {
    /// So many from the start.
    pub first: Option<i32>,
    /// Behind this cursor.
    pub after: Option<String>,
    /// So many from the end.
    pub last: Option<i32>,
    /// In front of this cursor.
    pub before: Option<String>,
}

/// A checked page: ask for `page`, show `size` of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked<K> {
    /// What to ask the database for: one row more than is shown.
    pub page: Page<K>,
    size: usize,
}

impl Paging {
    /// Checks the arguments against the list's maximum.
    pub fn check<K: DeserializeOwned>(self, max: i32) -> Result<Asked<K>> {
        if self.first.is_some() && self.last.is_some() {
            return Err(Error::invalid("first and last cannot be given together"));
        }
        let (name, size) = match (self.first, self.last) {
            (_, Some(last)) => ("last", last),
            (first, None) => ("first", first.unwrap_or(DEFAULT_FIRST)),
        };
        if size > max {
            return Err(Error::invalid(format!("{name} is above {max}, the most that this list gives at once")));
        }
        let Ok(shown) = usize::try_from(size) else {
            return Err(Error::invalid(format!("{name} is below 0")));
        };
        let read = |cursor: Option<String>, argument| cursor.map(|text| read_cursor(&text, argument)).transpose();
        let page = Page {
            after: read(self.after, "after")?,
            before: read(self.before, "before")?,
            limit: shown as u64 + 1,
            from_end: self.last.is_some(),
        };
        Ok(Asked { page, size: shown })
    }
}

impl<K: Serialize> Asked<K> {
    /// Makes the connection of the rows that were got for `page`, in list order.
    pub fn connection<T, Total>(
        &self,
        mut rows: Vec<T>,
        total: Total,
        key: impl Fn(&T) -> K + Send + Sync + 'static,
    ) -> Connection<T, Total>
    where
        T: Row,
    {
        let more = rows.len() > self.size;
        if more && self.page.from_end {
            rows.drain(..rows.len() - self.size);
        }
        rows.truncate(self.size);
        let more =
            if self.page.from_end { (more, self.page.before.is_some()) } else { (self.page.after.is_some(), more) };
        Connection::new(rows, move |row| cursor_of(&key(row)), more, total)
    }
}
