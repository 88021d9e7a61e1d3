use super::failure::{key, point};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::Process;
use crate::units::MemorySize;

pub(in crate::lint::rules) struct BothTotalsSet;

static META: RuleMeta = RuleMeta {
    code: "FM022",
    name: "both-totals-set",
    severity: Severity::Info,
    fix: FixAvailability::Never,
    source: "Set up Flink's process memory, Flink 1.10 to 2.3: configuring both is not recommended",
    docs: r"
Total Process Memory and Total Flink Memory are both set, so JVM Overhead is what they leave. It
works here, but the next change to a pool or to metaspace can make Flink refuse to start. One total
is enough.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
taskmanager.memory.flink.size: 3g
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
",
};

impl Rule for BothTotalsSet {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let model = ctx.memory();
        // Where Flink refuses, the error says so already.
        if let Ok(memory) = &model.task_manager.result {
            findings.extend(both(Process::TaskManager, memory.jvm_overhead, ctx));
        }
        if let Ok(memory) = &model.job_manager.result
            && let Some(beyond) = &memory.beyond_heap
        {
            findings.extend(both(Process::JobManager, beyond.jvm_overhead, ctx));
        }
    }
}

fn both(process: Process, overhead: MemorySize, ctx: &LintContext<'_>) -> Option<Finding> {
    let total = ctx.lookup(&key(process, "process.size"))?;
    let flink = ctx.lookup(&key(process, "flink.size"))?;
    let finding = Finding::new(&META, format!("both totals of the {process} are set"));
    Some(
        point(
            finding,
            [
                (Some(total), format!("leaves {} for JVM Overhead", overhead.human())),
                (Some(flink), "one total is enough".to_owned()),
            ],
        )
        .help(format!("remove `{}`; Flink derives it", key(process, "flink.size"))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn accepted_but_brittle() {
        check(
            &BothTotalsSet,
            r"
taskmanager.memory.process.size: 4g
#                                ^^ FM022 leaves 768.000mb (805306368 bytes) for JVM Overhead
taskmanager.memory.flink.size: 3g
#                              ^^ one total is enough
",
        );
        check(
            &BothTotalsSet,
            "taskmanager.memory.process.size: 4g\njobmanager.memory.flink.size: 3g\n",
        );
        check(
            &BothTotalsSet,
            "taskmanager.memory.process.size: 4g\ntaskmanager.memory.flink.size: 4g\n",
        );
    }
}
