use std::ops::Range;

use super::tree::Node;
use crate::syntax::yaml::ScalarStyle;

/// A configuration within a scalar: the text up to its end with all around it blank, and where it
/// is. Line breaks that YAML folds are spaces, and escapes are what they stand for.
pub(super) struct View {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

/// The view of a scalar's text.
pub(super) fn view(text: &str, node: Node<'_, '_>) -> Option<View> {
    let (_, style) = node.raw()?;
    let span = node.span().range();
    let written = text.get(span.clone())?;
    let (range, body) = match style {
        ScalarStyle::Literal | ScalarStyle::Folded => {
            let header = written.find('\n').map_or(written.len(), |end| end + 1);
            let body = written.get(header..)?;
            let body = if style == ScalarStyle::Folded {
                fold(body, Start::Line)
            } else {
                body.to_owned()
            };
            (span.start + header..span.end, body)
        }
        ScalarStyle::Plain => (span, fold(written, Start::WithinLine)),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
            let inner = span.start + 1..span.end.saturating_sub(1).max(span.start + 1);
            let body = text.get(inner.clone())?;
            let body = match style {
                ScalarStyle::DoubleQuoted => unescape(&fold(body, Start::WithinLine)),
                _ => fold(body, Start::WithinLine),
            };
            (inner, body)
        }
    };
    let mut view = blank(text.get(..range.start)?);
    view.push_str(&body);
    Some(View { text: view, range })
}

/// The view of a part of a text that needs no decoding.
pub(in crate::manifest) fn blank_around(text: &str, range: Range<usize>) -> Option<String> {
    let mut view = blank(text.get(..range.start)?);
    view.push_str(text.get(range)?);
    Some(view)
}

/// As many bytes with every line break in its place, and nothing else.
pub(super) fn blank(text: &str) -> String {
    text.bytes()
        .map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' })
        .collect()
}

/// Where a scalar's text starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// With the indentation of its first line.
    Line,
    /// Behind a key or a quote, so that the first line shows no indentation.
    WithinLine,
}

/// Lines that YAML joins, joined in place: a break between two lines of text is a space. In a
/// folded block a break next to a blank or deeper line stays; elsewhere only blank lines keep it.
fn fold(body: &str, start: Start) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let least = body.lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let joins = |line: &str| {
        !line.trim().is_empty() && (start == Start::WithinLine || indent(line) <= least)
    };
    let mut folded = String::with_capacity(body.len());
    let mut lines = body.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if joins(line) && lines.peek().is_some_and(|next| joins(next)) {
            folded.extend(line.chars().map(|c| if matches!(c, '\n' | '\r') { ' ' } else { c }));
        } else {
            folded.push_str(line);
        }
    }
    folded
}

/// Escapes of a double-quoted scalar in place: `\n` becomes a space and a line break.
fn unescape(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        text.push(' ');
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push(' '),
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_keep_every_place() {
        assert_eq!(blank("a é:\r\n b"), "     \r\n  ");
        assert_eq!(fold("  a: b\n  c: d\n\n  e\n", Start::Line), "  a: b   c: d\n\n  e\n");
        assert_eq!(fold("  a\n    deeper\n  b\n", Start::Line), "  a\n    deeper\n  b\n");
        assert_eq!(unescape("a: b\\nc: \\\"d\\\""), "a: b \nc:  \"d \"");
    }

    proptest::proptest! {
        #[test]
        fn views_are_as_long_as_the_text(text in "(?s)[-ab: |>'\"\\\\\n\ré]{0,40}") {
            proptest::prop_assert_eq!(blank(&text).len(), text.len());
            proptest::prop_assert_eq!(fold(&text, Start::Line).len(), text.len());
            proptest::prop_assert_eq!(unescape(&text).len(), text.len());
        }
    }
}
