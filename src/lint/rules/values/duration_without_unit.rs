use super::{Typed, bare_number, typed};
use crate::catalog::{OptionHistory, ValueType};
use crate::config::{FromRaw, RawValue};
use crate::finding::{Applicability, Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};
use crate::units::FlinkDuration;

pub(in crate::lint::rules) struct DurationWithoutUnit;

static META: RuleMeta = RuleMeta {
    code: "FV003",
    name: "duration-without-unit",
    severity: Severity::Warning,
    fix: FixAvailability::Sometimes,
    source: "TimeUtils.parseDuration, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/",
    docs: r"
A duration without a unit is a number of milliseconds. `60` is not a minute, and not even a tenth of a
second. Told of are less than a second where the default is a second or more, or where there is
none, and a time to live below a minute.
## Bad
heartbeat.timeout: 60
## Good
heartbeat.timeout: 60 s
",
};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;

impl Rule for DurationWithoutUnit {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let short = typed(ctx).filter_map(|typed| {
            let milliseconds = bare_number(&typed.setting.value)?;
            (0 < milliseconds && milliseconds < least_meant(&typed)?)
                .then_some((typed, milliseconds))
        });
        report(findings, short, |(typed, milliseconds)| only(ctx, &typed, milliseconds));
    }
}

/// The least number of milliseconds that may be meant; `None` for what is no duration.
fn least_meant(typed: &Typed<'_, '_>) -> Option<u64> {
    let key = typed.option.key;
    let default = default_milliseconds(typed)?;
    if key == "table.exec.state.ttl" {
        return Some(MINUTE);
    }
    match default {
        Some(default) if default < u128::from(SECOND) => None,
        _ => Some(SECOND),
    }
}

/// The default in milliseconds, `Some(None)` if there is none; `None` if the option is no
/// duration, nor a number that a later release made one.
fn default_milliseconds(typed: &Typed<'_, '_>) -> Option<Option<u128>> {
    match typed.entry.value_type {
        ValueType::Duration => Some(typed.entry.default.and_then(milliseconds)),
        ValueType::Long | ValueType::Int => counts_milliseconds(typed.option, typed.entry.default?)
            .then(|| typed.entry.default?.parse().ok()),
        _ => None,
    }
}

fn milliseconds(text: &str) -> Option<u128> {
    let release = crate::catalog::Release::LATEST;
    let duration = FlinkDuration::from_raw(&RawValue::Text(text.into()), release).ok()?;
    Some(duration.milliseconds())
}

/// Whether the numbers of an option are milliseconds: a later release made a duration of it, and
/// the same default shows the unit.
pub(super) fn counts_milliseconds(option: &OptionHistory, default: &str) -> bool {
    let later = option.entries.iter().find(|entry| entry.value_type == ValueType::Duration);
    let duration = later.and_then(|entry| entry.default).and_then(milliseconds);
    duration.is_some() && duration == default.parse().ok()
}

fn only(ctx: &LintContext<'_>, typed: &Typed<'_, '_>, milliseconds: u64) -> Finding {
    let key = &typed.setting.key;
    let message = format!("`{key}` is {milliseconds} milliseconds: there is no unit");
    let mut finding =
        Finding::new(&META, message).primary(typed.setting.value_span, "milliseconds");
    if typed.entry.value_type == ValueType::Duration {
        finding.fix = typed.replace(ctx, format!("{milliseconds} s"), Applicability::Unsafe);
        finding.help(format!("write a unit, such as `{milliseconds} s`"))
    } else {
        let number = milliseconds.saturating_mul(SECOND);
        finding.fix = typed.replace(ctx, number.to_string(), Applicability::Unsafe);
        finding.help(format!("write milliseconds, such as `{number}` for {milliseconds} seconds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_second_is_the_boundary() {
        check(
            &DurationWithoutUnit,
            r"
execution.checkpointing.interval: 999
#                                 ^^^ FV003 milliseconds
execution.checkpointing.timeout: 1000
restart-strategy.fixed-delay.delay: 10
#                                   ^^ FV003 milliseconds
table.exec.state.ttl: 3600
#                     ^^^^ FV003 milliseconds
execution.checkpointing.min-pause: 500
heartbeat.interval: 10 s
web.timeout: 0
",
        );
    }

    #[test]
    fn numbers_that_became_durations() {
        check(
            &DurationWithoutUnit,
            r"
# target: flink-1.14
heartbeat.timeout: 50
#                  ^^ FV003 milliseconds
heartbeat.interval: 10000
taskmanager.numberOfTaskSlots: 4
",
        );
    }
}
