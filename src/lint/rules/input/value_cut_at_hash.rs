use crate::config::Dialect;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct ValueCutAtHash;

static META: RuleMeta = RuleMeta {
    code: "FI002",
    name: "value-cut-at-hash",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "GlobalConfiguration.loadYAMLResource, Flink 1.10 to 1.20",
    docs: r"
In `flink-conf.yaml` a value ends at the first `#`, with or without a space before it, inside
quotes or not. A password or a URL fragment is cut without a word.
## Bad
s3.secret-key: abc#def
## Good
s3.secret-key: abcdef
",
};

impl Rule for ValueCutAtHash {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if ctx.dialect != Dialect::Legacy {
            return;
        }
        let text = ctx.text();
        for setting in &ctx.loaded.settings {
            let value = setting.value_span.range();
            let rest = text.get(value.end..).unwrap_or("");
            // A space before the `#` makes a comment that anybody would read as one.
            if rest.starts_with('#') {
                let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
                let cut = Span::new(ctx.file, value.end..value.end + length);
                findings.push(cut_value(&setting.value.text(), setting.value_span, cut));
            }
        }
    }
}

fn cut_value(value: &str, kept: Span, cut: Span) -> Finding {
    Finding::new(&META, "the value ends at `#`, the rest is a comment to Flink")
        .primary(cut, "cut off")
        .related(kept, format!("Flink reads {value:?}"))
        .help("write the value without `#`, or move to config.yaml (Flink 1.19 and later), where quotes protect it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_hash_inside_a_value() {
        check(
            &ValueCutAtHash,
            r#"
s3.secret-key: abc#def
#                 ^^^^ FI002 cut off
#              ^^^ Flink reads "abc"
s3.access-key: abc # a comment
"#,
        );
    }
}
