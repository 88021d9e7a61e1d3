use super::{command, is_before_catalog};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::{Cause, JobCommand, Meaning, Unparsed};

pub(in crate::lint::rules) struct UnknownJobOption;

static META: RuleMeta = RuleMeta {
    code: "FJ001",
    name: "unknown-job-option",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "CliFrontendParser with commons-cli 1.3.1, Flink 1.10.3 to 2.3.0; FLINK-12362",
    docs: r"
Flink's client stops to read options at the first one it does not know. It takes that word for the
path of the jar, and all that follows for arguments of the program: memory, slots, the class, all
of it is ignored. `-yn` and `-yst` were removed in Flink 1.10. A value can be attached to an option
of one letter only: `-yjm=1024` and `-yDkey=value` are unknown words. slotwise checks what follows
as if it were read, so that the next mistakes show too.
## Bad
# target: emr-3.28.2
# file: job.sh
run -m yarn-cluster -yjm 1600 -ytm 2048 -yn 4 -ys 1 ossref://bucket/job.jar
## Good
# target: emr-3.28.2
# file: job.sh
run -m yarn-cluster -yjm 1600 -ytm 2048 -ys 1 ossref://bucket/job.jar
",
};

impl Rule for UnknownJobOption {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(command) = command(ctx) else { return };
        if let Some(stop) = &command.stops
            && !(is_before_catalog(ctx) && matches!(stop.cause, Cause::Removed(_)))
        {
            findings.push(stops(ctx, command, stop));
        }
        if command.stops.is_none()
            && let Some(option) = command.options.iter().find(|option| {
                let (first, last) = option.known.releases;
                ctx.release() < first || ctx.release() > last
            })
        {
            let release = ctx.release();
            findings.push(
                Finding::new(
                    &META,
                    format!("Flink {release} does not know `-{}`", option.known.short),
                )
                .primary(option.span, "the client stops here and takes this for the jar")
                .help("leave it out"),
            );
        }
    }
}

fn stops(ctx: &LintContext<'_>, command: &JobCommand, stop: &Unparsed) -> Finding {
    let word = &stop.word.text;
    let message = match stop.cause {
        Cause::Removed(_) => {
            format!("`{word}` was removed in Flink 1.10: everything from here on is ignored",)
        }
        Cause::Attached(_) => {
            format!("`{word}` is no option of the client: everything from here on is ignored")
        }
        Cause::Unknown => {
            format!("no release of Flink knows `{word}`: everything from here on is ignored")
        }
    };
    let mut finding =
        Finding::new(&META, message).primary(stop.word.span, "taken for the path of the jar");
    // Where each of the next options was meant to be read.
    for option in command.options.iter().filter(|option| !option.is_read).take(8) {
        if option.span != stop.word.span {
            finding = finding.related(option.span, "becomes an argument of the program");
        }
    }
    let help = match stop.cause {
        Cause::Removed(known) if known.meaning == Meaning::RemovedValue => {
            "leave it and its number out: Flink starts as many TaskManagers as the parallelism needs, \
             -p divided by -ys"
                .to_owned()
        }
        Cause::Removed(_) => "leave it out".to_owned(),
        Cause::Attached(known) if known.meaning == Meaning::Property => {
            format!("put a space behind `-{}`", known.short)
        }
        Cause::Attached(known) => format!("write `-{}` and its value as two words", known.short),
        Cause::Unknown => {
            "correct the option, or put it behind the jar if it is the program's".to_owned()
        }
    };
    let named = ["py", "pym", "j"].iter().any(|short| {
        command.options.iter().any(|option| option.is_read && option.known.short == *short)
    });
    let finding = finding.help(help);
    if named || ctx.target.emr().is_none() && ctx.target.release() > crate::catalog::Release::V1_20
    {
        return finding;
    }
    finding.flink_message(format!("JAR file does not exist: {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn the_form_of_2019() {
        check(
            &UnknownJobOption,
            "# target: emr-3.28.2
run -m yarn-cluster -yjm 1024 -ytm 1024 -yn 4 -ys 4 -ynm N -c C ossref://b/a.jar --input oss://b/i
#                                       ^^^ FJ001 taken for the path of the jar
#                                             ^^^ becomes an argument of the program
#                                                   ^^^^ becomes an argument of the program
#                                                          ^^ becomes an argument of the program
",
        );
        let old = "# target: emr-3.27.2\nrun -m yarn-cluster -yn 4 -ys 4 a.jar\n";
        assert!(findings(&UnknownJobOption, old).is_empty());
    }

    #[test]
    fn attached_and_misspelt() {
        check(
            &UnknownJobOption,
            "run -yjm=1024 a.jar\n#   ^^^^^^^^^ FJ001 taken for the path of the jar\n",
        );
        check(
            &UnknownJobOption,
            "run -p 2 -yjn 1024 a.jar\n#        ^^^^ FJ001 taken for the path of the jar\n",
        );
    }
}
