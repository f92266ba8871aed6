//! Where in a document something stands, as errors tell it.

use async_graphql::Pos;

/// Lines and columns of byte offsets that are asked for in their order: the document is walked once.
pub(super) struct Places<'d> {
    document: &'d str,
    offset: usize,
    pos: Pos,
}

impl<'d> Places<'d> {
    pub(super) fn new(document: &'d str) -> Self {
        Self { document, offset: 0, pos: Pos { line: 1, column: 1 } }
    }

    /// The place of an offset that is not before the one asked for last.
    pub(super) fn of(&mut self, offset: usize) -> Pos {
        let mut characters = self.document.get(self.offset..offset).unwrap_or_default().chars().peekable();
        let behind = self.document.get(offset..).unwrap_or_default();
        while let Some(character) = characters.next() {
            let next = characters.peek().copied().or_else(|| behind.chars().next());
            if character == '\n' || (character == '\r' && next != Some('\n')) {
                self.pos = Pos { line: self.pos.line + 1, column: 1 };
            } else {
                self.pos.column += 1;
            }
        }
        self.offset = self.offset.max(offset);
        self.pos
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_counts_and_columns_are_characters() {
        let document = "a\nbä\r\nc\rd😀e";
        let mut places = Places::new(document);
        let mut of = |text: &str| {
            let Pos { line, column } = places.of(document.find(text).unwrap());
            (line, column)
        };
        assert_eq!([of("a"), of("a"), of("b"), of("ä"), of("c")], [(1, 1), (1, 1), (2, 1), (2, 2), (3, 1)]);
        assert_eq!([of("d"), of("e")], [(4, 1), (4, 3)]);
    }
}
