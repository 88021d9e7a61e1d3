//! Three rules on a fraction and its range, which Flink checks in one place.

use super::failure::{Failure, failures, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{MemoryError, RangeProblem};
use crate::units::{Fraction, MemorySize};

pub(in crate::lint::rules) struct NetworkMinAboveMax;
pub(in crate::lint::rules) struct OverheadMinAboveMax;
pub(in crate::lint::rules) struct FractionOutOfRange;

const SOURCE: &str = "RangeFraction and ProcessMemoryUtils, Flink 1.10.3 to 2.3.0";

static NETWORK: RuleMeta = RuleMeta {
    code: "FM004",
    name: "network-min-above-max",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: SOURCE,
    docs: r"
Network Memory is a fraction of Total Flink Memory kept between a minimum and a maximum. Flink does
not start with a minimum above the maximum; up to Flink 1.16 the maximum is 1 GiB unless set.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 8g
taskmanager.memory.network.min: 1g
taskmanager.memory.network.max: 512m
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 8g
taskmanager.memory.network.min: 512m
taskmanager.memory.network.max: 1g
",
};

static OVERHEAD: RuleMeta = RuleMeta {
    code: "FM005",
    name: "overhead-min-above-max",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: SOURCE,
    docs: r"
JVM Overhead is a fraction of Total Process Memory kept between a minimum and a maximum, 192 MiB
and 1 GiB unless set. Flink does not start with a minimum above the maximum.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 8g
taskmanager.memory.jvm-overhead.min: 2g
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 8g
taskmanager.memory.jvm-overhead.min: 2g
taskmanager.memory.jvm-overhead.max: 2g
",
};

static FRACTION: RuleMeta = RuleMeta {
    code: "FM006",
    name: "memory-fraction-out-of-range",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: SOURCE,
    docs: r"
A fraction of memory is at least 0 and less than 1: 40 percent is 0.4.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 8g
taskmanager.memory.managed.fraction: 40
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 8g
taskmanager.memory.managed.fraction: 0.4
",
};

impl Rule for NetworkMinAboveMax {
    fn meta(&self) -> &'static RuleMeta {
        &NETWORK
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for (failure, range) in refused(ctx, RangeProblem::MinAboveMax) {
            if range.key.contains(".network.") {
                findings.push(min_above_max(&NETWORK, "Network Memory", &failure, range, ctx));
            }
        }
    }
}

impl Rule for OverheadMinAboveMax {
    fn meta(&self) -> &'static RuleMeta {
        &OVERHEAD
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for (failure, range) in refused(ctx, RangeProblem::MinAboveMax) {
            if !range.key.contains(".network.") {
                findings.push(min_above_max(&OVERHEAD, "JVM Overhead", &failure, range, ctx));
            }
        }
    }
}

impl Rule for FractionOutOfRange {
    fn meta(&self) -> &'static RuleMeta {
        &FRACTION
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for (failure, range) in refused(ctx, RangeProblem::FractionOutOfRange) {
            findings.push(out_of_range(&failure, range, ctx));
        }
    }
}

/// The fraction that Flink refuses.
#[derive(Debug, Clone, Copy)]
struct Refused {
    key: &'static str,
    fraction: Fraction,
    min: MemorySize,
    max: MemorySize,
}

fn refused<'m>(
    ctx: &'m LintContext<'_>,
    expected: RangeProblem,
) -> impl Iterator<Item = (Failure<'m>, Refused)> {
    failures(ctx).filter_map(move |failure| match *root(failure.error) {
        MemoryError::InconsistentRange { key, fraction, min, max, problem }
            if problem == expected =>
        {
            Some((failure, Refused { key, fraction, min, max }))
        }
        _ => None,
    })
}

/// The range of Network Memory is also checked where the network gets the rest.
fn root(error: &MemoryError) -> &MemoryError {
    match error {
        MemoryError::NetworkInconsistent { cause } => cause,
        other => other,
    }
}

