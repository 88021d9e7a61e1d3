use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::nesting::lone_key;
use crate::lint::{LintContext, Rule};
use crate::source::Span;
use crate::syntax::legacy::SkipReason;

pub(in crate::lint::rules) struct EmptyKeyOrValue;

static META: RuleMeta = RuleMeta {
    code: "FI003",
    name: "empty-key-or-value",
    severity: Severity::Warning,
    fix: FixAvailability::Never, // Only the user knows the value.
    source: "GlobalConfiguration.loadYAMLResource, Flink 1.10 to 1.20",
    docs: r"
A line of `flink-conf.yaml` with a key and no value, or a value and no key, is dropped with a
warning in the log. The option is not set to an empty text: it keeps its default.
## Bad
execution.checkpointing.dir:
## Good
execution.checkpointing.dir: hdfs://namenode:8020/flink/checkpoints
",
};

impl Rule for EmptyKeyOrValue {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let skipped = ctx.loaded.skipped.iter();
        let empty =
            skipped.filter(|skipped| !ctx.is_nested(skipped.line.start)).filter_map(|skipped| {
                let span = Span::new(ctx.file, skipped.line.clone());
                match (skipped.reason, lone_key(ctx.sources.text(span))) {
                    (SkipReason::NoSeparator, Some(key)) => Some((span, Some(key))),
                    (SkipReason::NoSeparator, None) => None,
                    (SkipReason::EmptyKeyOrValue, _) => Some((span, None)),
                }
            });
        report(findings, empty, |(span, key)| match key {
            Some(key) => no_value(key, span),
            None => no_key(span),
        });
    }
}

fn no_value(key: &str, line: Span) -> Finding {
    Finding::new(&META, format!("`{key}` has no value: Flink drops the line"))
        .primary(line, "ignored, the default stays")
        .help("write a value, or remove the line")
}

fn no_key(line: Span) -> Finding {
    Finding::new(&META, "there is no key before the colon: Flink drops the line")
        .primary(line, "ignored")
        .help("write a key, or remove the line")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_key_or_a_value_alone() {
        check(
            &EmptyKeyOrValue,
            r"
rest.port:
#^^^^^^^^^ FI003 ignored, the default stays
: 8081
#^^^^^ FI003 ignored
rest.port: # 8081
#^^^^^^^^^ FI003 ignored, the default stays
rest.port:8081
",
        );
    }

    #[test]
    fn an_empty_value_in_yaml_is_another_matter() {
        check(&EmptyKeyOrValue, "# file: config.yaml\nrest:\n  port: 8081\n");
    }
}
