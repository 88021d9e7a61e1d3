use super::evidence::Evidence;
use crate::capacity::ConstraintKind;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct CheckpointCannotFinish;

static META: RuleMeta = RuleMeta {
    code: "FP004",
    name: "checkpoint-cannot-finish",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "CheckpointCoordinator, Flink 1.10 to 2.3; the hardware profile's checkpoint storage",
    docs: r"
What one checkpoint of a slot uploads does not get through to the checkpoint storage within the
timeout: no checkpoint completes, and after a failure the job starts from the last one that did.

Reported where `check` knows the workload: `--workload`, or `workload` in `slotwise.yaml`.
## Bad
# workload: nexmark-q20
# rate: 1000000
# target: emr-3.28.2
state.backend.incremental: false
execution.checkpointing.timeout: 1min
taskmanager.memory.process.size: 6g
## Good
# workload: nexmark-q20
# rate: 100000
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
",
};

const MESSAGE: &str = "a checkpoint takes {need}, and is given up after {limit}";
const HELP: &str = "make checkpoints incremental, or raise the timeout, or the parallelism";
/// The settings that decide, the first that is there.
const PLACES: &[&str] = &[
    "execution.checkpointing.timeout",
    "execution.checkpointing.incremental",
    "state.backend.incremental",
    "execution.checkpointing.interval",
];

impl Rule for CheckpointCannotFinish {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(evidence) = Evidence::of(ctx, ConstraintKind::CheckpointTimeout) else { return };
        if evidence.is_broken() {
            findings.push(evidence.finding(&META, MESSAGE, PLACES).help(HELP));
        }
    }
}
