use super::memory_of_gemini::gemini_memory;
use super::options::OFF_HEAP_SIZE;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{Concern, GEMINI_RECOMMENDATION, GeminiMemory};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct GeminiBackendBelowRecommendation;

static META: RuleMeta = RuleMeta {
    code: "FG014",
    name: "gemini-backend-below-recommendation",
    severity: Severity::Info,
    fix: FixAvailability::Never,
    source: "FAQ of Flink semi-managed on ACK (2020-12), the text of the error about the floor",
    docs: r"
Gemini's own error text recommends 2 GiB for a backend. Only reported where the file gives backends
a size of their own: few TaskManagers have that much managed memory a slot.
## Bad
# target: emr-3.28.2
taskmanager.memory.process.size: 8g
state.backend.gemini.memory.managed: false
state.backend.gemini.offheap.size: 1GB
## Good
# target: emr-3.28.2
taskmanager.memory.process.size: 16g
state.backend.gemini.memory.managed: false
state.backend.gemini.offheap.size: 2GB
state.backend.gemini.local.dir: /mnt/disk1/gemini
state.backend.gemini.ttl.ms: 129600000
",
};

impl Rule for GeminiBackendBelowRecommendation {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if let Some((backend, GeminiMemory::OwnSize(_))) = gemini_memory(ctx)
            && let Some(setting) = ctx.lookup(OFF_HEAP_SIZE)
        {
            for concern in &backend.concerns {
                if let &Concern::BelowRecommendation { per_backend } = concern {
                    findings.push(below(setting, per_backend));
                }
            }
        }
    }
}

fn below(setting: &Setting<'_>, size: MemorySize) -> Finding {
    let recommended = GEMINI_RECOMMENDATION.short();
    Finding::new(&META, format!("each Gemini backend gets less than the recommended {recommended}"))
        .primary(setting.value_span, format!("{} each", size.short()))
        .help(format!("give each backend {recommended} if its state does not fit in less"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_boundary_is_2_gib() {
        check(
            &GeminiBackendBelowRecommendation,
            r"
# target: emr-3.28.2
taskmanager.memory.process.size: 16g
state.backend.gemini.memory.managed: false
state.backend.gemini.offheap.size: 2047MB
#                                  ^^^^^^ FG014 2 GiB each
",
        );
        let text = "taskmanager.memory.process.size: 16g\nstate.backend.gemini.memory.managed: false\nstate.backend.gemini.offheap.size";
        check(
            &GeminiBackendBelowRecommendation,
            &format!("# target: emr-3.28.2\n{text}: 2048MB\n"),
        );
        // The write buffer counts where the engine has one: 1920 and 128 MiB.
        check(&GeminiBackendBelowRecommendation, &format!("# target: vvr-8.0.5\n{text}: 1920MB\n"));
        check(
            &GeminiBackendBelowRecommendation,
            "# target: emr-3.28.2\ntaskmanager.memory.process.size: 2g\n",
        );
    }
}
