use super::autoscaler::{is_on, option};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct AutotunedSize;

static META: RuleMeta = RuleMeta {
    code: "FO015",
    name: "autotuned-size",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "MemoryTuning, operator 1.8 to 1.13",
    docs: r"
With `job.autoscaler.memory.tuning.enabled` the operator works out memory anew: it takes out Total
Flink Memory, Task Heap and Managed Memory, sets Framework Heap to zero, and writes a Total Process
Memory of its own. Sizes that are set beside it count until then, and not afterwards.
## Bad
job.autoscaler.enabled: true
job.autoscaler.memory.tuning.enabled: true
pipeline.max-parallelism: 120
taskmanager.memory.process.size: 4g
taskmanager.memory.task.heap.size: 2g
## Good
job.autoscaler.enabled: true
job.autoscaler.memory.tuning.enabled: true
pipeline.max-parallelism: 120
taskmanager.memory.process.size: 4g
",
};

/// What the tuning takes out or sets to zero.
const OVERWRITTEN: [&str; 4] = [
    "taskmanager.memory.flink.size",
    "taskmanager.memory.task.heap.size",
    "taskmanager.memory.managed.size",
    "taskmanager.memory.framework.heap.size",
];

impl Rule for AutotunedSize {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let tuning = option(ctx, "memory.tuning.enabled").filter(|setting| is_on(setting));
        let Some(tuning) = tuning else { return };
        if !option(ctx, "enabled").is_some_and(is_on) {
            return;
        }
        let set = OVERWRITTEN.into_iter().filter_map(|key| ctx.lookup(key));
        findings.extend(set.map(|setting| overwritten(setting, tuning)));
    }
}

fn overwritten(setting: &Setting<'_>, tuning: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("the operator's memory tuning overwrites `{}`", setting.key))
        .primary(setting.value_span, "counts until the first tuning")
        .related(tuning.value_span, "tunes memory")
        .help("set taskmanager.memory.process.size only, which the tuning starts from")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn under_both_names_of_its_options() {
        check(
            &AutotunedSize,
            r"
kubernetes.operator.job.autoscaler.enabled: true
kubernetes.operator.job.autoscaler.memory.tuning.enabled: true
#                                                         ^^^^ tunes memory
taskmanager.memory.managed.size: 1g
#                                ^^ FO015 counts until the first tuning
",
        );
        check(
            &AutotunedSize,
            "job.autoscaler.enabled: false\njob.autoscaler.memory.tuning.enabled: true\ntaskmanager.memory.managed.size: 1g\n",
        );
    }
}
