//! The line dialect of `flink-conf.yaml`, which looks like YAML and is not.

use std::ops::Range;

use nom::bytes::complete::{tag, take_until};
use nom::combinator::rest;
use nom::sequence::separated_pair;
use nom::{IResult, Parser};

/// One `key: value` line; ranges are bytes of the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The key, trimmed.
    pub key: Range<usize>,
    /// The value, trimmed.
    pub value: Range<usize>,
    /// What the parser cut off: from the first `#` to the line's end.
    pub comment: Option<Range<usize>>,
}

/// A line that is neither blank nor a comment and that the dialect drops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedLine {
    /// Why it is dropped.
    pub reason: SkipReason,
    /// The line without its comment, trimmed.
    pub line: Range<usize>,
}

/// Why a line is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// There is no colon followed by a space.
    NoSeparator,
    /// Key or value is empty.
    EmptyKeyOrValue,
}

/// A whole file, line by line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LegacyFile {
    /// The lines that say something, in file order.
    pub pairs: Vec<Pair>,
    /// The lines that are dropped, in file order.
    pub skipped: Vec<SkippedLine>,
}

/// Reads `text` as `GlobalConfiguration` of Flink 1.10 to 1.20 does.
///
/// Lines end at `\n`, `\r` or `\r\n`; everything from the first `#` is dropped, quoted or not;
/// what is left is trimmed of characters up to U+0020 and split at the first `": "`.
///
/// Source: `GlobalConfiguration.loadYAMLResource` (1.10 to 1.18) and `loadLegacyYAMLResource`
/// (1.19, 1.20).
pub fn parse(text: &str) -> LegacyFile {
    let mut file = LegacyFile::default();
    for line in lines(text) {
        let slice = text.get(line.clone()).unwrap_or("");
        let (body, comment) = match memchr::memchr(b'#', slice.as_bytes()) {
            Some(at) => (line.start..line.start + at, Some(line.start + at..line.end)),
            None => (line, None),
        };
        let body = trim(text, body);
        if body.is_empty() {
            continue;
        }
        let slice = text.get(body.clone()).unwrap_or("");
        match pair(slice.as_bytes()) {
            Ok((_, (key, value))) => {
                let key = trim(text, body.start..body.start + key.len());
                let value = trim(text, body.end - value.len()..body.end);
                if key.is_empty() || value.is_empty() {
                    file.skipped
                        .push(SkippedLine { reason: SkipReason::EmptyKeyOrValue, line: body });
                } else {
                    file.pairs.push(Pair { key, value, comment });
                }
            }
            Err(_) => {
                file.skipped.push(SkippedLine { reason: SkipReason::NoSeparator, line: body })
            }
        }
    }
    file
}

/// Splits at the first colon that a space follows; among bytes, where that takes less time.
fn pair(line: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    separated_pair(take_until(&b": "[..]), tag(&b": "[..]), rest).parse(line)
}

fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= bytes.len() {
            return None;
        }
        let rest = bytes.get(start..)?;
        let end = memchr::memchr2(b'\n', b'\r', rest).map_or(bytes.len(), |at| start + at);
        let line = start..end;
        let crlf = bytes.get(end) == Some(&b'\r') && bytes.get(end + 1) == Some(&b'\n');
        start = end + if crlf { 2 } else { 1 };
        Some(line)
    })
}

/// Java's `trim`: characters up to U+0020 go, whatever else Unicode calls a space stays.
fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes().get(range.clone()).unwrap_or_default();
    let is_text = |byte: &u8| *byte > b' ';
    let before = bytes.iter().position(is_text).unwrap_or(bytes.len());
    let length = bytes.iter().rposition(is_text).map_or(before, |last| last + 1);
    range.start + before..range.start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, pairs: &[(&str, &str)], skipped: &[&str]) {
        let file = parse(text);
        let found: Vec<_> = file
            .pairs
            .iter()
            .map(|pair| (&text[pair.key.clone()], &text[pair.value.clone()]))
            .collect();
        assert_eq!(found, pairs, "{text:?}");
        let dropped: Vec<_> = file.skipped.iter().map(|skip| &text[skip.line.clone()]).collect();
        assert_eq!(dropped, skipped, "{text:?}");
    }

    #[test]
    fn lines_read_as_flink_reads_them() {
        check("a: b\r\nc: d\re: f", &[("a", "b"), ("c", "d"), ("e", "f")], &[]);
        check("k: v#c", &[("k", "v")], &[]);
        check("k: a\\#b", &[("k", "a\\")], &[]);
        check("k: \"1g\" ", &[("k", "\"1g\"")], &[]);
        check("a:b: c", &[("a:b", "c")], &[]);
        check("k : v", &[("k", "v")], &[]);
        check("- k: v", &[("- k", "v")], &[]);
        check("a:\n  b: c", &[("b", "c")], &["a:"]);
        check("k:v\nk:\tv\nk: \n: v", &[], &["k:v", "k:\tv", "k:", ": v"]);
        check("\u{feff}k: \u{a0}v\u{a0}", &[("\u{feff}k", "\u{a0}v\u{a0}")], &[]);
        check("k: v\0", &[("k", "v")], &[]);
    }

    proptest::proptest! {
        #[test]
        fn every_text_is_read(text in "(?s).*") {
            for pair in parse(&text).pairs {
                proptest::prop_assert!(text.get(pair.key).is_some() && text.get(pair.value).is_some());
            }
        }
    }
}
