use super::options::{gemini_settings, is_in_effect};
use crate::catalog::{GeminiSupport, Unit, VvrVersion, gemini_option};
use crate::config::Setting;
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct GeminiSizeWithoutUnit;

static META: RuleMeta = RuleMeta {
    code: "FG005",
    name: "gemini-size-without-unit",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "Configurations of GeminiStateBackend, Realtime Compute (2026-03): a suffix is \
        required; Configure a VVR-based Flink job, EMR (2020-12): \"2\" with the unit GiB in the \
        English text, 2GB in the Chinese one",
    docs: r"
From VVR 4.0 on a size needs one of the suffixes B, KB, MB and GB. For EMR the English page gives the
default as 2 and the unit as GiB, the Chinese one as 2GB; how a number alone is read is not
published, so it is a warning there.
## Bad
# target: emr-3.28.2
state.backend.gemini.memory.managed: false
state.backend.gemini.offheap.size: 1
## Good
# target: emr-3.28.2
jobmanager.heap.size: 1g
taskmanager.memory.process.size: 8g
state.backend.gemini.memory.managed: false
state.backend.gemini.local.dir: /mnt/disk1/gemini
",
};

const SUFFIX_REQUIRED: VvrVersion = VvrVersion::new(4, 0, 0);

impl Rule for GeminiSizeWithoutUnit {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if !is_in_effect(ctx) {
            return;
        }
        for setting in gemini_settings(ctx) {
            let Some(option) = gemini_option(&setting.key) else { continue };
            let text = setting.value.text();
            let bare = text.trim().parse::<u64>().is_ok();
            if bare
                && option.unit == Unit::Suffix
                && option.support(ctx.target) == GeminiSupport::Supported
            {
                let required = ctx.target.vvr().is_some_and(|vvr| vvr >= SUFFIX_REQUIRED);
                findings.push(if required {
                    suffix_required(setting, option.well_evidenced())
                } else {
                    unit_unknown(setting)
                });
            }
        }
    }
}

fn suffix_required(setting: &Setting<'_>, well_evidenced: bool) -> Finding {
    let severity = if well_evidenced { Severity::Error } else { Severity::Warning };
    Finding::new(&META, format!("`{}` needs a unit", setting.key))
        .severity(severity)
        .primary(setting.value_span, "a number alone")
        .help("write one of the suffixes B, KB, MB and GB")
}

fn unit_unknown(setting: &Setting<'_>) -> Finding {
    let text = setting.value.text();
    Finding::new(&META, format!("`{}` without a unit may not mean what you expect", setting.key))
        .severity(Severity::Warning)
        .primary(setting.value_span, "GiB by EMR's page, bytes by Flink's own rule")
        .help(format!("write `{0}GB` if you mean {0} GiB", text.trim()))
        .fix(Fix::new(
            "add the unit GB",
            Applicability::Unsafe,
            Edit { span: setting.value_span, text: format!("{}GB", text.trim()) },
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn engines_differ() {
        check(
            &GeminiSizeWithoutUnit,
            r"
# target: emr-3.28.2
state.backend.gemini.offheap.size: 2
#                                  ^ FG005 GiB by EMR's page, bytes by Flink's own rule
",
        );
        check(
            &GeminiSizeWithoutUnit,
            r"
# target: vvr-4.0.8
state.backend.gemini.offheap.size: 2147483648
#                                  ^^^^^^^^^^ FG005 a number alone
state.backend.gemini.total.writebuffer.size: 128
#                                            ^^^ FG005 a number alone
",
        );
        check(
            &GeminiSizeWithoutUnit,
            "# target: vvr-4.0.8\nstate.backend.gemini.offheap.size: 2GB\nstate.backend.gemini.ttl.ms: 1000000\n",
        );
    }
}