fn min_above_max(
    rule: &'static RuleMeta,
    name: &str,
    failure: &Failure<'_>,
    range: Refused,
    ctx: &LintContext<'_>,
) -> Finding {
    let end = |end: &str| ctx.lookup(&range.key.replace(".fraction", end));
    let (min, max) = (end(".min"), end(".max"));
    let text = |name: &str, value: MemorySize| format!("{name} is {}", value.human());
    let message = format!("the minimum of {name} is larger than its maximum");
    let finding = failure.finding(rule, ctx.release(), message);
    let finding =
        point(finding, [(min, text("minimum", range.min)), (max, text("maximum", range.max))]);
    let by_default = match (min, max) {
        (None, _) => format!("; the minimum is {} by default", range.min.short()),
        (_, None) => format!("; the maximum is {} by default", range.max.short()),
        _ => String::new(),
    };
    finding.help(format!("lower the minimum or raise the maximum{by_default}"))
}

fn out_of_range(failure: &Failure<'_>, range: Refused, ctx: &LintContext<'_>) -> Finding {
    let setting = ctx.lookup(range.key);
    let text = setting.map_or_else(String::new, |setting| setting.value.text().into_owned());
    let message = format!("`{}` must be at least 0 and less than 1", range.key);
    let finding = failure.finding(&FRACTION, ctx.release(), message);
    let finding = point(finding, [(setting, format!("{} is no fraction", range.fraction))]);
    match text.trim().parse::<u8>() {
        Ok(percent @ 2..=99) => finding.help(format!("write 0.{percent:02} for {percent} percent")),
        _ => finding.help("write a number such as 0.4"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn both_ends_set() {
        check(
            &NetworkMinAboveMax,
            r"
taskmanager.memory.process.size: 8g
taskmanager.memory.network.min: 1g
#                               ^^ FM004 minimum is 1024.000mb (1073741824 bytes)
taskmanager.memory.network.max: 512m
#                               ^^^^ maximum is 512.000mb (536870912 bytes)
",
        );
        check(
            &NetworkMinAboveMax,
            "taskmanager.memory.process.size: 8g\ntaskmanager.memory.network.min: 512m\ntaskmanager.memory.network.max: 512m\n",
        );
    }

    #[test]
    fn network_memory_as_the_rest() {
        check(
            &NetworkMinAboveMax,
            r"
taskmanager.memory.flink.size: 2g
taskmanager.memory.task.heap.size: 512m
taskmanager.memory.network.min: 200m
#                               ^^^^ FM004 minimum is 200.000mb (209715200 bytes)
taskmanager.memory.network.max: 100m
#                               ^^^^ maximum is 100.000mb (104857600 bytes)
",
        );
    }

    #[test]
    fn the_default_maximum_of_network_memory_went_in_1_17() {
        check(
            &NetworkMinAboveMax,
            r"
# target: flink-1.16
taskmanager.memory.process.size: 16g
taskmanager.memory.network.min: 2g
#                               ^^ FM004 minimum is 2.000gb (2147483648 bytes)
",
        );
        check(
            &NetworkMinAboveMax,
            "# target: flink-1.17\ntaskmanager.memory.process.size: 16g\ntaskmanager.memory.network.min: 2g\n",
        );
    }

    #[test]
    fn overhead_of_either_process() {
        check(
            &OverheadMinAboveMax,
            r"
jobmanager.memory.process.size: 4g
jobmanager.memory.jvm-overhead.max: 100m
#                                   ^^^^ FM005 maximum is 100.000mb (104857600 bytes)
",
        );
        check(
            &OverheadMinAboveMax,
            "taskmanager.memory.process.size: 8g\ntaskmanager.memory.jvm-overhead.min: 1g\n",
        );
    }

    #[test]
    fn fractions_from_zero_to_below_one() {
        check(
            &FractionOutOfRange,
            r"
taskmanager.memory.process.size: 8g
taskmanager.memory.managed.fraction: 1
#                                    ^ FM006 1.0 is no fraction
",
        );
        check(
            &FractionOutOfRange,
            "taskmanager.memory.process.size: 8g\ntaskmanager.memory.managed.fraction: 0\n",
        );
        // A size makes the fraction of no account.
        check(
            &FractionOutOfRange,
            "taskmanager.memory.process.size: 8g\ntaskmanager.memory.managed.fraction: 1\ntaskmanager.memory.managed.size: 1g\n",
        );
    }
}
