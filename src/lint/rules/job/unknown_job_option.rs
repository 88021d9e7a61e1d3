use super::command;
use crate::config::{Layer, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::{Cause, JobCommand, JobOption, Meaning, Unparsed};
use crate::memory::{Assumptions, Deployment, MemoryModel};

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
of one letter only: `-yjm=1024` and `-yDkey=value` are unknown words. What follows counts for no
other finding, since Flink does not read it; this one tells what the memory would lack if it did.
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
            && !command.is_read_whole(ctx.target)
        {
            findings.push(stops(ctx, command, stop));
            findings.extend(would_lack(ctx, command));
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

/// The next mistake: what an option that is not read would do.
fn would_lack(ctx: &LintContext<'_>, command: &JobCommand) -> Option<Finding> {
    let is_of_task_managers = |option: &&JobOption| {
        !option.is_read
            && matches!(option.known.meaning, Meaning::Sets(key) if key.starts_with("taskmanager."))
    };
    let option = command.options.iter().find(is_of_task_managers)?;
    let lack = lack_if_read(ctx, command)?;
    let name = option.known.short;
    let finding = Finding::new(&META, format!("`-{name}` is not read, and if it were: {lack}"));
    let span = option.value.as_ref().map_or(option.span, |value| value.span);
    let finding = finding.severity(Severity::Warning).primary(span, "not read yet");
    Some(finding.help("correct this as well, for the time when it is read"))
}

/// What the TaskManagers' memory would lack if the client read all options; nothing if it lacks the
/// same without them.
fn lack_if_read(ctx: &LintContext<'_>, command: &JobCommand) -> Option<String> {
    let value = |setting: &Setting<'_>| Some(setting.value.text().into_owned());
    // A property is laid over an option, and so comes later.
    let (options, properties): (Vec<_>, Vec<_>) =
        command.unread.iter().partition(|it| it.layer != Layer::DynamicProperty);
    let changes: Vec<(&str, Option<String>)> =
        options.into_iter().chain(properties).map(|it| (&*it.key, value(it))).collect();
    let config = ctx.config.proposed(&changes);
    let assumptions = Assumptions {
        target: ctx.target,
        deployment: Deployment::of(ctx.target),
        backends_per_slot: ctx.backends_per_slot,
    };
    let lack = |model: &MemoryModel<'_>| match &model.task_manager.result {
        Err(error) => Some(error.to_string()),
        Ok(_) => Some(model.backend.as_ref()?.concerns.first()?.to_string()),
    };
    lack(&MemoryModel::derive(&config, assumptions))
        .filter(|it| lack(ctx.memory()).as_ref() != Some(it))
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
#                                                 ^ FJ001 not read yet
#                                                   ^^^^ becomes an argument of the program
#                                                          ^^ becomes an argument of the program
",
        );
        let found = findings(
            &UnknownJobOption,
            "# target: emr-3.28.2\nrun -yjm 1024 -ytm 1024 -yn 4 -ys 4 a.jar\n",
        );
        let messages: Vec<_> = found.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "`-yn` was removed in Flink 1.10: everything from here on is ignored",
                "`-ys` is not read, and if it were: each backend gets 57.6 MiB, below Gemini's \
                 floor of 256 MiB: the job fails at start",
            ]
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
