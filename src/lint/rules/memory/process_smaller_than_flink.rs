use super::failure::{Failure, failures, key, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{MemoryError, Pool};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct ProcessSmallerThanFlink;

static META: RuleMeta = RuleMeta {
    code: "FM007",
    name: "process-smaller-than-flink",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "ProcessMemoryUtils.deriveJvmMetaspaceAndOverheadWithTotalProcessMemory, Flink 1.10.3 \
        to 2.3.0",
    docs: r"
Both totals are set, and Total Process Memory is less than Total Flink Memory with JVM Metaspace.
One total is enough: Flink derives the other one.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 2g
taskmanager.memory.flink.size: 2g
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.flink.size: 2g
",
};

impl Rule for ProcessSmallerThanFlink {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for failure in failures(ctx) {
            if let &MemoryError::ProcessBelowFlinkAndMetaspace {
                total_process,
                total_flink,
                jvm_metaspace,
            } = failure.error
            {
                let sizes = Sizes { total_process, total_flink, jvm_metaspace };
                findings.push(smaller(&failure, &sizes, ctx));
            }
        }
    }
}

struct Sizes {
    total_process: MemorySize,
    total_flink: MemorySize,
    jvm_metaspace: MemorySize,
}

fn smaller(failure: &Failure<'_>, sizes: &Sizes, ctx: &LintContext<'_>) -> Finding {
    let lookup = |name: &str| ctx.lookup(&key(failure.process, name));
    let message = format!(
        "Total Process Memory of the {} is less than its Total Flink Memory with JVM Metaspace",
        failure.process
    );
    let finding = failure.finding(&META, ctx.release(), message);
    let flink = lookup("flink.size").or_else(|| failure.decider(Pool::TotalFlinkMemory));
    let flink = flink.or_else(|| {
        let parts = [Pool::Managed, Pool::TaskHeap, Pool::JvmHeap, Pool::OffHeap];
        parts.into_iter().find_map(|pool| failure.decider(pool))
    });
    point(
        finding,
        [
            (
                lookup("process.size"),
                format!("Total Process Memory is {}", sizes.total_process.human()),
            ),
            (flink, format!("Total Flink Memory is {}", sizes.total_flink.human())),
            (
                failure.decider(Pool::JvmMetaspace),
                format!("JVM Metaspace is {}", sizes.jvm_metaspace.human()),
            ),
        ],
    )
    .help(format!("remove `{}`; Flink derives it", key(failure.process, "process.size")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn both_totals() {
        check(
            &ProcessSmallerThanFlink,
            r"
taskmanager.memory.process.size: 2g
#                                ^^ FM007 Total Process Memory is 2.000gb (2147483648 bytes)
taskmanager.memory.flink.size: 2g
#                              ^^ Total Flink Memory is 2.000gb (2147483648 bytes)
",
        );
        check(&ProcessSmallerThanFlink, "taskmanager.memory.flink.size: 2g\n");
    }

    #[test]
    fn a_total_made_of_task_heap_and_managed_memory() {
        check(
            &ProcessSmallerThanFlink,
            r"
taskmanager.memory.process.size: 1g
#                                ^^ FM007 Total Process Memory is 1024.000mb (1073741824 bytes)
taskmanager.memory.task.heap.size: 1g
taskmanager.memory.managed.size: 1g
#                                ^^ Total Flink Memory is 2.500gb (2684354564 bytes)
",
        );
    }
}
