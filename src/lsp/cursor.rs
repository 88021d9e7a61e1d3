//! Where in a line someone types, for files that may be half written.
//!
//! A line says enough: what stands before the colon is a key, what stands behind it a value, and
//! the lines above with less indentation are the key's first parts. So completion works in every
//! dialect and in every state of the file.

use std::ops::Range;

use super::position::Positions;
use crate::config::Dialect;

/// What is being typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    /// A key.
    Key {
        /// What the lines above put in front of it, with its last dot: `taskmanager.memory.`.
        prefix: String,
        /// What is written before the cursor.
        typed: String,
        /// What a completion replaces.
        replace: Range<usize>,
        /// Whether a colon follows already.
        has_value: bool,
    },
    /// A value.
    Value {
        /// The whole key.
        key: String,
        /// What is written before the cursor.
        typed: String,
        /// What a completion replaces.
        replace: Range<usize>,
    },
    /// A comment, or nothing that a completion could help with.
    Elsewhere,
}

impl Cursor {
    /// What stands at the byte `offset`.
    pub(super) fn at(positions: &Positions<'_>, dialect: Dialect, offset: usize) -> Self {
        let line = positions.line_of(offset);
        let text = positions.text.get(line.clone()).unwrap_or("");
        let column = offset.saturating_sub(line.start).min(text.len());
        let comment = comment_start(text, dialect);
        if comment.is_some_and(|at| at < column) {
            return Self::Elsewhere;
        }
        let body = text.get(..comment.unwrap_or(text.len())).unwrap_or("");
        let block = Block::of(positions, line.start, dialect);
        let start = body.len() - body.trim_start_matches([' ', '\t', '-', '\'', '"']).len();
        let colon = separator(body, start);
        match colon.filter(|colon| column > *colon) {
            Some(colon) => {
                let key = body.get(start..colon).unwrap_or("");
                let key = format!("{}{}", block.prefix, key.trim().trim_end_matches(['\'', '"']));
                let value = body.get(colon + 1..).unwrap_or("");
                let value_start = body.len() - value.trim_start().len();
                let value_end = (colon + 1 + value.trim_end().len()).max(column);
                let value_start = value_start.min(column);
                // In a list only the item is replaced.
                let typed = body.get(value_start..column).unwrap_or("");
                let item = typed.rfind([';', ',', '[']).map_or(0, |at| {
                    let rest = typed.get(at + 1..).unwrap_or("");
                    typed.len() - rest.trim_start().len()
                });
                let typed = typed.get(item..).unwrap_or("").trim_start_matches(['\'', '"']);
                Self::Value {
                    key,
                    typed: typed.to_owned(),
                    replace: offset - typed.len()..line.start + value_end,
                }
            }
            None => {
                let start = start.min(column);
                let end = colon.unwrap_or_else(|| body.trim_end().len().max(column));
                Self::Key {
                    prefix: block.prefix,
                    typed: body.get(start..column).unwrap_or("").to_owned(),
                    replace: line.start + start..line.start + end,
                    has_value: colon.is_some(),
                }
            }
        }
    }
}

/// Where a line's comment starts: at any `#` in `flink-conf.yaml`, in YAML at one after a space.
fn comment_start(line: &str, dialect: Dialect) -> Option<usize> {
    line.match_indices('#').map(|(at, _)| at).find(|at| match dialect {
        Dialect::Legacy => true,
        Dialect::Yaml => line.get(..*at).is_some_and(|text| {
            text.chars().next_back().is_none_or(char::is_whitespace)
                && text.matches(['"', '\'']).count().is_multiple_of(2)
        }),
    })
}

