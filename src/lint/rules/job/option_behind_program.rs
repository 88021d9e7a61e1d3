use super::{arguments, command};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct OptionBehindProgram;

static META: RuleMeta = RuleMeta {
    code: "FJ010",
    name: "option-behind-program",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "CliFrontendParser, Flink 1.10.3 to 2.3.0",
    docs: r"
Options of Flink end at the jar. What follows is the program's, so an option of YARN's client there
does nothing.
## Bad
run -m yarn-cluster -yjm 1600 /opt/job.jar -ytm 4096 --input /data
## Good
run -m yarn-cluster -yjm 1600 -ytm 4096 /opt/job.jar --input /data
",
};

impl Rule for OptionBehindProgram {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(command) = command(ctx) else { return };
        // A program may well have a `-p` of its own, but hardly a `-yjm`.
        const YARN: [&str; 9] =
            ["-yjm", "-ytm", "-ys", "-yD", "-yn", "-ynm", "-yqu", "-yid", "-yat"];
        let lost = arguments(command).iter().filter(|word| YARN.contains(&&*word.text));
        findings.extend(lost.map(|word| behind(&word.text, word.span)));
    }
}

fn behind(word: &str, span: Span) -> Finding {
    Finding::new(&META, format!("`{word}` stands behind the program and does nothing"))
        .primary(span, "an argument of the program")
        .help("put it before the jar")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn options_of_yarn() {
        check(
            &OptionBehindProgram,
            "run /a.jar -p 2 -ys 2\n#               ^^^ FJ010 an argument of the program\n",
        );
    }
}
