//! `# slotwise: ignore[CODE] reason` silences findings on its line, or, where the comment stands
//! alone, on the next line.

use std::ops::Range;

use nom::bytes::complete::{tag, take_till1, take_until};
use nom::character::complete::{char, space0};
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::LintContext;
use super::rules::input::suppression::{unknown_code, unused_suppression};
use crate::finding::Finding;
use crate::source::Span;

/// One code of one suppression comment.
struct Suppression {
    /// The code or rule name, as written.
    code: Range<usize>,
    /// The byte range of the lines that it silences.
    scope: Range<usize>,
    used: bool,
}

/// Drops suppressed findings and reports suppressions that do nothing.
pub(super) fn apply(ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
    let text = ctx.text();
    let mut suppressions = parse(text);
    if suppressions.is_empty() {
        return;
    }
    findings.retain(|finding| {
        let Some(label) = &finding.primary else { return true };
        let place = label.span.range();
        let mut suppressed = false;
        for suppression in &mut suppressions {
            let code = text.get(suppression.code.clone()).unwrap_or("");
            let named = code.eq_ignore_ascii_case(finding.rule.code)
                || code.eq_ignore_ascii_case(finding.rule.name);
            if named && label.span.file == ctx.file && suppression.scope.contains(&place.start) {
                suppression.used = true;
                suppressed = true;
            }
        }
        !suppressed
    });
    for suppression in suppressions.iter().filter(|suppression| !suppression.used) {
        let code = text.get(suppression.code.clone()).unwrap_or("");
        let span = Span::new(ctx.file, suppression.code.clone());
        findings.push(match super::rule(code) {
            Some(rule) => unused_suppression(rule, span),
            None => unknown_code(code, span),
        });
    }
}

fn parse(text: &str) -> Vec<Suppression> {
    let mut suppressions = Vec::new();
    let marker = memchr::memmem::Finder::new("slotwise:");
    for at in marker.find_iter(text.as_bytes()) {
        let line_start =
            text.get(..at).and_then(|before| before.rfind(['\n', '\r'])).map_or(0, |end| end + 1);
        let line_end = |from: usize| {
            text.get(from..)
                .and_then(|rest| rest.find(['\n', '\r']))
                .map_or(text.len(), |length| from + length)
        };
        let Some(before) =
            text.get(line_start..at).and_then(|before| before.trim_end().strip_suffix('#'))
        else {
            continue; // Not the start of a comment.
        };
        let end = line_end(at);
        let Some(Ok((_, codes))) = text.get(at..end).map(codes) else { continue };
        let scope = if before.trim().is_empty() {
            let next = end + if text.get(end..end + 2) == Some("\r\n") { 2 } else { 1 };
            line_start..line_end(next.min(text.len()))
        } else {
            line_start..end
        };
        for code in codes {
            let start = code.as_ptr().addr() - text.as_ptr().addr();
            let code = start..start + code.len();
            suppressions.push(Suppression { code, scope: scope.clone(), used: false });
        }
    }
    suppressions
}

/// `slotwise: ignore[FM004, FK001]`; what follows is the reason.
fn codes(comment: &str) -> IResult<&str, Vec<&str>> {
    let code = delimited(
        space0,
        take_till1(|c: char| matches!(c, ',' | ']') || c.is_whitespace()),
        space0,
    );
    let (rest, list) = preceded(
        (tag("slotwise:"), space0, tag("ignore")),
        delimited(char('['), take_until("]"), char(']')),
    )
    .parse(comment)?;
    let (_, codes) = separated_list1(char(','), code).parse(list)?;
    Ok((rest, codes))
}
