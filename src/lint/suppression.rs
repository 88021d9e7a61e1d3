//! `# slotwise: ignore[CODE] reason` silences findings on its line, or, where the comment stands
//! alone, on the next line that is no comment; `ignore-file[CODE]` does in the whole file, and
//! also silences findings without a place.

use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till1, take_until};
use nom::character::complete::{char, space0};
use nom::combinator::value;
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::LintContext;
use super::limit::{LISTED_PER_RULE, report};
use super::rules::input::suppression::{unknown_code, unused_suppression};
use crate::finding::Finding;
use crate::source::Span;

/// What becomes of findings that a comment silences.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Silenced {
    /// They are left out.
    #[default]
    LeftOut,
    /// They are reported all the same, for whoever reviews what was silenced.
    Reported,
}

/// One code of one suppression comment.
struct Suppression {
    /// The code or rule name, as written.
    code: Range<usize>,
    /// The byte range of the lines that it silences.
    scope: Range<usize>,
    used: bool,
}

/// The suppressions of one text.
#[derive(Default)]
struct Suppressions {
    /// Those of lines, in file order: neither their scopes' starts nor their ends ever decrease.
    lines: Vec<Suppression>,
    /// Those of the whole file.
    file: Vec<Suppression>,
}

/// Drops suppressed findings, if wanted, and reports suppressions that do nothing.
pub(super) fn apply(ctx: &LintContext<'_>, findings: &mut Vec<Finding>, silenced: Silenced) {
    let text = ctx.file_text();
    let mut suppressions = Suppressions::parse(text);
    let code_of = |suppression: &Suppression| text.get(suppression.code.clone()).unwrap_or("");
    let capped: Vec<&str> = findings
        .chunk_by(|a, b| a.rule == b.rule)
        .filter(|same_rule| same_rule.len() > LISTED_PER_RULE)
        .filter_map(|same_rule| Some(same_rule.first()?.rule.code))
        .collect();
    findings.retain(|finding| {
        let covered = suppressions.cover(ctx, finding);
        !covered || silenced == Silenced::Reported
    });
    // Of a rule that had to stop listing nobody knows what else it would have found.
    let all = suppressions.file.iter().chain(&suppressions.lines);
    let unused = all.filter(|suppression| !suppression.used).filter(|suppression| {
        !super::rule(code_of(suppression)).is_some_and(|rule| capped.contains(&rule.code))
    });
    report(findings, unused, |suppression| {
        let code = code_of(suppression);
        let span = Span::new(ctx.file, suppression.code.clone());
        match super::rule(code) {
            Some(rule) => unused_suppression(rule, span),
            None => unknown_code(code, span),
        }
    });
}

impl Suppressions {
    /// Whether a finding is silenced; whatever silences it counts as used.
    fn cover(&mut self, ctx: &LintContext<'_>, finding: &Finding) -> bool {
        let text = ctx.file_text();
        let names = |suppression: &Suppression| {
            let code = text.get(suppression.code.clone()).unwrap_or("");
            code.eq_ignore_ascii_case(finding.rule.code)
                || code.eq_ignore_ascii_case(finding.rule.name)
        };
        let mut covered = false;
        for suppression in self.file.iter_mut().filter(|suppression| names(suppression)) {
            suppression.used = true;
            covered = true;
        }
        let Some(label) = finding.primary.as_ref().filter(|label| label.span.file == ctx.file)
        else {
            return covered;
        };
        let place = label.span.range().start;
        let after = self.lines.partition_point(|suppression| suppression.scope.start <= place);
        let before = self.lines.iter_mut().take(after).rev();
        for suppression in before.take_while(|suppression| place <= suppression.scope.end) {
            if names(suppression) {
                suppression.used = true;
                covered = true;
            }
        }
        covered
    }

