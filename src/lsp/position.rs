//! Offsets of a text as the protocol counts them: in UTF-8, UTF-16 or UTF-32 code units of a line.

use std::ops::Range;

use gen_lsp_types as lsp;

use crate::source::LineIndex;

/// What the client counts columns in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// What every client understands.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// Code units of `text`.
    fn units(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
            Self::Utf32 => text.chars().count(),
        }
    }

    /// The byte of `line` at which `column` code units have passed; within a character, its
    /// start; past the end, the end.
    fn byte(self, line: &str, column: usize) -> usize {
        let mut passed = 0;
        for (at, c) in line.char_indices() {
            passed += match self {
                Self::Utf8 => c.len_utf8(),
                Self::Utf16 => c.len_utf16(),
                Self::Utf32 => 1,
            };
            if passed > column {
                return at;
            }
        }
        line.len()
    }
}

/// A text, its lines, and how the client counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Positions<'a> {
    pub(super) text: &'a str,
    pub(super) lines: &'a LineIndex,
    pub(super) encoding: Encoding,
}

impl Positions<'_> {
    /// The byte at a position; positions past a line's or the text's end are its end.
    pub(super) fn offset(&self, position: lsp::Position) -> usize {
        let Some(line) = self.line(position.line as usize) else { return self.text.len() };
        let text = self.text.get(line.clone()).unwrap_or("");
        line.start + self.encoding.byte(text, position.character as usize)
    }

    /// The bytes of a range; a range whose ends are swapped is read as if they were not.
    pub(super) fn bytes(&self, range: lsp::Range) -> Range<usize> {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        start.min(end)..start.max(end)
    }

    /// The position of a byte.
    pub(super) fn position(&self, offset: usize) -> lsp::Position {
        let clamp = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let line = self.lines.line_index(clamp(offset));
        let start = self.lines.line_start(line).unwrap_or(0) as usize;
        let before = self.text.get(start..offset).unwrap_or("");
        lsp::Position { line: clamp(line), character: clamp(self.encoding.units(before)) }
    }

    /// The range of some bytes.
    pub(super) fn range(&self, bytes: Range<usize>) -> lsp::Range {
        lsp::Range { start: self.position(bytes.start), end: self.position(bytes.end) }
    }

    /// The bytes of a line, without its end.
    pub(super) fn line(&self, line_index: usize) -> Option<Range<usize>> {
        let start = self.lines.line_start(line_index)? as usize;
        let end = self.lines.line_start(line_index + 1).map_or(self.text.len(), |end| end as usize);
        let line = self.text.get(start..end).unwrap_or("");
        Some(start..start + line.trim_end_matches(['\n', '\r']).len())
    }

    /// The bytes of the line that holds a byte, without its end.
    pub(super) fn line_of(&self, offset: usize) -> Range<usize> {
        let line_index = self.lines.line_index(u32::try_from(offset).unwrap_or(u32::MAX));
        self.line(line_index).unwrap_or(offset..offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "aé😀z\r\n\r\nb";

    fn check(encoding: Encoding, offset: usize, line: u32, character: u32) {
        let lines = LineIndex::new(TEXT);
        let positions = Positions { text: TEXT, lines: &lines, encoding };
        let position = lsp::Position { line, character };
        assert_eq!(positions.position(offset), position, "{encoding:?} {offset}");
        assert_eq!(positions.offset(position), offset, "{encoding:?} {position:?}");
    }

    #[test]
    fn every_encoding_counts_its_own_units() {
        for (encoding, after_emoji) in
            [(Encoding::Utf8, 7), (Encoding::Utf16, 4), (Encoding::Utf32, 3)]
        {
            check(encoding, 0, 0, 0);
            check(encoding, 1, 0, 1);
            check(encoding, 7, 0, after_emoji);
            check(encoding, 8, 0, after_emoji + 1);
            check(encoding, 10, 1, 0);
            check(encoding, 12, 2, 0);
            check(encoding, 13, 2, 1);
        }
    }

    #[test]
    fn positions_that_do_not_exist_are_moved_to_the_nearest_before() {
        let lines = LineIndex::new(TEXT);
        let at = |line, character| {
            let positions = Positions { text: TEXT, lines: &lines, encoding: Encoding::Utf16 };
            positions.offset(lsp::Position { line, character })
        };
        assert_eq!(at(0, 3), 3, "between the surrogates");
        assert_eq!(at(0, 99), 8, "past the line");
        assert_eq!(at(1, 1), 10, "within the line's end");
        assert_eq!(at(9, 0), TEXT.len(), "past the text");
    }
}
