//! Rows of one load that stand in each other's way (R11, R21).
//!
//! The same instant twice with one value is one reading; with two values, all rows of the instant are bad. Rows whose
//! intervals overlap are bad too, every one of them: the order of a file must not decide which is right.

use super::row::Row;
use crate::domain::reading::Reading;

/// What became of a park's rows.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Rows that repeat another one.
    pub(super) repeats: i64,
    /// Bad rows, with the reason.
    pub(super) rejects: Vec<(Row, Reason)>,
}

/// Why a row is bad. Sentences are made of the few that are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Another row gives the instant another value.
    OtherValue(u32),
    /// Another row gives the instant another width.
    OtherWidth(u32),
    /// Another row's interval overlaps.
    Overlap(u32),
}

impl Reason {
    pub(super) fn sentence(self) -> String {
        match self {
            Self::OtherValue(line) => format!("has another value on line {line}"),
            Self::OtherWidth(line) => format!("has another width on line {line}"),
            Self::Overlap(line) => format!("overlaps the interval of line {line}"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Good,
    Repeat,
    Bad(Reason),
}

/// Takes out of rows sorted by instant and line what cannot be laid into the database.
pub(super) fn settle(rows: &mut Vec<Row>, reading: impl Fn(&Row) -> Reading) -> Settled {
    // Nearly every file is clean: no marks are made for it.
    if rows.windows(2).all(|pair| reading(&pair[0]).until() <= reading(&pair[1]).starts_at) {
        return Settled::default();
    }
    let mut marks = vec![Mark::Good; rows.len()];
    mark_repeats(rows, &reading, &mut marks);
    mark_overlaps(rows, &reading, &mut marks);
    let mut settled = Settled::default();
    let mut marks = marks.into_iter();
    rows.retain(|row| match marks.next() {
        Some(Mark::Repeat) => {
            settled.repeats += 1;
            false
        }
        Some(Mark::Bad(reason)) => {
            settled.rejects.push((*row, reason));
            false
        }
        Some(Mark::Good) | None => true,
    });
    settled
}

/// The bounds of stretches of rows that stand at one instant.
fn instants(rows: &[Row]) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = rows.get(from)?.at;
        let count = rows[from..].iter().take_while(|row| row.at == at).count();
        let stretch = from..from + count;
        from = stretch.end;
        Some(stretch)
    })
}

fn mark_repeats(rows: &[Row], reading: &impl Fn(&Row) -> Reading, marks: &mut [Mark]) {
    for stretch in instants(rows).filter(|stretch| stretch.len() > 1) {
        let first = reading(&rows[stretch.start]);
        let other = |row: &&Row| reading(row) != first;
        let Some(odd) = rows[stretch.clone()].iter().find(other) else {
            marks[stretch.start + 1..stretch.end].fill(Mark::Repeat);
            continue;
        };
        for index in stretch.clone() {
            // A row that is as the first one differs from the odd one.
            let partner = if reading(&rows[index]) == first { odd } else { &rows[stretch.start] };
            let differs_in_value = reading(partner).megawatts.to_bits() != reading(&rows[index]).megawatts.to_bits();
            marks[index] = Mark::Bad(if differs_in_value {
                Reason::OtherValue(partner.line)
            } else {
                Reason::OtherWidth(partner.line)
            });
        }
    }
}

