//! Quotation marks on their way to the CSV reader, which takes without a word what looks like one left open: text behind
//! a closing one, and a file that ends within two.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Where in a cell the text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before its first character.
    Start,
    /// In a cell without quotation marks around it.
    Bare,
    /// Between quotation marks.
    Within,
    /// Behind one that closes, or that is the first of two that stand for one.
    Behind,
    /// In the blanks behind one that closes.
    Closed,
}

/// The lines on which text stands behind a closing quotation mark, as far as the text was read.
#[derive(Clone, Default)]
pub(super) struct Torn {
    count: Arc<AtomicUsize>,
    lines: Arc<Mutex<Vec<u64>>>,
}

impl Torn {
    /// Whether there is such a line before this one; it is told once.
    pub(super) fn take_before(&self, line: u64) -> bool {
        if self.count.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lines.len();
        lines.retain(|torn| *torn >= line);
        self.count.store(lines.len(), Ordering::Relaxed);
        lines.len() < known
    }

    fn add(&self, line: u64) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.last() != Some(&line) {
            lines.push(line);
            self.count.store(lines.len(), Ordering::Relaxed);
        }
    }
}

/// Follows the cells of a text whose lines end in `\n`.
pub(super) struct Quotes {
    place: Place,
    line: u64,
    /// The line of the quotation mark that was opened last.
    opened: u64,
    torn: Torn,
}

impl Quotes {
    pub(super) fn new(torn: Torn) -> Self {
        Self { place: Place::Start, line: 1, opened: 1, torn }
    }

    /// Follows some more of the text.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        if matches!(self.place, Place::Start | Place::Bare) && memchr::memchr(b'"', bytes).is_none() {
            self.line += count_lines(bytes);
            match bytes.last() {
                Some(b',' | b'\n') => self.place = Place::Start,
                Some(_) => self.place = Place::Bare,
                None => {}
            }
            return;
        }
        for byte in bytes {
            self.place = match (self.place, byte) {
                (Place::Start, b'"') => {
                    self.opened = self.line;
                    Place::Within
                }
                // A byte-order mark is no text.
                (Place::Start, b'\xef' | b'\xbb' | b'\xbf') if self.line == 1 => Place::Start,
                (Place::Within, b'"') => Place::Behind,
                (Place::Within, _) | (Place::Behind, b'"') => Place::Within,
                (_, b',' | b'\n') => Place::Start,
                (Place::Behind | Place::Closed, b' ' | b'\t') => Place::Closed,
                (Place::Behind | Place::Closed, _) => {
                    self.torn.add(self.line);
                    Place::Bare
                }
                (Place::Start | Place::Bare, _) => Place::Bare,
            };
            self.line += u64::from(*byte == b'\n');
        }
    }

    /// The line of a quotation mark that is open still.
    pub(super) fn open(&self) -> Option<u64> {
        (self.place == Place::Within).then_some(self.opened)
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    u64::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The torn lines, and the line of a mark left open, however the text is cut into pieces.
    fn seen(text: &str) -> (Vec<u64>, Option<u64>) {
        let of_pieces = |size: usize| {
            let torn = Torn::default();
            let mut quotes = Quotes::new(torn.clone());
            text.as_bytes().chunks(size).for_each(|piece| quotes.pass(piece));
            let lines = (1..100).filter(|line| torn.take_before(line + 1)).collect::<Vec<u64>>();
            (lines, quotes.open())
        };
        let whole = of_pieces(text.len());
        for size in 1..text.len() {
            assert_eq!(of_pieces(size), whole, "{text:?} in pieces of {size}");
        }
        whole
    }

    #[test]
    fn well_formed_cells_are_passed() {
        for text in [
            "a,b\n\"1\",\"2\"\n",
            "\u{feff}\"a\",b\n",
            "a,\"b \"\"c\"\" d\"\n\"\",\"\"\"\"\n",
            "a,b\"c\"d,e\"\n\"x\ny,z\",1\n",
            "\"a\" ,b\n\"c\"\t,d\n",
        ] {
            assert_eq!(seen(text), (vec![], None), "{text:?}");
        }
    }

    #[test]
    fn what_looks_left_open_is_told_with_its_line() {
        assert_eq!(seen("a,b\n1,\"a\n2,b\n3,c\n"), (vec![], Some(2)));
        assert_eq!(seen("a,b\n1,\"a\n2,b\n3,\"c\n4,d\n"), (vec![4], None));
        assert_eq!(seen("a,b\n1,\"a\"x\n2,b\n\"3\"\"4\"5,c\n6,\"d\" \"e\n"), (vec![2, 4, 5], None));
    }
}
