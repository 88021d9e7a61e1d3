use super::options::{INTERVAL, MIN_PAUSE};
use crate::config::{Origin, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::units::FlinkDuration;

pub(in crate::lint::rules) struct MinPauseAboveInterval;

static META: RuleMeta = RuleMeta {
    code: "FC008",
    name: "min-pause-above-interval",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "CheckpointCoordinator, Flink 1.10 to 2.3: the interval is raised to the pause",
    docs: r"
Flink raises the interval to the minimum pause, so the interval that is written here never applies.
Equal values are fine: they say that a checkpoint starts that long after the last one ended.
## Bad
execution.checkpointing.interval: 1min
execution.checkpointing.min-pause: 5min
execution.checkpointing.dir: hdfs:///flink/checkpoints
## Good
execution.checkpointing.interval: 1min
execution.checkpointing.min-pause: 30s
execution.checkpointing.dir: hdfs:///flink/checkpoints
",
};

impl Rule for MinPauseAboveInterval {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(pause) = ctx.explicit::<FlinkDuration>(MIN_PAUSE) else { return };
        let Some(interval) = ctx.explicit::<FlinkDuration>(INTERVAL) else { return };
        if let (Origin::Setting(pause_setting), Origin::Setting(interval_setting)) =
            (pause.origin, interval.origin)
            && pause.value > interval.value
            && interval.value > FlinkDuration::default()
        {
            findings.push(above((pause.value, pause_setting), (interval.value, interval_setting)));
        }
    }
}

fn above(pause: (FlinkDuration, &Setting<'_>), interval: (FlinkDuration, &Setting<'_>)) -> Finding {
    Finding::new(&META, "the minimum pause is longer than the interval, which so has no effect")
        .primary(pause.1.value_span, format!("a pause of {}", pause.0))
        .related(
            interval.1.value_span,
            format!("an interval of {}, raised to the pause", interval.0),
        )
        .help("lower the pause, or raise the interval to what you want")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn longer_but_not_equal() {
        check(
            &MinPauseAboveInterval,
            r"
execution.checkpointing.interval: 60000
#                                 ^^^^^ an interval of 1 min, raised to the pause
execution.checkpointing.min-pause: 61s
#                                  ^^^ FC008 a pause of 61 s
",
        );
        check(
            &MinPauseAboveInterval,
            "execution.checkpointing.interval: 3min\nexecution.checkpointing.min-pause: 180s\n",
        );
        check(&MinPauseAboveInterval, "execution.checkpointing.min-pause: 180s\n");
    }
}
