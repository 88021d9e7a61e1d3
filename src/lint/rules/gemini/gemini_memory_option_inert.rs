use super::options::{MEMORY_MANAGED, OFF_HEAP_SIZE, WRITE_BUFFER_SIZE, is_in_effect};
use crate::catalog::{GeminiSupport, gemini_option};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct GeminiMemoryOptionInert;

static META: RuleMeta = RuleMeta {
    code: "FG006",
    name: "gemini-memory-option-inert",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "Configure a VVR-based Flink job, EMR (2020-12); Configurations of GeminiStateBackend, \
        Realtime Compute (2026-03)",
    docs: r"
A backend's own size counts only where `memory.managed` is false. It is true by default: the backend
then gets its share of managed memory, and `offheap.size` and the write buffer have no effect.
## Bad
# target: emr-3.28.2
state.backend.gemini.offheap.size: 4GB
## Good
# target: emr-3.28.2
taskmanager.memory.process.size: 16g
state.backend.gemini.memory.managed: false
state.backend.gemini.offheap.size: 4GB
state.backend.gemini.local.dir: /mnt/disk1/gemini
",
};

impl Rule for GeminiMemoryOptionInert {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if !is_in_effect(ctx) {
            return;
        }
        let managed = ctx.lookup(MEMORY_MANAGED);
        if managed.is_some_and(|it| !it.value.text().eq_ignore_ascii_case("true")) {
            return;
        }
        for key in [OFF_HEAP_SIZE, WRITE_BUFFER_SIZE] {
            let supported = gemini_option(key)
                .is_some_and(|it| it.support(ctx.target) == GeminiSupport::Supported);
            if let Some(setting) = ctx.lookup(key).filter(|_| supported) {
                findings.push(inert(setting, managed));
            }
        }
    }
}

fn inert(setting: &Setting<'_>, managed: Option<&Setting<'_>>) -> Finding {
    let finding = Finding::new(&META, format!("`{}` has no effect", setting.key));
    match managed {
        Some(managed) => finding
            .primary(setting.key_span, "not used")
            .related(managed.value_span, "the backend lives on managed memory")
            .help("remove it, or set `state.backend.gemini.memory.managed: false`"),
        None => finding
            .primary(setting.key_span, "not used: memory.managed is true (default)")
            .help("remove it, or set `state.backend.gemini.memory.managed: false`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn managed_by_default_and_by_choice() {
        check(
            &GeminiMemoryOptionInert,
            r"
# target: emr-3.28.2
state.backend.gemini.offheap.size: 4GB
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FG006 not used: memory.managed is true (default)
",
        );
        check(
            &GeminiMemoryOptionInert,
            r"
# target: vvr-8.0.5
state.backend.gemini.memory.managed: true
#                                    ^^^^ the backend lives on managed memory
state.backend.gemini.total.writebuffer.size: 64MB
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FG006 not used
",
        );
    }

    #[test]
    fn sizes_that_count() {
        check(
            &GeminiMemoryOptionInert,
            "# target: emr-3.28.2\nstate.backend.gemini.memory.managed: false\nstate.backend.gemini.offheap.size: 4GB\n",
        );
        check(
            &GeminiMemoryOptionInert,
            "# target: emr-3.28.2\nstate.backend: rocksdb\nstate.backend.gemini.offheap.size: 4GB\n",
        );
    }
}
