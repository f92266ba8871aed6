//! Which of the two times that a wall clock showed the same (R5).

use super::super::clock::Fold;
use super::super::zone::{Local, Zone};
use super::{Finished, Resolved};

const ALONE: &str = "stands only once, so that nobody can say which of the two it is; declare the fold as EARLIER or \
                     LATER if you know";

/// A row kept since its time happened twice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) line: u32,
    /// What its clock shows, in seconds.
    pub(super) wall: i64,
    pub(super) megawatts: f64,
    /// Whether the file runs forwards (1) or backwards (-1) to it from a neighbour outside the fold; else 0.
    pub(super) before: i8,
    /// The same from it to a neighbour outside the fold.
    pub(super) after: i8,
}

/// The sign of a number.
pub(super) fn sign(number: i64) -> i8 {
    match number {
        1.. => 1,
        0 => 0,
        _ => -1,
    }
}

/// Gives the rows of one fold, in file order, their instants; in a `doubled` file each row stands twice in a row.
pub(super) fn sort_out(
    zone: &Zone,
    policy: Fold,
    doubled: bool,
    fold: i64,
    mut rows: Vec<Held>,
    finished: &mut Finished,
) {
    let direction = Direction::of(&rows);
    // A stable sort: rows of the same time stay in file order.
    rows.sort_by_key(|row| row.wall);
    let copies = copies(&rows).max(if doubled { 2 } else { 1 });
    if direction.steps_against > 2 * copies - 1 {
        finished.warnings.push(format!(
            "The rows at the times that happened twice in {} on {} stand in no order; which are the earlier ones was \
             judged by their order in the file.",
            zone.tz(),
            zone.wall(fold).date(),
        ));
    }
    for same in rows.chunk_by(|a, b| a.wall == b.wall) {
        let Local::Twice { earlier, later } = zone.resolve_seconds(same[0].wall) else { continue };
        let put = |row: &Held, second: bool| Resolved {
            line: row.line,
            at: if second { later } else { earlier },
            megawatts: row.megawatts,
        };
        let seconds = if same.len() == copies && equal(same) {
            finished.fold_rows_alone += u64::try_from(same.len()).unwrap_or_default();
            match policy {
                Fold::Reject => Err(ALONE.to_owned()),
                Fold::Earlier => Ok(vec![false; same.len()]),
                Fold::Later => Ok(vec![true; same.len()]),
            }
        } else {
            seconds(same, direction.backwards)
                .ok_or_else(|| format!("stands {} times, which gives neither of the two one value", same.len()))
        };
        match seconds {
            Ok(seconds) => finished.rows.extend(same.iter().zip(seconds).map(|(row, second)| put(row, second))),
            Err(why) => {
                let reason = format!("happened twice in {}, where clocks went back, and {why}", zone.tz());
                finished.rejects.extend(same.iter().map(|row| (row.line, reason.clone())));
            }
        }
    }
}

/// How the file runs within a fold.
struct Direction {
    backwards: bool,
    /// How many steps go the other way.
    steps_against: usize,
}

impl Direction {
    /// By the majority of the steps inside the fold; if that says nothing, by those from and to its neighbours in the
    /// file; else forwards.
    fn of(rows: &[Held]) -> Self {
        let steps = rows.windows(2).map(|pair| sign(pair[1].wall - pair[0].wall));
        let (mut forwards, mut backwards) = (0, 0);
        for step in steps {
            forwards += usize::from(step > 0);
            backwards += usize::from(step < 0);
        }
        let around: i64 = rows.iter().map(|row| i64::from(row.before) + i64::from(row.after)).sum();
        let runs_backwards = if forwards == backwards { around < 0 } else { forwards < backwards };
        Self { backwards: runs_backwards, steps_against: if runs_backwards { forwards } else { backwards } }
    }
}

/// How often the file holds each row: most hold each once, so that a time of the fold stands twice; where most stand
/// four times, each row is doubled.
fn copies(sorted: &[Held]) -> usize {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for same in sorted.chunk_by(|a, b| a.wall == b.wall) {
        match counts.iter_mut().find(|(count, _)| *count == same.len()) {
            Some((_, times)) => *times += 1,
            None => counts.push((same.len(), 1)),
        }
    }
    let most = counts.iter().max_by_key(|(count, times)| (*times, std::cmp::Reverse(*count)));
    most.map_or(1, |(count, _)| (count / 2).max(1))
}

/// Which rows of one time, in file order, are of the second pass. Copies of a row stand together (halves) or the
/// whole file stands again (alternating): whichever gives each pass one value.
fn seconds(same: &[Held], backwards: bool) -> Option<Vec<bool>> {
    if same.len() % 2 == 1 {
        return None;
    }
    let half = same.len() / 2;
    let halves = |index: usize| (index >= half) != backwards;
    let alternating = |index: usize| (index % 2 == 1) != backwards;
    let fits = |second: &dyn Fn(usize) -> bool| {
        let pass = |wanted: bool| {
            equal(same.iter().enumerate().filter(move |(index, _)| second(*index) == wanted).map(|(_, row)| row))
        };
        pass(false) && pass(true)
    };
    let assign = |second: &dyn Fn(usize) -> bool| Some((0..same.len()).map(second).collect());
    if fits(&halves) {
        assign(&halves)
    } else if fits(&alternating) {
        assign(&alternating)
    } else {
        None
    }
}

/// Whether all rows have one value.
#[expect(clippy::float_cmp, reason = "copies of a row hold the same digits, and so the same bits")]
fn equal<'a>(rows: impl IntoIterator<Item = &'a Held>) -> bool {
    let mut rows = rows.into_iter();
    let Some(first) = rows.next() else { return true };
    rows.all(|row| row.megawatts == first.megawatts)
}
