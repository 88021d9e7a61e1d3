use super::owner;
use super::processes::{Processes, is_one_machine, processes};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::host::Bound;
use crate::lint::rules::memory::point;
use crate::lint::{LintContext, Rule};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct ProcessExceedsHost;

static META: RuleMeta = RuleMeta {
    code: "FH001",
    name: "process-exceeds-host",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "cgroups(7), Documentation/admin-guide/cgroup-v2.rst of Linux",
    docs: r"
Total Process Memory is more than the machine has, or than a control group on the way from the
process to the top lets it use. Flink reserves the heap at once and the rest little by little: the
process is killed (exit code 137) once it has used up what there is. Reported with `check --host`
only. A limit that merely slows processes down (`memory.high`), and processes of a one-machine
cluster that fit only one by one, are warnings.
## Bad
# host: memory=16g cores=4
# host-group: /sys/fs/cgroup/flink.slice memory=2g
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
## Good
# host: memory=16g cores=4
# host-group: /sys/fs/cgroup/flink.slice memory=6g
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
",
};

impl Rule for ProcessExceedsHost {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(host) = ctx.host() else { return };
        let bound = host.memory_bound();
        let (task_managers, job_manager) = processes(ctx, host);
        let all = [&task_managers, &job_manager].into_iter().flatten();
        let too_large = all.clone().filter(|it| it.total > bound.value);
        let count = findings.len();
        findings.extend(too_large.map(|it| exceeds(it, &bound)));
        if findings.len() > count {
            return;
        }
        if let Some(high) = host.memory_high() {
            findings.extend(all.filter(|it| it.total > high.value).map(|it| slowed(it, &high)));
        }
        if let (Some(task_managers), Some(job_manager)) = (&task_managers, &job_manager)
            && is_one_machine(ctx)
        {
            findings.extend(together(task_managers, job_manager, &bound));
        }
    }
}

fn exceeds(processes: &Processes<'_, '_>, bound: &Bound<'_, MemorySize>) -> Finding {
    let may = if bound.group.is_some() { "lets it use" } else { "has" };
    let message = format!(
        "{} {}, and {} {may} {}",
        processes.who,
        processes.total.short(),
        owner(bound),
        bound.value.short()
    );
    point(Finding::new(&META, message), [(processes.setting, processes.formula.clone())])
        .help("lower process.size, or give the machine or the group more memory")
}

fn slowed(processes: &Processes<'_, '_>, high: &Bound<'_, MemorySize>) -> Finding {
    let message = format!(
        "{} {}, and {} slows processes down above {}",
        processes.who,
        processes.total.short(),
        owner(high),
        high.value.short()
    );
    let finding = Finding::new(&META, message).severity(Severity::Warning);
    point(finding, [(processes.setting, processes.formula.clone())])
        .help("raise memory.high of the group above process.size")
}

fn together(
    task_managers: &Processes<'_, '_>,
    job_manager: &Processes<'_, '_>,
    bound: &Bound<'_, MemorySize>,
) -> Option<Finding> {
    let sum = task_managers.total.checked_add(job_manager.total).unwrap_or(MemorySize::MAX);
    if sum <= bound.value {
        return None;
    }
    let message = format!(
        "TaskManager and JobManager take {} together, and {} has {}",
        sum.short(),
        owner(bound),
        bound.value.short()
    );
    let finding = Finding::new(&META, message).severity(Severity::Warning);
    let places = [task_managers, job_manager].map(|it| (it.setting, it.formula.clone()));
    Some(point(finding, places).help("lower one of them, or start them on different machines"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn the_machine_is_the_limit() {
        check(
            &ProcessExceedsHost,
            r"
# host: memory=4g cores=4
taskmanager.memory.process.size: 4097m
#                                ^^^^^ FH001 Total Process Memory is 4.001gb (4296015872 bytes)
jobmanager.memory.process.size: 4g
",
        );
    }

    #[test]
    fn the_least_of_nested_groups_is_the_limit() {
        let found = findings(
            &ProcessExceedsHost,
            "# host: memory=64g cores=4
# host-group: /sys/fs/cgroup/a/b memory=8g
# host-group: /sys/fs/cgroup/a memory=3g
taskmanager.memory.process.size: 4g
",
        );
        let messages: Vec<_> = found.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(
            messages,
            ["a TaskManager takes 4 GiB, and the control group /sys/fs/cgroup/a lets it use 3 GiB"]
        );
    }

    #[test]
    fn several_task_managers_on_one_machine() {
        check(
            &ProcessExceedsHost,
            r"
# host: memory=8g cores=4 task-managers=3
taskmanager.memory.process.size: 3g
#                                ^^ FH001 3 * 3 GiB = 9 GiB
",
        );
    }

    #[test]
    fn only_a_one_machine_cluster_counts_both_processes() {
        let text = |address: &str| {
            format!(
                "# host: memory=6g cores=4\njobmanager.rpc.address: {address}\n\
                 jobmanager.memory.process.size: 3g\ntaskmanager.memory.process.size: 4g\n"
            )
        };
        assert_eq!(findings(&ProcessExceedsHost, &text("master")).len(), 0);
        let found = findings(&ProcessExceedsHost, &text("localhost"));
        assert_eq!(found.first().map(|it| it.severity), Some(Severity::Warning));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn above_a_soft_limit() {
        check(
            &ProcessExceedsHost,
            r"
# host: memory=16g cores=4
# host-group: /sys/fs/cgroup/a memory=8g high=3g
taskmanager.memory.process.size: 4g
#                                ^^ FH001 Total Process Memory is 4.000gb (4294967296 bytes)
",
        );
    }

    #[test]
    fn without_a_machine_nothing_is_said() {
        check(&ProcessExceedsHost, "taskmanager.memory.process.size: 4000g\n");
    }
}
