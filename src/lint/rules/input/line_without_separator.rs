use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::nesting::lone_key;
use crate::lint::{LintContext, Rule};
use crate::source::Span;
use crate::syntax::legacy::SkipReason;

pub(in crate::lint::rules) struct LineWithoutSeparator;

static META: RuleMeta = RuleMeta {
    code: "FI001",
    name: "line-without-separator",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "GlobalConfiguration.loadYAMLResource, Flink 1.10 to 1.20",
    docs: r"
`flink-conf.yaml` is not YAML: Flink splits each line at a colon *followed by a space*. A line
without one is dropped with a warning in the log, and the option keeps its default.
## Bad
taskmanager.numberOfTaskSlots:4
## Good
taskmanager.numberOfTaskSlots: 4
",
};

impl Rule for LineWithoutSeparator {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let text = |span| ctx.sources.text(span);
        let dropped = ctx
            .loaded
            .skipped
            .iter()
            .filter(|skipped| skipped.reason == SkipReason::NoSeparator)
            .filter(|skipped| !ctx.is_nested(skipped.line.start))
            .map(|skipped| Span::new(ctx.file, skipped.line.clone()))
            // A key without a value and a byte order mark have rules of their own.
            .filter(|span| lone_key(text(*span)).is_none() && text(*span) != "\u{feff}");
        report(findings, dropped, |span| dropped_line(text(span), span));
    }
}

fn dropped_line(line: &str, span: Span) -> Finding {
    if is_yaml_marker(line) {
        return yaml_marker(span);
    }
    let finding = Finding::new(&META, "Flink drops this line: it has no colon followed by a space")
        .primary(span, "ignored");
    match separator(line) {
        Some((at, separator)) => {
            let key = line.get(..at).unwrap_or("");
            finding.help(format!("write `{key}: `, with a space after the colon")).fix(Fix::new(
                "separate key and value with a colon and a space",
                Applicability::Safe,
                Edit { span: span.slice(at..at + separator), text: ": ".to_owned() },
            ))
        }
        None => finding.help("write `key: value`, or start the line with `#` to make it a comment"),
    }
}

fn yaml_marker(span: Span) -> Finding {
    Finding::new(&META, "Flink drops this line: `flink-conf.yaml` is not read as YAML")
        .severity(Severity::Info)
        .primary(span, "ignored")
        .help("remove the line")
}

/// The start or end of a YAML document, or a directive; nothing is lost with it.
fn is_yaml_marker(line: &str) -> bool {
    matches!(line, "---" | "...") || line.starts_with('%')
}

/// Where something else stands in place of `": "`: its position and length.
fn separator(line: &str) -> Option<(usize, usize)> {
    // The colon of Chinese and Japanese keyboards looks the same in many fonts.
    let (at, length) = line
        .char_indices()
        .find(|(_, c)| matches!(c, ':' | '=' | '\u{ff1a}'))
        .map(|(at, c)| (at, c.len_utf8()))?;
    let key = line.get(..at)?.trim_end();
    let value = line.get(at + length..)?;
    let is_key = !key.is_empty()
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let blank = value.len() - value.trim_start().len();
    (is_key && value.len() > blank).then_some((key.len(), at - key.len() + length + blank))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_colon_without_a_space() {
        check(
            &LineWithoutSeparator,
            r"
taskmanager.numberOfTaskSlots:4
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FI001 ignored
a: b
# a comment, then a blank line

",
        );
    }

    #[test]
    fn what_stands_in_for_the_separator() {
        let cases = [
            ("a.b:c", Some((3, 1))),
            ("a.b =  c", Some((3, 4))),
            ("a.b:\tc", Some((3, 2))),
            ("a.b:\u{a0}c", Some((3, 3))),
            ("a.b\u{ff1a}c", Some((3, 3))),
            ("some words: no", None),
            ("a.b", None),
            ("a.b:", None),
        ];
        for (line, expected) in cases {
            assert_eq!(separator(line), expected, "{line}");
        }
    }

    #[test]
    fn nothing_is_lost_with_a_document_marker() {
        check(
            &LineWithoutSeparator,
            r"
---
#^^ FI001 ignored
a: b
",
        );
    }
}
