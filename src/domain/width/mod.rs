//! The width of a file's rows, where it is not declared (R12).
//!
//! Per UTC day, the width is the gap between rows that stands there most often: not the smallest, since one bad
//! timestamp must not scale a file, and not one for the file, since parks change theirs over the years.

#[cfg(test)]
mod tests;

use super::clock::Label;
use super::reading::{MAX_MINUTES, utc_day};

/// A day with fewer gaps says nothing by itself.
const FEWEST_GAPS: u64 = 3;
/// So many of a hundred gaps have to be whole multiples of the width.
const REGULAR_PERCENT: u64 = 95;

/// The widths of one park's rows in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widths {
    label: Label,
    dominant: u16,
    /// From which UTC day on the width is which; days before the first have the first one's.
    changes: Vec<(i32, u16)>,
    /// The gap in minutes that stands most often, where the park's usual width was taken though it is another.
    doubt: Option<u16>,
}

impl Widths {
    /// One width for all rows, in minutes, as declared with the load.
    pub fn declared(minutes: u16) -> Self {
        Self { label: Label::Start, dominant: minutes, changes: vec![(0, minutes)], doubt: None }
    }

    /// The width on a UTC day, in minutes.
    pub fn at(&self, day: i32) -> u16 {
        let later = self.changes.partition_point(|(first, _)| *first <= day);
        self.changes.get(later.saturating_sub(1)).map_or(self.dominant, |(_, minutes)| *minutes)
    }

    /// The width of the row at an instant, in minutes. A label at the end of an interval belongs to the day that it
    /// ends (R8).
    pub fn of(&self, instant: i64) -> u16 {
        if self.changes.len() < 2 { self.dominant } else { self.at(day(self.label, instant)) }
    }

    /// The gap in minutes that stands most often, where no day tells a width, and the park's usual one, which was taken,
    /// is another.
    pub fn doubt(&self) -> Option<u16> {
        self.doubt
    }

    /// The width that stands most often, in minutes.
    pub fn dominant(&self) -> u16 {
        self.dominant
    }
}

/// Infers the widths from the instants of one park's rows as they were read, before any width is subtracted: sorted,
/// and repeated ones do not count. `own` is the park's usual width, taken where no day of the file tells one; a park
/// that has none yet takes the gap that stands most often in the whole file, if it has enough rows. The error is a
/// sentence for the whole load. Overlapping rows are not looked for here.
pub fn infer(instants: impl IntoIterator<Item = i64>, label: Label, own: Option<u16>) -> Result<Widths, String> {
    let mut days = Days::default();
    let mut instants = instants.into_iter();
    let mut previous = instants.next();
    for instant in instants {
        if let Some(before) = previous.filter(|before| *before < instant) {
            // A gap belongs to the row whose width it tells: the one before it, or with labels at the end the one after.
            let row = if label == Label::Start { before } else { instant };
            days.count(day(label, row), instant - before);
        }
        previous = Some(instant);
    }
    days.end_day();
    days.widths(label, own)
}

/// The UTC day that the interval of a label lies in.
fn day(label: Label, instant: i64) -> i32 {
    utc_day(if label == Label::Start { instant } else { instant - 1 })
}

/// How often each gap stands, in seconds; days have few different ones.
#[derive(Clone, Default)]
struct Tally(Vec<(i64, u64)>);

impl Tally {
    fn count(&mut self, gap: i64, times: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == gap) {
            Some((_, count)) => *count += times,
            None => self.0.push((gap, times)),
        }
    }

    fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The gap that stands most often, in minutes, if it is one and may be a width.
    fn dominant(&self) -> Option<u16> {
        if self.total() < FEWEST_GAPS {
            return None;
        }
        let (gap, most) = self.0.iter().max_by_key(|(_, count)| *count)?;
        let alone = self.0.iter().filter(|(_, count)| count == most).count() == 1;
        let minutes = u16::try_from(gap / 60).ok().filter(|minutes| (1..=MAX_MINUTES).contains(minutes))?;
        (alone && gap % 60 == 0).then_some(minutes)
    }

    /// How many gaps are whole multiples of a width.
    fn multiples_of(&self, minutes: u16) -> u64 {
        let width = i64::from(minutes) * 60;
        self.0.iter().filter(|(gap, _)| gap % width == 0).map(|(_, count)| count).sum()
    }
}

