//! How a file writes its timestamps.

use crate::domain::chrono::{DateTime, NaiveDateTime};
use crate::domain::clock::Clock;
use crate::domain::timestamp::Stamp;
use crate::domain::zone::Zone;

/// How a file writes its timestamps: to tell the cell of a row whose text is no longer held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    separator: char,
    has_seconds: bool,
    is_naive: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self { separator: 'T', has_seconds: true, is_naive: false }
    }
}

impl Shape {
    /// That of one timestamp.
    pub(super) fn of(text: &str, stamp: Stamp) -> Self {
        let separator = if text.as_bytes().get(10) == Some(&b' ') { ' ' } else { 'T' };
        Self {
            separator,
            has_seconds: text.as_bytes().get(16) == Some(&b':'),
            is_naive: matches!(stamp, Stamp::Naive(_)),
        }
    }

    /// An instant as the file writes it.
    pub(super) fn write(self, at: i64, clock: Clock, zone: &Zone) -> String {
        let seconds = match (self.is_naive, clock) {
            (false, _) | (true, Clock::Utc) => at,
            (true, Clock::Offset(offset)) => at + i64::from(offset),
            (true, Clock::Park) => zone.wall_seconds(at),
        };
        let wall: NaiveDateTime = DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc();
        let time = if self.has_seconds || wall.format("%S").to_string() != "00" { "%H:%M:%S" } else { "%H:%M" };
        let suffix = if self.is_naive { "" } else { "Z" };
        format!("{}{}{}{suffix}", wall.format("%Y-%m-%d"), self.separator, wall.format(time))
    }
}
