//! What the lines around a syntax error say.
//!
//! Flink refuses the whole file, but a file is broken at every second keystroke, and its other
//! lines are worth a look all the same. So each entry of the outermost map is read by itself, with
//! the lines that are indented below it; of an entry that cannot be read, each entry of its map,
//! and so on, until what is left out is the lines at fault. Every text is read at most once for
//! each of its levels.

use std::borrow::Cow;
use std::ops::Range;

use super::flatten::settings_of;
use crate::config::Setting;
use crate::source::{FileId, Span};
use crate::syntax::yaml::{self, YamlError};

/// Maps within maps that are taken apart; real files have about five.
const MAX_LEVELS: usize = 32;
/// Larger texts are read once only.
const MAX_BYTES: usize = 1 << 20;

/// The settings of a text that is refused for `error`, without the lines at fault.
pub(super) fn settings(file: FileId, text: &str, error: &YamlError) -> Vec<Setting<'static>> {
    if text.len() > MAX_BYTES || error.is_too_deep() {
        return Vec::new();
    }
    let text = without_lines_behind_tabs(text);
    let mut recovery = Recovery { file, text: &text, settings: Vec::new() };
    recovery.read_map(0..text.len(), "", 0);
    recovery.settings
}

struct Recovery<'t> {
    file: FileId,
    text: &'t str,
    settings: Vec<Setting<'static>>,
}

impl Recovery<'_> {
    /// Reads the entries of the map that these lines are; `path` is the map's key with its dot.
    fn read_map(&mut self, lines: Range<usize>, path: &str, level: usize) {
        for entry in entries(self.text, lines) {
            self.read_entry(entry, path, level);
        }
    }

    fn read_entry(&mut self, lines: Range<usize>, path: &str, level: usize) {
        let Some(text) = self.text.get(lines.clone()) else { return };
        if let Ok(document) = yaml::parse(text) {
            let file = self.file;
            let moved = |span: Span| {
                let range = span.range();
                Span::new(file, lines.start + range.start..lines.start + range.end)
            };
            self.settings.extend(settings_of(file, text, &document).into_iter().map(|setting| {
                let key = format!("{path}{}", setting.key).into();
                let (key_span, value_span) = (moved(setting.key_span), moved(setting.value_span));
                Setting { key, key_span, value_span, ..setting }.into_owned()
            }));
        } else if level < MAX_LEVELS
            && let Some((key, header_length)) = lone_key(text)
        {
            let path = format!("{path}{key}.");
            self.read_map(lines.start + header_length..lines.end, &path, level + 1);
        }
    }
}

/// The text with spaces over each line that has a tab where only spaces may stand: it would
/// count as outermost and tear apart what is around it.
fn without_lines_behind_tabs(text: &str) -> Cow<'_, str> {
    let is_behind_tab = |line: &Range<usize>| {
        text.get(line.clone()).unwrap_or("").trim_start_matches(' ').starts_with('\t')
    };
    if !text.contains('\t') {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for line in lines(text, 0..text.len()).filter(is_behind_tab) {
        cleaned.push_str(text.get(cleaned.len()..line.start).unwrap_or(""));
        cleaned.extend(std::iter::repeat_n(' ', line.len()));
    }
    cleaned.push_str(text.get(cleaned.len()..).unwrap_or(""));
    Cow::Owned(cleaned)
}

/// The lines within `range`, without their ends.
fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes().get(range.clone()).unwrap_or_default();
    let mut start = range.start;
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes).map(move |end| range.start + end);
    ends.chain(std::iter::once(range.end)).map(move |end| {
        let line = start..end;
        start = end + 1;
        line
    })
}

/// The entries of a map: from a line that is indented no more than the first one, up to the next.
fn entries(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut entries: Vec<Range<usize>> = Vec::new();
    let mut outermost = usize::MAX;
    for line in lines(text, range.clone()) {
        let whole = text.get(line.clone()).unwrap_or("");
        let content = whole.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indentation = whole.len() - content.len();
        let is_first = entries.is_empty();
        if is_first {
            outermost = indentation;
        }
        // The items of a list may stand right below its key.
        let is_item = content == "-" || content.starts_with("- ");
        if indentation <= outermost && (is_first || !is_item) {
            if let Some(last) = entries.last_mut() {
                last.end = line.start;
            }
            entries.push(line.start..range.end);
        }
    }
    entries
}

/// The key of a text whose first line holds nothing else, and that line's length with its end.
fn lone_key(text: &str) -> Option<(&str, usize)> {
    let line = lines(text, 0..text.len()).next()?;
    let first = text.get(line.clone())?;
    let first = first.split(" #").next().unwrap_or(first).trim();
    let key = first.strip_suffix(':')?.trim_end();
    let unquoted = |quote| key.strip_prefix(quote).and_then(|key| key.strip_suffix(quote));
    let key = unquoted('"').or_else(|| unquoted('\'')).unwrap_or(key);
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    let is_key = !key.is_empty() && key.chars().all(is_plain);
    is_key.then_some((key, (line.end + 1).min(text.len())))
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
            let key = sources.text(setting.key_span).trim_matches(['"', '\'']);
            assert!(setting.key.ends_with(key), "{key} is not where {} stands", setting.key);
        }
    }

    #[test]
    fn a_half_typed_line_hides_no_other() {
        check("a: 1\ntaskman\nb: 2\n", "a=1 b=2");
        check("a: 1\nb: 2\ntaskman", "a=1 b=2");
        check("taskman\na: 1\n", "a=1");
        check("a: 1\nb: 'x\nc: 2\n", "a=1 c=2");
        check("a: '1'\nb: 'x\nc: '2'\nd: '3'\n", "a=1 c=2 d=3");
        check("a:\n  b: '1\n  c: '2'\n  d:\n    e: \"x\n    f: \"y\"\ng: 1", "a.c=2 a.d.f=y g=1");
        check("a:\n- x\n- y\nb: [\nc: 1\n", "a=[x, y] c=1");
        check("a: |\n  x\n   y\nb\nc: 1\n", "a=x\n y\n c=1");
        check("'a': # why\n  \"b.c\": 1\n  @\nc: 1\n", "a.b.c=1 c=1");
        check("\u{feff}a: 1\n@\n", "a=1");
        check("a:\n  b: 1\n\tc: 2\n  d: 3\n", "a.b=1 a.d=3");
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