/// What the days of a file tell, in order.
#[derive(Default)]
struct Days {
    day: i32,
    today: Tally,
    /// Days that tell a width.
    known: Vec<(i32, u16)>,
    /// Days that do not.
    sparse: Vec<(i32, Tally)>,
    /// How many gaps lie on days of each width, and how many of them are multiples of it.
    gaps: Vec<(u16, u64)>,
    multiples: u64,
}

impl Days {
    fn count(&mut self, day: i32, gap: i64) {
        if day != self.day {
            self.end_day();
            self.day = day;
        }
        self.today.count(gap, 1);
    }

    fn end_day(&mut self) {
        if self.today.0.is_empty() {
            return;
        }
        match self.today.dominant() {
            Some(minutes) => {
                self.known.push((self.day, minutes));
                self.regard(minutes, self.today.multiples_of(minutes), self.today.total());
                self.today.0.clear();
            }
            None => self.sparse.push((self.day, std::mem::take(&mut self.today))),
        }
    }

    fn regard(&mut self, minutes: u16, multiples: u64, gaps: u64) {
        self.multiples += multiples;
        match self.gaps.iter_mut().find(|(known, _)| *known == minutes) {
            Some((_, count)) => *count += gaps,
            None => self.gaps.push((minutes, gaps)),
        }
    }

    fn widths(mut self, label: Label, own: Option<u16>) -> Result<Widths, String> {
        let mut doubt = None;
        if self.known.is_empty() {
            let pooled = self.pooled().dominant();
            doubt = pooled.filter(|gap| own.is_some_and(|own| own != *gap));
            let minutes = own.or(pooled).ok_or(
                "the rows are too few or too irregular to tell the width of their intervals: that takes four rows, \
                 and one gap of whole minutes that stands more often than any other; the park has none yet \
                 either: declare the interval with the load",
            )?;
            self.known.push((self.day, minutes));
        }
        let mut widths = Widths { label, dominant: 0, changes: changes(&self.known), doubt };
        for (day, tally) in std::mem::take(&mut self.sparse) {
            let minutes = widths.at(day);
            self.regard(minutes, tally.multiples_of(minutes), tally.total());
        }
        widths.dominant = self.gaps.iter().max_by_key(|(_, count)| *count).map_or(self.known[0].1, |(known, _)| *known);
        let gaps: u64 = self.gaps.iter().map(|(_, count)| count).sum();
        if self.multiples * 100 < gaps * REGULAR_PERCENT {
            return Err(format!(
                "only {} % of the gaps between rows are whole multiples of the width that stands most often on their \
                 day ({} minutes on most days); at least {REGULAR_PERCENT} % are needed to infer it: declare the \
                 interval with the load",
                self.multiples * 100 / gaps,
                widths.dominant
            ));
        }
        Ok(widths)
    }

    /// All gaps of days that tell no width.
    fn pooled(&self) -> Tally {
        let mut all = Tally::default();
        for (gap, times) in self.sparse.iter().flat_map(|(_, tally)| &tally.0) {
            all.count(*gap, *times);
        }
        all
    }
}

/// Where the width changes, so that each day takes that of the nearest day that tells one, of two the earlier.
fn changes(known: &[(i32, u16)]) -> Vec<(i32, u16)> {
    let mut changes: Vec<(i32, u16)> = known.iter().take(1).copied().collect();
    for pair in known.windows(2) {
        let [(before, old), (after, new)] = *pair else { continue };
        if old != new {
            changes.push((before + (after - before) / 2 + 1, new));
        }
    }
    changes
}
