use super::evidence::Evidence;
use crate::capacity::ConstraintKind;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct WorkingSetExceedsMemory;

static META: RuleMeta = RuleMeta {
    code: "FP002",
    name: "working-set-exceeds-memory",
    severity: Severity::Warning,
    fix: FixAvailability::Sometimes,
    source: "LRU miss-ratio curve of the workload (Mattson et al., 1970)",
    docs: r"
The part of the state that the workload keeps coming back to is larger than the memory of its
backend: reads go to the disk. The figure is the smallest LRU cache with 99 of 100 hits of an endless
one.

Reported where `check` knows the workload: `--workload`, or `workload` in `slotwise.yaml`.
## Bad
# workload: wide-updates
# target: emr-3.28.2
taskmanager.memory.process.size: 2048m
taskmanager.memory.managed.size: 1m
## Good
# workload: wide-updates
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
",
};

const MESSAGE: &str = "the working set of a slot is {need}, its state backend has {limit}";
const HELP: &str = "give the backend more memory, or use fewer slots";
/// The settings that decide, the first that is there.
const PLACES: &[&str] = &[
    "taskmanager.memory.managed.size",
    "state.backend.gemini.offheap.size",
    "taskmanager.memory.process.size",
    "taskmanager.memory.flink.size",
    "taskmanager.numberOfTaskSlots",
];

impl Rule for WorkingSetExceedsMemory {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(evidence) = Evidence::of(ctx, ConstraintKind::WorkingSet) else { return };
        // Only what is certain: how far accesses spread as the state grows is not known.
        if evidence.is_certainly_broken() {
            findings.push(evidence.finding(&META, MESSAGE, PLACES).help(HELP));
        }
    }
}
