use std::borrow::Cow;
use std::ops::Range;

use super::YamlError;
use super::cursor::{is_blank_break_or_end, is_break_or_end, is_space_break_or_end};
use super::error::Context;
use super::scanner::Scanner;
use super::token::{ScalarStyle, Token, TokenKind};

/// What becomes of the line breaks at the end of a block scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

/// A text under construction: a slice of the source for as long as nothing had to be changed.
struct Builder<'a> {
    source: &'a str,
    slice: Range<usize>,
    owned: Option<String>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        Self { source, slice: 0..0, owned: None }
    }

    fn owned(&mut self) -> &mut String {
        let slice = self.source.get(self.slice.clone()).unwrap_or_default();
        self.owned.get_or_insert_with(|| slice.to_owned())
    }

    /// Appends a slice of the source.
    fn push_slice(&mut self, part: Range<usize>) {
        if part.is_empty() {
            return;
        }
        if self.owned.is_none() && (self.slice.is_empty() || self.slice.end == part.start) {
            let start = if self.slice.is_empty() { part.start } else { self.slice.start };
            self.slice = start..part.end;
        } else {
            let source = self.source;
            self.owned().push_str(source.get(part).unwrap_or_default());
        }
    }

    fn push(&mut self, c: char) {
        self.owned().push(c);
    }

    fn push_str(&mut self, text: &str) {
        if !text.is_empty() {
            self.owned().push_str(text);
        }
    }

    /// Appends line breaks that are folded: the first is a space if it is the only one, and
    /// otherwise nothing; U+2028 and U+2029 stay.
    fn push_folded(&mut self, first: char, more: &str) {
        match first {
            '\n' if more.is_empty() => self.push(' '),
            '\n' => {}
            other => self.push(other),
        }
        self.push_str(more);
    }

    fn finish(self) -> Cow<'a, str> {
        match self.owned {
            Some(text) => Cow::Owned(text),
            None => Cow::Borrowed(self.source.get(self.slice).unwrap_or_default()),
        }
    }
}

