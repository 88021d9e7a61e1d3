use super::options::INTERVAL;
use crate::config::{Origin, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::units::FlinkDuration;

pub(in crate::lint::rules) struct CheckpointIntervalTooShort;

static META: RuleMeta = RuleMeta {
    code: "FC007",
    name: "checkpoint-interval-too-short",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "2 of 25 public configurations",
    docs: r"
At ten seconds or less a job spends much of its time on checkpoints: each one flushes the state
backend and opens new files, and a slow one delays the next.
## Bad
execution.checkpointing.interval: 5s
execution.checkpointing.dir: hdfs:///flink/checkpoints
## Good
execution.checkpointing.interval: 60s
execution.checkpointing.dir: hdfs:///flink/checkpoints
",
};

/// Up to here an interval is reported.
const SHORT: FlinkDuration = FlinkDuration::from_seconds(10);

impl Rule for CheckpointIntervalTooShort {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(interval) = ctx.explicit::<FlinkDuration>(INTERVAL) else { return };
        // Zero turns checkpoints off.
        if let Origin::Setting(setting) = interval.origin
            && FlinkDuration::default() < interval.value
            && interval.value <= SHORT
            && !is_slip(setting, interval.value)
        {
            findings.push(too_short(setting, interval.value));
        }
    }
}

fn too_short(setting: &Setting<'_>, interval: FlinkDuration) -> Finding {
    Finding::new(&META, format!("a checkpoint every {interval}"))
        .primary(setting.value_span, "leaves little time between checkpoints")
        .help("one to ten minutes suit most jobs; a shorter interval is for low latency of a transactional sink")
}

/// Below a second and without a unit: a unit was forgotten, which a value rule reports.
pub(super) fn is_slip(setting: &Setting<'_>, value: FlinkDuration) -> bool {
    let text = setting.value.text();
    value < FlinkDuration::from_seconds(1) && text.trim().bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn ten_seconds_are_too_short_eleven_are_not() {
        check(
            &CheckpointIntervalTooShort,
            r"
execution.checkpointing.interval: 10 s
#                                 ^^^^ FC007 leaves little time between checkpoints
",
        );
        check(&CheckpointIntervalTooShort, "execution.checkpointing.interval: 11s\n");
        check(&CheckpointIntervalTooShort, "execution.checkpointing.interval: 0\n");
        check(&CheckpointIntervalTooShort, "execution.checkpointing.interval: soon\n");
    }

    #[test]
    fn a_forgotten_unit_is_another_rules() {
        check(&CheckpointIntervalTooShort, "execution.checkpointing.interval: 999\n");
        check(
            &CheckpointIntervalTooShort,
            r"
execution.checkpointing.interval: 1000
#                                 ^^^^ FC007 leaves little time between checkpoints
",
        );
        check(&CheckpointIntervalTooShort, "execution.checkpointing.interval: 60000\n");
    }
}
