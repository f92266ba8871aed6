//! A time zone as a table of offsets (R2, R9).
//!
//! chrono-tz answers one question at a time, by searching its own tables; a load asks ten million. So each zone is
//! read off chrono-tz once, into spans of constant offset, and asked here. SQLite knows no zones and PostgreSQL has
//! tables of its own, so that this is the one calendar of both.

#[cfg(test)]
pub(in crate::domain) mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::reading::{DAY_SECONDS, EARLIEST, LATEST};

/// The table reaches this far beyond the instants that readings may have: buckets of a year that is cut by the
/// bounds begin and end in it.
const MARGIN: i64 = 800 * DAY_SECONDS;
/// No clock was ever further from UTC than this, in seconds.
const WIDEST_OFFSET: i64 = 18 * 3_600;

/// Zones are read once for the life of the process; there are some six hundred of them, a few kilobytes each.
static ZONES: LazyLock<RwLock<HashMap<Tz, Arc<Zone>>>> = LazyLock::new(RwLock::default);

/// A stretch of time with one offset, up to the start of the next one.
#[derive(Clone, Copy, Debug)]
struct Span {
    /// Its first instant.
    from: i64,
    /// Seconds east of UTC.
    offset: i64,
    /// The wall clock, in seconds, that no instant before `from` has reached: where clocks went back it lies ahead of
    /// the wall clock at `from`.
    peak: i64,
}

/// What a wall-clock time means in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// It happened once.
    Once(i64),
    /// It never happened: clocks went forward over it (R6).
    Never,
    /// It happened twice: clocks went back over it (R5).
    Twice {
        /// The first time.
        earlier: i64,
        /// The second time.
        later: i64,
    },
}

/// An instant at which the offset changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The first instant with the new offset.
    pub at: i64,
    /// The offset before, seconds east of UTC.
    pub before: i32,
    /// The offset from then on, seconds east of UTC.
    pub after: i32,
}

/// A time zone's offsets from 1898 to 2102; before and after, the first and the last go on.
#[derive(Debug)]
pub struct Zone {
    tz: Tz,
    /// In order; the first begins before all time.
    spans: Vec<Span>,
    /// The span that answered last: consecutive instants mostly fall into the same one.
    recent: AtomicUsize,
}

impl Zone {
    /// The zone's table, read at first use in a few milliseconds.
    pub fn of(tz: Tz) -> Arc<Self> {
        if let Some(zone) = ZONES.read().unwrap_or_else(PoisonError::into_inner).get(&tz) {
            return Arc::clone(zone);
        }
        let zone = Arc::new(Self::read(tz));
        Arc::clone(ZONES.write().unwrap_or_else(PoisonError::into_inner).entry(tz).or_insert(zone))
    }

    /// Reads the zone day by day, and each change of offset to the second.
    fn read(tz: Tz) -> Self {
        let mut offset = offset_by_chrono(tz, EARLIEST - MARGIN);
        let mut spans = vec![Span { from: i64::MIN, offset, peak: i64::MIN }];
        let mut peak = i64::MIN;
        let mut from = EARLIEST - MARGIN;
        while from < LATEST + MARGIN {
            let until = from + DAY_SECONDS;
            if offset_by_chrono(tz, until) == offset {
                from = until;
                continue;
            }
            let (mut old, mut new) = (from, until);
            while new - old > 1 {
                let middle = old + (new - old) / 2;
                if offset_by_chrono(tz, middle) == offset {
                    old = middle;
                } else {
                    new = middle;
                }
            }
            peak = peak.max(new + offset);
            offset = offset_by_chrono(tz, new);
            spans.push(Span { from: new, offset, peak });
            from = new;
        }
        Self { tz, spans, recent: AtomicUsize::new(0) }
    }

    /// Its name in the IANA database.
    pub fn tz(&self) -> Tz {
        self.tz
    }

    /// Where the span of an instant stands.
    fn index(&self, instant: i64) -> usize {
        let recent = self.recent.load(Ordering::Relaxed);
        if self.spans[recent].from <= instant && self.spans.get(recent + 1).is_none_or(|next| instant < next.from) {
            return recent;
        }
        let index = self.spans.partition_point(|span| span.from <= instant).saturating_sub(1);
        self.recent.store(index, Ordering::Relaxed);
        index
    }

    /// Seconds east of UTC at an instant.
    pub fn offset_at(&self, instant: i64) -> i32 {
        narrow(self.spans[self.index(instant)].offset)
    }

    /// What a clock on the wall shows at an instant.
    pub fn wall(&self, instant: i64) -> NaiveDateTime {
        naive(self.wall_seconds(instant))
    }

