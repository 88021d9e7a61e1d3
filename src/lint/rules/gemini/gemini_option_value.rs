use super::options::{gemini_settings, is_in_effect};
use crate::catalog::{Evidence, GeminiOption, GeminiSupport, ValueType, gemini_option};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct GeminiOptionValue;

static META: RuleMeta = RuleMeta {
    code: "FG004",
    name: "gemini-option-value",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "Configure a VVR-based Flink job, EMR (2020-12); Configurations of GeminiStateBackend, \
        Realtime Compute (2026-03)",
    docs: r"
The value is not of the type that the documentation gives. It is a warning where only a log or an
excerpt of a page tells the type. `timer-service.factory` takes both HEAP and GEMINI.
## Bad
# target: emr-3.28.2
state.backend.gemini.timer-service.factory: ROCKSDB
## Good
# target: emr-3.28.2
state.backend.gemini.timer-service.factory: GEMINI
state.backend.gemini.local.dir: /mnt/disk1/gemini
",
};

impl Rule for GeminiOptionValue {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if !is_in_effect(ctx) {
            return;
        }
        for setting in gemini_settings(ctx) {
            let Some(option) = gemini_option(&setting.key) else { continue };
            if option.support(ctx.target) == GeminiSupport::Supported
                && let Some(expected) = problem(option, &setting.value.text())
            {
                findings.push(wrong(option, setting, &expected));
            }
        }
    }
}

/// What was expected instead; `None` if the value fits.
fn problem(option: &GeminiOption, text: &str) -> Option<String> {
    let text = text.trim();
    let (fits, expected) = match option.value_type {
        ValueType::Boolean => {
            let fits = ["true", "false"].iter().any(|it| text.eq_ignore_ascii_case(it));
            (fits, "true or false".to_owned())
        }
        ValueType::Int | ValueType::Long => {
            (text.parse::<i64>().is_ok(), "a whole number, without a unit".to_owned())
        }
        ValueType::MemorySize => {
            (text.parse::<MemorySize>().is_ok(), "a size such as 512MB or 2GB".to_owned())
        }
        ValueType::Enum(constants) => {
            let fits = constants.iter().any(|it| text.eq_ignore_ascii_case(it));
            (fits, constants.join(" or "))
        }
        _ => (true, String::new()),
    };
    (!fits).then_some(expected)
}

fn wrong(option: &GeminiOption, setting: &Setting<'_>, expected: &str) -> Finding {
    let severity = match option.evidence {
        Evidence::Documented => Severity::Error,
        Evidence::Excerpt | Evidence::Seen => Severity::Warning,
    };
    let text = setting.value.text();
    Finding::new(&META, format!("{text:?} is no value of `{}`", option.key))
        .severity(severity)
        .primary(setting.value_span, format!("expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn each_type() {
        check(
            &GeminiOptionValue,
            r"
# target: emr-3.28.2
state.backend.gemini.timer-service.factory: ROCKSDB
#                                           ^^^^^^^ FG004 expected HEAP or GEMINI
state.backend.gemini.memory.managed: no
#                                    ^^ FG004 expected true or false
state.backend.gemini.offheap.size: much
#                                  ^^^^ FG004 expected a size such as 512MB or 2GB
state.backend.gemini.ttl.ms: 36 h
#                            ^^^^ FG004 expected a whole number, without a unit
",
        );
    }

    #[test]
    fn valid_values() {
        check(
            &GeminiOptionValue,
            "# target: emr-3.28.2\nstate.backend.gemini.timer-service.factory: GEMINI\nstate.backend.gemini.memory.managed: FALSE\nstate.backend.gemini.offheap.size: 2GB\nstate.backend.gemini.local.dir: anything\n",
        );
        check(
            &GeminiOptionValue,
            "# target: emr-3.28.2\nstate.backend.gemini.timer-service.factory: HEAP\n",
        );
        // Other rules tell that these do not count here at all.
        check(
            &GeminiOptionValue,
            "# target: emr-3.28.2\nstate.backend.gemini.total.writebuffer.size: much\n",
        );
        check(
            &GeminiOptionValue,
            "# target: flink-1.20\nstate.backend.gemini.memory.managed: no\n",
        );
    }
}
