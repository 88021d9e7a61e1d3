use std::collections::VecDeque;
use std::ops::Range;

use super::cursor::{
    BYTE_ORDER_MARK, Cursor, is_blank_break_or_end, is_break_or_end, is_space_break_or_end,
};
use super::error::Context;
use super::token::{Directive, ScalarStyle, Token, TokenKind};
use super::{MAX_CODE_POINTS, YamlError};

/// Finds tokens on demand, one step ahead of the grammar.
///
/// A key is only known by the `:` behind it, so tokens wait in a queue while one of them may still
/// turn out to start a key. Such a key ends within its line and 1,024 characters, which bounds the
/// queue.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    queue: VecDeque<Token<'a>>,
    taken_count: usize,
    is_done: bool,
    /// Nothing that is still to be read can come before the first token of the queue.
    is_next_known: bool,
    /// Depth of `[` and `{`; negative behind a surplus `]`, which the grammar then refuses.
    flow_level: i32,
    /// Column of the current block collection, -1 outside of all.
    pub(super) indent: i32,
    outer_indents: Vec<i32>,
    pub(super) is_key_allowed: bool,
    /// At most one for each flow level, oldest first.
    possible_keys: VecDeque<PossibleKey>,
    /// Where the current document starts, in code points.
    document_index: usize,
}

/// A token that is a key if a `:` follows.
#[derive(Debug)]
struct PossibleKey {
    token_number: usize,
    /// Nothing but a key can stand here.
    is_required: bool,
    flow_level: i32,
    cursor: (usize, usize, usize, usize),
}

