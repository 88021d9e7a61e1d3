use super::failure::{Failure, failures, key, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{JobManagerMemory, MemoryError, Pool};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct JobManagerTooSmall;

static META: RuleMeta = RuleMeta {
    code: "FM010",
    name: "job-manager-too-small",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "JobManagerFlinkMemoryUtils, Flink 1.11.4 to 2.3.0; flink-statefun PR 157",
    docs: r"
Of Total Process Memory the JVM takes 448 MiB or more and the JobManager's off-heap memory
128 MiB. Flink refuses to start if nothing is left for the heap, and warns if it is less than
128 MiB. 1 GiB is little, 1600 MiB is what Flink ships with.
## Bad
taskmanager.memory.process.size: 1728m
jobmanager.memory.process.size: 512m
## Good
taskmanager.memory.process.size: 1728m
jobmanager.memory.process.size: 1600m
",
};

/// Below this Flink logs a warning.
///
/// Source: `JobManagerOptions.MIN_JVM_HEAP_SIZE`, Flink 1.11 to 2.3.
const LEAST_HEAP: MemorySize = MemorySize::from_mebibytes(128);

impl Rule for JobManagerTooSmall {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for failure in failures(ctx) {
            if let &MemoryError::OffHeapExceedsTotalFlinkMemory { off_heap, total } = failure.error
            {
                findings.push(refused(&failure, off_heap, total, ctx));
            }
        }
        if let Ok(JobManagerMemory { jvm_heap, beyond_heap: Some(_) }) =
            ctx.memory().job_manager.result
            && jvm_heap < LEAST_HEAP
        {
            findings.push(small_heap(jvm_heap, ctx));
        }
    }
}

fn refused(
    failure: &Failure<'_>,
    off_heap: MemorySize,
    total: MemorySize,
    ctx: &LintContext<'_>,
) -> Finding {
    let size = |name: &str| ctx.lookup(&key(failure.process, name));
    let message = format!(
        "the JobManager has {} of Total Flink Memory, and {} of it are off-heap",
        total.short(),
        off_heap.short()
    );
    let finding = failure.finding(&META, ctx.release(), message);
    point(
        finding,
        [
            (
                size("flink.size").or_else(|| size("process.size")),
                format!("Total Flink Memory is {}", total.human()),
            ),
            (failure.decider(Pool::OffHeap), format!("off-heap memory is {}", off_heap.human())),
        ],
    )
    .help("give the JobManager 1 GiB or more of Total Process Memory")
}

fn small_heap(heap: MemorySize, ctx: &LintContext<'_>) -> Finding {
    let keys = ["heap.size", "flink.size", "process.size"];
    let setting = keys
        .into_iter()
        .find_map(|name| ctx.lookup(&format!("jobmanager.memory.{name}")))
        .or_else(|| ctx.lookup("jobmanager.heap.size"));
    let message = format!("the JobManager has only {} of heap", heap.short());
    let finding = Finding::new(&META, message).severity(Severity::Warning).flink_message(format!(
        "The derived or configured JVM heap size ({}) is less than its recommended minimum value \
         ({})",
        heap.human(),
        LEAST_HEAP.human()
    ));
    point(finding, [(setting, format!("leaves {} of JVM heap", heap.human()))])
        .help("give the JobManager 1 GiB or more of Total Process Memory")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn nothing_left_for_the_heap() {
        check(
            &JobManagerTooSmall,
            r"
jobmanager.memory.process.size: 512m
#                               ^^^^ FM010 Total Flink Memory is 64.000mb (67108864 bytes)
",
        );
        check(
            &JobManagerTooSmall,
            r"
jobmanager.memory.flink.size: 1g
#                             ^^ FM010 Total Flink Memory is 1024.000mb (1073741824 bytes)
jobmanager.memory.off-heap.size: 1g
#                                ^^ off-heap memory is 1024.000mb (1073741824 bytes)
",
        );
        check(&JobManagerTooSmall, "# target: flink-1.10\njobmanager.heap.size: 64m\n");
    }

    #[test]
    fn little_left_for_the_heap() {
        check(
            &JobManagerTooSmall,
            r"
jobmanager.memory.process.size: 703m
#                               ^^^^ FM010 leaves 127.000mb (133169152 bytes) of JVM heap
",
        );
        check(&JobManagerTooSmall, "jobmanager.memory.process.size: 704m\n");
    }
}
