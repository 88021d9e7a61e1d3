use super::processes::processes;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::rules::memory::point;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct HostMemoryInUse;

static META: RuleMeta = RuleMeta {
    code: "FH002",
    name: "host-memory-in-use",
    severity: Severity::Info,
    fix: FixAvailability::Never,
    source: "MemAvailable of /proc/meminfo, proc_meminfo(5)",
    docs: r"
The machine has enough memory for the TaskManagers, but other processes use so much of it now that
they would not fit beside them. It is an info, since a TaskManager that runs already is one of those
processes. Reported with `check --host` only.
## Bad
# host: memory=16g cores=4 available=2g
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
## Good
# host: memory=16g cores=4 available=12g
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
",
};

impl Rule for HostMemoryInUse {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(host) = ctx.host() else { return };
        let Some(available) = host.memory_available else { return };
        let (Some(task_managers), _) = processes(ctx, host) else { return };
        if task_managers.total <= available || task_managers.total > host.memory_bound().value {
            return;
        }
        let message = format!(
            "{} {}, and of this machine's {} only {} are available now",
            task_managers.who,
            task_managers.total.short(),
            host.memory.short(),
            available.short()
        );
        let places = [(task_managers.setting, task_managers.formula.clone())];
        findings.push(
            point(Finding::new(&META, message), places)
                .help("stop what else runs here, unless it is this TaskManager"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn what_never_fits_has_another_finding() {
        check(
            &HostMemoryInUse,
            "# host: memory=2g cores=4 available=1g\ntaskmanager.memory.process.size: 4g\n",
        );
        check(
            &HostMemoryInUse,
            r"
# host: memory=4g cores=4 available=4095m
taskmanager.memory.process.size: 4g
#                                ^^ FH002 Total Process Memory is 4.000gb (4294967296 bytes)
",
        );
    }
}
