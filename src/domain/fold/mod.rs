//! Naive wall-clock rows into instants (R4 to R8).
//!
//! Most rows are answered at once. A row at a time that happened twice is kept until the file's end, since only the
//! rows around it tell which of the two it is; such rows are few.

mod passes;
#[cfg(test)]
mod tests;
mod wrong_clock;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clock::{Clock, Fold, Label};
use super::reading::{DAY_SECONDS, EARLIEST, LATEST};
use super::timestamp::Stamp;
use super::zone::{Local, Transition, Zone};
use passes::{Held, sort_out};

pub use wrong_clock::wall_clock_taken_for_fixed;

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It stands at this instant.
    At(i64),
    /// It is a bad row, for this reason.
    Reject(String),
    /// It is kept by the resolver and comes out of [`Resolver::finish`].
    Later,
}

/// A row that was kept, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resolved {
    /// The line of the file.
    pub line: u32,
    /// The instant of its label.
    pub at: i64,
    /// Its power, as given.
    pub megawatts: f64,
}

/// What is known at the file's end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finished {
    /// The kept rows that found their instant; in no particular order.
    pub rows: Vec<Resolved>,
    /// The kept rows that are bad, with the reason, by line.
    pub rejects: Vec<(u32, String)>,
    /// How many rows stood once at a time that happened twice, whatever the policy did with them (R5).
    pub fold_rows_alone: u64,
    /// How many rows stood at a time that never happened (R6).
    pub gap_rows: u64,
    /// Sentences for the operator, the likely cause first (R7).
    pub warnings: Vec<String>,
}

/// Gives the rows of one park and one file their instants, in file order.
#[derive(Debug)]
pub struct Resolver {
    zone: Arc<Zone>,
    clock: Clock,
    fold: Fold,
    label: Label,
    /// The row before.
    previous: Option<Stamp>,
    /// The fold that the row before was kept in.
    open: Option<i64>,
    /// The rows kept, by the instant at which clocks went back.
    held: BTreeMap<i64, Vec<Held>>,
    /// How many rows were not kept, and how many of them stand where the row before does.
    passed: (u64, u64),
    gap_rows: u64,
    /// The first gap that a row stood in.
    gap: Option<Transition>,
}

impl Resolver {
    /// A resolver for the rows of a park in `zone`, read on `clock` (R4).
    pub fn new(zone: Arc<Zone>, clock: Clock, fold: Fold, label: Label) -> Self {
        Self {
            zone,
            clock,
            fold,
            label,
            previous: None,
            open: None,
            held: BTreeMap::new(),
            passed: (0, 0),
            gap_rows: 0,
            gap: None,
        }
    }

    /// The instant of the next row's label. With labels at the end the width is still to be subtracted (R8).
    pub fn row(&mut self, line: u32, stamp: Stamp, megawatts: f64) -> Step {
        let wall = match (stamp, self.clock) {
            (Stamp::Instant(instant), Clock::Park) => {
                self.pass(stamp, None);
                return at(instant);
            }
            (Stamp::Instant(instant), _) => return at(instant),
            (Stamp::Naive(wall), Clock::Utc) => return at(wall.and_utc().timestamp()),
            (Stamp::Naive(wall), Clock::Offset(offset)) => {
                return at(wall.and_utc().timestamp() - i64::from(offset));
            }
            (Stamp::Naive(wall), Clock::Park) => wall.and_utc().timestamp(),
        };
        match self.zone.resolve_seconds(wall) {
            Local::Once(instant) => {
                self.pass(stamp, None);
                at(instant)
            }
            Local::Never => {
                self.pass(stamp, None);
                Step::Reject(self.never(wall))
            }
            Local::Twice { later, .. } => {
                // Zones do not begin with a fold.
                let fold = self.zone.transition_before(later).map_or(later, |change| change.at);
                let before = if self.open == Some(fold) { 0 } else { self.step_to(wall) };
                self.pass(stamp, Some(fold));
                self.held.entry(fold).or_default().push(Held { line, wall, megawatts, before, after: 0 });
                Step::Later
            }
        }
    }

    /// Gives the kept rows their instants.
    pub fn finish(self) -> Finished {
        let mut finished = Finished { gap_rows: self.gap_rows, ..Finished::default() };
        // Of rows that each stand twice in a row, every other one repeats.
        let doubled = self.passed.1 * 5 > self.passed.0 * 2;
        for (fold, rows) in self.held {
            sort_out(&self.zone, self.fold, doubled, fold, rows, &mut finished);
        }
        finished.rejects.sort_unstable_by_key(|(line, _)| *line);
        let warnings = wrong_clock::warnings(&self.zone, self.fold, self.gap, &finished);
        finished.warnings.splice(0..0, warnings);
        finished
    }

    /// Notes a row as the neighbour of the rows around it in the file.
    fn pass(&mut self, stamp: Stamp, fold: Option<i64>) {
        if let Some(open) = self.open.filter(|open| Some(*open) != fold) {
            let step = self.step_to(wall_of(&self.zone, stamp));
            if let Some(last) = self.held.get_mut(&open).and_then(|rows| rows.last_mut()) {
                last.after = step;
            }
        }
        if fold.is_none() {
            self.passed.0 += 1;
            self.passed.1 += u64::from(self.previous == Some(stamp));
        }
        self.open = fold;
        self.previous = Some(stamp);
    }

    /// Whether the file runs forwards (1) or backwards (-1) from the row before to this wall clock, as far as two rows
    /// within a day tell.
    fn step_to(&self, wall: i64) -> i8 {
        let step = self.previous.map_or(0, |previous| wall - wall_of(&self.zone, previous));
        if step.abs() < DAY_SECONDS { passes::sign(step) } else { 0 }
    }

    /// Why a time that never happened is a bad row.
    fn never(&mut self, wall: i64) -> String {
        self.gap_rows += 1;
        let gap = self
            .zone
            .transitions(wall - DAY_SECONDS, wall + DAY_SECONDS)
            .find(|change| (change.at + i64::from(change.before)..change.at + i64::from(change.after)).contains(&wall));
        self.gap = self.gap.or(gap);
        let tz = self.zone.tz();
        let Some(gap) = gap else { return format!("never happened in {tz}") };
        let (from, until) = (self.zone.wall(gap.at - 1) + chrono::TimeDelta::seconds(1), self.zone.wall(gap.at));
        let mut reason = format!("never happened in {tz}, where clocks went forward from {from} to {until}");
        if self.label == Label::End && wall == gap.at + i64::from(gap.before) {
            reason.push_str("; the interval that ends there is labelled with the latter");
        }
        reason
    }
}

/// What a row's clock shows, in seconds, for a look at its neighbours.
fn wall_of(zone: &Zone, stamp: Stamp) -> i64 {
    match stamp {
        Stamp::Instant(instant) => zone.wall_seconds(instant),
        Stamp::Naive(wall) => wall.and_utc().timestamp(),
    }
}

/// A step to an instant, if readings may stand there.
fn at(instant: i64) -> Step {
    if (EARLIEST..LATEST).contains(&instant) {
        Step::At(instant)
    } else {
        Step::Reject("is not between the years 1900 and 2099".into())
    }
}
