use super::failure::{Failure, failures, key, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{MemoryError, Pool};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct OverheadOutOfRange;

static META: RuleMeta = RuleMeta {
    code: "FM008",
    name: "overhead-out-of-range",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "ProcessMemoryUtils.sanityCheckJvmOverhead, Flink 1.10.3 to 2.3.0",
    docs: r"
Both totals are set, so JVM Overhead is what they leave, and that must lie within its own range:
192 MiB to 1 GiB unless set otherwise. One total is enough: Flink derives the other one.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 8g
taskmanager.memory.flink.size: 4g
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 8g
",
};

impl Rule for OverheadOutOfRange {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for failure in failures(ctx) {
            if let &MemoryError::RestOutOfRange { pool: Pool::JvmOverhead, derived, min, max } =
                failure.error
            {
                findings.push(out_of_range(&failure, derived, (min, max), ctx));
            }
        }
    }
}

fn out_of_range(
    failure: &Failure<'_>,
    overhead: MemorySize,
    (min, max): (MemorySize, MemorySize),
    ctx: &LintContext<'_>,
) -> Finding {
    let lookup = |name: &str| ctx.lookup(&key(failure.process, name));
    let message = format!(
        "the two totals of the {} leave {} for JVM Overhead, which must be {} to {}",
        failure.process,
        overhead.short(),
        min.short(),
        max.short()
    );
    let (end, end_text) = if overhead < min {
        (lookup("jvm-overhead.min"), format!("minimum is {}", min.human()))
    } else {
        (lookup("jvm-overhead.max"), format!("maximum is {}", max.human()))
    };
    let finding = failure.finding(&META, ctx.release(), message);
    point(
        finding,
        [
            (lookup("process.size"), format!("leaves {} for JVM Overhead", overhead.human())),
            (lookup("flink.size"), "one total is enough".to_owned()),
            (end, end_text),
        ],
    )
    .help(format!(
        "set only one of `{}` and `{}`",
        key(failure.process, "process.size"),
        key(failure.process, "flink.size")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn too_much_and_too_little() {
        check(
            &OverheadOutOfRange,
            r"
taskmanager.memory.process.size: 8g
#                                ^^ FM008 leaves 3.750gb (4026531840 bytes) for JVM Overhead
taskmanager.memory.flink.size: 4g
#                              ^^ one total is enough
",
        );
        check(
            &OverheadOutOfRange,
            r"
jobmanager.memory.process.size: 1471m
#                               ^^^^^ FM008 leaves 191.000mb (200278016 bytes) for JVM Overhead
jobmanager.memory.flink.size: 1g
#                             ^^ one total is enough
",
        );
    }

    #[test]
    fn the_bounds_themselves() {
        check(
            &OverheadOutOfRange,
            "taskmanager.memory.process.size: 1472m\ntaskmanager.memory.flink.size: 1g\n",
        );
        check(
            &OverheadOutOfRange,
            "taskmanager.memory.process.size: 2304m\ntaskmanager.memory.flink.size: 1g\n",
        );
    }
}
