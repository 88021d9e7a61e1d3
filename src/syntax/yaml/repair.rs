//! A broken text without its lines at fault.
//!
//! Whoever writes a manifest breaks it at every second keystroke, and its other lines are worth a
//! look all the same. A line that is no YAML by itself is at fault: a key without its colon, a
//! quote that does not end. If the text is broken all the same, an indentation is off, and the
//! parser says where.

use std::ops::Range;

use super::{Content, parse};

/// Larger texts are not repaired.
const MAX_BYTES: usize = 1 << 18;
/// Lines with an indentation that is off; each costs a few readings of the whole text.
const MAX_STEPS: usize = 8;

/// The text with spaces over each line at fault, every other one in its place; `None` if it is
/// broken beyond that.
pub fn repaired(text: &str) -> Option<String> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let lines = lines(text);
    let bytes = blanked(text, &broken(&lines));
    let mut repair = Repair { bytes, lines };
    for _ in 0..MAX_STEPS {
        let Err(error) = parse(&repair.bytes) else { return Some(repair.bytes) };
        repair.blank_at(error.span.start)?;
    }
    parse(&repair.bytes).is_ok().then_some(repair.bytes)
}

/// One line, without its end.
#[derive(Debug, Clone)]
struct Line {
    range: Range<usize>,
    indentation: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing, or a comment, or text of a block; it breaks nothing.
    Inert,
    /// Readable by itself.
    Sound,
    /// A text where a key is expected.
    HalfTyped,
    /// Unreadable by itself.
    Broken,
}

struct Repair {
    bytes: String,
    lines: Vec<Line>,
}

/// Where the lines are that are at fault by themselves, with what is below half-typed keys.
fn broken(lines: &[Line]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut last_sound: Option<usize> = None;
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        index += 1;
        match line.kind {
            Kind::Inert => {}
            Kind::Sound => last_sound = Some(line.indentation),
            Kind::Broken => ranges.push(line.range.clone()),
            Kind::HalfTyped => {
                let rest = lines.get(index..).unwrap_or_default();
                let is_out =
                    |it: &Line| it.kind != Kind::Inert && it.indentation <= line.indentation;
                let below =
                    rest.get(..rest.iter().position(is_out).unwrap_or(rest.len())).unwrap_or(rest);
                let first = below.iter().find(|line| line.kind != Kind::Inert);
                // Lines that go on where those above it left off are not what it is the key of.
                let is_key = first.is_some_and(|first| last_sound != Some(first.indentation));
                let below = if is_key { below } else { &[] };
                index += below.len();
                ranges.push(line.range.start..below.last().unwrap_or(line).range.end);
            }
        }
    }
    ranges
}

impl Repair {
    /// Blanks the line at a byte, or the one above if only that mends the text.
    fn blank_at(&mut self, at: usize) -> Option<()> {
        let is_left = |line: &&Line| {
            self.bytes.get(line.range.clone()).is_some_and(|line| !line.trim().is_empty())
        };
        let mut left = self.lines.iter().filter(|line| line.range.start <= at).filter(is_left);
        let here = left.next_back()?.range.clone();
        let above = left.next_back().map(|line| line.range.clone());
        let mended = |range: &Range<usize>| {
            let text = blanked(&self.bytes, std::slice::from_ref(range));
            parse(&text).is_ok().then_some(text)
        };
        let text = mended(&here).or_else(|| mended(&above?));
        self.bytes = text.unwrap_or_else(|| blanked(&self.bytes, std::slice::from_ref(&here)));
        Some(())
    }
}

/// The text with spaces over some ranges, in order; ends of lines stay.
fn blanked(text: &str, ranges: &[Range<usize>]) -> String {
    let mut blank = String::with_capacity(text.len());
    for range in ranges {
        blank.push_str(text.get(blank.len()..range.start).unwrap_or(""));
        let covered = text.get(range.clone()).unwrap_or("").bytes();
        blank.extend(covered.map(|byte| match byte {
            b'\n' | b'\r' => char::from(byte),
            _ => ' ',
        }));
    }
    blank.push_str(text.get(blank.len()..).unwrap_or(""));
    blank
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    // Text of a block is indented more than the line that announces it.
    let mut block: Option<usize> = None;
    let mut start = 0;
    for whole in text.split_inclusive(['\n', '\r']) {
        let line = whole.trim_end_matches(['\n', '\r']);
        let content = line.trim_start_matches(' ');
        let indentation = line.len() - content.len();
        if !content.is_empty() && block.is_some_and(|header| indentation <= header) {
            block = None;
        }
        let kind = if block.is_some() { Kind::Inert } else { kind(content) };
        if kind == Kind::Sound && announces_block(content) {
            block = Some(indentation);
        }
        lines.push(Line { range: start..start + line.len(), indentation, kind });
        start += whole.len();
    }
    lines
}

