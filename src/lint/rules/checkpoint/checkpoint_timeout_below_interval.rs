use super::checkpoint_interval_too_short::is_slip;
use super::options::{INTERVAL, TIMEOUT};
use crate::config::{Origin, Resolved};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Place, Rule};
use crate::units::FlinkDuration;

pub(in crate::lint::rules) struct CheckpointTimeoutBelowInterval;

static META: RuleMeta = RuleMeta {
    code: "FC009",
    name: "checkpoint-timeout-below-interval",
    severity: Severity::Info,
    fix: FixAvailability::Never,
    source: "CheckpointCoordinator, Flink 1.10 to 2.3",
    docs: r"
A checkpoint is given up before the next one would be due, although nothing waits for it. A slow
checkpoint then never completes, which is when it is needed. Reported where the file shortens the
timeout below Flink's default of ten minutes, and as a warning below ten seconds.
## Bad
execution.checkpointing.interval: 5min
execution.checkpointing.timeout: 1min
execution.checkpointing.dir: hdfs:///flink/checkpoints
## Good
execution.checkpointing.interval: 5min
execution.checkpointing.timeout: 10min
execution.checkpointing.dir: hdfs:///flink/checkpoints
",
};

/// Flink's default, in every release.
const DEFAULT_TIMEOUT: FlinkDuration = FlinkDuration::from_seconds(600);
/// Below this hardly any checkpoint of real state completes.
const HOPELESS: FlinkDuration = FlinkDuration::from_seconds(10);

impl Rule for CheckpointTimeoutBelowInterval {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(timeout) = ctx.explicit::<FlinkDuration>(TIMEOUT) else { return };
        let Some(interval) = ctx.explicit::<FlinkDuration>(INTERVAL) else { return };
        let slip = matches!(timeout.origin, Origin::Setting(it) if is_slip(it, timeout.value));
        if timeout.value < interval.value && timeout.value < DEFAULT_TIMEOUT && !slip {
            findings.push(below(&timeout, &interval));
        }
    }
}

fn below(
    timeout: &Resolved<'_, '_, FlinkDuration>,
    interval: &Resolved<'_, '_, FlinkDuration>,
) -> Finding {
    let mut finding =
        Finding::new(&META, "a checkpoint is given up long before the next one is due")
            .help("raise the timeout to the interval or above");
    if timeout.value < HOPELESS {
        finding = finding.severity(Severity::Warning);
    }
    if let (Origin::Setting(at), Origin::Setting(other)) = (timeout.origin, interval.origin) {
        finding = finding.primary(at.value_span, format!("given up after {}", timeout.value));
        finding.related.push(interval.place(other.value_span, format!("every {}", interval.value)));
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn shorter_than_both_interval_and_default() {
        check(
            &CheckpointTimeoutBelowInterval,
            r"
execution.checkpointing.interval: 2min
#                                 ^^^^ every 2 min
execution.checkpointing.timeout: 119s
#                                ^^^^ FC009 given up after 119 s
",
        );
        let silent = |interval: &str, timeout: &str| {
            check(
                &CheckpointTimeoutBelowInterval,
                &format!(
                    "execution.checkpointing.interval: {interval}\n\
                     execution.checkpointing.timeout: {timeout}\n"
                ),
            );
        };
        silent("2min", "2min");
        silent("2min", "999");
        silent("30min", "10min");
        check(&CheckpointTimeoutBelowInterval, "execution.checkpointing.interval: 30min\n");
    }
}
