use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use super::Constructed;
use super::construct::Data;
use crate::config::RawValue;
use crate::syntax::yaml::{Content, NodeId, PlainType, plain_type};

/// Writes one value as YAML in flow style on one line, as Flink stores a list.
///
/// Source: `YamlParserUtils.toYAMLString` and snakeyaml-engine's `Emitter`, Flink 1.19 to 2.3.
pub(super) struct Emitter<'c, 'd, 'a> {
    constructed: &'c Constructed<'d, 'a>,
    /// Counts on over all values of a file, as Flink's one generator does.
    anchor_count: &'c mut usize,
    /// Collections that are seen: twice or more often with a number, else without.
    anchors: HashMap<NodeId, Option<usize>>,
    /// Collections that are written; each further time they are aliases.
    written: HashMap<NodeId, ()>,
    out: String,
    /// In UTF-16 units, as Java counts.
    column: usize,
    is_behind_space: bool,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Elsewhere,
    /// Before `:`, without a `?`.
    SimpleKey,
}

/// A collection that is being written.
struct Frame {
    id: NodeId,
    /// The next child; keys and values count alike.
    index: usize,
    /// The last key stands without `?`.
    is_simple: bool,
}

/// Keys of this length, tag and anchor included, get a `?`.
///
/// Source: `DumpSettingsBuilder.maxSimpleKeyLength`, snakeyaml-engine 2.6.
const SIMPLE_KEY_LENGTH: usize = 128;
/// Beyond this column, the value of a key with `?` goes on a line of its own.
const BEST_WIDTH: usize = 80;
/// Spaces for each level of that line's indentation.
const INDENT: usize = 2;

impl<'c, 'd, 'a> Emitter<'c, 'd, 'a> {
    pub(super) fn new(constructed: &'c Constructed<'d, 'a>, anchor_count: &'c mut usize) -> Self {
        Self {
            constructed,
            anchor_count,
            anchors: HashMap::new(),
            written: HashMap::new(),
            out: String::new(),
            column: 0,
            is_behind_space: true,
        }
    }

    /// The text of a value.
    pub(super) fn emit(mut self, root: NodeId) -> String {
        self.number_anchors(root);
        let mut frames = Vec::new();
        self.begin(root, Position::Elsewhere, &mut frames);
        while let Some(mut frame) = frames.pop() {
            let level = frames.len() + 1;
            match self.next_child(&mut frame, level) {
                Some((child, position)) => {
                    frames.push(frame);
                    self.begin(child, position, &mut frames);
                }
                None => {
                    let is_sequence = *self.constructed.data(frame.id) == Data::Sequence;
                    self.indicator(if is_sequence { "]" } else { "}" }, false);
                }
            }
        }
        self.out
    }

    /// The child of a collection at a running index; a set's values are left to the caller.
    fn child(&self, id: NodeId, index: usize) -> Option<NodeId> {
        match &self.constructed.document.node(id)?.content {
            Content::Scalar(..) => None,
            Content::Sequence(items) => items.get(index).copied(),
            Content::Mapping(pairs) => {
                let pair = pairs.get(index / 2)?;
                Some(if index.is_multiple_of(2) { pair.key } else { pair.value })
            }
        }
    }

    /// Anchors are numbered in the order in which a second use is met.
    fn number_anchors(&mut self, root: NodeId) {
        let mut stack = vec![(root, 0_usize)];
        while let Some((id, index)) = stack.pop() {
            if index == 0 {
                if matches!(
                    self.constructed.data(id),
                    Data::Null | Data::Scalar(_) | Data::Binary(_)
                ) {
                    continue;
                }
                if let Some(number) = self.anchors.get_mut(&id) {
                    if number.is_none() {
                        *self.anchor_count += 1;
                        *number = Some(*self.anchor_count);
                    }
                    continue;
                }
                self.anchors.insert(id, None);
            }
            let step = if *self.constructed.data(id) == Data::Set { 2 } else { 1 };
            if let Some(child) = self.child(id, index) {
                stack.push((id, index + step));
                stack.push((child, 0));
            }
        }
    }

    /// Writes a scalar or an alias whole, or opens a collection.
    fn begin(&mut self, id: NodeId, position: Position, frames: &mut Vec<Frame>) {
        let anchor = self.anchors.get(&id).copied().flatten();
        if let Some(number) = anchor {
            if self.written.contains_key(&id) {
                self.indicator(&format!("*id{number:03}"), true);
                return;
            }
            self.indicator(&format!("&id{number:03}"), true);
        }
        self.written.insert(id, ());
        let open = match self.constructed.data(id) {
            Data::Null => return self.plain("null"),
            Data::Scalar(value) => return self.scalar(value, position),
            Data::Binary(base64) => {
                self.indicator("!!binary", true);
                return self.double_quoted(base64);
            }
            Data::Sequence => "[",
            Data::Mapping => "{",
            Data::Set => {
                self.indicator("!!set", true);
                "{"
            }
        };
        self.indicator(open, true);
        self.is_behind_space = true;
        frames.push(Frame { id, index: 0, is_simple: false });
    }

