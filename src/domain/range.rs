//! Half-open ranges of dates and instants, and pages of lists (R3).

use chrono::NaiveDate;

/// Local dates `[from, until)`; an open end is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DateRange {
    /// The first date within.
    pub from: Option<NaiveDate>,
    /// The first date after.
    pub until: Option<NaiveDate>,
}

impl DateRange {
    /// Whether the date is within.
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= date) && self.until.is_none_or(|until| date < until)
    }
}

/// Instants `[from, until)` in Unix seconds; an open end is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// The first instant within.
    pub from: Option<i64>,
    /// The first instant after.
    pub until: Option<i64>,
}

impl TimeRange {
    /// Whether the instant is within.
    pub fn contains(&self, instant: i64) -> bool {
        self.from.is_none_or(|from| from <= instant) && self.until.is_none_or(|until| instant < until)
    }
}

/// A page of a list in keyset order: strictly between the two keys, `limit` rows from one end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page<K> {
    /// Rows after this key only.
    pub after: Option<K>,
    /// Rows before this key only.
    pub before: Option<K>,
    /// At most so many rows; ask for one more than is shown to learn whether there are more.
    pub limit: u64,
    /// Whether the rows are taken from the end; they come back in list order all the same.
    pub from_end: bool,
}