/// The colon that ends the key: followed by a space, or the last character.
fn separator(body: &str, start: usize) -> Option<usize> {
    body.match_indices(':').map(|(at, _)| at).filter(|at| *at >= start).find(|at| {
        body.get(at + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    })
}

/// What the lines above say about a line.
struct Block {
    /// The first parts of its keys.
    prefix: String,
}

/// Where Flink's keys start anew within a manifest of Kubernetes or Compose.
const CONFIGURATION_BLOCKS: [&str; 2] = ["flinkConfiguration", "FLINK_PROPERTIES"];
/// More lines above are not looked at.
const MAX_LINES: usize = 2000;

impl Block {
    fn of(positions: &Positions<'_>, line_start: usize, dialect: Dialect) -> Self {
        let top = Self { prefix: String::new() };
        if dialect == Dialect::Legacy {
            return top;
        }
        let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let rest = positions.text.get(line_start..).unwrap_or("");
        let mut indent = indentation(rest.split(['\n', '\r']).next().unwrap_or(""));
        let mut parts: Vec<&str> = Vec::new();
        let above = positions.text.get(..line_start).unwrap_or("");
        for line in above.lines().rev().take(MAX_LINES) {
            if indent == 0 {
                break;
            }
            let body = line.trim();
            if body.is_empty() || body.starts_with('#') || indentation(line) >= indent {
                continue;
            }
            indent = indentation(line);
            let Some((key, value)) = body.split_once(':') else { continue };
            let key = key.trim().trim_start_matches("- ").trim_matches(['\'', '"']);
            let block_scalar = value.trim().starts_with(['|', '>']);
            let is_environment =
                block_scalar && (key == "value" && above.contains("FLINK_PROPERTIES"));
            if CONFIGURATION_BLOCKS.contains(&key) || is_environment {
                break;
            }
            parts.push(key);
        }
        let prefix = parts.iter().rev().map(|part| format!("{part}.")).collect();
        Self { prefix }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::position::Encoding;
    use crate::source::LineIndex;

    /// `^` stands for the cursor.
    fn check(dialect: Dialect, text: &str, expected: &str) {
        let offset = text.find('^').unwrap();
        let text = text.replacen('^', "", 1);
        let lines = LineIndex::new(&text);
        let positions = Positions { text: &text, lines: &lines, encoding: Encoding::Utf8 };
        let found = match Cursor::at(&positions, dialect, offset) {
            Cursor::Key { prefix, typed, replace, has_value } => {
                let replaced = text.get(replace).unwrap();
                format!(
                    "key {prefix}+{typed} over {replaced:?}{}",
                    if has_value { " :" } else { "" }
                )
            }
            Cursor::Value { key, typed, replace } => {
                format!("value of {key}: {typed} over {:?}", text.get(replace).unwrap())
            }
            Cursor::Elsewhere => "elsewhere".to_owned(),
        };
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn keys_and_values_are_told_apart() {
        let check = |text, expected| check(Dialect::Legacy, text, expected);
        check("^", "key + over \"\"");
        check("task^man", "key +task over \"taskman\"");
        check("a: b\nta^sk: c", "key +ta over \"task\" :");
        check("a: ^", "value of a:  over \"\"");
        check("a:^", "value of a:  over \"\"");
        check("a: b^c # d", "value of a: b over \"bc\"");
        check("a: x;y^", "value of a: y over \"y\"");
        check("a: b # c^", "elsewhere");
        check("# a^", "elsewhere");
        check("a:\n  b^", "key +b over \"b\"");
        check("  a.b^", "key +a.b over \"a.b\"");
    }

    #[test]
    fn nesting_is_read_from_the_indentation() {
        let check = |text, expected| check(Dialect::Yaml, text, expected);
        check("taskmanager:\n  memory:\n    ^", "key taskmanager.memory.+ over \"\"");
        check("taskmanager:\n  memory:\n    a: 1\n  numb^", "key taskmanager.+numb over \"numb\"");
        check("a:\n  # c\n\n  b.c: ^", "value of a.b.c:  over \"\"");
        check("a: 'x # y^'", "value of a: x # y over \"x # y'\"");
        check("spec:\n  flinkConfiguration:\n    state.^", "key +state. over \"state.\"");
        check(
            "env:\n  - name: FLINK_PROPERTIES\n    value: |\n      a.b: ^",
            "value of a.b:  over \"\"",
        );
        check("FLINK_PROPERTIES: >\n  a.b^", "key +a.b over \"a.b\"");
    }
}
