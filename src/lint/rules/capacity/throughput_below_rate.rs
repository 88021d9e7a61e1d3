use super::evidence::Evidence;
use crate::capacity::ConstraintKind;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct ThroughputBelowRate;

static META: RuleMeta = RuleMeta {
    code: "FP007",
    name: "throughput-below-rate",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "a run of the workload on the state backend that the configuration describes",
    docs: r"
The slots do not keep up with the rate that the workload needs: lag grows for good.

Reported where `check` knows the workload: `--workload`, or `workload` in `slotwise.yaml`.
## Bad
# workload: nexmark-q20
# rate: 100000000
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
## Good
# workload: nexmark-q20
# rate: 100000
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
",
};

const MESSAGE: &str = "the job needs {need}, and sustains {limit}";
const HELP: &str =
    "raise the parallelism, or the memory of the state backend if it reads from disk";
/// The settings that decide, the first that is there.
const PLACES: &[&str] = &[
    "parallelism.default",
    "taskmanager.memory.managed.size",
    "taskmanager.memory.process.size",
    "taskmanager.memory.flink.size",
];

impl Rule for ThroughputBelowRate {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(evidence) = Evidence::of(ctx, ConstraintKind::Throughput) else { return };
        if evidence.is_broken() {
            findings.push(evidence.finding(&META, MESSAGE, PLACES).help(HELP));
        }
    }
}
