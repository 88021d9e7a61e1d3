use super::failure::{Failure, failures, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::MemoryError;

pub(in crate::lint::rules) struct SlotsNotPositive;

static META: RuleMeta = RuleMeta {
    code: "FM012",
    name: "slots-not-positive",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "TaskExecutorProcessUtils.getCpuCores and ConfigurationParserUtils.getSlot, Flink \
        1.10.3 to 2.3.0",
    docs: r"
A TaskManager needs at least one task slot, and more than zero CPU cores. Unless
`taskmanager.cpu.cores` is set, the number of cores is the number of slots, so Flink complains
about cores where it is slots that are wrong.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 1728m
taskmanager.numberOfTaskSlots: 0
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 1728m
taskmanager.numberOfTaskSlots: 1
",
};

const SLOTS: &str = "taskmanager.numberOfTaskSlots";
const CORES: &str = "taskmanager.cpu.cores";

impl Rule for SlotsNotPositive {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for failure in failures(ctx) {
            match failure.error {
                MemoryError::SlotCount { .. } => findings.push(no_slot(&failure, ctx)),
                MemoryError::CpuCores { .. } if ctx.lookup(CORES).is_none() => {
                    findings.push(no_slot(&failure, ctx));
                }
                MemoryError::CpuCores { .. } => findings.push(no_core(&failure, ctx)),
                _ => {}
            }
        }
    }
}

fn no_slot(failure: &Failure<'_>, ctx: &LintContext<'_>) -> Finding {
    let finding =
        failure.finding(&META, ctx.release(), "a TaskManager needs at least one slot".to_owned());
    point(finding, [(ctx.lookup(SLOTS), "no slot".to_owned())]).help("write 1 or more")
}

fn no_core(failure: &Failure<'_>, ctx: &LintContext<'_>) -> Finding {
    let message = "a TaskManager needs more than zero CPU cores".to_owned();
    let finding = failure.finding(&META, ctx.release(), message);
    point(finding, [(ctx.lookup(CORES), "no core".to_owned())])
        .help(format!("write a positive number, or remove it: Flink then takes `{SLOTS}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn zero_and_less() {
        check(
            &SlotsNotPositive,
            r"
taskmanager.memory.process.size: 1728m
taskmanager.numberOfTaskSlots: -1
#                              ^^ FM012 no slot
",
        );
        check(
            &SlotsNotPositive,
            "taskmanager.memory.process.size: 1728m\ntaskmanager.numberOfTaskSlots: 1\n",
        );
    }

    #[test]
    fn cores_of_their_own() {
        check(
            &SlotsNotPositive,
            r"
taskmanager.memory.process.size: 1728m
taskmanager.cpu.cores: 0.0
#                      ^^^ FM012 no core
taskmanager.numberOfTaskSlots: 2
",
        );
        check(
            &SlotsNotPositive,
            r"
taskmanager.memory.process.size: 1728m
taskmanager.cpu.cores: 2
taskmanager.numberOfTaskSlots: 0
#                              ^ FM012 no slot
",
        );
        // With cores of its own, -1 means one slot.
        check(
            &SlotsNotPositive,
            "taskmanager.memory.process.size: 1728m\ntaskmanager.cpu.cores: 2\ntaskmanager.numberOfTaskSlots: -1\n",
        );
    }
}
