//! Applying fixes until nothing is left to fix.

use super::{RuleSelection, Subject};
use crate::finding::{Applicability, Edit, Finding, Fix, apply};
use crate::source::{FileId, SourceFile};

/// A text with fixes applied.
#[derive(Debug)]
pub struct FixedText {
    /// The text; the one given if nothing could be fixed.
    pub text: String,
    /// How many fixes were applied.
    pub fix_count: usize,
}

/// A pass that follows another one exists because fixes overlap or lay bare new problems; more
/// than this many mean that two rules undo each other's fixes.
const MAX_PASSES: usize = 100;

/// Applies every wanted fix that is at least as safe as `least` to the text of `subjects`, all of
/// one file; `read` makes subjects of a text anew.
///
/// A fix after which the file could not be read any more is left out. Only the edited spans
/// change.
pub fn fix(
    mut subjects: Vec<Subject>,
    selection: &RuleSelection,
    least: Applicability,
    read: impl Fn(String) -> Vec<Subject>,
) -> FixedText {
    let mut fixed = FixedText {
        text: subjects.first().map_or_else(String::new, |subject| subject.text().to_owned()),
        fix_count: 0,
    };
    // What stands for malformed bytes is not what the file holds.
    if subjects.first().and_then(Subject::source).is_none_or(is_malformed) {
        return fixed;
    }
    for _ in 0..MAX_PASSES {
        let readable = is_readable(&subjects);
        let Some(file) = subjects.first().map(|subject| subject.file) else { break };
        let findings = Subject::check_all_and_mask(&mut subjects, selection);
        let fixes = applicable(&findings, file, least);
        let accept = |text: String| {
            let subjects = read(text);
            let sound = !subjects.is_empty() && (is_readable(&subjects) || !readable);
            sound.then_some(subjects)
        };
        let all = disjoint(&fixes);
        // Should they break the file together, the first one that does not is taken.
        let single = fixes.iter().map(|fix| vec![*fix]);
        let pass = std::iter::once(all).chain(single).find_map(|fixes| {
            let edits = fixes.iter().flat_map(|fix| &fix.edits);
            let text = apply(file, &fixed.text, edits).ok()?;
            let changes = text != fixed.text;
            let subjects = if changes { accept(text.clone())? } else { return None };
            Some((text, subjects, fixes.len()))
        });
        let Some((text, next, count)) = pass else { break };
        fixed.text = text;
        fixed.fix_count += count;
        subjects = next;
    }
    fixed
}

fn is_malformed(source: &SourceFile) -> bool {
    !source.invalid_utf8().is_empty()
}

/// Whether all that the file describes can be read.
fn is_readable(subjects: &[Subject]) -> bool {
    subjects.iter().all(|subject| subject.load().0.error.is_none())
}

/// The fixes that are safe enough and edit nothing but `file`.
fn applicable(findings: &[Finding], file: FileId, least: Applicability) -> Vec<&Fix> {
    let fixes = findings.iter().filter_map(|finding| finding.fix.as_ref());
    let of_file = |fix: &&Fix| fix.edits.iter().all(|edit| edit.span.file == file);
    fixes.filter(|fix| fix.applicability >= least).filter(of_file).collect()
}

/// The first of all fixes that touch each other, in file order.
fn disjoint<'f>(fixes: &[&'f Fix]) -> Vec<&'f Fix> {
    let mut sorted = fixes.to_vec();
    sorted.sort_by_key(|fix| fix.edits.iter().map(|edit| edit.span).min());
    let mut taken: Vec<&Edit> = Vec::new();
    let mut chosen = Vec::new();
    for fix in sorted {
        let touches = |edit: &Edit| {
            let mut near = taken.iter().rev().take_while(|other| other.span.end >= edit.span.start);
            // Insertions at one place have no order among themselves.
            near.any(|other| other.span.start <= edit.span.end)
        };
        if !fix.edits.iter().any(touches) {
            taken.extend(&fix.edits);
            taken.sort_by_key(|edit| edit.span);
            chosen.push(fix);
        }
    }
    chosen
}
