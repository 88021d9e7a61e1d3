//! A file's comments and blank lines, and edits that leave them in their places.

use super::key::Fate;
use super::scalar;
use crate::catalog::Target;
use crate::config::{Dialect, Loaded, Setting};
use crate::finding::{Edit, apply};
use crate::source::{LineIndex, Span};

/// A file line by line, with the settings that each line starts.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) lines: Vec<Line>,
    pub(super) line_end: &'static str,
}

/// One line.
#[derive(Debug)]
pub(super) struct Line {
    /// The comment with its `#`; empty if there is none.
    pub(super) comment: String,
    /// The settings whose keys stand here, as places in the list of all.
    pub(super) settings: Vec<usize>,
    /// The text of a line that Flink drops.
    pub(super) skipped: Option<String>,
    pub(super) blank: bool,
}

impl Document {
    pub(super) fn new(
        text: &str,
        index: &LineIndex,
        loaded: &Loaded<'_>,
        dialect: Dialect,
    ) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        for number in 0..index.line_count() {
            let start = index.line_start(number).unwrap_or(0) as usize;
            let end = index.line_start(number + 1).map_or(text.len(), |end| end as usize);
            let line = text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r']);
            lines.push(Line {
                comment: String::new(),
                settings: Vec::new(),
                skipped: None,
                blank: line.trim().is_empty(),
            });
            let content = content_end(line, start, loaded, dialect);
            if let (Some(last), Some(comment)) = (lines.last_mut(), line.get(content..)) {
                last.comment = comment
                    .find('#')
                    .and_then(|at| comment.get(at..))
                    .unwrap_or("")
                    .trim_end()
                    .to_owned();
            }
        }
        for (place, setting) in loaded.settings.iter().enumerate() {
            if let Some(line) = lines.get_mut(index.line_index(setting.key_span.start)) {
                line.settings.push(place);
            }
        }
        for skipped in &loaded.skipped {
            let at = u32::try_from(skipped.line.start).unwrap_or(u32::MAX);
            if let Some(line) = lines.get_mut(index.line_index(at)) {
                line.skipped = text.get(skipped.line.clone()).map(str::to_owned);
            }
        }
        // What follows the last line end is no line.
        if lines.last().is_some_and(|last| last.blank) {
            lines.pop();
        }
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { lines, line_end }
    }

    /// Whether every setting that changes has a line of its own with its whole key and value, so
    /// that the lines can be edited one by one.
    pub(super) fn can_be_edited(&self, text: &str, loaded: &Loaded<'_>, fates: &[Fate]) -> bool {
        let own = |span: Span| text.get(span.range()).unwrap_or("");
        self.lines.iter().all(|line| {
            line.settings.iter().all(|place| {
                let (Some(setting), Some(fate)) = (loaded.settings.get(*place), fates.get(*place))
                else {
                    return false;
                };
                let stays = fate.key.as_deref() == Some(&*setting.key) && fate.value.is_none();
                let whole = own(setting.key_span).trim_matches(['"', '\'']) == setting.key;
                let single = !own(setting.value_span).contains(['\n', '\r', '&', '*']);
                stays || (whole && single && line.settings.len() == 1)
            })
        })
    }
}

/// Where, within a line that starts at `start`, a comment can begin.
fn content_end(line: &str, start: usize, loaded: &Loaded<'_>, dialect: Dialect) -> usize {
    if dialect == Dialect::Legacy {
        return 0; // Flink cuts at the first `#`.
    }
    let mut at = 0;
    for setting in &loaded.settings {
        let (key, value) = (setting.key_span.range(), setting.value_span.range());
        for range in [key, value] {
            if range.start < start + line.len() && range.end > start {
                at = at.max(range.end.min(start + line.len()) - start);
            }
        }
    }
    // Without a blank before it, `#` is text.
    let mut search = at;
    while let Some(found) = line.get(search..).and_then(|rest| rest.find('#')) {
        let place = search + found;
        let before = line.get(..place).unwrap_or("");
        if before.is_empty() || before.ends_with([' ', '\t']) {
            return place;
        }
        search = place + 1;
    }
    line.len()
}

/// The text with keys and values replaced in place, and dropped lines made comments; and every
/// setting that it must hold.
pub(super) fn edited(
    text: &str,
    loaded: &Loaded<'_>,
    fates: &[Fate],
    to: &Target,
    dialect: Dialect,
) -> (String, Vec<(String, String)>) {
    let mut edits = Vec::new();
    let mut expected: Vec<(String, String)> = Vec::new();
    let Some(file) = loaded.settings.first().map(|setting| setting.key_span.file) else {
        return (text.to_owned(), expected);
    };
    for (setting, fate) in loaded.settings.iter().zip(fates) {
        let Some(key) = &fate.key else {
            let reason = fate.dropped.as_deref().unwrap_or("not read");
            let start = setting.key_span.range().start;
            let comment = format!("# {} ({reason}): ", to.name());
            edits.push(Edit { span: Span::new(file, start..start), text: comment });
            continue;
        };
        if *key != setting.key {
            edits.push(Edit { span: setting.key_span, text: key.clone() });
        }
        if let Some(value) = &fate.value {
            let text = match dialect {
                Dialect::Legacy => value.clone(),
                Dialect::Yaml => scalar::scalar(value),
            };
            edits.push(Edit { span: setting.value_span, text });
        }
        let value = fate.value.clone().unwrap_or_else(|| value_text(setting));
        expected.retain(|(other, _)| other != key);
        expected.push((key.clone(), value));
    }
    (apply(file, text, &edits).unwrap_or_else(|_| text.to_owned()), expected)
}

pub(super) fn value_text(setting: &Setting<'_>) -> String {
    setting.value.text().into_owned()
}