    /// What a clock on the wall shows at an instant, in seconds since its 1970-01-01 00:00.
    pub fn wall_seconds(&self, instant: i64) -> i64 {
        instant.saturating_add(self.spans[self.index(instant)].offset)
    }

    /// The instants at which a clock on the wall shows this.
    pub fn resolve(&self, wall: NaiveDateTime) -> Local {
        self.resolve_seconds(wall.and_utc().timestamp())
    }

    /// The instants at which a clock on the wall shows this, in seconds since its 1970-01-01 00:00.
    pub fn resolve_seconds(&self, wall: i64) -> Local {
        // Unless an offset changed or changes within hours of it, the span decides alone.
        let index = self.index(wall);
        let (span, next) = (self.spans[index], self.spans.get(index + 1));
        if wall.saturating_sub(span.from) > WIDEST_OFFSET
            && next.is_none_or(|next| next.from.saturating_sub(wall) > WIDEST_OFFSET)
        {
            return Local::Once(wall.saturating_sub(span.offset));
        }
        let first =
            self.spans.partition_point(|span| span.from <= wall.saturating_sub(WIDEST_OFFSET)).saturating_sub(1);
        let mut found = Local::Never;
        for (index, span) in self.spans.iter().enumerate().skip(first) {
            if span.from > wall.saturating_add(WIDEST_OFFSET) {
                break;
            }
            let instant = wall.saturating_sub(span.offset);
            if span.from <= instant && self.spans.get(index + 1).is_none_or(|next| instant < next.from) {
                found = match found {
                    Local::Never => Local::Once(instant),
                    Local::Once(earlier) | Local::Twice { earlier, .. } => Local::Twice { earlier, later: instant },
                };
            }
        }
        found
    }

    /// The first instant of a local date: the first whose wall clock is at or after the date's midnight (R2). A date
    /// that never was starts where the next one does and is empty.
    pub fn day_start(&self, date: NaiveDate) -> i64 {
        let midnight = seconds(date);
        let index = self.spans.partition_point(|span| span.peak <= midnight).saturating_sub(1);
        let span = self.spans[index];
        (midnight - span.offset).max(span.from)
    }

    /// The local date of an instant: the last one that has started by then (R2). Bounds decide, not the clock face:
    /// where clocks go back over midnight, the new date stays.
    pub fn date_of(&self, instant: i64) -> NaiveDate {
        let span = self.spans[self.index(instant)];
        naive(instant.saturating_add(span.offset).max(span.peak.saturating_sub(1))).date()
    }

    /// The changes of offset after `after` and until `until` inclusive, in order.
    pub fn transitions(&self, after: i64, until: i64) -> impl Iterator<Item = Transition> + '_ {
        let first = self.spans.partition_point(|span| span.from <= after).max(1);
        (first..self.spans.len()).map(|index| self.transition(index)).take_while(move |change| change.at <= until)
    }

    /// The latest change of offset at or before an instant.
    pub fn transition_before(&self, instant: i64) -> Option<Transition> {
        let index = self.index(instant);
        (index > 0).then(|| self.transition(index))
    }

    fn transition(&self, index: usize) -> Transition {
        let span = self.spans[index];
        Transition { at: span.from, before: narrow(self.spans[index - 1].offset), after: narrow(span.offset) }
    }

    /// A short hash of the table: another one means that the zone's rules have changed, so that what hangs on its
    /// days has to be computed afresh (R23).
    pub fn fingerprint(&self) -> String {
        // FNV-1a of 64 bits: the same in every build of the program, and nobody gains by a collision.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in self.spans.iter().flat_map(|span| [span.from, span.offset]).flat_map(i64::to_le_bytes) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        format!("{hash:016x}")
    }
}

fn offset_by_chrono(tz: Tz, instant: i64) -> i64 {
    i64::from(tz.offset_from_utc_datetime(&naive(instant)).fix().local_minus_utc())
}

/// Offsets are read off `i32`.
fn narrow(offset: i64) -> i32 {
    i32::try_from(offset).unwrap_or_default()
}

/// Seconds since 1970-01-01 00:00 as date and time, held within what chrono can show.
fn naive(seconds: i64) -> NaiveDateTime {
    let bound = if seconds < 0 { NaiveDateTime::MIN } else { NaiveDateTime::MAX };
    DateTime::from_timestamp(seconds, 0).map_or(bound, |instant| instant.naive_utc())
}

/// A date's midnight in seconds since 1970-01-01 00:00.
fn seconds(date: NaiveDate) -> i64 {
    NaiveDateTime::from(date).and_utc().timestamp()
}

/// The date so many days later, held within what chrono can show.
pub(in crate::domain) fn add_days(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}
