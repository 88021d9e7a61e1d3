//! What each pool of memory had and has.

use crate::config::ResolvedConfig;
use crate::memory::{Assumptions, MemoryModel};
use crate::units::MemorySize;

/// The pools of one process or slot, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryChange {
    /// `TaskManager`, `slot` or `JobManager`.
    pub owner: &'static str,
    /// Why Flink refuses the sizes before, and after.
    pub refusals: [Option<String>; 2],
    /// The pools, the total first; empty where Flink refuses both.
    pub pools: Vec<PoolChange>,
}

/// One pool before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolChange {
    /// Flink's name of it, such as `Managed Memory`.
    pub name: &'static str,
    /// Its size before; `None` where it is not known.
    pub before: Option<MemorySize>,
    /// Its size after.
    pub after: Option<MemorySize>,
}

type Sizes = Vec<(&'static str, MemorySize)>;

/// Derives both and lays them side by side.
pub fn memory_changes(
    before: (&ResolvedConfig<'_>, Assumptions<'_>),
    after: (&ResolvedConfig<'_>, Assumptions<'_>),
) -> Vec<MemoryChange> {
    let before = MemoryModel::derive(before.0, before.1);
    let after = MemoryModel::derive(after.0, after.1);
    vec![
        change("TaskManager", task_manager(&before), task_manager(&after)),
        change("slot", slot(&before), slot(&after)),
        change("JobManager", job_manager(&before), job_manager(&after)),
    ]
}

fn change(
    owner: &'static str,
    before: Result<Sizes, String>,
    after: Result<Sizes, String>,
) -> MemoryChange {
    let refusals = [before.as_ref().err().cloned(), after.as_ref().err().cloned()];
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let mut names: Vec<&'static str> = before.iter().map(|(name, _)| *name).collect();
    names.extend(after.iter().map(|(name, _)| *name));
    let mut pools: Vec<PoolChange> = Vec::new();
    for name in names {
        if pools.iter().all(|pool| pool.name != name) {
            let size = |sizes: &Sizes| {
                sizes.iter().find(|(other, _)| *other == name).map(|(_, size)| *size)
            };
            pools.push(PoolChange { name, before: size(&before), after: size(&after) });
        }
    }
    MemoryChange { owner, refusals, pools }
}

fn task_manager(model: &MemoryModel<'_>) -> Result<Sizes, String> {
    let memory = model.task_manager.result.as_ref().map_err(ToString::to_string)?;
    Ok(vec![
        ("Total Process Memory", memory.total_process_memory),
        ("Total Flink Memory", memory.total_flink_memory),
        ("Framework Heap", memory.framework_heap),
        ("Task Heap", memory.task_heap),
        ("Framework Off-heap", memory.framework_off_heap),
        ("Task Off-heap", memory.task_off_heap),
        ("Network Memory", memory.network),
        ("Managed Memory", memory.managed),
        ("JVM Metaspace", memory.jvm_metaspace),
        ("JVM Overhead", memory.jvm_overhead),
    ])
}

fn slot(model: &MemoryModel<'_>) -> Result<Sizes, String> {
    let process = match &model.task_manager_process {
        Some(Ok(process)) => process,
        Some(Err(error)) => return Err(error.to_string()),
        None => return Err("the TaskManager does not start".to_owned()),
    };
    let slot = &process.slot;
    Ok(vec![
        ("Task Heap", slot.task_heap),
        ("Task Off-heap", slot.task_off_heap),
        ("Managed Memory", slot.managed),
        ("Network Memory", slot.network),
    ])
}

fn job_manager(model: &MemoryModel<'_>) -> Result<Sizes, String> {
    let memory = model.job_manager.result.as_ref().map_err(ToString::to_string)?;
    let mut sizes = Vec::new();
    if let Some(beyond) = &memory.beyond_heap {
        sizes.push(("Total Process Memory", beyond.total_process_memory));
        sizes.push(("Total Flink Memory", beyond.total_flink_memory));
    }
    sizes.push(("JVM Heap", memory.jvm_heap));
    if let Some(beyond) = &memory.beyond_heap {
        sizes.push(("Off-heap", beyond.off_heap));
        sizes.push(("JVM Metaspace", beyond.jvm_metaspace));
        sizes.push(("JVM Overhead", beyond.jvm_overhead));
    }
    Ok(sizes)
}
