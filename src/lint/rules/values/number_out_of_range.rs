use super::{Typed, typed};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};
use crate::units::parse_java_double;

pub(in crate::lint::rules) struct NumberOutOfRange;

static META: RuleMeta = RuleMeta {
    code: "FV006",
    name: "number-out-of-range",
    severity: Severity::Error,
    fix: FixAvailability::Never, // Only the user knows the number.
    source: "RocksDBMemoryConfiguration, ExponentialDelayRestartBackoffTimeStrategy and NetUtils, Flink 1.10 to 2.3",
    docs: r"
The value is a number, but not one that can be: a port above 65535, a ratio of 40. Sizes and fractions
of memory have rules of their own.
## Bad
rest.port: 80811
## Good
rest.port: 8081
",
};

/// Options and the numbers that they take, both ends included.
const RANGES: [(&str, f64, f64); 8] = [
    ("blob.server.port", 0.0, 65535.0),
    ("jobmanager.rpc.port", 0.0, 65535.0),
    ("rest.port", 0.0, 65535.0),
    ("restart-strategy.exponential-delay.jitter-factor", 0.0, 1.0),
    ("state.backend.rocksdb.memory.high-prio-pool-ratio", 0.0, 1.0),
    ("state.backend.rocksdb.memory.write-buffer-ratio", 0.0, 1.0),
    ("taskmanager.data.port", 0.0, 65535.0),
    ("taskmanager.rpc.port", 0.0, 65535.0),
];

impl Rule for NumberOutOfRange {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let outside = typed(ctx).filter_map(|typed| {
            let (_, least, most) = RANGES.iter().find(|(key, ..)| *key == typed.option.key)?;
            let number = parse_java_double(&typed.setting.value.text())?;
            (!(*least..=*most).contains(&number)).then_some((typed, *least, *most))
        });
        report(findings, outside, |(typed, least, most)| out_of_range(&typed, least, most));
    }
}

fn out_of_range(typed: &Typed<'_, '_>, least: f64, most: f64) -> Finding {
    let value = typed.setting.value.text();
    let message = format!("`{}` cannot be {value}", typed.setting.key);
    Finding::new(&META, message)
        .primary(typed.setting.value_span, format!("not between {least} and {most}"))
        .help(format!("write a number from {least} to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn both_ends_are_allowed() {
        check(
            &NumberOutOfRange,
            r"
rest.port: 65536
#          ^^^^^ FV006 not between 0 and 65535
jobmanager.rpc.port: 65535
taskmanager.data.port: 0
state.backend.rocksdb.memory.write-buffer-ratio: 50
#                                                ^^ FV006 not between 0 and 1
state.backend.rocksdb.memory.high-prio-pool-ratio: 0.1
rest.bind-port: 8081-8090
",
        );
    }
}