    /// Writes what stands before the next child of a collection, and says which that is.
    fn next_child(&mut self, frame: &mut Frame, level: usize) -> Option<(NodeId, Position)> {
        let is_set = *self.constructed.data(frame.id) == Data::Set;
        if *self.constructed.data(frame.id) == Data::Sequence {
            let child = self.child(frame.id, frame.index)?;
            if frame.index > 0 {
                self.indicator(",", false);
            }
            frame.index += 1;
            return Some((child, Position::Elsewhere));
        }
        loop {
            let child = self.child(frame.id, frame.index)?;
            let is_key = frame.index.is_multiple_of(2);
            if is_key {
                if frame.index > 0 {
                    self.indicator(",", false);
                }
                frame.index += 1;
                frame.is_simple = self.is_simple_key(child);
                if frame.is_simple {
                    return Some((child, Position::SimpleKey));
                }
                self.indicator("?", true);
                return Some((child, Position::Elsewhere));
            }
            frame.index += 1;
            if frame.is_simple {
                self.indicator(":", false);
            } else {
                if self.column > BEST_WIDTH {
                    self.new_line(level * INDENT);
                }
                self.indicator(":", true);
            }
            if !is_set {
                return Some((child, Position::Elsewhere));
            }
            // A set is written as a map without values, whatever values its source had.
            self.plain("null");
        }
    }

    fn is_simple_key(&self, id: NodeId) -> bool {
        let anchor = self.anchors.get(&id).copied().flatten();
        // `id` and at least three digits.
        let anchor_length = anchor.map_or(0, |number| format!("id{number:03}").len());
        if anchor.is_some() && self.written.contains_key(&id) {
            return anchor_length < SIMPLE_KEY_LENGTH;
        }
        let is_empty = self.child(id, 0).is_none();
        let (length, is_candidate) = match self.constructed.data(id) {
            Data::Null => ("!!null".len() + "null".len(), true),
            Data::Scalar(value) => {
                let text = scalar_text(value);
                let tag_length = match value {
                    RawValue::Double(_) => "!!float".len(),
                    RawValue::Boolean(_) => "!!bool".len(),
                    _ => "!!str".len(),
                };
                let length = tag_length + text.encode_utf16().count();
                (length, !text.is_empty() && !text.contains('\n'))
            }
            Data::Binary(base64) => ("!!binary".len() + base64.len(), !base64.is_empty()),
            Data::Sequence | Data::Mapping | Data::Set => ("!!seq".len(), is_empty),
        };
        anchor_length + length < SIMPLE_KEY_LENGTH && is_candidate
    }

    // Text.

    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.encode_utf16().count();
    }

    /// Writes an indicator; with `needs_space`, one stands before it.
    fn indicator(&mut self, text: &str, needs_space: bool) {
        if needs_space && !self.is_behind_space {
            self.write(" ");
        }
        self.is_behind_space = false;
        self.write(text);
    }

    fn new_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
        self.is_behind_space = true;
    }

    fn plain(&mut self, text: &str) {
        self.indicator(text, true);
    }

    fn scalar(&mut self, value: &RawValue<'_>, position: Position) {
        let text = scalar_text(value);
        if !matches!(value, RawValue::Text(_)) {
            return self.plain(&text);
        }
        let is_multiline = text.contains(['\n', '\u{85}', '\u{2028}', '\u{2029}']);
        if is_multiline || text.chars().any(is_special) {
            self.double_quoted(&text);
        } else if is_plain(&text) && !(position == Position::SimpleKey && text.is_empty()) {
            self.plain(&text);
        } else {
            self.indicator(&format!("'{}'", text.replace('\'', "''")), true);
        }
    }

    fn double_quoted(&mut self, text: &str) {
        let mut quoted = String::with_capacity(text.len() + 2);
        quoted.push('"');
        for c in text.chars() {
            match c {
                '\0' => quoted.push_str("\\0"),
                '\u{7}' => quoted.push_str("\\a"),
                '\u{8}' => quoted.push_str("\\b"),
                '\t' => quoted.push_str("\\t"),
                '\n' => quoted.push_str("\\n"),
                '\u{B}' => quoted.push_str("\\v"),
                '\u{C}' => quoted.push_str("\\f"),
                '\r' => quoted.push_str("\\r"),
                '\u{1B}' => quoted.push_str("\\e"),
                '"' => quoted.push_str("\\\""),
                '\\' => quoted.push_str("\\\\"),
                '\u{85}' => quoted.push_str("\\N"),
                '\u{A0}' => quoted.push_str("\\_"),
                '\u{2028}' => quoted.push_str("\\L"),
                '\u{2029}' => quoted.push_str("\\P"),
                ' '..='~' | '\u{A1}'..='\u{FFFD}' | '\u{10000}'.. => quoted.push(c),
                _ if c <= '\u{FF}' => {
                    let _ = write!(quoted, "\\x{:02x}", u32::from(c));
                }
                _ => {
                    let _ = write!(quoted, "\\u{:04x}", u32::from(c));
                }
            }
        }
        quoted.push('"');
        self.indicator(&quoted, true);
    }
}

/// A scalar as `Configuration.toMap` writes it.
fn scalar_text<'v>(value: &'v RawValue<'_>) -> Cow<'v, str> {
    value.map_text()
}

/// A character that only double quotes can hold.
fn is_special(c: char) -> bool {
    !matches!(c, '\n' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether a text needs no quotes within `[` and `{`: it neither reads as another type nor looks
/// like YAML.
fn is_plain(text: &str) -> bool {
    if plain_type(text) != PlainType::Text || text.starts_with(' ') || text.ends_with(' ') {
        return false;
    }
    if text.starts_with("---") || text.starts_with("...") {
        return false;
    }
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return false };
    let next = characters.clone().next();
    let is_space_next = next.is_none_or(|c| matches!(c, '\0' | ' ' | '\t' | '\r' | '\n'));
    if "#,[]{}&*!|>'\"%@`?:".contains(first) || (first == '-' && is_space_next) {
        return false;
    }
    let mut is_behind_space = matches!(first, '\0' | ' ' | '\t');
    for c in characters {
        if ",?[]{}:".contains(c) || (c == '#' && is_behind_space) {
            return false;
        }
        is_behind_space = matches!(c, '\0' | ' ' | '\t');
    }
    true
}