fn kind(content: &str) -> Kind {
    let is_marker = ["---", "...", "%"].iter().any(|marker| content.starts_with(marker));
    if content.is_empty() || content.starts_with('#') || is_marker {
        return Kind::Inert;
    }
    if content.starts_with('\t') {
        return Kind::Broken;
    }
    // What an alias names stands on another line.
    let content = content.replace(": *", ": &").replace("- *", "- &");
    let Ok(document) = parse(&content) else { return Kind::Broken };
    let root = document.root().and_then(|root| document.node(root));
    match root.map(|node| &node.content) {
        Some(Content::Mapping(_) | Content::Sequence(_)) => Kind::Sound,
        Some(Content::Scalar(..)) => Kind::HalfTyped,
        None => Kind::Inert,
    }
}

/// Whether a line ends with `|` or `>` and what may follow them.
fn announces_block(content: &str) -> bool {
    let content = content.split(" #").next().unwrap_or(content).trim_end();
    let last = content.rsplit(' ').next().unwrap_or("");
    let rest = last.strip_prefix(['|', '>']);
    rest.is_some_and(|rest| rest.chars().all(|c| matches!(c, '+' | '-' | '0'..='9')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that are left, and whether each is where it was.
    fn check(text: &str, expected: &str) {
        let repaired = repaired(text).unwrap_or_default();
        let mut left = Vec::new();
        for (before, after) in text.lines().zip(repaired.lines()) {
            if !after.trim().is_empty() {
                assert_eq!(before, after);
                left.push(after.trim());
            }
        }
        assert_eq!(left.join(" / "), expected, "{text:?}");
    }

    #[test]
    fn a_half_typed_line_hides_no_other() {
        check("a:\n  b: 1\n  tas\n  c: 2\n", "a: / b: 1 / c: 2");
        check("a:\n  b: 1\n  tas\n", "a: / b: 1");
        check("tas\na: 1\n", "a: 1");
        check("a:\n  b: \"1\"\n  c: \"2\n  d: \"3\"\n", "a: / b: \"1\" / d: \"3\"");
        check("a:\n  b: 'x\ne: 1\n", "a: / e: 1");
        check("a:\n  image: flink: 1.20\n  b: 1\n", "a: / b: 1");
        check("a:\n- x: 1\n- y\n  z: 2\n- [\nb: 1\n", "a: / - x: 1 / - y / b: 1");
        check("a: |\n  x\n  'y\nb\nc: 1\n", "a: | / x / 'y / c: 1");
        check("a: 1\n\tb: 2\nc: 3\n", "a: 1 / c: 3");
        check("x: &x {y: 1}\na:\n  <<: *x\n  z\n  b: *x\n", "x: &x {y: 1} / a: / <<: *x / b: *x");
        check("a: 1\nb: *x\nc: 2\n", "a: 1 / c: 2");
        check("a: 1\r\ntas\r\nb: é\r\n", "a: 1 / b: é");
    }

    #[test]
    fn what_is_below_a_half_typed_key_goes_with_it() {
        check("a:\n  b: 1\n  tas\n    c: 2\n    d: 3\n  e: 4\n", "a: / b: 1 / e: 4");
        check("a:\n  b: 1\n  c: 2\ntas\n  d: 3\ne: 4\n", "a: / b: 1 / c: 2 / d: 3 / e: 4");
    }

    #[test]
    fn an_indentation_that_is_off_costs_its_line() {
        check("a:\n  b: 1\n    c: 2\n  d: 3\n", "a: / b: 1 / d: 3");
        check("a:\n    b: 1\n   c: 2\n    d: 3\ne: 4\n", "a: / b: 1 / d: 3 / e: 4");
        check("a:\n    b: 1\n  c: 2\n    d: 3\n    e: 4\n", "a: / b: 1 / d: 3 / e: 4");
    }

    proptest::proptest! {
        #[test]
        fn what_is_left_is_yaml_in_its_place(text in "(?s)[-?:,\\[\\]{}&*!|>'\"%@ \t\r\na0é]{0,60}") {
            if let Some(repaired) = repaired(&text) {
                proptest::prop_assert!(parse(&repaired).is_ok());
                proptest::prop_assert_eq!(repaired.len(), text.len());
            }
        }
    }
}
