use super::failure::{Failure, failures, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::MemoryError;
use crate::units::MemorySize;

pub(in crate::lint::rules) struct JobManagerSizesContradict;

static META: RuleMeta = RuleMeta {
    code: "FM011",
    name: "job-manager-sizes-contradict",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "JobManagerFlinkMemoryUtils, Flink 1.11.4 to 2.3.0",
    docs: r"
A JobManager's Total Flink Memory is its JVM heap and its off-heap memory. Where the total and the
heap are both set, off-heap memory is what they leave, and must be that exactly if it is set too.
## Bad
taskmanager.memory.process.size: 1728m
jobmanager.memory.flink.size: 1g
jobmanager.memory.heap.size: 2g
## Good
taskmanager.memory.process.size: 1728m
jobmanager.memory.flink.size: 2g
",
};

impl Rule for JobManagerSizesContradict {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for failure in failures(ctx) {
            match *failure.error {
                MemoryError::HeapExceedsTotalFlinkMemory { heap, total } => {
                    let message = "the JobManager's heap is larger than its Total Flink Memory";
                    findings.push(contradict(&failure, message, heap, total, ctx));
                }
                MemoryError::HeapAndOffHeapMismatch { heap, total, .. } => {
                    let message = "the JobManager's heap and off-heap memory are not its Total \
                                   Flink Memory";
                    findings.push(contradict(&failure, message, heap, total, ctx));
                }
                _ => {}
            }
        }
    }
}

fn contradict(
    failure: &Failure<'_>,
    message: &str,
    heap: MemorySize,
    total: MemorySize,
    ctx: &LintContext<'_>,
) -> Finding {
    let finding = failure.finding(&META, ctx.release(), message.to_owned());
    let heap_setting = ctx.lookup("jobmanager.memory.heap.size");
    let off_heap = ctx.lookup("jobmanager.memory.off-heap.size");
    let off_heap_text =
        off_heap.map_or_else(String::new, |it| format!("off-heap memory is {}", it.value.text()));
    point(
        finding,
        [
            (
                heap_setting.or_else(|| ctx.lookup("jobmanager.heap.size")),
                format!("JVM heap is {}", heap.human()),
            ),
            (
                ctx.lookup("jobmanager.memory.flink.size"),
                format!("Total Flink Memory is {}", total.human()),
            ),
            (off_heap, off_heap_text),
        ],
    )
    .help("set only one of the heap and Total Flink Memory")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_heap_above_the_total() {
        check(
            &JobManagerSizesContradict,
            r"
jobmanager.memory.flink.size: 1g
#                             ^^ Total Flink Memory is 1024.000mb (1073741824 bytes)
jobmanager.memory.heap.size: 1025m
#                            ^^^^^ FM011 JVM heap is 1.001gb (1074790400 bytes)
",
        );
        check(
            &JobManagerSizesContradict,
            "jobmanager.memory.flink.size: 1g\njobmanager.memory.heap.size: 1g\n",
        );
    }

    #[test]
    fn three_sizes_that_do_not_add_up() {
        check(
            &JobManagerSizesContradict,
            r"
jobmanager.memory.flink.size: 1g
#                             ^^ Total Flink Memory is 1024.000mb (1073741824 bytes)
jobmanager.memory.heap.size: 512m
#                            ^^^^ FM011 JVM heap is 512.000mb (536870912 bytes)
jobmanager.memory.off-heap.size: 128m
#                                ^^^^ off-heap memory is 128m
",
        );
    }
}
