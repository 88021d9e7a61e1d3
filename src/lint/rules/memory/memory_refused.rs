use super::failure::{Failure, failures, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::MemoryError;

pub(in crate::lint::rules) struct MemoryRefused;

static META: RuleMeta = RuleMeta {
    code: "FM014",
    name: "memory-refused",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "TaskExecutorProcessUtils and JobManagerProcessUtils, Flink 1.10.3 to 2.3.0",
    docs: r"
Flink refuses the memory of a process for a reason that has no rule of its own: a sum beyond 64
bits, a negative legacy size, a number of cores that is not finite, more network buffers than an
`int` can count, or a `-D` for one end of the network range at the start of a TaskManager.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.task.heap.size: 8388607t
taskmanager.memory.managed.size: 8388607t
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.task.heap.size: 8g
taskmanager.memory.managed.size: 8g
",
};

impl Rule for MemoryRefused {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        findings.extend(failures(ctx).filter_map(|failure| {
            let keys = keys(failure.error)?;
            Some(refused(&failure, keys, ctx))
        }));
    }
}

/// Where to look; `None` for errors that have a rule of their own.
fn keys(error: &MemoryError) -> Option<&'static [&'static str]> {
    Some(match error {
        // The value rules.
        MemoryError::Value { .. }
        // Rules beside this one.
        | MemoryError::NotConfigured { .. }
        | MemoryError::ComponentsExceedTotalFlinkMemory { .. }
        | MemoryError::JvmExceedsTotalProcessMemory { .. }
        | MemoryError::ProcessBelowFlinkAndMetaspace { .. }
        | MemoryError::InconsistentRange { .. }
        | MemoryError::CpuCores { .. }
        | MemoryError::SlotCount { .. }
        | MemoryError::SegmentSize { .. }
        | MemoryError::HeapExceedsTotalFlinkMemory { .. }
        | MemoryError::HeapAndOffHeapMismatch { .. }
        | MemoryError::OffHeapExceedsTotalFlinkMemory { .. } => return None,
        MemoryError::RestOutOfRange { pool: crate::memory::Pool::JvmOverhead, .. } => return None,
        MemoryError::NetworkInconsistent { cause } => match **cause {
            MemoryError::RestOutOfRange { .. } | MemoryError::NetworkIsNotSegments { .. } => {
                return None;
            }
            _ => return keys(cause),
        },
        MemoryError::LegacyHeap { cause } => return keys(cause),
        MemoryError::RestOutOfRange { .. } | MemoryError::NetworkIsNotSegments { .. } => {
            &["taskmanager.memory.network.min", "taskmanager.memory.network.max"]
        }
        MemoryError::NoValue { .. } => &[],
        MemoryError::Overflow => &[
            "taskmanager.memory.process.size",
            "taskmanager.memory.flink.size",
            "taskmanager.memory.task.heap.size",
            "taskmanager.memory.managed.size",
            "taskmanager.memory.network.fraction",
            "jobmanager.memory.flink.size",
            "jobmanager.memory.heap.size",
        ],
        MemoryError::NegativeSize { .. } | MemoryError::NegativeLegacyHeap { .. } => &[
            "taskmanager.heap.mb",
            "jobmanager.heap.mb",
            "taskmanager.network.numberOfBuffers",
        ],
        MemoryError::CpuCoresNotFinite { .. } => &["taskmanager.cpu.cores"],
        MemoryError::NetworkNotFixed { .. } => {
            &["taskmanager.memory.network.min", "taskmanager.memory.network.max"]
        }
        MemoryError::TooManyNetworkBuffers { .. } => {
            &["taskmanager.memory.segment-size", "taskmanager.memory.network.max"]
        }
    })
}

fn refused(failure: &Failure<'_>, keys: &[&str], ctx: &LintContext<'_>) -> Finding {
    let message = format!("the {} does not start: {}", failure.process, failure.error);
    let finding = failure.finding(&META, ctx.release(), message);
    let of_process = |key: &&&str| {
        let start = key.split('.').next().unwrap_or("");
        start.eq_ignore_ascii_case(&failure.process.to_string())
    };
    let settings = keys.iter().filter(of_process).filter_map(|key| ctx.lookup(key));
    point(finding, settings.map(|setting| (Some(setting), "takes part".to_owned())))
        .help("write values that Flink can compute with")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_sum_beyond_64_bits() {
        check(
            &MemoryRefused,
            r"
taskmanager.memory.task.heap.size: 8388607t
#                                  ^^^^^^^^ FM014 takes part
taskmanager.memory.managed.size: 8388607t
#                                ^^^^^^^^ takes part
",
        );
    }

    #[test]
    fn a_property_for_one_end_of_the_network_range() {
        check(
            &MemoryRefused,
            "# -D taskmanager.memory.network.min=100m\ntaskmanager.memory.process.size: 1728m\n# elsewhere: FM014 takes part\n",
        );
        // Up to 1.11 the start script's own sizes win.
        check(
            &MemoryRefused,
            "# target: flink-1.11\n# -D taskmanager.memory.network.min=100m\ntaskmanager.memory.process.size: 1728m\n",
        );
    }

    #[test]
    fn other_rules_have_their_own_errors() {
        check(&MemoryRefused, "taskmanager.memory.process.size: 100m\n");
        check(&MemoryRefused, "taskmanager.memory.process.size: much\n");
    }
}
