use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::StateBackend;

pub(in crate::lint::rules) struct GeminiNotAvailable;

static META: RuleMeta = RuleMeta {
    code: "FG001",
    name: "gemini-not-available",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "StateBackendLoader, Flink 1.10.3 to 2.3.0; release version overview of EMR (2020-12)",
    docs: r"
GeminiStateBackend is part of Ververica Runtime (VVR), which EMR ships from 3.28 on. Open-source
Flink does not find its class, and every job that selects no backend in its code fails.
## Bad
# target: flink-1.20
state.backend.type: com.alibaba.flink.statebackend.GeminiStateBackendFactory
## Good
# target: emr-3.28.2
state.backend: com.alibaba.flink.statebackend.GeminiStateBackendFactory
",
};

impl Rule for GeminiNotAvailable {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let selected = ctx.state_backend();
        if let (StateBackend::Gemini, Some(setting), None) =
            (selected.backend, selected.setting, ctx.target.gemini())
        {
            findings.push(not_available(setting, ctx));
        }
    }
}

fn not_available(setting: &Setting<'_>, ctx: &LintContext<'_>) -> Finding {
    let target = ctx.target.name();
    Finding::new(&META, format!("{target} has no GeminiStateBackend"))
        .primary(setting.value_span, "only Ververica Runtime has this class")
        .help("select `rocksdb`, or name the engine with --target, such as emr-3.28.2 or vvr-8.0.5")
        .flink_message(format!(
            "Cannot find configured state backend factory class: {}",
            setting.value.text()
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn targets_with_and_without_it() {
        check(
            &GeminiNotAvailable,
            r"
# target: emr-3.27.2
state.backend: gemini
#              ^^^^^^ FG001 only Ververica Runtime has this class
",
        );
        check(&GeminiNotAvailable, "# target: emr-3.28.0\nstate.backend: gemini\n");
        check(&GeminiNotAvailable, "# target: flink-1.20\nstate.backend: rocksdb\n");
    }
}
