//! What the lines around a syntax error say.
//!
//! Flink refuses the whole file, but a file is broken at every second keystroke, and its other
//! lines are worth a look all the same. So the line at fault is taken for an empty one and the
//! rest is read again; where that does not help, more and more lines are.

use std::ops::Range;

use super::flatten::settings_of;
use crate::config::{RawValue, Setting};
use crate::source::FileId;
use crate::syntax::yaml::{self, YamlError};

/// Lines that are taken out one by one; after that, twice as many each time.
const SINGLE_ROUNDS: usize = 6;
/// With doubling, enough to reach the end of any file that is read.
const MAX_ROUNDS: usize = SINGLE_ROUNDS + 22;
/// Larger texts are read once only.
const MAX_BYTES: usize = 1 << 20;

/// The settings of a text that is refused for `error`, without the lines at fault.
pub(super) fn settings(file: FileId, text: &str, error: &YamlError) -> Vec<Setting<'static>> {
    if text.len() > MAX_BYTES || error.is_too_deep() {
        return Vec::new();
    }
    let mut bytes = text.as_bytes().to_vec();
    let mut error = error.clone();
    for round in 0..MAX_ROUNDS {
        let line_count = if round < SINGLE_ROUNDS { 1 } else { 2 << (round - SINGLE_ROUNDS) };
        let blanked = match half_typed_above(&bytes, &error) {
            Some(line) => {
                blank_with_children(&mut bytes, line);
                true
            }
            None => {
                let at = error.unfinished_start().unwrap_or(error.span.start);
                blank(&mut bytes, at, line_count)
            }
        };
        if !blanked {
            return Vec::new();
        }
        // Spaces stand for whole characters, so what is left is UTF-8 as before.
        let Ok(rest) = std::str::from_utf8(&bytes) else { return Vec::new() };
        match yaml::parse(rest) {
            Ok(document) => {
                return settings_of(file, rest, &document).into_iter().map(into_owned).collect();
            }
            Err(next) => error = next,
        }
    }
    Vec::new()
}

/// The line above that of the error, if it is no key yet and so takes in the line of the error.
fn half_typed_above(bytes: &[u8], error: &YamlError) -> Option<Range<usize>> {
    if error.unfinished_start().is_some() {
        return None;
    }
    let line = line_at(bytes, error.span.start);
    let before = bytes.get(..line.start).unwrap_or_default();
    let above = line_at(bytes, before.iter().rposition(is_text)?);
    let text = bytes.get(above.clone()).unwrap_or_default().trim_ascii();
    let is_half_typed = !text.is_empty() && !text.contains(&b':') && !text.starts_with(b"#");
    is_half_typed.then_some(above)
}

/// Writes spaces over a line, and over the lines below that are indented deeper: they belong to
/// it, and would otherwise count as keys of the map around it.
fn blank_with_children(bytes: &mut [u8], mut line: Range<usize>) {
    let indentation = indentation(bytes, &line);
    loop {
        fill(bytes, &line);
        if line.end >= bytes.len() {
            return;
        }
        line = line_at(bytes, line.end + 1);
        let is_child = is_blank(bytes, &line) || self::indentation(bytes, &line) > indentation;
        if !is_child {
            return;
        }
    }
}

fn is_text(byte: &u8) -> bool {
    !matches!(byte, b' ' | b'\n' | b'\r')
}

fn indentation(bytes: &[u8], line: &Range<usize>) -> usize {
    let line = bytes.get(line.clone()).unwrap_or_default();
    line.iter().take_while(|byte| **byte == b' ').count()
}

/// Writes spaces over the line at an offset, and over as many after it as `line_count` says; over
/// the nearest line above that is not blank yet where that line is. Whether there was one.
fn blank(bytes: &mut [u8], offset: usize, line_count: usize) -> bool {
    let mut line = line_at(bytes, offset);
    while is_blank(bytes, &line) {
        let Some(end_before) = line.start.checked_sub(1) else {
            // Everything above is blank: look below.
            return blank_next(bytes, line.end, line_count);
        };
        line = line_at(bytes, end_before);
    }
    for _ in 0..line_count {
        fill(bytes, &line);
        if line.end >= bytes.len() {
            break;
        }
        line = line_at(bytes, line.end + 1);
    }
    true
}

fn blank_next(bytes: &mut [u8], from: usize, line_count: usize) -> bool {
    let rest = bytes.get(from..).unwrap_or_default();
    match rest.iter().position(is_text) {
        Some(at) => blank(bytes, from + at, line_count),
        None => false,
    }
}

