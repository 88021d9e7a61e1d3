use super::YamlError;

/// A position in the text, counted as the engine counts.
///
/// It counts code points, and ends lines at `\n` and at `\r` (but not between the two). U+0085,
/// U+2028 and U+2029 break a line where the grammar looks for a line break, and yet start no new
/// line or column.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// In bytes.
    pub(super) offset: usize,
    /// In code points, from the start of the text.
    pub(super) index: usize,
    /// From 0.
    pub(super) line: usize,
    /// In code points, from 0.
    pub(super) column: usize,
}

/// U+0085 in UTF-8.
const NEXT_LINE: [u8; 2] = [0xC2, 0x85];
/// U+FEFF in UTF-8.
pub(super) const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// A line break, or the end of the text.
pub(super) const fn is_break_or_end(byte: u8) -> bool {
    matches!(byte, 0 | b'\r' | b'\n')
}

/// A space, a line break, or the end of the text.
pub(super) const fn is_space_break_or_end(byte: u8) -> bool {
    matches!(byte, 0 | b' ' | b'\r' | b'\n')
}

/// A space, a tab, a line break, or the end of the text.
pub(super) const fn is_blank_break_or_end(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b' ' | b'\r' | b'\n')
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // The byte order mark goes with the decoding: it is no part of the text.
        let offset = if text.as_bytes().starts_with(&BYTE_ORDER_MARK) { 3 } else { 0 };
        Self { text, offset, index: 0, line: 0, column: 0 }
    }

    /// The whole text.
    pub(super) fn source(&self) -> &'a str {
        self.text
    }

    /// The bytes that are left; a byte of 0x80 or more belongs to a character that has no meaning
    /// of its own.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.offset..).unwrap_or_default()
    }

    /// The next byte, 0 at the end of the text; no text holds a 0.
    pub(super) fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    /// The byte `ahead` of the next one, 0 behind the end of the text.
    pub(super) fn peek_at(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.offset + ahead).copied().unwrap_or(0)
    }

    pub(super) fn peek_char(&self) -> Option<char> {
        self.text.get(self.offset..)?.chars().next()
    }

    pub(super) fn starts_with(&self, prefix: &str) -> bool {
        self.rest().starts_with(prefix.as_bytes())
    }

    /// The text from byte `start` up to here.
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.offset).unwrap_or_default()
    }

    /// One byte at `offset`, or the whole character that starts there.
    pub(super) fn span_of_next(&self) -> std::ops::Range<usize> {
        let length = self.peek_char().map_or(0, char::len_utf8);
        self.offset..self.offset + length
    }

    /// Moves over the next character.
    pub(super) fn forward(&mut self) {
        let byte = self.peek();
        let length = match byte {
            0 => return,
            0x80.. => self.peek_char().map_or(1, char::len_utf8),
            _ => 1,
        };
        let is_mark = self.rest().starts_with(&BYTE_ORDER_MARK);
        self.offset += length;
        self.index += 1;
        if byte == b'\n' || (byte == b'\r' && !matches!(self.peek(), b'\n' | 0)) {
            self.line += 1;
            self.column = 0;
        } else if !is_mark {
            self.column += 1;
        }
    }

    /// Moves over `length` bytes without a line break in them, and returns them.
    pub(super) fn take(&mut self, length: usize) -> &'a str {
        let start = self.offset;
        self.offset = (start + length).min(self.text.len());
        let taken = self.since(start);
        let count = taken.as_bytes().iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        self.index += count;
        self.column += count;
        taken
    }

    /// Moves over the bytes that satisfy `is_part`, and returns them.
    pub(super) fn take_while(&mut self, is_part: impl Fn(u8) -> bool) -> &'a str {
        let length = self.rest().iter().take_while(|byte| is_part(**byte)).count();
        self.take(length)
    }

    /// Moves over spaces.
    pub(super) fn skip_spaces(&mut self) {
        if self.peek() == b' ' {
            self.take_while(|byte| byte == b' ');
        }
    }

    /// Moves over a line break, if one is next. All read as `\n`, but for U+2028 and U+2029.
    pub(super) fn line_break(&mut self) -> Option<char> {
        let read_as = match self.peek() {
            b'\r' if self.peek_at(1) == b'\n' => {
                self.forward();
                '\n'
            }
            b'\r' | b'\n' => '\n',
            0xC2 if self.rest().starts_with(&NEXT_LINE) => '\n',
            0xE2 => self.peek_char().filter(|c| matches!(c, '\u{2028}' | '\u{2029}'))?,
            _ => return None,
        };
        self.forward();
        Some(read_as)
    }

    /// `---` or `...`, as the engine looks for them within scalars.
    pub(super) fn at_marker(&self, marker: &str) -> bool {
        self.starts_with(marker) && is_blank_break_or_end(self.peek_at(3))
    }
}

/// The cursor at `offset`, with the engine's line and column.
pub(super) fn place(text: &str, offset: usize) -> Cursor<'_> {
    let mut cursor = Cursor::new(text);
    // Whole lines at a time: a text of many megabytes has its error at the end, too.
    while cursor.offset < offset {
        let line = cursor.rest().iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let within = line.map_or(offset, |length| cursor.offset + length).min(offset);
        cursor.take(within.saturating_sub(cursor.offset));
        if cursor.offset < offset {
            cursor.forward();
        }
    }
    cursor
}

/// The first character that YAML does not allow anywhere.
///
/// Source: `StreamReader.isPrintable`, snakeyaml-engine 2.6.
pub(super) fn check_printable(text: &str) -> Result<(), YamlError> {
    let is_plain_ascii = |byte: &u8| matches!(byte, 0x20..=0x7E | b'\t' | b'\n' | b'\r');
    // Block by block without an early end, which compilers turn into vector instructions.
    let is_plain_block =
        |block: &[u8]| block.iter().fold(true, |plain, byte| plain & is_plain_ascii(byte));
    if text.as_bytes().chunks(256).all(is_plain_block) {
        return Ok(());
    }
    let is_printable = |c: char| {
        matches!(c, '\u{20}'..='\u{7E}' | '\t' | '\n' | '\r' | '\u{85}')
            || matches!(c, '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
    };
    match text.char_indices().find(|(_, c)| !is_printable(*c)) {
        None => Ok(()),
        Some((offset, c)) => Err(YamlError::unplaced(
            offset..offset + c.len_utf8(),
            "special characters are not allowed",
            format!("the character {:?} is not allowed in YAML", c),
        )),
    }
}