impl<'a> Scanner<'a> {
    /// A scalar without quotes, which may go on over lines that are indented deeper.
    pub(super) fn scan_plain(&mut self) -> Result<Token<'a>, YamlError> {
        let start = self.cursor.offset;
        let mut end = start;
        let mut text = Builder::new(self.cursor.source());
        // White space counts only when more text follows.
        let mut spaces = PlainSpaces::Inline(start..start);
        while self.cursor.peek() != b'#' {
            let length = self.plain_length();
            if length == 0 {
                break;
            }
            self.is_key_allowed = false;
            match spaces {
                PlainSpaces::Inline(blanks) => text.push_slice(blanks),
                PlainSpaces::Breaks(first, more) => text.push_folded(first, &more),
                PlainSpaces::End => {}
            }
            self.take_into(&mut text, length);
            end = self.cursor.offset;
            spaces = self.scan_plain_spaces();
            let is_end = match &spaces {
                PlainSpaces::Inline(blanks) => blanks.is_empty(),
                PlainSpaces::Breaks(..) => false,
                PlainSpaces::End => true,
            };
            let column = i32::try_from(self.cursor.column).unwrap_or(i32::MAX);
            if is_end || self.cursor.peek() == b'#' || (!self.is_flow() && column <= self.indent) {
                break;
            }
        }
        Ok(Token { kind: TokenKind::Scalar(text.finish(), ScalarStyle::Plain), span: start..end })
    }

    /// Moves over `length` bytes without a line break in them, into `text`.
    fn take_into(&mut self, text: &mut Builder<'a>, length: usize) {
        let start = self.cursor.offset;
        self.cursor.take(length);
        text.push_slice(start..self.cursor.offset);
    }

    /// Moves over the bytes that satisfy `is_part`, into `text`.
    fn take_while_into(&mut self, text: &mut Builder<'a>, is_part: impl Fn(u8) -> bool) {
        let start = self.cursor.offset;
        self.cursor.take_while(is_part);
        text.push_slice(start..self.cursor.offset);
    }

    /// Moves over spaces and tabs.
    fn take_blanks(&mut self) -> Range<usize> {
        let start = self.cursor.offset;
        self.cursor.take_while(|byte| matches!(byte, b' ' | b'\t'));
        start..self.cursor.offset
    }

    /// Bytes up to white space or an indicator that ends the scalar.
    fn plain_length(&self) -> usize {
        let rest = self.cursor.rest();
        let is_flow = self.is_flow();
        let ends_at = |index: usize, byte: u8| match byte {
            b':' => {
                let next = rest.get(index + 1).copied().unwrap_or(0);
                is_blank_break_or_end(next) || (is_flow && b",[]{}".contains(&next))
            }
            b',' | b'[' | b']' | b'{' | b'}' => is_flow,
            _ => is_blank_break_or_end(byte),
        };
        let end = rest.iter().enumerate().position(|(index, byte)| ends_at(index, *byte));
        end.unwrap_or(rest.len())
    }

    fn scan_plain_spaces(&mut self) -> PlainSpaces {
        let blanks = self.take_blanks();
        let Some(first) = self.cursor.line_break() else { return PlainSpaces::Inline(blanks) };
        self.is_key_allowed = true;
        let mut more = String::new();
        loop {
            // `---` ends the scalar whatever follows it, unlike `...`.
            if self.cursor.starts_with("---") || self.cursor.at_marker("...") {
                return PlainSpaces::End;
            }
            self.cursor.skip_spaces();
            match self.cursor.line_break() {
                Some(c) => more.push(c),
                None => return PlainSpaces::Breaks(first, more),
            }
        }
    }

    /// A scalar in quotes.
    pub(super) fn scan_quoted(&mut self, style: ScalarStyle) -> Result<Token<'a>, YamlError> {
        let start = self.cursor.offset;
        let quote = self.cursor.peek();
        let mut text = Builder::new(self.cursor.source());
        self.cursor.forward();
        self.scan_quoted_text(style, start, &mut text)?;
        while self.cursor.peek() != quote {
            self.scan_quoted_spaces(start, &mut text)?;
            self.scan_quoted_text(style, start, &mut text)?;
        }
        self.cursor.forward();
        Ok(Token { kind: TokenKind::Scalar(text.finish(), style), span: start..self.cursor.offset })
    }

    fn scan_quoted_text(
        &mut self,
        style: ScalarStyle,
        start: usize,
        text: &mut Builder<'a>,
    ) -> Result<(), YamlError> {
        let is_double = style == ScalarStyle::DoubleQuoted;
        loop {
            let is_text = |byte| !is_blank_break_or_end(byte) && !b"'\"\\".contains(&byte);
            self.take_while_into(text, is_text);
            match self.cursor.peek() {
                b'\'' if !is_double && self.cursor.peek_at(1) == b'\'' => {
                    text.push('\'');
                    self.cursor.take(2);
                }
                b'\'' if is_double => self.take_into(text, 1),
                b'"' | b'\\' if !is_double => self.take_into(text, 1),
                b'\\' => self.scan_escape(start, text)?,
                _ => return Ok(()),
            }
        }
    }

    fn scan_escape(&mut self, start: usize, text: &mut Builder<'a>) -> Result<(), YamlError> {
        const DOING: &str = "while scanning a double-quoted scalar";
        self.cursor.forward();
        let escape = self.cursor.peek();
        if let Some(c) = escaped(escape) {
            text.push(c);
            self.cursor.forward();
            return Ok(());
        }
        let digit_count = match escape {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ if self.cursor.line_break().is_some() => {
                let breaks = self.scan_quoted_breaks(start)?;
                text.push_str(&breaks);
                return Ok(());
            }
            _ => {
                return Err(self.unexpected(
                    DOING,
                    start,
                    "found unknown escape character",
                    "`\\` is expected before one of 0abtnvfre\"/\\N_LPxuU or a line break",
                ));
            }
        };
        self.cursor.forward();
        let Some(code) = self.peek_hexadecimal(digit_count) else {
            return Err(self.unexpected(
                DOING,
                start,
                "expected escape sequence of hexadecimal numbers",
                "hexadecimal digits of a character are expected",
            ));
        };
        self.cursor.take(digit_count);
        text.push(self.complete_surrogate(code));
        Ok(())
    }

    fn peek_hexadecimal(&self, digit_count: usize) -> Option<u32> {
        let digits = self.cursor.rest().get(..digit_count)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let code = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        (code <= u32::from(char::MAX)).then_some(code)
    }

    /// The character of an escape. Java accepts halves of surrogate pairs and joins neighbors;
    /// a half that stays alone has no place in UTF-8 and becomes U+FFFD.
    fn complete_surrogate(&mut self, code: u32) -> char {
        if !(0xD800..0xDC00).contains(&code) || !self.cursor.starts_with("\\u") {
            return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        let mut behind = self.cursor.clone();
        std::mem::swap(&mut behind, &mut self.cursor);
        self.cursor.take(2);
        match self.peek_hexadecimal(4) {
            Some(low) if (0xDC00..0xE000).contains(&low) => {
                self.cursor.take(4);
                let joined = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => {
                self.cursor = behind;
                char::REPLACEMENT_CHARACTER
            }
        }
    }

    fn scan_quoted_spaces(
        &mut self,
        start: usize,
        text: &mut Builder<'a>,
    ) -> Result<(), YamlError> {
        let blanks = self.take_blanks();
        if self.cursor.peek() == 0 {
            return Err(YamlError::new(
                self.cursor.span_of_next(),
                Context::Since("while scanning a quoted scalar", start),
                "found unexpected end of stream",
                "the quote is never closed",
            ));
        }
        match self.cursor.line_break() {
            None => text.push_slice(blanks),
            Some(first) => {
                let more = self.scan_quoted_breaks(start)?;
                text.push_folded(first, &more);
            }
        }
        Ok(())
    }

    fn scan_quoted_breaks(&mut self, start: usize) -> Result<String, YamlError> {
        let mut breaks = String::new();
        loop {
            if self.cursor.at_marker("---") || self.cursor.at_marker("...") {
                return Err(YamlError::new(
                    self.cursor.span_of_next(),
                    Context::Since("while scanning a quoted scalar", start),
                    "found unexpected document separator",
                    "the quote is expected to close before the document ends",
                ));
            }
            self.take_blanks();
            match self.cursor.line_break() {
                Some(c) => breaks.push(c),
                None => return Ok(breaks),
            }
        }
    }

    /// A scalar behind `|` or `>`.
    pub(super) fn scan_block(&mut self, style: ScalarStyle) -> Result<Token<'a>, YamlError> {
        const DOING: &str = "while scanning a block scalar";
        let start = self.cursor.offset;
        self.cursor.forward();
        let (chomping, increment) = self.scan_block_header(start)?;
        self.skip_comment_line(DOING, start)?;
        let indent_min = (self.indent + 1).max(1);
        let mut breaks;
        let indent = match increment {
            Some(increment) => {
                let indent = indent_min + increment - 1;
                breaks = self.scan_block_breaks(indent);
                indent
            }
            None => {
                let (count, indent_max) = self.scan_block_indentation();
                breaks = "\n".repeat(count);
                indent_min.max(indent_max)
            }
        };
        let column = |scanner: &Self| i32::try_from(scanner.cursor.column).unwrap_or(i32::MAX);
        if column(self) < indent && self.indent != column(self) {
            return Err(YamlError::new(
                self.cursor.span_of_next(),
                Context::Since(DOING, start),
                format!(
                    " the leading empty lines contain more spaces ({indent}) than the first \
                     non-empty line."
                ),
                format!("{indent} spaces of indentation are expected, as in the lines before"),
            ));
        }
        let mut text = Builder::new(self.cursor.source());
        let mut has_break = false;
        let mut end = self.cursor.offset;
        while column(self) == indent && self.cursor.peek() != 0 {
            text.push_str(&breaks);
            let is_flush = !matches!(self.cursor.peek(), b' ' | b'\t');
            self.take_while_into(&mut text, |byte| !is_break_or_end(byte));
            end = self.cursor.offset;
            has_break = self.cursor.line_break().is_some();
            breaks = self.scan_block_breaks(indent);
            if column(self) != indent || self.cursor.peek() == 0 {
                break;
            }
            let is_next_flush = !matches!(self.cursor.peek(), b' ' | b'\t');
            if style == ScalarStyle::Folded && has_break && is_flush && is_next_flush {
                if breaks.is_empty() {
                    text.push(' ');
                }
            } else if has_break {
                text.push('\n');
            }
        }
        if chomping != Chomping::Strip && has_break {
            text.push('\n');
        }
        if chomping == Chomping::Keep {
            text.push_str(&breaks);
        }
        Ok(Token { kind: TokenKind::Scalar(text.finish(), style), span: start..end })
    }

    /// `+` or `-` and a digit, in either order.
    fn scan_block_header(&mut self, start: usize) -> Result<(Chomping, Option<i32>), YamlError> {
        const DOING: &str = "while scanning a block scalar";
        let mut chomping = None;
        let mut increment = None;
        for _ in 0..2 {
            match self.cursor.peek() {
                b'+' if chomping.is_none() => chomping = Some(Chomping::Keep),
                b'-' if chomping.is_none() => chomping = Some(Chomping::Strip),
                digit @ b'1'..=b'9' if increment.is_none() => {
                    increment = Some(i32::from(digit - b'0'));
                }
                _ => break,
            }
            self.cursor.forward();
        }
        if !is_space_break_or_end(self.cursor.peek()) {
            return Err(self.unexpected(
                DOING,
                start,
                "expected chomping or indentation indicators",
                "`+`, `-` or a digit from 1 to 9 is expected, and then the line's end",
            ));
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    /// Blank lines before the text; how many, and the widest indentation seen.
    fn scan_block_indentation(&mut self) -> (usize, i32) {
        let mut break_count = 0;
        let mut indent_max = 0;
        loop {
            match self.cursor.peek() {
                b' ' => {
                    self.cursor.forward();
                    let column = i32::try_from(self.cursor.column).unwrap_or(i32::MAX);
                    indent_max = indent_max.max(column);
                }
                b'\r' | b'\n' => {
                    self.cursor.line_break();
                    break_count += 1;
                }
                _ => return (break_count, indent_max),
            }
        }
    }

    /// Blank lines within the text, up to the next line's indentation.
    fn scan_block_breaks(&mut self, indent: i32) -> String {
        let indent = usize::try_from(indent).unwrap_or(0);
        let mut breaks = String::new();
        loop {
            while self.cursor.column < indent && self.cursor.peek() == b' ' {
                self.cursor.forward();
            }
            match self.cursor.line_break() {
                Some(c) => breaks.push(c),
                None => return breaks,
            }
        }
    }
}

/// What lies between two parts of a plain scalar.
enum PlainSpaces {
    /// Spaces and tabs; none if the scalar ends here.
    Inline(Range<usize>),
    /// A line break, and more of them.
    Breaks(char, String),
    /// A marker ends the document.
    End,
}

/// The character that `\` and one more stand for.
fn escaped(escape: u8) -> Option<char> {
    Some(match escape {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' => '\t',
        b'n' => '\n',
        b'v' => '\u{B}',
        b'f' => '\u{C}',
        b'r' => '\r',
        b'e' => '\u{1B}',
        b' ' => ' ',
        b'"' => '"',
        b'/' => '/',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{A0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}
