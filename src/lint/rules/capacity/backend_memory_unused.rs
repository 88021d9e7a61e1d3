use super::evidence::Evidence;
use crate::capacity::ConstraintKind;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::GEMINI_RECOMMENDATION;

pub(in crate::lint::rules) struct BackendMemoryUnused;

static META: RuleMeta = RuleMeta {
    code: "FP003",
    name: "backend-memory-unused",
    severity: Severity::Info,
    fix: FixAvailability::Sometimes,
    source: "LRU miss-ratio curve of the workload (Mattson et al., 1970)",
    docs: r"
The state backend has more than eight times the memory that the workload's hit-ratio curve can use,
and more than the engine recommends: the rest is paid for and idle.

Reported where `check` knows the workload: `--workload`, or `workload` in `slotwise.yaml`.
## Bad
# workload: wide-updates
# rate: 1000
# target: emr-3.28.2
taskmanager.memory.process.size: 16g
## Good
# workload: wide-updates
# rate: 1000
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
",
};

const MESSAGE: &str = "the working set of a slot is {need}, its state backend has {limit}";
const HELP: &str = "lower it, unless the state is expected to grow";
/// The settings that decide, the first that is there.
const PLACES: &[&str] = &[
    "taskmanager.memory.managed.size",
    "taskmanager.memory.managed.fraction",
    "state.backend.gemini.offheap.size",
    "taskmanager.memory.process.size",
    "taskmanager.memory.flink.size",
];
/// Of ours: below this, spare memory is a margin and no waste.
const IDLE: f64 = 8.0;

impl Rule for BackendMemoryUnused {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(evidence) = Evidence::of(ctx, ConstraintKind::WorkingSet) else { return };
        let (Some(need), Some(limit)) = (evidence.need(), evidence.limit()) else { return };
        let recommended = GEMINI_RECOMMENDATION.bytes() as f64;
        if limit.low > need.high * IDLE && limit.low > recommended {
            findings
                .push(evidence.finding(&META, MESSAGE, PLACES).severity(META.severity).help(HELP));
        }
    }
}
