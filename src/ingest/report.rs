//! What a load tells: counts, bad rows, warnings (R21, R22).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::domain::load::{LoadCounts, MAX_ROW_ERRORS, RowError};

/// The longest text of a cell that is repeated, in characters.
const MAX_VALUE: usize = 200;

/// What a load tells, while it is made.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) counts: LoadCounts,
    pub(super) warnings: Vec<String>,
    /// Of the bytes as received.
    pub(super) sha256: Option<String>,
    /// The bad rows with the lowest lines; the highest of them on top.
    errors: BinaryHeap<Listed>,
    refusal: Option<RowError>,
}

impl Report {
    /// Counts a bad row; it is told only if it is among the first.
    pub(super) fn reject(&mut self, line: u32, tell: impl FnOnce() -> RowError) {
        self.counts.rejected += 1;
        let line = i64::from(line);
        if self.errors.len() < MAX_ROW_ERRORS {
            self.errors.push(Listed(tell()));
        } else if self.errors.peek().is_some_and(|last| line < last.0.line) {
            self.errors.pop();
            self.errors.push(Listed(tell()));
        }
    }

    /// The file as a whole is at fault: no row of it would have gone in.
    pub(super) fn refuse(&mut self, error: RowError) {
        self.counts =
            LoadCounts { rows_read: self.counts.rows_read, rejected: self.counts.rows_read, ..LoadCounts::default() };
        self.refusal.get_or_insert(error);
    }

    /// Whether the file as a whole is at fault.
    pub(super) fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// The bad rows by line, a fault of the whole file first.
    pub(super) fn into_errors(self) -> Vec<RowError> {
        let rows = self.errors.into_sorted_vec().into_iter().map(|listed| listed.0);
        self.refusal.into_iter().chain(rows).take(MAX_ROW_ERRORS).collect()
    }
}

/// A bad cell.
pub(super) fn bad(line: u32, column: &str, value: &str, reason: impl Into<String>) -> RowError {
    let (column, value) = (Some(column.to_owned()), Some(value.to_owned()));
    told(RowError { line: i64::from(line), column, value, reason: reason.into() })
}

/// As it is told: cut, and without NUL, which the ledger cannot keep.
pub(super) fn told(error: RowError) -> RowError {
    let cut =
        |text: String| text.chars().take(MAX_VALUE).map(|char| if char == '\0' { '\u{fffd}' } else { char }).collect();
    RowError { column: error.column.map(cut), value: error.value.map(cut), ..error }
}

/// Ordered by line.
#[derive(Debug)]
struct Listed(RowError);

impl Ord for Listed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.line.cmp(&other.0.line)
    }
}

impl PartialOrd for Listed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Listed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Listed {}

#[cfg(test)]
mod tests {
    use super::{Report, bad};

    /// R22
    #[test]
    fn the_first_thousand_by_line_are_told_and_all_are_counted() {
        let mut report = Report::default();
        for line in (2..3_002).rev() {
            report.reject(line, || bad(line, "MW", "x", "is wrong"));
        }
        assert_eq!(report.counts.rejected, 3_000);
        let lines: Vec<i64> = report.into_errors().into_iter().map(|error| error.line).collect();
        assert!(lines.into_iter().eq(2..1_002));
    }

    #[test]
    fn a_cell_is_told_up_to_two_hundred_characters() {
        assert_eq!(bad(2, "MW", &"ä".repeat(1_000), "is long").value.unwrap().chars().count(), 200);
    }
}
