use super::command;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::placeholder::is_placeholder;
use crate::lint::secrets::secrets_of_words;
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct CredentialsInArguments;

static META: RuleMeta = RuleMeta {
    code: "FJ006",
    name: "credentials-in-command",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "OSS pages of E-MapReduce (2020)",
    docs: r"
A key or password stands in the command: in an OSS address (`oss://id:secret@bucket.endpoint/…`) or
as an argument. Whoever sees the console, the history or the list of processes can read it. On EMR
the role of the machines gives access without one.
## Bad
# target: emr-3.28.2
run -m yarn-cluster -yjm 1600 -ytm 2048 -ys 1 ossref://b/a.jar --input oss://LTAI5tQm:Yx81kLq0@b.oss-cn-hangzhou.aliyuncs.com/in
## Good
# target: emr-3.28.2
run -m yarn-cluster -yjm 1600 -ytm 2048 -ys 1 ossref://b/a.jar --input oss://b/in
",
};

impl Rule for CredentialsInArguments {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(command) = command(ctx) else { return };
        let text = |span: Span| ctx.sources.text(span);
        // A setting's own rule tells of its value.
        let is_setting = |span: Span| {
            ctx.config.settings().iter().any(|it| {
                it.value_span.file == span.file
                    && it.value_span.start <= span.start
                    && span.end <= it.value_span.end
            })
        };
        let secrets = secrets_of_words(&command.words, ctx.sources);
        let literal =
            secrets.into_iter().filter(|span| !is_placeholder(text(*span)) && !is_setting(*span));
        findings.extend(literal.map(readable));
    }
}

fn readable(span: Span) -> Finding {
    Finding::new(&META, "the command holds a secret that whoever sees the command can read")
        .primary(span, "a secret in plain text")
        .help("leave it out and use the role of the machines, or a configuration file that few can read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn uris_and_arguments() {
        check(
            &CredentialsInArguments,
            "# target: emr-3.28.2
run ossref://b/a.jar --in oss://id1:key1@b.x/in --password hunter22 --db.password=$DB --x oss://b/y
#                                   ^^^^ FJ006 a secret in plain text
#                                                          ^^^^^^^^ FJ006 a secret in plain text
",
        );
    }
}
