//! A bound on how much one rule can say about one file.

use crate::finding::Finding;

/// More findings of one rule than this are counted, not listed: a file of another kind, read as a
/// configuration, can be wrong in millions of lines.
pub(super) const LISTED_PER_RULE: usize = 1000;

/// Adds one finding for each of `problems`; beyond [`LISTED_PER_RULE`] a last one counts the rest.
pub(super) fn report<T>(
    findings: &mut Vec<Finding>,
    problems: impl IntoIterator<Item = T>,
    finding: impl Fn(T) -> Finding,
) {
    let mut problems = problems.into_iter();
    findings.extend(problems.by_ref().take(LISTED_PER_RULE).map(&finding));
    if let Some(problem) = problems.next() {
        findings.push(and_more(finding(problem), 1 + problems.count()));
    }
}

fn and_more(next: Finding, count: usize) -> Finding {
    let mut finding = Finding::new(next.rule, format!("and {count} more like this, from here on"))
        .severity(next.severity);
    finding.primary = next.primary;
    finding
}
