//! Two rules on how `state.backend` names GeminiStateBackend.

use crate::catalog::{GEMINI_FACTORY, GeminiSpelling, gemini_spelling};
use crate::config::Setting;
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct GeminiShortName;
pub(in crate::lint::rules) struct UnknownGeminiFactory;

static SHORT: RuleMeta = RuleMeta {
    code: "FG002",
    name: "gemini-short-name",
    severity: Severity::Warning,
    fix: FixAvailability::Always,
    source: "SQL tuning page of Realtime Compute: `gemini` from 2021-04, replaced on 2021-06-03",
    docs: r"
The documentation showed `gemini` for two months of 2021 and has named the factory class ever since,
as all of EMR's pages do. Whether an engine knows the short name is not published.
## Bad
# target: emr-3.28.2
state.backend: gemini
## Good
# target: emr-3.28.2
state.backend: com.alibaba.flink.statebackend.GeminiStateBackendFactory
",
};

static FACTORY: RuleMeta = RuleMeta {
    code: "FG003",
    name: "unknown-gemini-factory",
    severity: Severity::Warning,
    fix: FixAvailability::Always,
    source: "Documentation of EMR, ACK and Realtime Compute, and a log of VVR 8.0.1, name one class",
    docs: r"
The class is not the one that all documentation names. Such names stand in notes and blogs; a
class that is not there makes every job fail.
## Bad
# target: emr-3.28.2
state.backend: org.apache.flink.runtime.state.gemini.GeminiStateBackendFactory
## Good
# target: emr-3.28.2
state.backend: com.alibaba.flink.statebackend.GeminiStateBackendFactory
",
};

impl Rule for GeminiShortName {
    fn meta(&self) -> &'static RuleMeta {
        &SHORT
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        findings.extend(spelled(ctx, GeminiSpelling::ShortName).map(short_name));
    }
}

impl Rule for UnknownGeminiFactory {
    fn meta(&self) -> &'static RuleMeta {
        &FACTORY
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        findings.extend(spelled(ctx, GeminiSpelling::OtherClass).map(other_class));
    }
}

/// The setting that names Gemini in this way, on a target that has it.
fn spelled<'c, 'a>(ctx: &'c LintContext<'a>, spelling: GeminiSpelling) -> Option<&'c Setting<'a>> {
    ctx.target.gemini()?;
    let setting = ctx.state_backend().setting?;
    (gemini_spelling(&setting.value.text()) == Some(spelling)).then_some(setting)
}

fn short_name(setting: &Setting<'_>) -> Finding {
    Finding::new(&SHORT, "GeminiStateBackend is documented by its class, not by a short name")
        .primary(setting.value_span, "may not be found")
        .help(format!("write `{GEMINI_FACTORY}`"))
        .fix(canonical(setting))
}

fn other_class(setting: &Setting<'_>) -> Finding {
    Finding::new(&FACTORY, "this is not the class that the documentation names")
        .primary(setting.value_span, "may not be found")
        .help(format!("write `{GEMINI_FACTORY}`"))
        .fix(canonical(setting))
}

fn canonical(setting: &Setting<'_>) -> Fix {
    Fix::new(
        "replace with the documented class",
        Applicability::Unsafe,
        Edit { span: setting.value_span, text: GEMINI_FACTORY.to_owned() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn short_name_and_other_class() {
        check(
            &GeminiShortName,
            r"
# target: vvr-4.0.8
state.backend: Gemini
#              ^^^^^^ FG002 may not be found
",
        );
        check(
            &UnknownGeminiFactory,
            r"
# target: emr-3.28.2
state.backend: com.flink.statebackend.GeminiStateBackendFactory
#              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FG003 may not be found
",
        );
        check(&UnknownGeminiFactory, "# target: vvr-4.0.8\nstate.backend: gemini\n");
        check(&GeminiShortName, "# target: flink-1.20\nstate.backend: gemini\n");
        check(
            &UnknownGeminiFactory,
            &format!("# target: emr-3.28.2\nstate.backend: {GEMINI_FACTORY}\n"),
        );
    }
}
