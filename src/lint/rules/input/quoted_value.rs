use crate::catalog::{self, ValueType};
use crate::config::{Dialect, Setting};
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct QuotedValue;

static META: RuleMeta = RuleMeta {
    code: "FI007",
    name: "quoted-value-in-legacy-file",
    severity: Severity::Warning,
    fix: FixAvailability::Always,
    source: "GlobalConfiguration.loadYAMLResource, and bin/config.sh, Flink 1.10 to 1.20; \
             https://issues.apache.org/jira/browse/FLINK-40055",
    docs: r#"
Quotes in `flink-conf.yaml` do not delimit: they are part of the value. A path then starts with a
quote, and a number is refused. Lists and maps, where Flink itself takes quotes off the items, and
`env.java.opts*`, where the start scripts do, are left alone.
## Bad
execution.checkpointing.dir: "hdfs://namenode:8020/flink/checkpoints"
## Good
execution.checkpointing.dir: hdfs://namenode:8020/flink/checkpoints
"#,
};

impl Rule for QuotedValue {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let settings = ctx.loaded.settings.iter();
        let quoted = settings.filter(|setting| keeps_quotes(ctx, setting));
        report(findings, quoted, |setting| quotes_stay(ctx, setting));
    }
}

/// Whether a value is one quoted scalar whose quotes Flink keeps.
pub(super) fn keeps_quotes(ctx: &LintContext<'_>, setting: &Setting<'_>) -> bool {
    ctx.dialect == Dialect::Legacy
        && setting.value_span.file == ctx.file
        && is_quoted(&setting.value.text())
        && !setting.key.starts_with("env.java.opts")
        && !matches!(value_type(ctx, &setting.key), Some(ValueType::List(_) | ValueType::Map))
        && !ctx.is_nested(setting.key_span.range().start)
}

fn is_quoted(value: &str) -> bool {
    // Asked for every line on every keystroke, so bytes are looked at and not texts.
    match value.as_bytes() {
        [first @ (b'"' | b'\''), inner @ .., last] => first == last && !inner.contains(first),
        _ => false,
    }
}

fn value_type(ctx: &LintContext<'_>, key: &str) -> Option<ValueType> {
    let release = ctx.release();
    let option = catalog::option(key)
        .or_else(|| catalog::options_with_alternate(key, release).next().map(|(option, _)| option));
    Some(option?.at(release)?.value_type)
}

fn quotes_stay(ctx: &LintContext<'_>, setting: &Setting<'_>) -> Finding {
    let refused =
        value_type(ctx, &setting.key).is_some_and(|value_type| value_type != ValueType::String);
    let message = if refused {
        format!("the quotes are part of the value of `{}`, and Flink refuses it", setting.key)
    } else {
        format!("the quotes are part of the value of `{}`", setting.key)
    };
    let span = setting.value_span;
    let end = span.range().len();
    let quotes = [span.slice(0..1), span.slice(end.saturating_sub(1)..end)];
    let finding = Finding::new(&META, message)
        .severity(if refused { Severity::Error } else { Severity::Warning })
        .primary(span, "Flink keeps the quotes")
        .help("remove the quotes");
    finding.fix(Fix {
        title: "remove the quotes".to_owned(),
        applicability: Applicability::Safe,
        edits: quotes.map(|span| Edit { span, text: String::new() }).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn quotes_are_part_of_the_value() {
        check(
            &QuotedValue,
            r#"
rest.address: 'host'
#             ^^^^^^ FI007 Flink keeps the quotes
taskmanager.memory.process.size: "1g"
#                                ^^^^ FI007 Flink keeps the quotes
env.java.opts.all: "-Xmx1g -Dx=y"
rest.profiling.dir: a "quoted" word
pipeline.jars: "file:///a;b.jar";c
pipeline.classpaths: 'file:///a'
a: "b" and "c"
"#,
        );
    }

    #[test]
    fn yaml_takes_quotes_off() {
        check(&QuotedValue, "# file: config.yaml\nrest.address: 'host'\n");
    }
}
