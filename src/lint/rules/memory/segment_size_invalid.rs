use super::failure::{Failure, failures, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{MemoryError, SegmentSizeProblem};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct SegmentSizeInvalid;

static META: RuleMeta = RuleMeta {
    code: "FM013",
    name: "segment-size-invalid",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "ConfigurationParserUtils.getPageSize, Flink 1.10.3 to 2.3.0",
    docs: r"
A memory segment, which is also a network buffer, is a power of two of at least 4 KiB. The start
script accepts anything; the TaskManager then dies while it starts.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 1728m
taskmanager.memory.segment-size: 48kb
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 1728m
taskmanager.memory.segment-size: 64kb
",
};

impl Rule for SegmentSizeInvalid {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for failure in failures(ctx) {
            if let &MemoryError::SegmentSize { found, problem } = failure.error {
                findings.push(invalid(&failure, found, problem, ctx));
            }
        }
    }
}

fn invalid(
    failure: &Failure<'_>,
    found: MemorySize,
    problem: SegmentSizeProblem,
    ctx: &LintContext<'_>,
) -> Finding {
    let message = match problem {
        SegmentSizeProblem::TooLarge => "a memory segment must be smaller than 2 GiB",
        SegmentSizeProblem::TooSmall => "a memory segment must be at least 4 KiB",
        SegmentSizeProblem::NotAPowerOfTwo => "a memory segment must be a power of two",
    };
    let finding = failure.finding(&META, ctx.release(), message.to_owned());
    let setting = ctx.lookup("taskmanager.memory.segment-size");
    point(finding, [(setting, found.human())]).help("write a size such as 32kb or 64kb")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn powers_of_two_from_4_kib() {
        check(
            &SegmentSizeInvalid,
            r"
taskmanager.memory.process.size: 1728m
taskmanager.memory.segment-size: 2kb
#                                ^^^ FM013 2.000kb (2048 bytes)
",
        );
        check(
            &SegmentSizeInvalid,
            r"
taskmanager.memory.process.size: 1728m
taskmanager.memory.segment-size: 4097
#                                ^^^^ FM013 4.001kb (4097 bytes)
",
        );
        check(
            &SegmentSizeInvalid,
            "taskmanager.memory.process.size: 1728m\ntaskmanager.memory.segment-size: 4kb\n",
        );
    }
}
