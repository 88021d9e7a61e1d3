use super::evidence::Evidence;
use crate::capacity::ConstraintKind;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct OffHeapSizeFarOff;

static META: RuleMeta = RuleMeta {
    code: "FP009",
    name: "off-heap-size-far-off",
    severity: Severity::Warning,
    fix: FixAvailability::Sometimes,
    source: "LRU miss-ratio curve of the workload (Mattson et al., 1970)",
    docs: r"
`offheap.size` is less than a tenth of what the workload's working set takes: a slip of the unit, or
a value of another job.

Reported where `check` knows the workload: `--workload`, or `workload` in `slotwise.yaml`.
## Bad
# workload: wide-updates
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
state.backend.gemini.memory.managed: false
state.backend.gemini.offheap.size: 1MB
## Good
# workload: wide-updates
# target: emr-3.28.2
taskmanager.memory.process.size: 6g
",
};

const MESSAGE: &str = "offheap.size and write buffer are {limit}, the working set is {need}";
const HELP: &str = "set it to the size of the working set";
/// The settings that decide, the first that is there.
const PLACES: &[&str] = &["state.backend.gemini.offheap.size"];
/// Of ours: a slip of a unit is at least this far off.
const FAR: f64 = 10.0;

impl Rule for OffHeapSizeFarOff {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if ctx.lookup("state.backend.gemini.offheap.size").is_none() {
            return;
        }
        let Some(evidence) = Evidence::of(ctx, ConstraintKind::WorkingSet) else { return };
        let (Some(need), Some(limit)) = (evidence.need(), evidence.limit()) else { return };
        if limit.high * FAR < need.low {
            findings
                .push(evidence.finding(&META, MESSAGE, PLACES).severity(META.severity).help(HELP));
        }
    }
}
