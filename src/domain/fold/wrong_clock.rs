//! The likely cause when a file was read on the wrong clock (R7).

use super::super::clock::{Clock, Fold};
use super::super::reading::DAY_SECONDS;
use super::super::zone::{Local, Transition, Zone};
use super::Finished;

/// What the rows at missing and repeated times say about a file that was read on the park's clock.
pub(super) fn warnings(zone: &Zone, policy: Fold, gap: Option<Transition>, finished: &Finished) -> Vec<String> {
    let (tz, gaps, alone) = (zone.tz(), finished.gap_rows, finished.fold_rows_alone);
    let mut warnings = Vec::new();
    let standard = gap.map_or(Clock::Offset(0), |gap| Clock::Offset(gap.before));
    if gaps > 0 && alone > 0 {
        warnings.push(format!(
            "The file is likely on UTC or a fixed offset like {standard}, not on the wall clock of {tz}: {} at times that \
             never happened there, and {} once at times that happened twice. Declare its clock.",
            rows(gaps),
            rows(alone)
        ));
    } else if gaps > 0 {
        warnings.push(format!(
            "{} at times that never happened in {tz}. If the file is on UTC or a fixed offset like {standard}, declare \
             that as its clock.",
            rows(gaps)
        ));
    }
    if alone > 0 {
        let done = match policy {
            Fold::Reject => "rejected",
            Fold::Earlier => "taken as the earlier of the two",
            Fold::Later => "taken as the later of the two",
        };
        warnings.push(format!("{} once at times that happened twice in {tz}: {done}.", rows(alone)));
    }
    warnings
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row stands".into() } else { format!("{count} rows stand") }
}

/// The sentence to warn with if a file that was read on UTC or a fixed offset is likely on the wall clock of the park:
/// then instants repeat where clocks go back, and none stands where they go forward.
///
/// `repeated` are the instants that more than one row has (conflicts, or equal ones too), `starts` all instants,
/// sorted; both as read, before the width of labels at the end is subtracted.
pub fn wall_clock_taken_for_fixed(
    zone: &Zone,
    clock: Clock,
    repeated: &[i64],
    starts: impl IntoIterator<Item = i64>,
) -> Option<String> {
    let offset = match clock {
        Clock::Utc => 0,
        Clock::Offset(offset) => i64::from(offset),
        Clock::Park => return None,
    };
    let is_fold = |instant: &&i64| matches!(zone.resolve_seconds(**instant + offset), Local::Twice { .. });
    let in_folds = repeated.iter().filter(is_fold).count();
    // Instants that repeat elsewhere have another cause.
    if in_folds == 0 || in_folds * 2 < repeated.len() {
        return None;
    }
    let Holes { empty, filled } = holes(zone, offset, starts);
    if filled > empty || (filled + empty == 0 && in_folds < repeated.len()) {
        return None;
    }
    let hole = if empty > 0 { ", and none stands where they go forward" } else { "" };
    let instants = if in_folds == 1 { "1 instant stands".into() } else { format!("{in_folds} instants stand") };
    Some(format!(
        "The file is likely on the wall clock of {}, not on {clock}: {instants} more than once where its clocks go \
         back{hole}. Declare its clock as PARK.",
        zone.tz()
    ))
}

/// How many of the times at which clocks go forward hold no row, and how many do.
#[derive(Default)]
struct Holes {
    empty: usize,
    filled: usize,
}

fn holes(zone: &Zone, offset: i64, starts: impl IntoIterator<Item = i64>) -> Holes {
    let mut holes = Holes::default();
    let mut gaps = zone
        .transitions(i64::MIN, i64::MAX)
        .filter(|change| change.before < change.after)
        .map(|change| (change.at + i64::from(change.before) - offset, change.at + i64::from(change.after) - offset));
    let Some(mut gap) = gaps.next() else { return holes };
    let (mut previous, mut filled) = (None, false);
    for start in starts {
        while start >= gap.1 {
            // A hole counts only with rows around it.
            let around = previous.is_some_and(|before| before >= gap.0 - DAY_SECONDS) && start < gap.1 + DAY_SECONDS;
            holes.filled += usize::from(filled);
            holes.empty += usize::from(around && !filled);
            filled = false;
            let Some(next) = gaps.next() else { return holes };
            gap = next;
        }
        filled |= start >= gap.0;
        previous = Some(start);
    }
    holes
}