/// Sorted by start or by end, two intervals overlap exactly if the later starts before the earlier ends.
fn mark_overlaps(rows: &[Row], reading: &impl Fn(&Row) -> Reading, marks: &mut [Mark]) {
    let mark = |stretch: std::ops::Range<usize>, partner: u32, marks: &mut [Mark]| {
        for mark in &mut marks[stretch] {
            if !matches!(mark, Mark::Bad(_)) {
                *mark = Mark::Bad(Reason::Overlap(partner));
            }
        }
    };
    let mut latest: Option<(i64, u32)> = None;
    for stretch in instants(rows) {
        let own = &rows[stretch.clone()];
        let starts_at = own.iter().map(|row| reading(row).starts_at).min().unwrap_or(i64::MAX);
        if let Some((_, line)) = latest.filter(|(until, _)| starts_at < *until) {
            mark(stretch, line, marks);
        }
        latest = latest.max(own.iter().map(|row| (reading(row).until(), row.line)).max());
    }
    let mut earliest: Option<(i64, u32)> = None;
    let stretches: Vec<_> = instants(rows).map(|stretch| (stretch.start, stretch.end)).collect();
    for (start, end) in stretches.into_iter().rev() {
        let own = &rows[start..end];
        let until = own.iter().map(|row| reading(row).until()).max().unwrap_or(i64::MIN);
        if let Some((_, line)) = earliest.filter(|(starts_at, _)| *starts_at < until) {
            mark(start..end, line, marks);
        }
        let first = own.iter().map(|row| (reading(row).starts_at, row.line)).min();
        earliest = match (earliest, first) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Reason, Row, settle};
    use crate::domain::reading::Reading;

    /// Rows as (minute, MW), on lines from 2, each of its width.
    fn settled(rows: &[(i64, f64)], minutes: u16) -> (Vec<u32>, i64, Vec<(u32, Reason)>) {
        let mut rows: Vec<Row> = (2..)
            .zip(rows)
            .map(|(line, (minute, megawatts))| Row { at: minute * 60, megawatts: *megawatts, line })
            .collect();
        rows.sort_unstable_by_key(Row::key);
        let settled = settle(&mut rows, |row| Reading { starts_at: row.at, minutes, megawatts: row.megawatts });
        let rejects = settled.rejects.iter().map(|(row, reason)| (row.line, *reason)).collect();
        (rows.iter().map(|row| row.line).collect(), settled.repeats, rejects)
    }

    /// R21
    #[test]
    fn an_instant_twice_with_one_value_is_one_reading() {
        assert_eq!(settled(&[(0, 1.0), (15, 2.0), (0, 1.0), (0, 1.0)], 15), (vec![2, 3], 2, vec![]));
    }

    /// R21
    #[test]
    fn an_instant_twice_with_two_values_is_a_conflict_of_all_its_rows() {
        let rejects = [(2, Reason::OtherValue(5)), (3, Reason::OtherValue(5)), (5, Reason::OtherValue(2))];
        assert_eq!(settled(&[(0, 1.0), (0, 1.0), (15, 2.0), (0, 3.0)], 15), (vec![4], 0, rejects.to_vec()));
    }

    /// R11
    #[test]
    fn rows_that_overlap_are_all_bad_and_their_neighbours_good() {
        let rejects = [(3, Reason::Overlap(4)), (4, Reason::Overlap(3)), (5, Reason::Overlap(4))];
        let found = settled(&[(0, 1.0), (15, 1.0), (22, 1.0), (30, 1.0), (45, 1.0)], 15);
        assert_eq!(found, (vec![2, 6], 0, rejects.to_vec()));
    }

    /// R11
    #[test]
    fn a_long_row_conflicts_with_every_row_it_covers() {
        let rows = [Row { at: 0, megawatts: 1.0, line: 2 }, Row { at: 900, megawatts: 1.0, line: 3 }];
        let mut rows = [rows.to_vec(), vec![Row { at: 1_800, megawatts: 1.0, line: 4 }]].concat();
        let settled = settle(&mut rows, |row| Reading {
            starts_at: row.at,
            minutes: if row.line == 2 { 60 } else { 15 },
            megawatts: 1.0,
        });
        assert_eq!((rows.len(), settled.rejects.len()), (0, 3));
    }

    /// R11, R21
    #[test]
    fn a_row_over_an_instant_in_conflict_is_bad_too() {
        let found = settled(&[(0, 1.0), (7, 2.0), (7, 3.0), (30, 1.0)], 15);
        assert_eq!(found.0, [5]);
    }
}
