//! `slotwise check --add-ignore`: a comment beside each finding, for somebody to give the reason.

use std::path::Path;

use super::atomic;
use super::inputs::{InputArguments, InputError, Subject};
use crate::source::LineIndex;
use crate::workspace::{IgnoredText, RuleSelection, add_ignores};

/// What became of one file.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    /// How many findings are silent now.
    pub(super) count: usize,
    /// Where no comment can stand, and why.
    pub(super) notes: Vec<String>,
}

/// Silences what is found in the file at `path`, of which `subjects` were read, and gives the
/// subjects of its new text.
///
/// # Errors
/// A file that cannot be written, or that holds another text by now.
pub(super) fn apply(
    input: &InputArguments,
    path: &Path,
    subjects: Vec<Subject>,
    selection: &RuleSelection,
    reason: &str,
) -> Result<(Vec<Subject>, Ignored), InputError> {
    let Some(first) = subjects.first() else { return Ok((subjects, Ignored::default())) };
    let name = first.path.clone();
    let old = first.text().to_owned();
    if path == Path::new("-") {
        return Err(InputError::new(name, "--add-ignore: expected a file, found standard input"));
    }
    let read = |text: String| input.read_text(path, text.into_bytes()).unwrap_or_default();
    let IgnoredText { text, count, refused } = add_ignores(&subjects, selection, reason, read);
    let index = LineIndex::new(&old);
    let notes = refused.iter().map(|(finding, why)| {
        let own = finding.primary.as_ref().filter(|label| label.span.file == first.file);
        let line = own.map(|label| format!(":{}", index.line_column(&old, label.span.start).line));
        let line = line.unwrap_or_default();
        format!("{name}{line}: {} stays, as {why}", finding.rule.code)
    });
    let ignored = Ignored { count, notes: notes.collect() };
    if text == old {
        return Ok((subjects, ignored));
    }
    atomic::replace(path, old.as_bytes(), text.as_bytes())
        .map_err(|error| InputError::new(name, error.cause))?;
    Ok((input.read_text(path, text.into_bytes())?, ignored))
}