/// The bytes of the line at an offset, without its end.
fn line_at(bytes: &[u8], offset: usize) -> Range<usize> {
    let ends_line = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let offset = offset.min(bytes.len());
    let before = bytes.get(..offset).unwrap_or_default();
    let start = before.iter().rposition(ends_line).map_or(0, |end| end + 1);
    let after = bytes.get(offset..).unwrap_or_default();
    let end = after.iter().position(ends_line).map_or(bytes.len(), |end| offset + end);
    start..end
}

fn is_blank(bytes: &[u8], line: &Range<usize>) -> bool {
    bytes.get(line.clone()).unwrap_or_default().iter().all(|byte| *byte == b' ')
}

fn fill(bytes: &mut [u8], line: &Range<usize>) {
    if let Some(line) = bytes.get_mut(line.clone()) {
        line.fill(b' ');
    }
}

fn into_owned(setting: Setting<'_>) -> Setting<'static> {
    let Setting { key, value, key_span, value_span, layer } = setting;
    let value = match value {
        RawValue::Text(text) => RawValue::Text(text.into_owned().into()),
        RawValue::Boolean(value) => RawValue::Boolean(value),
        RawValue::Integer(value) => RawValue::Integer(value),
        RawValue::Long(value) => RawValue::Long(value),
        RawValue::BigInteger(digits) => RawValue::BigInteger(digits),
        RawValue::Double(value) => RawValue::Double(value),
        RawValue::Other(text) => RawValue::Other(text),
    };
    Setting { key: key.into_owned().into(), value, key_span, value_span, layer }
}

#[cfg(test)]
mod tests {
    use crate::config::{Dialect, load};
    use crate::source::{SourceFile, Sources};

    fn check(text: &str, expected: &str) {
        let mut sources = Sources::default();
        let id = sources.add(SourceFile::decode("config.yaml", text.as_bytes().to_vec()));
        let loaded = load(id, text, Dialect::Yaml);
        assert!(loaded.error.is_some(), "{text:?}");
        let found: Vec<_> =
            loaded.settings.iter().map(|it| format!("{}={}", it.key, it.value.text())).collect();
        assert_eq!(found.join(" "), expected, "{text:?}");
        for setting in &loaded.settings {
            let key = sources.text(setting.key_span);
            assert!(setting.key.ends_with(key), "{key} is not where {} stands", setting.key);
        }
    }

    #[test]
    fn a_half_typed_line_hides_no_other() {
        check("a: 1\ntaskman\nb: 2\n", "a=1 b=2");
        check("a: 1\nb: 2\ntaskman", "a=1 b=2");
        check("taskman\na: 1\n", "a=1");
        check("a: 1\nb: 'x\nc: 2\n", "a=1 c=2");
        check("a: 1\nb: \"é\nc: 2\n", "a=1 c=2");
        check("a: 1\nb: [x\nc: 2\n", "a=1 c=2");
        check("a: 1\nb: {x\nc: 2\n", "a=1 c=2");
        check("a: 1\nb: c: d\ne: 2\n", "a=1 e=2");
        check("a: 1\nb: *x\nc: 2\n", "a=1 c=2");
        check("a: 1\n\tb: 2\nc: 3\n", "a=1 c=3");
        check("a:\n  b: 1\n  tas\n  c: 2\nd: 3\n", "a.b=1 a.c=2 d=3");
        check("a:\n  b: 1\n  tas\n    c: 2\n\n    d: 3\n  e: 4\n", "a.b=1 a.e=4");
        check("a: 1\r\n@\r\nb: 2\r\n", "a=1 b=2");
        check("x\ny\nz\na: 1\n", "a=1");
    }

    #[test]
    fn a_file_that_is_broken_all_over_ends_quickly() {
        let text = "@: [\n".repeat(20_000);
        check(&text, "");
    }

    proptest::proptest! {
        #[test]
        fn every_text_ends(text in "(?s)[-?:,\\[\\]{}&*!|>'\"%@ \t\r\na0é]{0,60}") {
            let mut sources = Sources::default();
            let id = sources.add(SourceFile::decode("config.yaml", text.as_bytes().to_vec()));
            for setting in load(id, &text, Dialect::Yaml).settings {
                proptest::prop_assert!(text.get(setting.key_span.range()).is_some());
                proptest::prop_assert!(text.get(setting.value_span.range()).is_some());
            }
        }
    }
}
