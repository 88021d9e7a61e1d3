use super::memory_of_gemini::gemini_memory;
use super::options::{MEMORY_MANAGED, OFF_HEAP_SIZE};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::rules::memory::point;
use crate::lint::{LintContext, Rule};
use crate::memory::Concern;

pub(in crate::lint::rules) struct GeminiOffHeapSizeMissing;

static META: RuleMeta = RuleMeta {
    code: "FG016",
    name: "gemini-off-heap-size-missing",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "Configurations of GeminiStateBackend, Realtime Compute (2026-03): default (none)",
    docs: r"
With `memory.managed: false` backends take `offheap.size` each. From VVR 4.0 on that has no default,
so what they take is not known.
## Bad
# target: vvr-8.0.5
taskmanager.memory.process.size: 8g
state.backend.gemini.memory.managed: false
## Good
# target: vvr-8.0.5
taskmanager.memory.process.size: 8g
state.backend.gemini.memory.managed: true
",
};

impl Rule for GeminiOffHeapSizeMissing {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some((backend, _)) = gemini_memory(ctx) else { return };
        if backend.concerns.contains(&Concern::NoOwnSize) {
            findings.push(missing(ctx));
        }
    }
}

fn missing(ctx: &LintContext<'_>) -> Finding {
    point(
        Finding::new(&META, "what each Gemini backend takes is not set"),
        [(ctx.lookup(MEMORY_MANAGED), format!("asks for `{OFF_HEAP_SIZE}`"))],
    )
    .help(format!("set `{OFF_HEAP_SIZE}`, such as 2GB, or remove this line"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn emr_has_a_default_and_vvr_4_has_none() {
        check(
            &GeminiOffHeapSizeMissing,
            r"
# target: vvr-4.0.8
taskmanager.memory.process.size: 8g
state.backend.gemini.memory.managed: false
#                                    ^^^^^ FG016 asks for `state.backend.gemini.offheap.size`
",
        );
        let text =
            "taskmanager.memory.process.size: 8g\nstate.backend.gemini.memory.managed: false\n";
        check(&GeminiOffHeapSizeMissing, &format!("# target: emr-3.28.2\n{text}"));
        check(
            &GeminiOffHeapSizeMissing,
            &format!("# target: vvr-4.0.8\n{text}state.backend.gemini.offheap.size: 2GB\n"),
        );
    }
}
