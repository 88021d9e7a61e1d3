use super::evidence::Evidence;
use crate::capacity::ConstraintKind;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct StateExceedsHeap;

static META: RuleMeta = RuleMeta {
    code: "FP001",
    name: "state-exceeds-heap",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "the heap backend of the simulator, after CopyOnWriteStateMap, Flink 1.20",
    docs: r"
The heap backend keeps all state as Java objects. The workload's state does not fit the Task Heap of
a slot, now or within the horizon: garbage collection takes over, then the job ends in `Java heap
space`.

Reported where `check` knows the workload: `--workload`, or `workload` in `slotwise.yaml`.
## Bad
# workload: nexmark-q20
# rate: 100000
state.backend.type: hashmap
taskmanager.memory.process.size: 4g
jobmanager.memory.process.size: 1600m
## Good
# workload: nexmark-q20
# rate: 100000
state.backend.type: rocksdb
execution.checkpointing.incremental: true
taskmanager.memory.process.size: 4g
jobmanager.memory.process.size: 1600m
",
};

const MESSAGE: &str = "the state of a slot needs {need} on the heap, which has {limit}";
const HELP: &str = "use RocksDB or Gemini, or give the slot more heap";
/// The settings that decide, the first that is there.
const PLACES: &[&str] = &[
    "taskmanager.memory.task.heap.size",
    "taskmanager.memory.process.size",
    "taskmanager.memory.flink.size",
    "state.backend.type",
    "state.backend",
];

impl Rule for StateExceedsHeap {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(evidence) = Evidence::of(ctx, ConstraintKind::StateOnHeap) else { return };
        if evidence.is_broken() {
            findings.push(evidence.finding(&META, MESSAGE, PLACES).help(HELP));
        }
    }
}
