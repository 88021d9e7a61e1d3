use super::failure::{Failure, failures, key, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{MemoryError, Pool};

pub(in crate::lint::rules) struct NetworkRemainderOutOfRange;

static META: RuleMeta = RuleMeta {
    code: "FM009",
    name: "network-remainder-out-of-range",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "TaskExecutorFlinkMemoryUtils.sanityCheckNetworkMemory, Flink 1.10.3 to 2.3.0",
    docs: r"
Total Flink Memory and Task Heap are set, so Network Memory is what the other pools leave, and that
must lie within its own range: from 64 MiB, and up to 1 GiB before Flink 1.17.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.flink.size: 2g
taskmanager.memory.task.heap.size: 1g
taskmanager.memory.managed.size: 750m
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.flink.size: 2g
taskmanager.memory.managed.size: 750m
",
};

impl Rule for NetworkRemainderOutOfRange {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for failure in failures(ctx) {
            if let MemoryError::NetworkInconsistent { cause } = failure.error
                && let Some(message) = message(cause)
            {
                findings.push(out_of_range(&failure, message, ctx));
            }
        }
    }
}

fn message(cause: &MemoryError) -> Option<String> {
    match cause {
        MemoryError::RestOutOfRange { derived, min, max, .. } => Some(format!(
            "the other pools leave {} for Network Memory, which must be {} to {}",
            derived.short(),
            min.short(),
            max.short()
        )),
        MemoryError::NetworkIsNotSegments { derived, configured } => Some(format!(
            "the other pools leave {} for Network Memory, but its buffers need exactly {}",
            derived.short(),
            configured.short()
        )),
        _ => None,
    }
}

fn out_of_range(failure: &Failure<'_>, message: String, ctx: &LintContext<'_>) -> Finding {
    let pools = [Pool::TaskHeap, Pool::Managed, Pool::TaskOffHeap, Pool::FrameworkHeap];
    let pools = pools.into_iter().filter_map(|pool| {
        let step = failure.steps.iter().find(|step| step.pool == pool)?;
        Some((failure.decider(pool), format!("{} is {}", pool.title(), step.value.human())))
    });
    let total = ["flink.size", "process.size"]
        .into_iter()
        .find_map(|name| ctx.lookup(&key(failure.process, name)));
    let total_text = failure
        .steps
        .iter()
        .find(|step| step.pool == Pool::TotalFlinkMemory)
        .map(|step| format!("Total Flink Memory is {}", step.value.human()));
    let ends = ["network.min", "network.max", "network.fraction"];
    let ends = ends.into_iter().filter_map(|name| ctx.lookup(&key(failure.process, name)));
    let finding = failure.finding(&META, ctx.release(), message);
    let finding = point(
        finding,
        pools
            .chain([(total, total_text.unwrap_or_default())])
            .chain(ends.map(|end| (Some(end), "must hold for the rest".to_owned()))),
    );
    finding.help("remove one of these sizes, so that its pool takes what is left")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn too_little_is_left() {
        check(
            &NetworkRemainderOutOfRange,
            r"
taskmanager.memory.flink.size: 2g
#                              ^^ Total Flink Memory is 2.000gb (2147483648 bytes)
taskmanager.memory.task.heap.size: 1g
#                                  ^^ FM009 Task Heap is 1024.000mb (1073741824 bytes)
taskmanager.memory.managed.size: 705m
#                                ^^^^ Managed is 705.000mb (739246080 bytes)
",
        );
        // 1 GiB, 704 MiB and twice 128 MiB leave the least of 64 MiB.
        check(
            &NetworkRemainderOutOfRange,
            "taskmanager.memory.flink.size: 2g\ntaskmanager.memory.task.heap.size: 1g\ntaskmanager.memory.managed.size: 704m\n",
        );
    }

    #[test]
    fn too_much_is_left_before_1_17() {
        let text = "taskmanager.memory.process.size: 8g\ntaskmanager.memory.task.heap.size: 1g\ntaskmanager.memory.managed.size: 1g\n";
        check(&NetworkRemainderOutOfRange, &format!("# target: flink-1.17\n{text}"));
    }
}