    fn parse(text: &str) -> Self {
        let mut suppressions = Self::default();
        let marker = memchr::memmem::Finder::new("slotwise:");
        // Comments one below the other share the line they are about.
        let mut subject_end = 0;
        for at in marker.find_iter(text.as_bytes()) {
            let start = line_start(text, at);
            let Some(before) =
                text.get(start..at).and_then(|before| before.trim_end().strip_suffix('#'))
            else {
                continue; // Not the start of a comment.
            };
            let end = line_end(text, at);
            let Some(Ok((_, (ignored, codes)))) = text.get(at..end).map(codes) else { continue };
            if subject_end < end {
                subject_end =
                    if before.trim().is_empty() { end_of_subject(text, end) } else { end };
            }
            for code in codes {
                let from = code.as_ptr().addr() - text.as_ptr().addr();
                let code = from..from + code.len();
                match ignored {
                    Ignored::Lines => {
                        let scope = start..subject_end;
                        suppressions.lines.push(Suppression { code, scope, used: false });
                    }
                    Ignored::File => {
                        let scope = 0..text.len();
                        suppressions.file.push(Suppression { code, scope, used: false });
                    }
                }
            }
        }
        suppressions
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind(['\n', '\r'])).map_or(0, |end| end + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    rest.find(['\n', '\r']).map_or(text.len(), |length| at + length)
}

/// The end of the line that a comment of its own, ending at `end`, is about: the next one that is
/// neither blank nor a comment.
fn end_of_subject(text: &str, end: usize) -> usize {
    let mut end = end;
    while end < text.len() {
        let start = end + 1;
        end = line_end(text, start);
        let line = text.get(start..end).unwrap_or("").trim_start();
        if !line.is_empty() && !line.starts_with('#') {
            break;
        }
    }
    end
}

/// What a suppression silences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ignored {
    Lines,
    File,
}

/// `slotwise: ignore[FM004, FK001]`; what follows is the reason.
fn codes(comment: &str) -> IResult<&str, (Ignored, Vec<&str>)> {
    let code = delimited(
        space0,
        take_till1(|c: char| matches!(c, ',' | ']') || c.is_whitespace()),
        space0,
    );
    let ignored =
        alt((value(Ignored::File, tag("ignore-file")), value(Ignored::Lines, tag("ignore"))));
    let (rest, (ignored, list)) = preceded(
        (tag("slotwise:"), space0),
        (ignored, delimited(char('['), take_until("]"), char(']'))),
    )
    .parse(comment)?;
    let (_, codes) = separated_list1(char(','), code).parse(list)?;
    Ok((rest, (ignored, codes)))
}

#[cfg(test)]
mod tests {
    use crate::lint;
    use crate::lint::testing::Scene;

    /// The codes of all findings but that of memory, which these fragments do not set.
    fn codes(text: &str) -> Vec<&'static str> {
        let findings = Scene::new(text).run(lint::check);
        findings.iter().map(|finding| finding.rule.code).filter(|code| *code != "FM001").collect()
    }

    #[test]
    fn on_its_line_and_on_the_next_one() {
        let none = [""; 0];
        assert_eq!(codes("rest.port:1\n"), ["FI001"]);
        assert_eq!(codes("rest.port:1 # slotwise: ignore[FI001] why\n"), none);
        assert_eq!(codes("rest.port:1 # slotwise: ignore[line-without-separator]\n"), none);
        assert_eq!(codes("# slotwise: ignore[FI001]\nrest.port:1\n"), none);
        assert_eq!(codes("# slotwise: ignore[fi001]\r\n# more\r\n\r\nrest.port:1\r\n"), none);
        assert_eq!(
            codes("# slotwise: ignore[FI001]\n# slotwise: ignore[FI003]\nrest.port:1\n"),
            ["FI011"]
        );
        assert_eq!(codes("# slotwise: ignore[FI001]\nrest.port:1\nrest.port:2\n"), ["FI001"]);
        assert_eq!(codes("rest.port: 1 # slotwise: ignore[FI001]\nrest.port:2\n").len(), 2);
    }

    #[test]
    fn in_the_whole_file() {
        let text = "# target: flink-2.3\n# file: flink-conf.yaml\n";
        assert_eq!(codes(text), ["FI006"]);
        assert_eq!(codes(&format!("{text}# slotwise: ignore-file[FI006] why\n")), [""; 0]);
        assert_eq!(codes("# slotwise: ignore-file[FI001]\n"), ["FI011"]);
        assert_eq!(codes("# slotwise: ignore-file[FI999]\n"), ["FI012"]);
    }

    #[test]
    fn many_suppressions_take_no_quadratic_time() {
        let lines = 20_000;
        let text = "a:1 # slotwise: ignore[FI001]\n".repeat(lines);
        assert_eq!(codes(&text), [""; 0]);
        let text = format!("{}a:1\n", "# slotwise: ignore[FI003]\n".repeat(lines));
        assert_eq!(codes(&text).len(), 1001 + 1);
    }
}