/// Longest key without `?`, in code points.
const MAX_SIMPLE_KEY: usize = 1024;

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            cursor: Cursor::new(text),
            queue: VecDeque::new(),
            taken_count: 0,
            is_done: false,
            is_next_known: false,
            flow_level: 0,
            indent: -1,
            outer_indents: Vec::new(),
            is_key_allowed: true,
            possible_keys: VecDeque::new(),
            document_index: 0,
        }
    }

    /// The next token; behind the last one, that one again.
    pub(super) fn peek(&mut self) -> Result<&Token<'a>, YamlError> {
        while !self.is_next_known {
            if self.needs_more()? {
                self.fetch()?;
            } else {
                self.is_next_known = true;
            }
        }
        match self.queue.front() {
            Some(token) => Ok(token),
            None => Err(self.no_more_tokens()),
        }
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Result<Token<'a>, YamlError> {
        self.peek()?;
        self.is_next_known = false;
        self.taken_count += 1;
        self.queue.pop_front().ok_or_else(|| self.no_more_tokens())
    }

    fn no_more_tokens(&self) -> YamlError {
        YamlError::unplaced(
            self.cursor.span_of_next(),
            "No more Tokens found.",
            "the text ends too early",
        )
    }

    /// Counts code points anew for a further document.
    pub(super) fn start_document(&mut self) {
        self.document_index = self.cursor.index;
    }

    pub(super) fn is_flow(&self) -> bool {
        self.flow_level != 0
    }

    fn column(&self) -> i32 {
        i32::try_from(self.cursor.column).unwrap_or(i32::MAX)
    }

    fn needs_more(&mut self) -> Result<bool, YamlError> {
        if self.is_done {
            return Ok(false);
        }
        if self.queue.is_empty() {
            return Ok(true);
        }
        self.drop_stale_keys()?;
        let next_key = self.possible_keys.front().map(|key| key.token_number);
        Ok(next_key == Some(self.taken_count))
    }

    /// Reads up to the end of one more token.
    fn fetch(&mut self) -> Result<(), YamlError> {
        if self.cursor.index - self.document_index > MAX_CODE_POINTS {
            return Err(YamlError::unplaced(
                self.cursor.span_of_next(),
                format!(
                    "The incoming YAML document exceeds the limit: {MAX_CODE_POINTS} code points."
                ),
                format!("the document has more than {MAX_CODE_POINTS} characters"),
            ));
        }
        self.skip_to_token();
        self.drop_stale_keys()?;
        self.unwind_indent(self.column());
        let cursor = &self.cursor;
        let is_blank_next = is_blank_break_or_end(cursor.peek_at(1));
        match cursor.peek() {
            0 => self.fetch_stream_end(),
            b'!' => self.fetch_property(Self::scan_tag),
            b'"' => self.fetch_property(|scanner| scanner.scan_quoted(ScalarStyle::DoubleQuoted)),
            b'%' if cursor.column == 0 => self.fetch_directive(),
            b'&' => self.fetch_property(Self::scan_anchor),
            b'\'' => self.fetch_property(|scanner| scanner.scan_quoted(ScalarStyle::SingleQuoted)),
            b'*' => self.fetch_property(Self::scan_anchor),
            b',' => self.fetch_flow_entry(),
            b'-' if cursor.column == 0 && cursor.at_marker("---") => {
                self.fetch_marker(TokenKind::DocumentStart)
            }
            b'-' if is_blank_next => self.fetch_block_entry(),
            b'.' if cursor.column == 0 && cursor.at_marker("...") => {
                self.fetch_marker(TokenKind::DocumentEnd)
            }
            b':' if is_blank_next || self.is_flow() => self.fetch_value(),
            b'>' if !self.is_flow() => self.fetch_block_scalar(ScalarStyle::Folded),
            b'?' if is_blank_next => self.fetch_key(),
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b'|' if !self.is_flow() => self.fetch_block_scalar(ScalarStyle::Literal),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            _ if self.at_plain() => self.fetch_property(Self::scan_plain),
            _ => Err(self.no_token()),
        }
    }

    /// Whether a scalar without quotes can start here.
    fn at_plain(&self) -> bool {
        let byte = self.cursor.peek();
        if !is_blank_break_or_end(byte) && !b"-?:,[]{}#&*!|>'\"%@`".contains(&byte) {
            return true;
        }
        let next = self.cursor.peek_at(1);
        if self.is_flow() {
            !is_blank_break_or_end(next) && !b",]".contains(&next) && b"-?".contains(&byte)
        } else {
            !is_blank_break_or_end(next) && b"-?:".contains(&byte)
        }
    }

    fn no_token(&self) -> YamlError {
        let shown = match self.cursor.peek_char() {
            Some('\t') => "\\t(TAB)".to_owned(),
            found => found.map_or(String::new(), String::from),
        };
        let message = match self.cursor.peek() {
            b'\t' => "a tab cannot indent YAML; spaces are expected".to_owned(),
            _ => format!("no value can start with `{shown}`; quotes are expected around it"),
        };
        YamlError::new(
            self.cursor.span_of_next(),
            Context::Doing("while scanning for the next token"),
            format!(
                "found character '{shown}' that cannot start any token. \
                 (Do not use {shown} for indentation)"
            ),
            message,
        )
    }

    fn skip_to_token(&mut self) {
        if self.cursor.index == 0 && self.cursor.rest().starts_with(&BYTE_ORDER_MARK) {
            self.cursor.forward();
        }
        loop {
            self.cursor.skip_spaces();
            if self.cursor.peek() == b'#' {
                self.cursor.take_while(|byte| !is_break_or_end(byte));
            }
            if self.cursor.line_break().is_none() {
                return;
            }
            if !self.is_flow() {
                self.is_key_allowed = true;
            }
        }
    }

    // Keys: they are recognized by what follows them.

    fn drop_stale_keys(&mut self) -> Result<(), YamlError> {
        while let Some(key) = self.possible_keys.front() {
            let (_, index, line, _) = key.cursor;
            if line == self.cursor.line && self.cursor.index - index <= MAX_SIMPLE_KEY {
                break;
            }
            self.check_optional(key)?;
            self.possible_keys.pop_front();
        }
        Ok(())
    }

    /// A key that is required and never got its `:` is an error.
    fn check_optional(&self, key: &PossibleKey) -> Result<(), YamlError> {
        if !key.is_required {
            return Ok(());
        }
        let (start, ..) = key.cursor;
        Err(YamlError::new(
            self.cursor.span_of_next(),
            Context::Since("while scanning a simple key", start),
            "could not find expected ':'",
            "the line before has no `: `; a key, a colon and a space are expected",
        ))
    }

    fn save_possible_key(&mut self) -> Result<(), YamlError> {
        let is_required = !self.is_flow() && self.indent == self.column();
        if self.is_key_allowed {
            self.remove_possible_key()?;
            let Cursor { offset, index, line, column, .. } = self.cursor;
            self.possible_keys.push_back(PossibleKey {
                token_number: self.taken_count + self.queue.len(),
                is_required,
                flow_level: self.flow_level,
                cursor: (offset, index, line, column),
            });
        } else if is_required {
            return Err(YamlError::unplaced(
                self.cursor.span_of_next(),
                "A simple key is required only if it is the first token in the current line",
                "a key is expected to start its line",
            ));
        }
        Ok(())
    }

    /// Takes the key of the current flow level; deeper levels have none left by then.
    fn take_possible_key(&mut self) -> Option<PossibleKey> {
        let is_current =
            self.possible_keys.back().is_some_and(|key| key.flow_level == self.flow_level);
        if is_current { self.possible_keys.pop_back() } else { None }
    }

    fn remove_possible_key(&mut self) -> Result<(), YamlError> {
        match self.take_possible_key() {
            Some(key) => self.check_optional(&key),
            None => Ok(()),
        }
    }

    // Indentation: block collections start and end by columns.

    fn unwind_indent(&mut self, column: i32) {
        if self.is_flow() {
            return;
        }
        while self.indent > column {
            self.indent = self.outer_indents.pop().unwrap_or(-1);
            self.push(TokenKind::BlockEnd, self.cursor.offset);
        }
    }

    /// Opens a block collection if `column` lies deeper than the current one.
    fn add_indent(&mut self, column: i32) -> bool {
        let is_deeper = self.indent < column;
        if is_deeper {
            self.outer_indents.push(self.indent);
            self.indent = column;
        }
        is_deeper
    }

    /// Queues a token that reaches from `start` up to here.
    fn push(&mut self, kind: TokenKind<'a>, start: usize) {
        self.queue.push_back(Token { kind, span: start..self.cursor.offset });
    }

    fn push_next(&mut self, kind: TokenKind<'a>, length: usize) {
        let start = self.cursor.offset;
        self.cursor.take(length);
        self.push(kind, start);
    }

    // One function for each token.

    fn fetch_stream_end(&mut self) -> Result<(), YamlError> {
        self.unwind_indent(-1);
        self.remove_possible_key()?;
        self.is_key_allowed = false;
        self.possible_keys.clear();
        self.push(TokenKind::StreamEnd, self.cursor.offset);
        self.is_done = true;
        Ok(())
    }

    fn fetch_marker(&mut self, kind: TokenKind<'a>) -> Result<(), YamlError> {
        self.unwind_indent(-1);
        self.remove_possible_key()?;
        self.is_key_allowed = false;
        self.push_next(kind, 3);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), YamlError> {
        self.unwind_indent(-1);
        self.remove_possible_key()?;
        self.is_key_allowed = false;
        let start = self.cursor.offset;
        let directive = self.scan_directive()?;
        self.push(TokenKind::Directive(directive), start);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'a>) -> Result<(), YamlError> {
        self.save_possible_key()?;
        self.flow_level += 1;
        self.is_key_allowed = true;
        self.push_next(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'a>) -> Result<(), YamlError> {
        self.remove_possible_key()?;
        self.flow_level -= 1;
        self.is_key_allowed = false;
        self.push_next(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), YamlError> {
        self.is_key_allowed = true;
        self.remove_possible_key()?;
        self.push_next(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), YamlError> {
        if !self.is_flow() {
            if !self.is_key_allowed {
                return Err(YamlError::new(
                    self.cursor.span_of_next(),
                    Context::Empty,
                    "sequence entries are not allowed here",
                    "`- ` starts a list item, which is expected on a line of its own",
                ));
            }
            if self.add_indent(self.column()) {
                self.push(TokenKind::BlockSequenceStart, self.cursor.offset);
            }
        }
        self.is_key_allowed = true;
        self.remove_possible_key()?;
        self.push_next(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), YamlError> {
        if !self.is_flow() {
            if !self.is_key_allowed {
                return Err(YamlError::new(
                    self.cursor.span_of_next(),
                    Context::None,
                    "mapping keys are not allowed here",
                    "`? ` starts a key, which is expected on a line of its own",
                ));
            }
            if self.add_indent(self.column()) {
                self.push(TokenKind::BlockMappingStart, self.cursor.offset);
            }
        }
        self.is_key_allowed = !self.is_flow();
        self.remove_possible_key()?;
        self.push_next(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), YamlError> {
        if let Some(key) = self.take_possible_key() {
            let (offset, _, _, column) = key.cursor;
            let at = key.token_number.saturating_sub(self.taken_count).min(self.queue.len());
            self.queue.insert(at, Token { kind: TokenKind::Key, span: offset..offset });
            let column = i32::try_from(column).unwrap_or(i32::MAX);
            if !self.is_flow() && self.add_indent(column) {
                let kind = TokenKind::BlockMappingStart;
                self.queue.insert(at, Token { kind, span: offset..offset });
            }
            self.is_key_allowed = false;
        } else {
            if !self.is_flow() {
                if !self.is_key_allowed {
                    return Err(YamlError::new(
                        self.cursor.span_of_next(),
                        Context::None,
                        "mapping values are not allowed here",
                        "a second `: ` in one value; quotes are expected around it",
                    ));
                }
                if self.add_indent(self.column()) {
                    self.push(TokenKind::BlockMappingStart, self.cursor.offset);
                }
            }
            self.is_key_allowed = !self.is_flow();
            self.remove_possible_key()?;
        }
        self.push_next(TokenKind::Value, 1);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, style: ScalarStyle) -> Result<(), YamlError> {
        self.is_key_allowed = true;
        self.remove_possible_key()?;
        let token = self.scan_block(style)?;
        self.queue.push_back(token);
        Ok(())
    }

    /// Queues a token that may be a key or stand before one.
    fn fetch_property(
        &mut self,
        scan: impl FnOnce(&mut Self) -> Result<Token<'a>, YamlError>,
    ) -> Result<(), YamlError> {
        self.save_possible_key()?;
        self.is_key_allowed = false;
        let token = scan(self)?;
        self.queue.push_back(token);
        Ok(())
    }

    // Directives, anchors and tags.

    pub(super) fn unexpected(
        &self,
        doing: &'static str,
        start: usize,
        expected: &str,
        message: &str,
    ) -> YamlError {
        let found = self.cursor.peek_char().unwrap_or('\0');
        YamlError::new(
            self.cursor.span_of_next(),
            Context::Since(doing, start),
            format!("{expected}, but found {found}({})", u32::from(found)),
            message,
        )
    }

    fn scan_directive(&mut self) -> Result<Directive<'a>, YamlError> {
        const DOING: &str = "while scanning a directive";
        const ALPHA: &str = "expected alphabetic or numeric character";
        let start = self.cursor.offset;
        self.cursor.forward();
        let name = self.cursor.take_while(is_word);
        if name.is_empty() || !is_space_break_or_end(self.cursor.peek()) {
            return Err(self.unexpected(DOING, start, ALPHA, "`%` is expected before a name"));
        }
        let directive = match name {
            "YAML" => {
                self.cursor.skip_spaces();
                let major = self.scan_version_number(start)?;
                if self.cursor.peek() != b'.' {
                    return Err(self.unexpected(
                        DOING,
                        start,
                        "expected a digit or '.'",
                        "a version such as 1.2 is expected",
                    ));
                }
                self.cursor.forward();
                let minor = self.scan_version_number(start)?;
                if !is_space_break_or_end(self.cursor.peek()) {
                    return Err(self.unexpected(
                        DOING,
                        start,
                        "expected a digit or ' '",
                        "a version such as 1.2 is expected",
                    ));
                }
                Directive::Yaml { major, minor }
            }
            "TAG" => {
                self.cursor.skip_spaces();
                let handle = self.scan_tag_handle(DOING, start)?;
                if self.cursor.peek() != b' ' {
                    return Err(self.unexpected(
                        DOING,
                        start,
                        "expected ' '",
                        "a space is expected behind the tag's handle",
                    ));
                }
                self.cursor.skip_spaces();
                let prefix = self.scan_tag_uri(DOING, start, is_uri_in_prefix)?;
                if !is_space_break_or_end(self.cursor.peek()) {
                    return Err(self.unexpected(
                        DOING,
                        start,
                        "expected ' '",
                        "a space is expected behind the tag's prefix",
                    ));
                }
                Directive::Tag { handle, prefix }
            }
            _ => {
                self.cursor.take_while(|byte| !is_break_or_end(byte));
                Directive::Other
            }
        };
        self.skip_comment_line(DOING, start)?;
        Ok(directive)
    }

    fn scan_version_number(&mut self, start: usize) -> Result<u32, YamlError> {
        let digits = self.cursor.take_while(|byte| byte.is_ascii_digit());
        match digits.parse() {
            Ok(number) if digits.len() <= 3 => Ok(number),
            _ => Err(self.unexpected(
                "while scanning a directive",
                start,
                "expected a digit",
                "a version such as 1.2 is expected",
            )),
        }
    }

    /// Spaces, a comment, and the line's end: nothing else may follow.
    pub(super) fn skip_comment_line(
        &mut self,
        doing: &'static str,
        start: usize,
    ) -> Result<(), YamlError> {
        self.cursor.skip_spaces();
        if self.cursor.peek() == b'#' {
            self.cursor.take_while(|byte| !is_break_or_end(byte));
        }
        if self.cursor.line_break().is_none() && self.cursor.peek() != 0 {
            return Err(self.unexpected(
                doing,
                start,
                "expected a comment or a line break",
                "nothing but a comment is expected on the rest of this line",
            ));
        }
        Ok(())
    }

    fn scan_anchor(&mut self) -> Result<Token<'a>, YamlError> {
        let start = self.cursor.offset;
        let is_alias = self.cursor.peek() == b'*';
        let doing = if is_alias { "while scanning an alias" } else { "while scanning an anchor" };
        self.cursor.forward();
        let name = self
            .cursor
            .take_while(|byte| !is_blank_break_or_end(byte) && !b",[]{}/.*&".contains(&byte));
        let next = self.cursor.peek();
        if name.is_empty() || !(is_blank_break_or_end(next) || b"?:,]}%@`".contains(&next)) {
            return Err(self.unexpected(
                doing,
                start,
                "unexpected character found",
                "a name without any of `,[]{}/.*&` is expected",
            ));
        }
        let kind = if is_alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
        Ok(Token { kind, span: start..self.cursor.offset })
    }

    fn scan_tag(&mut self) -> Result<Token<'a>, YamlError> {
        const DOING: &str = "while scanning a tag";
        let start = self.cursor.offset;
        let next = self.cursor.peek_at(1);
        let (handle, suffix) = if next == b'<' {
            self.cursor.take(2);
            let suffix = self.scan_tag_uri(DOING, start, is_uri_in_prefix)?;
            if self.cursor.peek() != b'>' {
                return Err(self.unexpected(DOING, start, "expected '>'", "`>` is expected"));
            }
            self.cursor.forward();
            (None, suffix)
        } else if is_blank_break_or_end(next) {
            self.cursor.forward();
            (None, "!".into())
        } else {
            let word =
                self.cursor.rest().iter().skip(1).take_while(|byte| !is_space_break_or_end(**byte));
            let handle = if word.into_iter().any(|byte| *byte == b'!') {
                self.scan_tag_handle(DOING, start)?
            } else {
                self.cursor.take(1)
            };
            (Some(handle), self.scan_tag_uri(DOING, start, is_uri_in_suffix)?)
        };
        if !is_space_break_or_end(self.cursor.peek()) {
            return Err(self.unexpected(
                DOING,
                start,
                "expected ' '",
                "a space is expected behind the tag",
            ));
        }
        Ok(Token { kind: TokenKind::Tag { handle, suffix }, span: start..self.cursor.offset })
    }

    fn scan_tag_handle(&mut self, doing: &'static str, start: usize) -> Result<&'a str, YamlError> {
        const EXPECTED: &str = "expected '!'";
        const MESSAGE: &str = "a handle such as `!` or `!name!` is expected";
        let handle_start = self.cursor.offset;
        if self.cursor.peek() != b'!' {
            return Err(self.unexpected(doing, start, EXPECTED, MESSAGE));
        }
        self.cursor.forward();
        if self.cursor.peek() != b' ' {
            self.cursor.take_while(is_word);
            if self.cursor.peek() != b'!' {
                return Err(self.unexpected(doing, start, EXPECTED, MESSAGE));
            }
            self.cursor.forward();
        }
        Ok(self.cursor.since(handle_start))
    }

    fn scan_tag_uri(
        &mut self,
        doing: &'static str,
        start: usize,
        is_part: fn(u8) -> bool,
    ) -> Result<std::borrow::Cow<'a, str>, YamlError> {
        let uri_start = self.cursor.offset;
        let uri = self.cursor.take_while(is_part);
        if uri.is_empty() {
            return Err(self.unexpected(doing, start, "expected URI", "a tag name is expected"));
        }
        if !uri.contains('%') {
            return Ok(uri.into());
        }
        let span: Range<usize> = uri_start..self.cursor.offset;
        match decode_percent(uri) {
            Some(decoded) => Ok(decoded.into()),
            None => Err(YamlError::new(
                span,
                Context::Since(doing, start),
                "expected URI escape sequence of 2 hexadecimal numbers",
                "`%` is expected before two hexadecimal digits of UTF-8",
            )),
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn is_uri_in_suffix(byte: u8) -> bool {
    is_word(byte) || b"-;/?:@&=+$_.!~*'()%".contains(&byte)
}

fn is_uri_in_prefix(byte: u8) -> bool {
    is_uri_in_suffix(byte) || b",[]".contains(&byte)
}

fn decode_percent(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2)?;
        rest = behind;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}
