//! Small whole numbers in LEB128: seven bits a byte, the lowest first, the top bit set where more follow.

use super::BlockError;

/// Seven bits of a byte.
const LOW: u32 = 0x7f;
/// Set where another byte follows.
const MORE: u8 = 0x80;
/// No number of a block needs more than three bytes: a day has 86,400 seconds.
const SHIFTS: [u32; 3] = [0, 7, 14];

/// Appends a number below 2^21.
pub(super) fn push(bytes: &mut Vec<u8>, mut number: u32) {
    while number > LOW {
        bytes.push(low_bits(number) | MORE);
        number >>= 7;
    }
    bytes.push(low_bits(number));
}

/// How many bytes a number takes.
pub(super) fn len(number: u32) -> usize {
    match number {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        _ => 3,
    }
}

fn low_bits(number: u32) -> u8 {
    number.to_le_bytes()[0] & !MORE
}

/// Numbers read one by one from the front of bytes.
pub(super) struct Varints<'a>(pub(super) &'a [u8]);

impl Varints<'_> {
    /// The next number; refuses one that is longer than it need be.
    pub(super) fn next(&mut self) -> Result<u32, BlockError> {
        let mut number = 0;
        for shift in SHIFTS {
            let (&byte, rest) = self.0.split_first().ok_or(BlockError::Short)?;
            self.0 = rest;
            number |= (u32::from(byte) & LOW) << shift;
            if byte & MORE == 0 {
                return if byte == 0 && shift > 0 { Err(BlockError::NotCanonical) } else { Ok(number) };
            }
        }
        Err(BlockError::NotCanonical)
    }
}
