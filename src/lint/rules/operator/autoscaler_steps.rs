use super::autoscaler::{is_on, option};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct AutoscalerSteps;

static META: RuleMeta = RuleMeta {
    code: "FO016",
    name: "autoscaler-steps",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-stable/docs/custom-resource/autoscaler/; \
        AutoScalerOptions",
    docs: r"
The autoscaler prefers parallelisms that divide the maximum parallelism, so that every subtask has as
many key groups. A maximum with few divisors, a prime above all, leaves it few steps. Choose 120, 180,
240, 360 or 720; Flink's own choice, where none is set, is a power of two, which is an info. As an
info, too, thresholds of `memory.gc-pressure` and `memory.heap-usage` that are set
to 1.0 never stop it from scaling down into a full heap.
## Bad
job.autoscaler.enabled: true
pipeline.max-parallelism: 127
## Good
job.autoscaler.enabled: true
pipeline.max-parallelism: 120
",
};

/// Ours: the maxima that the operator's documentation proposes have 16 divisors and more; powers of
/// two up to 1024 have at most 11.
const FEW_DIVISORS: usize = 12;
/// Below this there are few parallelisms anyway.
const SMALL: u32 = 24;
const MAX_PARALLELISM: &str = "pipeline.max-parallelism";
const THRESHOLDS: [&str; 2] = ["memory.gc-pressure.threshold", "memory.heap-usage.threshold"];

impl Rule for AutoscalerSteps {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(switch) = option(ctx, "enabled").filter(|switch| is_on(switch)) else { return };
        if ctx.lookup(MAX_PARALLELISM).is_none() {
            findings.push(default(switch));
        }
        if let Some(setting) = ctx.lookup(MAX_PARALLELISM)
            && let Ok(most) = setting.value.text().trim().parse::<u32>()
            // Flink allows no more than 32768.
            && (SMALL..=32_768).contains(&most)
        {
            let count = (1..=most).filter(|divisor| most.is_multiple_of(*divisor)).count();
            if count < FEW_DIVISORS {
                findings.push(few(setting, most, count));
            }
        }
        for threshold in THRESHOLDS.into_iter().filter_map(|name| option(ctx, name)) {
            let value = threshold.value.text().trim().parse::<f64>();
            if value.is_ok_and(|value| value >= 1.0) {
                findings.push(no_guard(threshold));
            }
        }
    }
}

fn few(setting: &Setting<'_>, most: u32, count: usize) -> Finding {
    let message = format!("{most} has {count} divisors: the autoscaler has few steps");
    Finding::new(&META, message)
        .primary(setting.value_span, "subtasks between them get unequal parts")
        .help("use 120, 180, 240, 360 or 720; a job with state needs a fresh start for it")
}

/// Source: `KeyGroupRangeAssignment.computeDefaultMaxParallelism`, Flink 1.10 to 2.3: 128, or the
/// power of two above one and a half times the parallelism.
fn default(switch: &Setting<'_>) -> Finding {
    let message = "no maximum parallelism is set: it is a power of two, which has few divisors";
    Finding::new(&META, message)
        .severity(Severity::Info)
        .primary(switch.value_span, "scales in few steps")
        .help(
            "set pipeline.max-parallelism to 120, 180, 240, 360 or 720 for a job that starts anew",
        )
}

fn no_guard(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, "this threshold never stops the autoscaler")
        .severity(Severity::Info)
        .primary(setting.value_span, "all of the heap or of the time")
        .help("write a part, such as 0.8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn divisors_count() {
        let count = |most: &str| {
            let text = format!("job.autoscaler.enabled: true\npipeline.max-parallelism: {most}\n");
            findings(&AutoscalerSteps, &text).len()
        };
        for most in ["120", "180", "240", "360", "720", "16", "0", "99999999", "x"] {
            assert_eq!(count(most), 0, "{most}");
        }
        for most in ["128", "127", "1024", "32749"] {
            assert_eq!(count(most), 1, "{most}");
        }
    }

    #[test]
    fn thresholds_and_scaling_that_is_off() {
        check(
            &AutoscalerSteps,
            r"
job.autoscaler.enabled: true
#                       ^^^^ FO016 scales in few steps
job.autoscaler.memory.heap-usage.threshold: 1.0
#                                           ^^^ FO016 all of the heap or of the time
job.autoscaler.memory.gc-pressure.threshold: 0.3
",
        );
        check(&AutoscalerSteps, "pipeline.max-parallelism: 127\n");
    }
}
