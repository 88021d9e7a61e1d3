//! What a setting does to memory: the numbers that were computed from it, and how.

use crate::catalog::Target;
use crate::config::ResolvedConfig;
use crate::memory::{
    Assumptions, BackendMemory, Capped, Deployment, Formula, GeminiMemory, MemoryModel, Pool,
    RocksDbBudget, Step, TaskManagerProcess,
};
use crate::units::MemorySize;
use crate::workspace::Subject;

/// The memory of a configuration, as `slotwise memory` derives it.
pub(super) fn model<'c>(subject: &Subject, config: &'c ResolvedConfig<'_>) -> MemoryModel<'c> {
    let target: &Target = &subject.target;
    let deployment = Deployment::of(target);
    let backends_per_slot = subject.backends_per_slot;
    MemoryModel::derive(config, Assumptions { target, deployment, backends_per_slot })
}

/// One number that a setting plays a part in.
#[derive(Debug)]
pub(super) struct Effect {
    /// Which one.
    pub(super) pool: Pool,
    /// The number.
    pub(super) size: MemorySize,
    /// How it came about: `0.4 × Total Flink`; empty where it was set.
    pub(super) formula: String,
}

/// What the option of `key` does to the memory of a process; the first that fits counts.
pub(super) fn effects(model: &MemoryModel<'_>, key: &str) -> Vec<Effect> {
    let steps = model.task_manager.steps.iter().chain(&model.job_manager.steps);
    let steps = steps.filter(|step| reads(step, key));
    steps
        .map(|step| Effect { pool: step.pool, size: step.value, formula: formula(&step.formula) })
        .collect()
}

/// Whether the number was computed from the option of `key`.
fn reads(step: &Step<'_>, key: &str) -> bool {
    let of_range = |range: &Option<crate::memory::Range<'_>>| {
        range.as_ref().is_some_and(|range| range.min.key == key || range.max.key == key)
    };
    match &step.formula {
        Formula::Option(input) => input.key == key,
        Formula::Fraction(capped) | Formula::InverseFraction(capped) => {
            capped.fraction.key == key || of_range(&capped.range)
        }
        Formula::Sum(_) => false,
        Formula::Rest { range, .. } => of_range(range),
        Formula::Segments { count, segment_size } => count.key == key || segment_size.key == key,
    }
}

/// `0.4 × Total Flink`, in Flink's names.
pub(super) fn formula(formula: &Formula<'_>) -> String {
    let names = |pools: &[Pool], separator: &str| {
        pools.iter().map(|pool| pool.title()).collect::<Vec<_>>().join(separator)
    };
    match formula {
        Formula::Option(_) => String::new(),
        Formula::Fraction(capped) => {
            format!(
                "{} × {}{}",
                capped.fraction.value.short(),
                names(capped.base, " + "),
                clamp(capped)
            )
        }
        Formula::InverseFraction(capped) => {
            let fraction = capped.fraction.value.short();
            let base = names(capped.base, " + ");
            format!("{fraction} of the sum with {base}{}", clamp(capped))
        }
        Formula::Sum(pools) => names(pools, " + "),
        Formula::Rest { total, parts, .. } => {
            format!("{} − {}", total.title(), names(parts, " − "))
        }
        Formula::Segments { count, segment_size } => {
            format!("{} × {}", count.value, segment_size.value.short())
        }
    }
}

fn clamp(capped: &Capped<'_>) -> &'static str {
    match capped.clamp {
        None => "",
        Some(crate::memory::Clamp::Min) => ", raised to its minimum",
        Some(crate::memory::Clamp::Max) => ", lowered to its maximum",
    }
}

/// What one slot gets of a pool, where slots share it.
pub(super) fn per_slot(model: &MemoryModel<'_>, pool: Pool) -> Option<MemorySize> {
    let process = process(model)?;
    match pool {
        Pool::Managed => Some(process.slot.managed),
        Pool::TaskHeap => Some(process.slot.task_heap),
        Pool::TaskOffHeap => Some(process.slot.task_off_heap),
        Pool::Network => Some(process.slot.network),
        _ => None,
    }
}

/// The started TaskManager.
pub(super) fn process<'a>(model: &'a MemoryModel<'_>) -> Option<&'a TaskManagerProcess<'a>> {
    model.task_manager_process.as_ref()?.as_ref().ok()
}

/// What each state backend of a slot gets, and what it is.
pub(super) fn per_backend(model: &MemoryModel<'_>) -> Option<(MemorySize, &'static str)> {
    match &model.backend.as_ref()?.memory {
        BackendMemory::Gemini(GeminiMemory::Managed(memory)) => {
            Some((memory.per_backend, "GeminiStateBackend"))
        }
        BackendMemory::Gemini(GeminiMemory::OwnSize(memory)) => {
            Some((memory.per_backend?, "GeminiStateBackend"))
        }
        BackendMemory::RocksDb(memory) => match &memory.budget {
            RocksDbBudget::Managed(share) => Some((share.alone, "RocksDB")),
            RocksDbBudget::FixedPerSlot(input) => Some((input.value, "RocksDB")),
            RocksDbBudget::FixedPerTaskManager(_) | RocksDbBudget::Unbounded => None,
        },
        BackendMemory::Heap { .. } | BackendMemory::Unknown => None,
    }
}
