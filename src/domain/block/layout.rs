//! When a day's readings start and how wide they are, in the shorter of two forms; on a tie, runs.
//!
//! - Runs: for each stretch of one width and one step: the gap before it, the width, how many, and, if more than
//!   one, how much longer than the width the step is. A stretch goes on as long as it can.
//! - Offsets: for each stretch of one width: the width, how many, and the gap before each of them. For stamps
//!   without a rhythm.
//!
//! A gap is the time in seconds since the reading before ended, or since the day began. So no bytes can tell of
//! readings that overlap. Widths are in minutes.

use super::varint::{self, Varints};
use super::{BlockError, VALUE_BYTES};
use crate::domain::reading::{DAY_SECONDS, MAX_MINUTES, Reading};

/// Which of the forms a block has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Runs,
    Offsets,
}

impl Form {
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Runs => 0,
            Self::Offsets => 1,
        }
    }

    pub(super) fn of(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Runs),
            1 => Some(Self::Offsets),
            _ => None,
        }
    }
}

/// Where a reading lies within its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// Seconds from the day's start, below 86,400.
    pub(super) offset: u32,
    /// 1 to 1,440.
    pub(super) minutes: u16,
}

impl Slot {
    /// Where it ends, in seconds from the day's start.
    pub(super) fn until(self) -> u32 {
        self.offset + seconds(self.minutes)
    }
}

fn seconds(minutes: u16) -> u32 {
    u32::from(minutes) * 60
}

/// Readings of one width and one step.
struct Run {
    first: Slot,
    count: u32,
    /// Seconds from one start to the next; the width if there is but one reading.
    step: u32,
}

/// The runs of ordered slots, each as long as it can be.
fn runs(slots: &[Slot]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut last_offset = 0;
    for &slot in slots {
        match runs.last_mut() {
            Some(run) if run.first.minutes == slot.minutes && run.count == 1 => {
                run.step = slot.offset - last_offset;
                run.count = 2;
            }
            Some(run) if run.first.minutes == slot.minutes && slot.offset - last_offset == run.step => run.count += 1,
            _ => runs.push(Run { first: slot, count: 1, step: seconds(slot.minutes) }),
        }
        last_offset = slot.offset;
    }
    runs
}

/// The layout of ordered slots that do not overlap.
pub(super) fn write(slots: &[Slot]) -> (Form, Vec<u8>) {
    let runs = runs(slots);
    let mut bytes = Vec::new();
    write_runs(&runs, &mut bytes);
    // With fewer than two runs offsets are never shorter.
    if runs.len() > 1 && offsets_len(slots) < bytes.len() {
        bytes.clear();
        write_offsets(slots, &mut bytes);
        return (Form::Offsets, bytes);
    }
    (Form::Runs, bytes)
}

fn write_runs(runs: &[Run], bytes: &mut Vec<u8>) {
    let mut free_from = 0;
    for Run { first, count, step } in runs {
        varint::push(bytes, first.offset - free_from);
        varint::push(bytes, u32::from(first.minutes));
        varint::push(bytes, *count);
        if *count > 1 {
            varint::push(bytes, step - seconds(first.minutes));
        }
        free_from = first.until() + step * (count - 1);
    }
}

/// Ordered slots by width.
fn stretches(slots: &[Slot]) -> impl Iterator<Item = &[Slot]> {
    slots.chunk_by(|before, after| before.minutes == after.minutes)
}

/// The slots' count, which is at most 1,440.
fn count(slots: &[Slot]) -> u32 {
    u32::try_from(slots.len()).unwrap_or(u32::MAX)
}

fn offsets_len(slots: &[Slot]) -> usize {
    let heads = stretches(slots).map(|same| varint::len(u32::from(same[0].minutes)) + varint::len(count(same)));
    heads.sum::<usize>() + gaps(slots).map(varint::len).sum::<usize>()
}

/// The gap before each of the slots.
fn gaps(slots: &[Slot]) -> impl Iterator<Item = u32> {
    slots.iter().scan(0, |free_from, slot| {
        let gap = slot.offset - *free_from;
        *free_from = slot.until();
        Some(gap)
    })
}

fn write_offsets(slots: &[Slot], bytes: &mut Vec<u8>) {
    let mut gaps = gaps(slots);
    for same in stretches(slots) {
        varint::push(bytes, u32::from(same[0].minutes));
        varint::push(bytes, count(same));
        for gap in gaps.by_ref().take(same.len()) {
            varint::push(bytes, gap);
        }
    }
}

/// What [`write()`] wrote, with the values, as readings; gives the number of runs.
pub(super) fn read_runs(
    numbers: &mut Varints<'_>,
    day_start: i64,
    mut values: &[[u8; VALUE_BYTES]],
    readings: &mut Vec<Reading>,
) -> Result<usize, BlockError> {
    let mut runs = 0;
    let mut free_from = 0;
    while !values.is_empty() {
        let offset = free_from + i64::from(numbers.next()?);
        let minutes = width(numbers.next()?)?;
        let count = numbers.next()?;
        let same = take(&mut values, count)?;
        let width = i64::from(minutes) * 60;
        let step = if count > 1 { width + i64::from(numbers.next()?) } else { width };
        let last = offset + step * (i64::from(count) - 1);
        if last >= DAY_SECONDS {
            return Err(BlockError::NotCanonical);
        }
        let mut starts_at = day_start + offset;
        readings.extend(same.iter().map(|value| {
            let reading = Reading { starts_at, minutes, megawatts: f64::from_le_bytes(*value) };
            starts_at += step;
            reading
        }));
        free_from = last + width;
        runs += 1;
    }
    Ok(runs)
}

/// What [`write()`] wrote, with the values, as readings; gives 0 for the number of runs, since there are none.
/// An offset past the day's end is left to the comparison with what would be written.
pub(super) fn read_offsets(
    numbers: &mut Varints<'_>,
    day_start: i64,
    mut values: &[[u8; VALUE_BYTES]],
    readings: &mut Vec<Reading>,
) -> Result<usize, BlockError> {
    let mut free_from = 0;
    while !values.is_empty() {
        let minutes = width(numbers.next()?)?;
        let count = numbers.next()?;
        for value in take(&mut values, count)? {
            let offset = free_from + i64::from(numbers.next()?);
            readings.push(Reading { starts_at: day_start + offset, minutes, megawatts: f64::from_le_bytes(*value) });
            free_from = offset + i64::from(minutes) * 60;
        }
    }
    Ok(0)
}

fn width(number: u32) -> Result<u16, BlockError> {
    u16::try_from(number).ok().filter(|minutes| (1..=MAX_MINUTES).contains(minutes)).ok_or(BlockError::NotCanonical)
}

/// The first `count` values, of which there is at least one and not more than are left.
fn take<'a>(values: &mut &'a [[u8; VALUE_BYTES]], count: u32) -> Result<&'a [[u8; VALUE_BYTES]], BlockError> {
    let count = usize::try_from(count).map_err(|_| BlockError::NotCanonical)?;
    let (taken, rest) = values.split_at_checked(count).filter(|_| count > 0).ok_or(BlockError::NotCanonical)?;
    *values = rest;
    Ok(taken)
}
