use crate::config::Dialect;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::nesting::lines;
use crate::lint::{LintContext, Rule};
use crate::source::{SourceFile, Span};

pub(in crate::lint::rules) struct InvalidUtf8;

static META: RuleMeta = RuleMeta {
    code: "FI008",
    name: "invalid-utf8",
    severity: Severity::Error,
    fix: FixAvailability::Never, // What the byte was is not known.
    source: "GlobalConfiguration with a UTF-8 locale, Flink 1.10 to 1.20; snakeyaml-engine, Flink 1.19 to 2.3",
    docs: "
The file holds bytes that are no UTF-8, often from an editor that saves Latin-1 or GBK. In
`flink-conf.yaml` each becomes U+FFFD in the key or value; comments do not matter there. In
`config.yaml` a single such byte, even in a comment, makes Flink refuse the whole file.
## Bad
pipeline.name: caf\u{fffd}
## Good
pipeline.name: café
",
};

impl Rule for InvalidUtf8 {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let invalid = ctx.source().map_or(&[][..], SourceFile::invalid_utf8);
        let Some(first) = invalid.first() else { return };
        if ctx.dialect == Dialect::Yaml {
            findings.push(refused(Span::new(ctx.file, first.clone()), invalid.len()));
            return;
        }
        let lines = lines(ctx, 0..ctx.text().len()).filter_map(|line| {
            let range = line.range();
            let next = invalid.partition_point(|invalid| invalid.start < range.start);
            let invalid = invalid.get(next).filter(|invalid| invalid.start < range.end)?;
            Some(Span::new(ctx.file, invalid.clone()))
        });
        report(findings, lines, replaced);
    }
}

fn refused(first: Span, count: usize) -> Finding {
    Finding::new(&META, format!("Flink refuses this file: {count} bytes in it are no UTF-8"))
        .primary(first, "the first one")
        .help("save the file as UTF-8")
        .flink_message(
            "java.lang.RuntimeException: Error parsing YAML configuration. Caused by: \
             java.nio.charset.MalformedInputException: Input length = 1",
        )
}

fn replaced(byte: Span) -> Finding {
    Finding::new(&META, "this is no UTF-8, and Flink reads U+FFFD in its place")
        .severity(Severity::Warning)
        .primary(byte, "read as U+FFFD")
        .help("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_comment_does_not_matter_to_the_line_dialect() {
        check(
            &InvalidUtf8,
            "# caf\u{fffd}\na: x\u{fffd} # \u{fffd}\n#   ^^^ FI008 read as U+FFFD\nb: c\n",
        );
    }

    #[test]
    fn a_comment_matters_to_yaml() {
        check(
            &InvalidUtf8,
            "# file: config.yaml\nrest.port: 1 # \u{fffd}\n#              ^^^ FI008 the first one\n",
        );
    }
}
