//! The processes that the machine is to run.

use crate::config::Setting;
use crate::host::Host;
use crate::lint::LintContext;
use crate::lint::rules::cluster::{Host as Address, host as address};
use crate::lint::rules::memory::total;
use crate::manifest::Role;
use crate::units::MemorySize;

/// Processes of one kind.
pub(super) struct Processes<'c, 'a> {
    /// Such as `a TaskManager takes`.
    pub(super) who: String,
    /// What they take together.
    pub(super) total: MemorySize,
    /// How the total comes about.
    pub(super) formula: String,
    /// What decides it.
    pub(super) setting: Option<&'c Setting<'a>>,
}

const JOB_MANAGER_TOTALS: [&str; 5] = [
    "jobmanager.memory.process.size",
    "jobmanager.memory.flink.size",
    "jobmanager.memory.heap.size",
    "jobmanager.heap.size",
    "jobmanager.heap.mb",
];

/// The TaskManagers, then the JobManager, as far as they start and the file is about them.
pub(super) fn processes<'c, 'a>(
    ctx: &'c LintContext<'a>,
    host: &Host,
) -> (Option<Processes<'c, 'a>>, Option<Processes<'c, 'a>>) {
    let role = ctx.own_deployment().map_or(Role::Cluster, |deployment| deployment.role);
    let task_managers = (role != Role::JobManager).then(|| task_managers(ctx, host)).flatten();
    let job_manager = (role != Role::TaskManager).then(|| job_manager(ctx)).flatten();
    (task_managers, job_manager)
}

fn task_managers<'c, 'a>(ctx: &'c LintContext<'a>, host: &Host) -> Option<Processes<'c, 'a>> {
    let each = ctx.memory().task_manager.result.as_ref().ok()?.total_process_memory;
    let count = host.task_manager_count;
    let total_size = each.checked_mul(u64::from(count)).unwrap_or(MemorySize::MAX);
    let (who, formula) = if count == 1 {
        ("a TaskManager takes".to_owned(), format!("Total Process Memory is {}", each.human()))
    } else {
        let formula = format!("{count} * {} = {}", each.short(), total_size.short());
        (format!("{count} TaskManagers take"), formula)
    };
    Some(Processes { who, total: total_size, formula, setting: total(ctx) })
}

fn job_manager<'c, 'a>(ctx: &'c LintContext<'a>) -> Option<Processes<'c, 'a>> {
    let memory = ctx.memory().job_manager.result.as_ref().ok()?;
    let total = memory.beyond_heap.as_ref()?.total_process_memory;
    let setting = JOB_MANAGER_TOTALS.into_iter().find_map(|key| ctx.lookup(key));
    let formula = format!("Total Process Memory is {}", total.human());
    Some(Processes { who: "the JobManager takes".to_owned(), total, formula, setting })
}

/// Whether all processes run on one machine: TaskManagers find the JobManager at `localhost`.
pub(super) fn is_one_machine(ctx: &LintContext<'_>) -> bool {
    let setting = ctx.config.setting("jobmanager.rpc.address");
    setting.is_some_and(|setting| address(&setting.value.text()) == Address::Loopback)
}
