use super::failure::{failures, key};
use crate::catalog::GeminiGeneration;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{MemoryError, Process};

pub(in crate::lint::rules) struct TotalMemoryMissing;

static META: RuleMeta = RuleMeta {
    code: "FM001",
    name: "total-memory-missing",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "ProcessMemoryUtils, Flink 1.10.3 to 2.3.0; 3 of 25 public configurations",
    docs: r"
Flink has no default for the memory of its processes. The file that ships with it sets
`process.size`; a file that takes its place has to set it too, or the process does not start. Where
`-D` or a job's command gives the size, pass the same `-D` to slotwise. On EMR it is an info, since
`-yjm` and `-ytm` give the sizes there; the consoles of VVR 3 and later always give them.
## Bad
taskmanager.numberOfTaskSlots: 2
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 1728m
taskmanager.numberOfTaskSlots: 2
",
};

impl Rule for TotalMemoryMissing {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let severity = match ctx.target.gemini() {
            None => Severity::Error,
            Some(GeminiGeneration::V1) => Severity::Info,
            Some(_) => return,
        };
        let mut missing = failures(ctx)
            .filter(|failure| matches!(failure.error, MemoryError::NotConfigured { .. }));
        let Some(first) = missing.next() else { return };
        let (message, keys) = match missing.next() {
            Some(_) => (
                "neither TaskManagers nor the JobManager start: their memory is not set".to_owned(),
                [Process::TaskManager, Process::JobManager]
                    .map(|process| format!("`{}`", key(process, "process.size")))
                    .join(" and "),
            ),
            None => (
                format!("the {} does not start: its memory is not set", first.process),
                format!("`{}`", key(first.process, "process.size")),
            ),
        };
        let mut finding = first.finding(&META, ctx.release(), message).severity(severity);
        if severity == Severity::Info {
            finding = finding.help(format!("set {keys}, or give the sizes with -yjm and -ytm"));
        } else {
            finding = finding.help(format!("set {keys}, here or by -D"));
        }
        // Half of the pair that would do is the usual way to get here with sizes in the file.
        let half = ["taskmanager.memory.task.heap.size", "taskmanager.memory.managed.size"]
            .into_iter()
            .filter_map(|key| ctx.lookup(key))
            .next();
        if let Some(setting) = half.filter(|_| first.process == Process::TaskManager) {
            finding = finding.primary(
                setting.key_span,
                "no start without the other one of task heap and managed memory",
            );
        }
        findings.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    const BOTH: &str = "neither TaskManagers nor the JobManager start: their memory is not set";

    #[test]
    fn nothing_set() {
        check(
            &TotalMemoryMissing,
            &format!("taskmanager.numberOfTaskSlots: 2\n# whole file: FM001 {BOTH}\n"),
        );
    }

    #[test]
    fn one_of_both_set() {
        check(
            &TotalMemoryMissing,
            "jobmanager.memory.process.size: 1g\n\
             # whole file: FM001 the TaskManager does not start: its memory is not set\n",
        );
        check(
            &TotalMemoryMissing,
            "taskmanager.memory.flink.size: 1g\n\
             # whole file: FM001 the JobManager does not start: its memory is not set\n",
        );
        check(&TotalMemoryMissing, "# target: flink-1.10\ntaskmanager.memory.flink.size: 1g\n");
    }

    #[test]
    fn half_of_a_pair() {
        check(
            &TotalMemoryMissing,
            r"
jobmanager.memory.process.size: 1g
taskmanager.memory.task.heap.size: 1g
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FM001 no start without the other one of task heap and managed memory
",
        );
        check(
            &TotalMemoryMissing,
            "jobmanager.memory.process.size: 1g\ntaskmanager.memory.task.heap.size: 1g\ntaskmanager.memory.managed.size: 0\n",
        );
    }

    #[test]
    fn legacy_keys_and_properties_count() {
        check(&TotalMemoryMissing, "jobmanager.heap.size: 1g\ntaskmanager.heap.mb: 2048\n");
        check(
            &TotalMemoryMissing,
            "# -D taskmanager.memory.process.size=2g\njobmanager.memory.flink.size: 1g\n",
        );
    }

    #[test]
    fn a_console_gives_the_sizes() {
        check(&TotalMemoryMissing, "# target: vvr-8.0.5\ntaskmanager.numberOfTaskSlots: 2\n");
        check(
            &TotalMemoryMissing,
            "# target: emr-3.28.2\n# whole file: FM001 the TaskManager does not start: its memory is not set\n",
        );
    }
}
