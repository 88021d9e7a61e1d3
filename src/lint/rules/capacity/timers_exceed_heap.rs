use super::evidence::Evidence;
use crate::capacity::ConstraintKind;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct TimersExceedHeap;

static META: RuleMeta = RuleMeta {
    code: "FP005",
    name: "timers-exceed-heap",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "InternalTimerServiceImpl, Flink 1.10 to 2.3: an object, its key, its places in queue and set",
    docs: r"
Timers that live on the Java heap take more of it than a slot's Task Heap leaves beside the job's own
code.

Reported where `check` knows the workload: `--workload`, or `workload` in `slotwise.yaml`.
## Bad
# workload: many-timers
# target: emr-3.28.2
taskmanager.memory.process.size: 2048m
taskmanager.memory.task.heap.size: 65m
## Good
# workload: many-timers
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
",
};

const MESSAGE: &str = "timers and code of a slot need {need} of heap, which has {limit}";
const HELP: &str =
    "keep timers in the state backend, or use fewer slots, or give the slot more heap";
/// The settings that decide, the first that is there.
const PLACES: &[&str] = &[
    "state.backend.rocksdb.timer-service.factory",
    "state.backend.gemini.timer-service.factory",
    "taskmanager.memory.task.heap.size",
    "taskmanager.memory.process.size",
    "taskmanager.memory.flink.size",
    "taskmanager.numberOfTaskSlots",
];

impl Rule for TimersExceedHeap {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        // Without timers it is the slot's heap that is small, which a rule on memory tells of.
        if Evidence::of(ctx, ConstraintKind::Timers).is_none() {
            return;
        }
        let Some(evidence) = Evidence::of(ctx, ConstraintKind::TaskHeap) else { return };
        if evidence.is_broken() {
            findings.push(evidence.finding(&META, MESSAGE, PLACES).help(HELP));
        }
    }
}
