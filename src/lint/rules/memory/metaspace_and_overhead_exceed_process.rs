use super::failure::{Failure, failures, key, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{MemoryError, Pool};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct MetaspaceAndOverheadExceedProcess;

static META: RuleMeta = RuleMeta {
    code: "FM003",
    name: "metaspace-and-overhead-exceed-process",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "ProcessMemoryUtils.deriveProcessSpecWithTotalProcessMemory, Flink 1.10.3 to 2.3.0",
    docs: r"
JVM Metaspace and JVM Overhead come off Total Process Memory before anything else: 256 MiB and at
least 192 MiB, unless set otherwise. A number without a unit is bytes.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 256m
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 1728m
",
};

impl Rule for MetaspaceAndOverheadExceedProcess {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for failure in failures(ctx) {
            if let &MemoryError::JvmExceedsTotalProcessMemory {
                jvm_metaspace,
                jvm_overhead,
                total,
            } = failure.error
            {
                findings.push(exceed(&failure, jvm_metaspace, jvm_overhead, total, ctx));
            }
        }
    }
}

fn exceed(
    failure: &Failure<'_>,
    metaspace: MemorySize,
    overhead: MemorySize,
    total: MemorySize,
    ctx: &LintContext<'_>,
) -> Finding {
    let needed = metaspace.checked_add(overhead).unwrap_or(MemorySize::MAX);
    let process = ctx.lookup(&key(failure.process, "process.size"));
    let message = format!(
        "the {} has {}, but its JVM alone takes {}",
        failure.process,
        total.short(),
        needed.short()
    );
    let help = match process.filter(|it| it.value.text().trim().parse::<u64>().is_ok()) {
        Some(_) => "write a unit, such as `m` or `g`: a number alone is bytes".to_owned(),
        None => format!(
            "give the process well above {}: JVM Metaspace takes {}, JVM Overhead {}",
            needed.short(),
            metaspace.short(),
            overhead.short()
        ),
    };
    let finding = failure.finding(&META, ctx.release(), message);
    let process = process.or_else(|| ctx.lookup("taskmanager.heap.size"));
    point(
        finding,
        [
            (process, format!("Total Process Memory is {}", total.human())),
            (
                failure.decider(Pool::JvmMetaspace),
                format!("JVM Metaspace is {}", metaspace.human()),
            ),
            (failure.decider(Pool::JvmOverhead), format!("JVM Overhead is {}", overhead.human())),
        ],
    )
    .help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn one_byte_below_the_boundary() {
        // 256 MiB of metaspace and 192 MiB of overhead.
        check(
            &MetaspaceAndOverheadExceedProcess,
            r"
taskmanager.memory.process.size: 469762047b
#                                ^^^^^^^^^^ FM003 Total Process Memory is 448.000mb (469762047 bytes)
",
        );
        check(&MetaspaceAndOverheadExceedProcess, "taskmanager.memory.process.size: 448m\n");
    }

    #[test]
    fn pools_that_were_set_are_shown() {
        check(
            &MetaspaceAndOverheadExceedProcess,
            r"
jobmanager.memory.process.size: 1g
#                               ^^ FM003 Total Process Memory is 1024.000mb (1073741824 bytes)
jobmanager.memory.jvm-metaspace.size: 1g
#                                     ^^ JVM Metaspace is 1024.000mb (1073741824 bytes)
",
        );
    }

    #[test]
    fn a_missing_unit() {
        check(
            &MetaspaceAndOverheadExceedProcess,
            r"
taskmanager.memory.process.size: 2048
#                                ^^^^ FM003 Total Process Memory is 2.000kb (2048 bytes)
",
        );
    }
}
