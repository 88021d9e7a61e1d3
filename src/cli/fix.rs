//! `slotwise check --fix` and `--diff`: fixes applied to files, or shown.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use similar::TextDiff;

use super::atomic;
use super::inputs::{InputArguments, InputError, Subject};
use crate::finding::Applicability;
use crate::render::printable;
use crate::workspace::{RuleSelection, fix};

/// What to do about findings that come with a fix.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fixes")]
pub(super) struct FixArguments {
    /// Apply every safe fix to the files; text from standard input is printed with its fixes
    #[arg(long)]
    fix: bool,

    /// Apply fixes that may change what a job does as well
    #[arg(long)]
    unsafe_fixes: bool,

    /// Show what --fix would change, and change nothing; exit with 1 if there is something
    #[arg(long)]
    diff: bool,

    /// Apply fixes and report nothing
    #[arg(long)]
    fix_only: bool,
}

/// What became of one file.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// How many fixes were applied, or would be.
    pub(super) fix_count: usize,
    /// The difference, or the fixed text of standard input.
    pub(super) printed: String,
}

impl FixArguments {
    /// Whether fixes are to be applied or shown.
    pub(super) fn is_wanted(&self) -> bool {
        self.fix || self.diff || self.fix_only
    }

    /// Whether findings are to be reported, with standard input as it is or not.
    pub(super) fn reports(&self, from_stdin: bool) -> bool {
        !(self.diff || self.fix_only || self.fix && from_stdin)
    }

    /// Whether a fix that could be applied is a failure.
    pub(super) fn only_shows(&self) -> bool {
        self.diff
    }

    /// Fixes the file at `path`, of which `subjects` were read, and gives the subjects of its new
    /// text; `prepare` adds to the subjects of a new text what rules compare with.
    ///
    /// # Errors
    /// A file that cannot be written, or that holds another text by now; those of `prepare`.
    pub(super) fn apply(
        &self,
        input: &InputArguments,
        path: &Path,
        subjects: Vec<Subject>,
        selection: &RuleSelection,
        prepare: &dyn Fn(&mut [Subject]) -> Result<(), InputError>,
    ) -> Result<(Vec<Subject>, Outcome), InputError> {
        let from_stdin = path == Path::new("-");
        let least = if self.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
        let name = subjects.first().map_or_else(String::new, |subject| subject.path.clone());
        let old = subjects.first().map_or_else(String::new, |subject| subject.text().to_owned());
        let is_argument =
            subjects.first().and_then(Subject::source).is_none_or(|source| source.is_argument());
        if is_argument {
            return Ok((subjects, Outcome::default()));
        }
        let masked = if self.diff { Subject::masked_text(&subjects) } else { String::new() };
        let read_prepared = |text: String| {
            let mut subjects = input.read_text(path, text.into_bytes())?;
            prepare(&mut subjects)?;
            Ok(subjects)
        };
        let read = |text: String| read_prepared(text).unwrap_or_default();
        let fixed = fix(subjects, selection, least, read);
        let mut outcome = Outcome { fix_count: fixed.fix_count, printed: String::new() };
        let subjects = read_prepared(fixed.text.clone())?;
        if self.diff {
            outcome.printed = difference(&name, &masked, &Subject::masked_text(&subjects));
        } else if from_stdin {
            outcome.printed = fixed.text;
        } else if fixed.text != old {
            atomic::replace(path, old.as_bytes(), fixed.text.as_bytes())
                .map_err(|error| InputError::new(name, error.cause))?;
        }
        Ok((subjects, outcome))
    }
}

/// A unified diff; nothing for equal texts.
pub(super) fn difference(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let (from, to) = (format!("a/{name}"), format!("b/{name}"));
    let text = diff.unified_diff().header(&from, &to).to_string();
    printable(&text).into_owned()
}

/// Says how many fixes were applied, where it does not end up in a report.
pub(super) fn say_count(fix_count: usize, file_count: usize) {
    use crate::render::count_of;
    let fixes = count_of(fix_count, "problem");
    let _ = writeln!(io::stderr(), "fixed {fixes} in {}", count_of(file_count, "file"));
}
