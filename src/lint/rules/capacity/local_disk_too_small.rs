use super::evidence::Evidence;
use crate::capacity::ConstraintKind;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct LocalDiskTooSmall;

static META: RuleMeta = RuleMeta {
    code: "FP006",
    name: "local-disk-too-small",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "size of the state at the horizon, with the space that the store was seen to take for it",
    docs: r"
The state of the TaskManager's slots does not fit its local disk, now or within the horizon.

Reported where `check` knows the workload: `--workload`, or `workload` in `slotwise.yaml`.
## Bad
# workload: nexmark-q20
# rate: 100000
# disk: 1g
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
## Good
# workload: nexmark-q20
# rate: 100000
# disk: 4000g
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
",
};

const MESSAGE: &str = "the state of a TaskManager takes {need} of local disk, which has {limit}";
const HELP: &str = "use a larger disk, a TTL, fewer slots or a higher parallelism";
/// The settings that decide, the first that is there.
const PLACES: &[&str] = &[
    "state.backend.gemini.local.dir",
    "state.backend.rocksdb.localdir",
    "io.tmp.dirs",
    "taskmanager.numberOfTaskSlots",
    "taskmanager.memory.process.size",
    "taskmanager.memory.flink.size",
];

impl Rule for LocalDiskTooSmall {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(evidence) = Evidence::of(ctx, ConstraintKind::LocalDisk) else { return };
        if evidence.is_broken() {
            findings.push(evidence.finding(&META, MESSAGE, PLACES).help(HELP));
        }
    }
}
