//! A park's readings of one UTC day, packed into one row: 8 bytes a reading and a few for the day.
//!
//! ```text
//! version   1 byte, 1
//! form      1 byte: 0 runs, 1 offsets (see `layout`)
//! count     how many readings
//! layout    when they start and how wide they are
//! values    count x 8 bytes, f64, little-endian
//! checksum  CRC-32 of the day (4 bytes, little-endian) and all of the above, 4 bytes, little-endian
//! ```
//!
//! Whole numbers are LEB128. The same readings always give the same bytes, and bytes that are not the ones that
//! [`encode`] gives are refused: so equal blocks are equal readings, and a damaged row, or one that stands under
//! another day, never becomes numbers.

mod layout;
mod varint;

#[cfg(test)]
mod tests;

use std::fmt;

use self::layout::{Form, Slot};
use self::varint::Varints;
use super::reading::{DAY_SECONDS, MAX_MINUTES, Reading};

const VERSION: u8 = 1;
const VALUE_BYTES: usize = 8;
const CHECKSUM_BYTES: usize = 4;
/// The most readings of a day: each is at least a minute wide and starts within the day.
const MAX_COUNT: u32 = 1_440;

/// Why bytes are no block, or readings cannot become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockError {
    /// The readings to be packed are not one day's, not in order, overlap, or hold a width or power out of bounds.
    NotADay,
    /// The bytes end too early.
    Short,
    /// The bytes are of a version that this program does not know.
    Version(u8),
    /// The bytes are not the ones that were written, or were written for another day.
    Checksum,
    /// The bytes are not what the encoder gives.
    NotCanonical,
}

impl fmt::Display for BlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotADay => f.write_str("the readings are no ordered day of valid readings"),
            Self::Short => f.write_str("a block of readings is cut short"),
            Self::Version(version) => write!(f, "a block of readings has the unknown version {version}"),
            Self::Checksum => f.write_str("a block of readings is damaged or stands under another day"),
            Self::NotCanonical => f.write_str("a block of readings is not in canonical form"),
        }
    }
}

impl std::error::Error for BlockError {}

/// Packs the readings that start on a UTC day. They must be in order, not overlap, and hold only finite powers;
/// anything else is [`BlockError::NotADay`], so that nothing is written that could not be read again.
pub fn encode(day: i32, readings: &[Reading]) -> Result<Vec<u8>, BlockError> {
    let slots = slots(day, readings).ok_or(BlockError::NotADay)?;
    let count = u32::try_from(slots.len()).map_err(|_| BlockError::NotADay)?;
    let (form, layout) = layout::write(&slots);
    let mut bytes = Vec::with_capacity(4 + layout.len() + readings.len() * VALUE_BYTES + CHECKSUM_BYTES);
    bytes.extend([VERSION, form.byte()]);
    varint::push(&mut bytes, count);
    bytes.extend_from_slice(&layout);
    for reading in readings {
        bytes.extend_from_slice(&reading.megawatts.to_le_bytes());
    }
    let checksum = checksum(day, &bytes);
    bytes.extend_from_slice(&checksum);
    Ok(bytes)
}

/// Unpacks a day's readings, in order.
pub fn decode(day: i32, bytes: &[u8]) -> Result<Vec<Reading>, BlockError> {
    let mut readings = Vec::new();
    decode_into(day, bytes, &mut readings)?;
    Ok(readings)
}

/// Unpacks a day's readings behind those already in the list; after an error the list is as it was.
pub fn decode_into(day: i32, bytes: &[u8], readings: &mut Vec<Reading>) -> Result<(), BlockError> {
    let before = readings.len();
    let result = unpack(day, bytes, readings);
    if result.is_err() {
        readings.truncate(before);
    }
    result
}

/// How many readings a block says it holds. The rest of it is not looked at: only [`decode`] finds damage.
pub fn count(bytes: &[u8]) -> Result<u32, BlockError> {
    Ok(head(bytes)?.count)
}

/// The parts of a block: its form and count, and what lies between the count and the checksum.
struct Head<'a> {
    form: Form,
    count: u32,
    layout: &'a [u8],
    values: &'a [[u8; VALUE_BYTES]],
}

fn head(bytes: &[u8]) -> Result<Head<'_>, BlockError> {
    let (body, _) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(BlockError::Short)?;
    let (&[version, form], rest) = body.split_first_chunk::<2>().ok_or(BlockError::Short)?;
    if version != VERSION {
        return Err(BlockError::Version(version));
    }
    let form = Form::of(form).ok_or(BlockError::NotCanonical)?;
    let mut numbers = Varints(rest);
    let count = numbers.next()?;
    if count > MAX_COUNT {
        return Err(BlockError::NotCanonical);
    }
    let value_bytes = usize::try_from(count).map_err(|_| BlockError::NotCanonical)? * VALUE_BYTES;
    let layout_bytes = numbers.0.len().checked_sub(value_bytes).ok_or(BlockError::Short)?;
    let (layout, values) = numbers.0.split_at(layout_bytes);
    Ok(Head { form, count, layout, values: values.as_chunks().0 })
}

fn unpack(day: i32, bytes: &[u8], readings: &mut Vec<Reading>) -> Result<(), BlockError> {
    let Head { form, layout, values, .. } = head(bytes)?;
    let (body, written) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(BlockError::Short)?;
    if checksum(day, body) != *written {
        return Err(BlockError::Checksum);
    }
    let mut numbers = Varints(layout);
    let before = readings.len();
    let runs = match form {
        Form::Runs => layout::read_runs(&mut numbers, day_start(day), values, readings)?,
        Form::Offsets => layout::read_offsets(&mut numbers, day_start(day), values, readings)?,
    };
    let unpacked = &readings[before..];
    let valid = unpacked.iter().fold(true, |valid, reading| valid & is_power(reading.megawatts));
    if !valid || !numbers.0.is_empty() {
        return Err(BlockError::NotCanonical);
    }
    // One run of all the readings is never beaten; anything else is canonical if it is what would be written.
    if runs != 1 {
        let slots = slots(day, unpacked).ok_or(BlockError::NotCanonical)?;
        let (best, bytes) = layout::write(&slots);
        if best != form || bytes != layout {
            return Err(BlockError::NotCanonical);
        }
    }
    Ok(())
}

fn day_start(day: i32) -> i64 {
    i64::from(day) * DAY_SECONDS
}

/// A power that a reading may hold: finite, and not -0 (R19).
fn is_power(megawatts: f64) -> bool {
    megawatts.is_finite() & (megawatts.to_bits() != (-0.0_f64).to_bits())
}

/// Where the readings lie within the day; `None` if they are no ordered day of valid readings.
fn slots(day: i32, readings: &[Reading]) -> Option<Vec<Slot>> {
    let start = day_start(day);
    let mut free_from = 0;
    let mut slots = Vec::with_capacity(readings.len());
    for reading in readings {
        let offset = reading.starts_at.checked_sub(start).filter(|offset| (0..DAY_SECONDS).contains(offset))?;
        let slot = Slot { offset: u32::try_from(offset).ok()?, minutes: reading.minutes };
        let valid =
            slot.offset >= free_from && (1..=MAX_MINUTES).contains(&slot.minutes) && is_power(reading.megawatts);
        if !valid {
            return None;
        }
        free_from = slot.until();
        slots.push(slot);
    }
    Some(slots)
}

/// The checksum binds the day: a block under another day is no block.
fn checksum(day: i32, body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&day.to_le_bytes());
    hasher.update(body);
    hasher.finalize().to_le_bytes()
}
