use super::failure::{Failure, failures, key, point};
use crate::catalog::Release;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{MemoryError, Pool};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct PoolsExceedTotalFlinkMemory;

static META: RuleMeta = RuleMeta {
    code: "FM002",
    name: "pools-exceed-total-flink-memory",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "TaskExecutorFlinkMemoryUtils, Flink 1.10.3 to 2.3.0",
    docs: r"
The pools of Total Flink Memory need more than there is. Sizes that are set stay as they are; only
Task Heap gives way, and only if it is not set itself.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.flink.size: 1g
taskmanager.memory.managed.size: 4g
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.flink.size: 6g
taskmanager.memory.managed.size: 4g
",
};

impl Rule for PoolsExceedTotalFlinkMemory {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for failure in failures(ctx) {
            if let MemoryError::ComponentsExceedTotalFlinkMemory { parts, total } = failure.error {
                findings.push(exceed(&failure, parts, *total, ctx));
            }
        }
    }
}

fn exceed(
    failure: &Failure<'_>,
    parts: &[(Pool, MemorySize)],
    total: MemorySize,
    ctx: &LintContext<'_>,
) -> Finding {
    let release: Release = ctx.release();
    // Sizes whose sum overflows are another error.
    let needed = parts
        .iter()
        .try_fold(MemorySize::ZERO, |sum, (_, size)| sum.checked_add(*size))
        .unwrap_or(MemorySize::MAX);
    let mut largest = parts.to_vec();
    largest.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let pools = largest.iter().map(|(pool, size)| {
        (failure.decider(*pool), format!("{} is {}", pool.title(), size.human()))
    });
    let total_place = ["flink.size", "process.size"]
        .into_iter()
        .find_map(|name| ctx.lookup(&key(failure.process, name)));
    let total_text = format!("Total Flink Memory is {}", total.human());
    let set_pools: Vec<_> = pools.filter(|(setting, _)| setting.is_some()).collect();
    let defaults: Vec<_> = parts
        .iter()
        .filter(|(pool, size)| failure.decider(*pool).is_none() && *size > MemorySize::ZERO)
        .map(|(pool, size)| format!("{} {}", pool.title(), size.short()))
        .collect();
    let message = format!(
        "the pools need {} of Total Flink Memory, which has {}",
        needed.short(),
        total.short()
    );
    let finding = failure.finding(&META, release, message);
    let finding = point(finding, set_pools.into_iter().chain([(total_place, total_text)]));
    let mut help = format!(
        "give Total Flink Memory more than {}, or lower a pool by {}",
        needed.short(),
        needed.saturating_sub(total).short()
    );
    if !defaults.is_empty() {
        help = format!("{help}; defaults that count: {}", defaults.join(", "));
    }
    finding.help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_pool_larger_than_the_total() {
        check(
            &PoolsExceedTotalFlinkMemory,
            r"
taskmanager.memory.flink.size: 1gb
#                              ^^^ Total Flink Memory is 1024.000mb (1073741824 bytes)
taskmanager.memory.managed.size: 4gb
#                                ^^^ FM002 Managed is 4.000gb (4294967296 bytes)
",
        );
    }

    #[test]
    fn a_total_that_only_the_process_implies() {
        check(
            &PoolsExceedTotalFlinkMemory,
            r"
taskmanager.memory.process.size: 1g
#                                ^^ Total Flink Memory is 576.000mb (603979776 bytes)
taskmanager.memory.task.off-heap.size: 300m
#                                      ^^^^ FM002 Task Off-Heap is 300.000mb (314572800 bytes)
",
        );
    }

    #[test]
    fn a_sum_that_fits_exactly_is_allowed() {
        // 128 + 128 + 64 of network leave nothing for Task Heap, which Flink accepts.
        let fits = "taskmanager.memory.flink.size: 448m\ntaskmanager.memory.managed.size: 128m\n";
        check(&PoolsExceedTotalFlinkMemory, fits);
        check(
            &PoolsExceedTotalFlinkMemory,
            r"
taskmanager.memory.flink.size: 448m
#                              ^^^^ Total Flink Memory is 448.000mb (469762048 bytes)
taskmanager.memory.managed.size: 134217729
#                                ^^^^^^^^^ FM002 Managed is 128.000mb (134217729 bytes)
",
        );
    }
}
