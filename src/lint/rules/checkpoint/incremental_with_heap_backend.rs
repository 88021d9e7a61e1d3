use super::options::INCREMENTAL;
use crate::config::{Origin, Resolved, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::StateBackend;

pub(in crate::lint::rules) struct IncrementalWithHeapBackend;

static META: RuleMeta = RuleMeta {
    code: "FC011",
    name: "incremental-with-heap-backend",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "HashMapStateBackend, Flink 1.13 to 2.3; FsStateBackend, Flink 1.10 to 1.12",
    docs: r"
The heap backend ignores incremental checkpoints: each one holds the whole state. Where the file
selects no backend it is an info, since a job may select one in its code.
## Bad
state.backend.type: hashmap
execution.checkpointing.incremental: true
## Good
state.backend.type: hashmap
",
};

impl Rule for IncrementalWithHeapBackend {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let selected = ctx.state_backend();
        if selected.backend == StateBackend::Heap
            && let Some(Resolved { value: true, origin: Origin::Setting(incremental) }) =
                ctx.explicit_renamed::<bool>(&INCREMENTAL)
        {
            let key = StateBackend::key(ctx.release());
            findings.push(ignored(incremental, selected.setting, key));
        }
    }
}

fn ignored(incremental: &Setting<'_>, backend: Option<&Setting<'_>>, key: &str) -> Finding {
    let finding = Finding::new(&META, "the heap backend ignores incremental checkpoints")
        .primary(incremental.value_span, "no effect");
    match backend {
        Some(backend) => finding
            .related(backend.value_span, "keeps state on the heap")
            .help("remove it, or select `rocksdb`"),
        None => finding.severity(Severity::Info).help(format!(
            "state is kept on the heap (default); set `{key}` unless jobs select one in their code"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn chosen_and_default() {
        check(
            &IncrementalWithHeapBackend,
            r"
state.backend.type: hashmap
#                   ^^^^^^^ keeps state on the heap
execution.checkpointing.incremental: true
#                                    ^^^^ FC011 no effect
",
        );
        check(
            &IncrementalWithHeapBackend,
            r"
state.backend.incremental: true
#                          ^^^^ FC011 no effect
",
        );
    }

    #[test]
    fn backends_that_can() {
        check(
            &IncrementalWithHeapBackend,
            "state.backend: rocksdb\nstate.backend.incremental: true\n",
        );
        check(
            &IncrementalWithHeapBackend,
            "# target: emr-3.28.2\nstate.backend.incremental: true\n",
        );
        check(&IncrementalWithHeapBackend, "state.backend.incremental: false\n");
    }
}
