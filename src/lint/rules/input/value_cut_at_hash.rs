use crate::config::{Dialect, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
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
pipeline.name: orders#2
## Good
pipeline.name: orders-2 # a comment
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
        let cut = ctx
            .loaded
            .settings
            .iter()
            .filter_map(|setting| Some((setting, cut_off(ctx, setting)?)));
        report(findings, cut, |(setting, cut)| {
            cut_value(&setting.value.text(), setting.value_span, cut)
        });
    }
}

/// What was meant to be part of the value: the rest of the line from the `#` on.
fn cut_off(ctx: &LintContext<'_>, setting: &Setting<'_>) -> Option<Span> {
    let value = setting.value_span.range();
    let rest = ctx.text().get(value.end..)?;
    let line = rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len()))?;
    let blank = line.len() - line.trim_start_matches(|c| c <= ' ').len();
    let kept = setting.value.text();
    let open_quote = kept.starts_with(['"', '\'']) && !kept.get(1..)?.contains(['"', '\'']);
    // A space before the `#` makes a comment that anybody would read as one, but for an open quote.
    let is_cut = line.get(blank..)?.starts_with('#') && (blank == 0 || open_quote);
    is_cut.then(|| Span::new(ctx.file, value.end + blank..value.end + line.len()))
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
pipeline.name: "orders #2"
#                      ^^^ FI002 cut off
#              ^^^^^^^ Flink reads "\"orders"
rest.address: "host" # a comment
"#,
        );
    }
}
