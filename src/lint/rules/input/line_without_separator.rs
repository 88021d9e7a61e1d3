use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
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
        for skipped in &ctx.loaded.skipped {
            if skipped.reason == SkipReason::NoSeparator {
                let span = Span::new(ctx.file, skipped.line.clone());
                findings.push(dropped_line(ctx.sources.text(span), span));
            }
        }
    }
}

fn dropped_line(line: &str, span: Span) -> Finding {
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

/// Where something else stands in place of `": "`: its position and length.
fn separator(line: &str) -> Option<(usize, usize)> {
    let at = line.find([':', '='])?;
    let key = line.get(..at)?;
    let value = line.get(at + 1..)?;
    let is_key = !key.is_empty()
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let blank = value.len() - value.trim_start().len();
    (is_key && value.len() > blank).then_some((at, 1 + blank))
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
",
        );
    }
}
