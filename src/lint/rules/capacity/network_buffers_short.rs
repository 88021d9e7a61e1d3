use super::evidence::Evidence;
use crate::capacity::ConstraintKind;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct NetworkBuffersShort;

static META: RuleMeta = RuleMeta {
    code: "FP008",
    name: "network-buffers-short",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "NettyShuffleUtils and ResultPartitionFactory, Flink 1.10 to 2.3",
    docs: r"
The exchanges of a slot need more network buffers than its share of Network Memory holds: the task
fails with `Insufficient number of network buffers`.

Reported where `check` knows the workload: `--workload`, or `workload` in `slotwise.yaml`.
## Bad
# workload: nexmark-q20
# rate: 100000
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
taskmanager.memory.segment-size: 16m
## Good
# workload: nexmark-q20
# rate: 100000
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
",
};

const MESSAGE: &str = "a slot needs {need} network buffers, and has {limit}";
const HELP: &str = "raise taskmanager.memory.network.max and fraction, or use fewer slots";
/// The settings that decide, the first that is there.
const PLACES: &[&str] = &[
    "taskmanager.memory.network.max",
    "taskmanager.memory.network.fraction",
    "taskmanager.memory.segment-size",
    "taskmanager.memory.process.size",
    "taskmanager.memory.flink.size",
    "taskmanager.numberOfTaskSlots",
];

impl Rule for NetworkBuffersShort {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(evidence) = Evidence::of(ctx, ConstraintKind::NetworkBuffers) else { return };
        if evidence.is_broken() {
            findings.push(evidence.finding(&META, MESSAGE, PLACES).help(HELP));
        }
    }
}
