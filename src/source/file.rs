use std::ops::Range;

/// Which of the run's [`Sources`] a span points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// No file: the place of what is only proposed.
    pub const NOWHERE: Self = Self(u32::MAX);
}

/// A byte range of one source file, `start` inclusive, `end` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `range` in `file`; positions above `u32::MAX` are clamped, and no source is
    /// that long ([`SourceFile::decode`] sees to it).
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let clamp = |position| u32::try_from(position).unwrap_or(u32::MAX);
        Self { file, start: clamp(range.start), end: clamp(range.end) }
    }

    /// The byte range.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// A part of this span, in bytes counted from its start.
    #[must_use]
    pub fn slice(self, range: Range<usize>) -> Self {
        let within = self.range();
        let at = |offset: usize| within.start.saturating_add(offset).min(within.end);
        Self::new(self.file, at(range.start)..at(range.end))
    }
}

/// One text under check.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    text: String,
    invalid_utf8: Vec<Range<usize>>,
    is_argument: bool,
}

impl SourceFile {
    /// Decodes `bytes` as Java does: each malformed sequence becomes one U+FFFD.
    ///
    /// `name` is what people see, such as `conf/flink-conf.yaml` or `-D argument 1`.
    pub fn decode(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        let mut invalid_utf8: Vec<Range<usize>> = Vec::new();
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let bytes = error.into_bytes();
                let mut text = String::with_capacity(bytes.len());
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    let valid = rest.utf8_chunks().next().map_or("", |chunk| chunk.valid());
                    text.push_str(valid);
                    rest = rest.get(valid.len()..).unwrap_or_default();
                    if rest.is_empty() {
                        break;
                    }
                    let start = text.len();
                    text.push(char::REPLACEMENT_CHARACTER);
                    // Neighbors are one place, or a binary file would need a list of its size.
                    match invalid_utf8.last_mut() {
                        Some(Range { end, .. }) if *end == start => *end = text.len(),
                        _ => invalid_utf8.push(start..text.len()),
                    }
                    rest = rest.get(malformed_length(rest)..).unwrap_or_default();
                }
                text
            }
        };
        Self { name: name.into(), text, invalid_utf8, is_argument: false }
    }

    /// A text of the command line, such as that of `-D`, which is no place in any file.
    pub fn argument(name: impl Into<String>, text: impl Into<String>) -> Self {
        let (name, text) = (name.into(), text.into());
        Self { name, text, invalid_utf8: Vec::new(), is_argument: true }
    }

    /// Whether it comes from the command line.
    pub fn is_argument(&self) -> bool {
        self.is_argument
    }

    /// What people see as the file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The decoded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the decoded text stands in for malformed UTF-8.
    pub fn invalid_utf8(&self) -> &[Range<usize>] {
        &self.invalid_utf8
    }
}

/// How many bytes Java replaces by one U+FFFD where `bytes` starts with malformed UTF-8.
///
/// It differs from the usual rule (and Rust's) in two cases: the three bytes of a surrogate half
/// count as one sequence, and so does whatever is cut off by the end of the text.
///
/// Source: `sun.nio.cs.UTF_8.Decoder`, by its behavior in JDK 17.
fn malformed_length(bytes: &[u8]) -> usize {
    let is_continuation = |byte: Option<&u8>| byte.is_some_and(|byte| byte & 0xC0 == 0x80);
    let Some(first) = bytes.first().copied() else { return 0 };
    let second = bytes.get(1);
    let length = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return 1,
    };
    let is_second_wrong = match (first, second) {
        (_, None) => false,
        (0xE0, Some(0x80..=0x9F)) | (0xF0, Some(0x80..=0x8F)) | (0xF4, Some(0x90..=0xBF)) => true,
        (_, second) => !is_continuation(second),
    };
    if is_second_wrong {
        return 1;
    }
    if bytes.len() < length {
        return match bytes.get(2) {
            Some(third) if !is_continuation(Some(third)) => 2,
            _ => bytes.len(),
        };
    }
    match length {
        // Its continuation bytes are fine, so it is a surrogate.
        3 if is_continuation(bytes.get(2)) => 3,
        3 => 2,
        4 if is_continuation(bytes.get(2)) => 3,
        4 => 2,
        _ => 1,
    }
}

/// All texts of one run; files, and virtual ones such as `-D` arguments.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a text and names it.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(file);
        id
    }

    /// The file of an id that this collection gave out; `None` for any other.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The text of a span, empty if it is out of bounds.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).and_then(|file| file.text.get(span.range())).unwrap_or("")
    }

    /// Writes over the text of `spans`, character by character with one of the same length, so
    /// that every other place stays where it is.
    pub fn mask(&mut self, spans: &[Span]) {
        for span in spans {
            let file = self.files.get_mut(span.file.0 as usize);
            if let Some(text) = file.map(|file| &mut file.text)
                && let Some(secret) = text.get(span.range())
            {
                let masked: String = secret.chars().map(mask_of).collect();
                text.replace_range(span.range(), &masked);
            }
        }
    }

    /// Every file with its id, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0_u32..).map(FileId).zip(&self.files)
    }
}

/// A dot or star with as many bytes in UTF-8; line ends stay.
fn mask_of(c: char) -> char {
    match c.len_utf8() {
        _ if matches!(c, '\n' | '\r') => c,
        1 => '*',
        2 => '\u{b7}',
        3 => '\u{2022}',
        _ => '\u{1f784}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_keeps_every_place() {
        let mut sources = Sources::default();
        let text = "a: é\u{2022}\u{1f784}x\nb: c";
        let id = sources.add(SourceFile::decode("f", text.as_bytes().to_vec()));
        sources.mask(&[Span::new(id, 3..13)]);
        let masked = sources.file(id).unwrap().text();
        assert_eq!(masked, "a: \u{b7}\u{2022}\u{1f784}*\nb: c");
        assert_eq!(masked.len(), text.len());
    }

    #[test]
    fn malformed_sequences_become_as_many_marks_as_in_java() {
        // Counted by Java: new String(bytes, UTF_8).
        let rows: [(&[u8], usize); 12] = [
            (b"\xff", 1),
            (b"\xff\xf0\x80", 3),
            (b"\xed\xa0\x80", 1),
            (b"\xed\xa0\x80x", 1),
            (b"\xe2\x82x", 1),
            (b"\xe2\x82", 1),
            (b"\xc0\x80", 2),
            (b"\xe0\x80\x80", 3),
            (b"\xf0\x9f\x98", 1),
            (b"\xf0\x9f\x98x", 1),
            (b"\xf5\x80", 2),
            (b"\xf5\x80\x80\x80", 4),
        ];
        for (bytes, count) in rows {
            let file = SourceFile::decode("x", bytes.to_vec());
            assert_eq!(file.text().matches('\u{fffd}').count(), count, "{bytes:x?}");
            let [range] = file.invalid_utf8() else { panic!("{:?}", file.invalid_utf8()) };
            assert_eq!(range.len(), count * '\u{fffd}'.len_utf8());
        }
    }
}
