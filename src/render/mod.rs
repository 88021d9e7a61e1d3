//! Findings and figures as text for terminals and machines.
//!
//! It formats, it never computes. [`terminal`] draws findings with miette, [`report`] holds the
//! formats of `slotwise check`, [`json`] the stable machine formats of our own. This room never
//! imports `config` or `lint`.

pub mod capacity;
pub mod effective;
mod host;
pub mod json;
pub mod layers;
mod markdown_text;
pub mod memory;
pub mod migration;
pub mod option_schema;
pub mod options;
pub mod report;
pub mod simulation;
pub mod terminal;

pub use effective::{EffectiveError, EffectiveFile, EffectiveSetting, RefusedValue};

use std::sync::Arc;

use crate::finding::{Finding, Severity};
use crate::host::Host;
use crate::source::Sources;

/// One checked configuration, as every format needs it.
#[derive(Debug)]
pub struct CheckedFile {
    /// The file's path as the user wrote it.
    pub path: String,
    /// The target's name.
    pub target: String,
    /// Why this target.
    pub target_reason: String,
    /// What a user has to know about the target, as a sentence.
    pub target_note: Option<String>,
    /// All texts that findings point into.
    pub sources: Sources,
    /// What was found, in file order.
    pub findings: Vec<Finding>,
    /// The machine that it was compared with, if it was.
    pub host: Option<Arc<Host>>,
}

/// How many findings of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Severity error.
    pub errors: usize,
    /// Severity warning.
    pub warnings: usize,
    /// Severity info.
    pub infos: usize,
}

impl Counts {
    /// Adds the findings of one file.
    pub fn add(&mut self, findings: &[Finding]) {
        for finding in findings {
            match finding.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Info => self.infos += 1,
            }
        }
    }
}

/// Such as `2 errors, 1 warning`; "no problems" for none.
impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [(self.errors, "error"), (self.warnings, "warning"), (self.infos, "info")];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| count_of(count, noun))
            .collect();
        f.write_str(if parts.is_empty() { "no problems" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

/// Such as `1 file`, `2 files`.
pub fn count_of(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 || noun == "info" { "" } else { "s" })
}

/// The text with every control character made visible, so that a file's content cannot steer the
/// terminal, and with nothing in it that a build takes for its command.
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    let text = visible(text);
    let is_command = |at: usize| is_command(text.get(..at), text.get(at..));
    if !text.match_indices(['#', ':']).any(|(at, _)| is_command(at)) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        shown.push(c);
        if matches!(c, '#' | ':') && is_command(at) {
            shown.push(' ');
        }
    }
    shown.into()
}

/// The text with every control character made visible, where a command cannot begin anyway.
pub(in crate::render) fn visible(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.chars().any(steers) {
        return text.into();
    }
    let shown = text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c });
    shown.collect::<String>().into()
}

/// Whether a line that begins here, or is wrapped here, would be taken for a command: `::error::` by
/// GitHub, `##[error]`, `##vso[` and `##teamcity[` by others, all after any blanks.
///
/// Source: `ActionCommand.TryParseV2` and `TryParse` of actions/runner.
fn is_command(before: Option<&str>, rest: Option<&str>) -> bool {
    let begins = before.is_some_and(|it| it.chars().next_back().is_none_or(char::is_whitespace));
    let rest = rest.unwrap_or_default();
    let is_name = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_call =
        |call: &str| call.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[');
    begins
        && (rest.strip_prefix("::").is_some_and(is_name)
            || rest.strip_prefix("##").is_some_and(is_call))
}

/// [`printable`] for what has to stay on one line, such as a file's name.
pub fn printable_line(text: &str) -> String {
    printable(text).replace(['\n', '\r'], " ")
}

/// Control characters but tab and line ends, and the marks that turn the writing direction.
pub(in crate::render) fn steers(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal_or_a_build() {
        let check = |text: &str, expected: &str| assert_eq!(printable(text), expected);
        check("a\u{1b}[31m\u{9b}\u{202e}\n\tb", "a\u{fffd}[31m\u{fffd}\u{fffd}\n\tb");
        check("::error::x", ": :error::x");
        check("a\n  ::add-mask::x", "a\n  : :add-mask::x");
        check("##[error]x ##vso[task] ##teamcity[a", "# #[error]x # #vso[task] # #teamcity[a");
        check("::1 a::b # [x] ## y", "::1 a::b # [x] ## y");
        assert!(matches!(printable("a: b # c"), std::borrow::Cow::Borrowed(_)));
    }
}
