use crate::catalog::keys;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct SlotsBelowParallelism;

static META: RuleMeta = RuleMeta {
    code: "FN015",
    name: "slots-below-parallelism",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "ResourceManagerOptions.MAX_SLOT_NUM, Flink 1.12 to 2.3; JobManagerOptions.SCHEDULER; \
        flink-cdc#250, HiBench#427",
    docs: r"
The parallelism needs more slots than the cluster can ever have: those of all TaskManagers, where a
file has one service of a fixed number of them, or `slotmanager.number-of-slots.max`. Or it is above
`pipeline.max-parallelism`. The job waits, and ends. The adaptive scheduler takes what there is.
## Bad
parallelism.default: 16
slotmanager.number-of-slots.max: 8
## Good
parallelism.default: 8
slotmanager.number-of-slots.max: 8
",
};

const PARALLELISM: &str = "parallelism.default";
const MAX_PARALLELISM: &str = "pipeline.max-parallelism";
const MAX_SLOTS: &str = "slotmanager.number-of-slots.max";

impl Rule for SlotsBelowParallelism {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(parallelism) = ctx.explicit::<i32>(PARALLELISM) else { return };
        let Some(setting) = ctx.lookup(PARALLELISM) else { return };
        let parallelism = i64::from(parallelism.value);
        if let Some(most) = ctx.explicit::<i32>(MAX_PARALLELISM)
            && i64::from(most.value) < parallelism
            && most.value > 0
            && let Some(limit) = ctx.lookup(MAX_PARALLELISM)
        {
            findings.push(above_max(setting, parallelism, limit));
        }
        if is_adaptive(ctx) {
            return;
        }
        if let Some(most) = ctx.explicit::<i32>(MAX_SLOTS)
            && i64::from(most.value) < parallelism
            && let Some(limit) = ctx.lookup(MAX_SLOTS)
        {
            let slots = i64::from(most.value);
            findings
                .push(too_few(setting, parallelism, slots).related(limit.value_span, "at most"));
        } else if let Some(slots) = all_slots(ctx).filter(|slots| *slots < parallelism) {
            findings.push(too_few(setting, parallelism, slots));
        }
    }
}

/// Slots of all TaskManagers, where a file says how many of them there are.
fn all_slots(ctx: &LintContext<'_>) -> Option<i64> {
    let count = ctx.deployment()?.container()?.task_manager_count?;
    let slots = ctx.config.option(&keys::TASK_SLOTS).ok().flatten().map_or(1, |it| it.value);
    Some(i64::from(count).saturating_mul(i64::from(slots)))
}

fn is_adaptive(ctx: &LintContext<'_>) -> bool {
    let is = |key: &str, value: &str| {
        ctx.lookup(key).is_some_and(|it| it.value.text().trim().eq_ignore_ascii_case(value))
    };
    is("jobmanager.scheduler", "adaptive") || is("scheduler-mode", "reactive")
}

fn above_max(setting: &Setting<'_>, parallelism: i64, limit: &Setting<'_>) -> Finding {
    let message = format!(
        "parallelism {parallelism} is above the maximum parallelism {}",
        limit.value.text().trim()
    );
    Finding::new(&META, message)
        .primary(setting.value_span, "more than the job can be divided into")
        .related(limit.value_span, "the maximum")
        .help("lower the parallelism; a job with state cannot change its maximum parallelism")
}

fn too_few(setting: &Setting<'_>, parallelism: i64, slots: i64) -> Finding {
    let message = format!("parallelism {parallelism} needs more than the cluster's {slots} slots");
    Finding::new(&META, message)
        .primary(setting.value_span, "a slot for each")
        .help("add TaskManagers or slots, or lower the parallelism")
        .flink_message("Could not acquire the minimum required resources.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn limits_of_the_cluster_and_of_the_job() {
        check(
            &SlotsBelowParallelism,
            r"
parallelism.default: 9
#                    ^ FN015 a slot for each
#                    ^ FN015 more than the job can be divided into
slotmanager.number-of-slots.max: 8
#                                ^ at most
pipeline.max-parallelism: 8
#                         ^ the maximum
",
        );
        check(
            &SlotsBelowParallelism,
            "parallelism.default: 9\nslotmanager.number-of-slots.max: 8\njobmanager.scheduler: adaptive\n",
        );
        check(&SlotsBelowParallelism, "parallelism.default: 9\npipeline.max-parallelism: 9\n");
    }

    #[test]
    fn a_fixed_number_of_task_managers() {
        let count = |parallelism: u32, second: &str| {
            let text = format!(
                "# file: compose.yaml\nservices:\n  tm:\n    image: flink:1.20\n    command: taskmanager\n    deploy: {{replicas: 3}}\n    environment:\n      FLINK_PROPERTIES: |\n        taskmanager.numberOfTaskSlots: 2\n        parallelism.default: {parallelism}\n{second}"
            );
            findings(&SlotsBelowParallelism, &text).len()
        };
        assert_eq!(count(6, ""), 0);
        assert_eq!(count(7, ""), 1);
        let second = "  tm2: {image: 'flink:1.20', command: taskmanager}\n";
        assert_eq!(count(7, second), 0);
    }
}
