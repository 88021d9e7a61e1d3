use super::command;
use crate::config::split_property;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::{JobOption, Meaning, Word};

pub(in crate::lint::rules) struct JobOptionIncomplete;

static META: RuleMeta = RuleMeta {
    code: "FJ002",
    name: "job-option-incomplete",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "commons-cli 1.3.1, as Flink 1.10.3 uses it",
    docs: r"
An option that takes a value is the last word, or `-yD` is given a word without `=`. In the first
case the client refuses the command; in the second it takes the next word for the value, be it the
jar.
## Bad
run -m yarn-cluster -yjm 1600 -ytm 2048 -yD state.backend rocksdb -c
## Good
run -m yarn-cluster -yjm 1600 -ytm 2048 -yD taskmanager.numberOfTaskSlots=1 /opt/job.jar
",
};

impl Rule for JobOptionIncomplete {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(command) = command(ctx) else { return };
        findings.extend(command.incomplete.iter().map(without_value));
        let properties =
            command.options.iter().filter(|option| option.known.meaning == Meaning::Property);
        findings.extend(properties.filter_map(without_equals_sign));
    }
}

fn without_value(word: &Word) -> Finding {
    Finding::new(&META, format!("`{}` has no value", word.text))
        .primary(word.span, "a value is expected behind this")
        .help("give it a value, or leave it out")
        .flink_message(format!(
            "Missing argument for option: {}",
            word.text.trim_start_matches('-')
        ))
}

fn without_equals_sign(option: &JobOption) -> Option<Finding> {
    let value = option.value.as_ref()?;
    if split_property(&value.text).is_some() {
        return None;
    }
    Some(
        Finding::new(&META, format!("`{}` has no `=`", value.text))
            .primary(value.span, "the client takes the next word for the value")
            .help("write key=value as one word"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn values_and_equals_signs() {
        check(
            &JobOptionIncomplete,
            "
run -yD rest.port a.jar -p
#       ^^^^^^^^^ FJ002 the client takes the next word for the value
",
        );
        check(
            &JobOptionIncomplete,
            "
run -yjm 1600 -ytm
#             ^^^^ FJ002 a value is expected behind this
",
        );
        check(&JobOptionIncomplete, "run -yD a= a.jar\n");
    }
}
