//! Text on its way to the CSV reader: one kind of line break, and no row without end.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::fault::Told;
use super::quotes::{Quotes, Torn};

/// The longest row, in bytes: one that is longer is a quotation mark left open.
const MAX_ROW: u64 = 1 << 20;

/// How much may be read until the next row is complete.
#[derive(Clone, Default)]
pub(super) struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// A row begins at this byte.
    pub(super) fn row_at(&self, byte: u64) {
        self.0.store(byte + MAX_ROW, Ordering::Relaxed);
    }
}

/// Makes every line break `\n`, also behind the last line, so that lines can be counted by it.
pub(super) struct Lines<R> {
    inner: R,
    allowance: Allowance,
    given: u64,
    after_return: bool,
    last: u8,
    quotes: Quotes,
    ended: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(inner: R, allowance: Allowance, torn: Torn) -> Self {
        let quotes = Quotes::new(torn);
        Self { inner, allowance, given: 0, after_return: false, last: b'\n', quotes, ended: false }
    }

    /// Turns `\r\n` and `\r` into `\n`; how many bytes are left.
    fn unify(&mut self, bytes: &mut [u8]) -> usize {
        if !self.after_return && !bytes.contains(&b'\r') {
            return bytes.len();
        }
        let mut kept = 0;
        for index in 0..bytes.len() {
            let byte = bytes[index];
            let skipped = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if !skipped {
                bytes[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
        }
        kept
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given > self.allowance.0.load(Ordering::Relaxed) {
            return Err(io::Error::other(Told("has no end: is a quotation mark left open?".into())));
        }
        while !self.ended && !buffer.is_empty() {
            let count = self.inner.read(buffer)?;
            if count == 0 {
                self.ended = true;
                if let Some(line) = self.quotes.open() {
                    let sentence = format!("ends within quotation marks: the one in line {line} is left open");
                    return Err(io::Error::other(Told(sentence)));
                }
                if self.last != b'\n' {
                    buffer[0] = b'\n';
                    return Ok(1);
                }
                break;
            }
            let kept = self.unify(&mut buffer[..count]);
            if kept > 0 {
                self.last = buffer[kept - 1];
                self.quotes.pass(&buffer[..kept]);
                self.given += u64::try_from(kept).unwrap_or(0);
                return Ok(kept);
            }
        }
        Ok(0)
    }
}
