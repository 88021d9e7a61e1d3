use super::{command, is_named_by_option};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct ProgramMissing;

static META: RuleMeta = RuleMeta {
    code: "FJ009",
    name: "program-missing",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "CliFrontend.run, Flink 1.10.3",
    docs: r"
The command names neither a jar nor a Python script.
## Bad
run -m yarn-cluster -yjm 1600 -ytm 2048 -c com.example.Job
## Good
run -m yarn-cluster -yjm 1600 -ytm 2048 -c com.example.Job /opt/job.jar
",
};

impl Rule for ProgramMissing {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(command) = command(ctx) else { return };
        let asks_for_help = command.options.iter().any(|option| option.known.short == "h");
        if command.rest.is_empty()
            && !is_named_by_option(command)
            && command.incomplete.is_none()
            && !asks_for_help
            && let Some(last) = command.words.last()
        {
            findings.push(missing(last.span));
        }
    }
}

fn missing(span: Span) -> Finding {
    Finding::new(&META, "the command names no program")
        .primary(span, "a jar is expected behind this")
        .help("name the jar behind the options, or a script with -py")
        .flink_message("Java program should be specified a JAR file.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn jars_and_scripts() {
        check(
            &ProgramMissing,
            "run -p 2 -c X\n#           ^ FJ009 a jar is expected behind this\n",
        );
        for text in ["run -py /a.py\n", "run /a.jar\n", "run -j /a.jar\n", "run -h\n"] {
            assert!(findings(&ProgramMissing, text).is_empty(), "{text}");
        }
    }
}
