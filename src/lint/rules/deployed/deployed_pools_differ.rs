use super::cluster;
use crate::cluster::answers::MemoryConfiguration;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{Pool, TaskManagerMemory};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct DeployedPoolsDiffer;

static META: RuleMeta = RuleMeta {
    code: "FR003",
    name: "deployed-pools-differ",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "GET /taskmanagers, Flink 1.20",
    docs: r"
A TaskManager of the running cluster was started with other pools of memory than this file gives it:
it has another file, was started with options of its own, or has not been restarted. TaskManagers
with the same difference are one finding. Reported with `check --cluster URL` only, from Flink 1.11
on.
## Bad
# deployed-pools: managed=536870920
taskmanager.memory.flink.size: 1g
## Good
# deployed: taskmanager.memory.flink.size=1g
# deployed-pools: managed=429496736
taskmanager.memory.flink.size: 1g
",
};

impl Rule for DeployedPoolsDiffer {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(deployed) = cluster(ctx) else { return };
        let Ok(memory) = &ctx.memory().task_manager.result else { return };
        // The TaskManagers with each list of differences, in the order in which they came up.
        let mut groups: Vec<(Vec<Difference>, Vec<&str>)> = Vec::new();
        for task_manager in &deployed.task_managers {
            let Some(pools) = &task_manager.memory else { continue };
            let differences = differences(memory, pools);
            match groups.iter_mut().find(|(known, _)| *known == differences) {
                _ if differences.is_empty() => {}
                Some((_, ids)) => ids.push(&task_manager.id),
                None => groups.push((differences, vec![&task_manager.id])),
            }
        }
        for (differences, ids) in groups {
            findings.push(other_pools(&differences, &ids));
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Difference {
    pool: Pool,
    file: MemorySize,
    running: MemorySize,
}

fn differences(memory: &TaskManagerMemory, running: &MemoryConfiguration) -> Vec<Difference> {
    let pools = [
        (Pool::FrameworkHeap, running.framework_heap),
        (Pool::TaskHeap, running.task_heap),
        (Pool::Managed, running.managed_memory),
        (Pool::Network, running.network_memory),
        (Pool::FrameworkOffHeap, running.framework_off_heap),
        (Pool::TaskOffHeap, running.task_off_heap),
        (Pool::JvmMetaspace, running.jvm_metaspace),
        (Pool::JvmOverhead, running.jvm_overhead),
    ];
    let pools = pools.into_iter().filter_map(|(pool, bytes)| {
        let running = MemorySize::from_bytes(bytes?).ok()?;
        Some(Difference { pool, file: memory.size(pool), running })
    });
    pools.filter(|it| it.file != it.running).collect()
}

fn other_pools(differences: &[Difference], ids: &[&str]) -> Finding {
    let who = match ids {
        [id] => format!("TaskManager {id} runs"),
        ids => format!("{} TaskManagers run", ids.len()),
    };
    let list: Vec<String> = differences
        .iter()
        .map(|it| format!("{} {} (file: {})", it.pool, it.running.short(), it.file.short()))
        .collect();
    Finding::new(&META, format!("{who} with other pools than the file gives: {}", list.join(", ")))
        .help("restart them with this file, or see what they were started with")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn pools_of_another_start() {
        check(
            &DeployedPoolsDiffer,
            r"
# deployed-pools: managed=536870920
# whole file: FR003 TaskManager tm-1 runs with other pools than the file gives: managed 512 MiB (file: 409.6 MiB)
taskmanager.memory.flink.size: 1g
",
        );
    }

    #[test]
    fn the_same_pools_and_no_pools() {
        check(
            &DeployedPoolsDiffer,
            "# deployed-pools: managed=429496736\ntaskmanager.memory.flink.size: 1g\n",
        );
        check(&DeployedPoolsDiffer, "taskmanager.memory.flink.size: 1g\n");
    }
}
