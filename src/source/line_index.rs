/// A place for people and protocols: both numbers start at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line number, from 1.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u32,
}

/// Where each line of a text starts; lines end at `\n`, `\r` or `\r\n`, as Java reads them.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text` in one pass.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let next = |position: usize| u32::try_from(position + 1).unwrap_or(u32::MAX);
        let mut starts = vec![0];
        if memchr::memchr(b'\r', bytes).is_none() {
            starts.extend(memchr::memchr_iter(b'\n', bytes).map(next));
            return Self { starts };
        }
        for position in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let carriage_return_of_crlf =
                bytes.get(position) == Some(&b'\r') && bytes.get(position + 1) == Some(&b'\n');
            if !carriage_return_of_crlf {
                starts.push(next(position));
            }
        }
        Self { starts }
    }

    /// How many lines there are; a text without a line end has one.
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The index (from 0) of the line that holds the byte at `offset`.
    pub fn line_index(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The byte at which the line of `line_index` starts.
    pub fn line_start(&self, line_index: usize) -> Option<u32> {
        self.starts.get(line_index).copied()
    }

    /// Line and column of the byte at `offset` of `text`, the text that was indexed.
    pub fn line_column(&self, text: &str, offset: u32) -> LineColumn {
        let line_index = self.line_index(offset);
        let start = self.line_start(line_index).unwrap_or(0) as usize;
        let before = text.as_bytes().get(start..offset as usize).unwrap_or_default();
        // A UTF-8 continuation byte is 0b10xxxxxx; every other byte starts a character.
        let characters = before.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
        LineColumn { line: number(line_index), column: number(characters) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_of_java_counts() {
        let text = "a\nb\r\nc\rdé!";
        let index = LineIndex::new(text);
        let place = |offset| {
            let LineColumn { line, column } = index.line_column(text, offset);
            (line, column)
        };
        assert_eq!(index.line_count(), 4);
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(2), (2, 1));
        assert_eq!(place(5), (3, 1));
        assert_eq!(place(7), (4, 1));
        assert_eq!(place(10), (4, 3));
    }
}
