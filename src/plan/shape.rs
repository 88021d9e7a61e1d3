use crate::capacity::{Question, Setup, Standing, StoreKind, slot_constraints};
use crate::catalog::Target;
use crate::config::ResolvedConfig;
use crate::units::MemorySize;

/// A TaskManager, and how many of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Task slots of each.
    pub slots: u32,
    /// How many.
    pub task_managers: u32,
    /// Total Process Memory of each.
    pub process: MemorySize,
    /// `taskmanager.memory.managed.fraction`, where it is not the default.
    pub managed_fraction: Option<&'static str>,
    /// Bytes of a slot's store.
    pub store_memory: u64,
    /// Task Heap of a slot.
    pub task_heap: MemorySize,
    /// Total Process Memory of all TaskManagers.
    pub total: u64,
}

/// Within what to search.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// No TaskManager is larger.
    pub process_most: MemorySize,
    /// No TaskManager has more slots.
    pub slots_most: u32,
}

/// What a slot needs, whatever the shape.
#[derive(Debug, Clone, Copy)]
pub struct Need<'a> {
    /// Bytes of its store.
    pub store_memory: u64,
    /// The question whose setup is replaced by each shape's own.
    pub question: &'a Question<'a>,
    /// The state backend.
    pub kind: StoreKind,
}

/// Process sizes are whole multiples of this.
const STEP_MIB: u32 = 64;
/// Below this no TaskManager starts with Flink's default Metaspace, overhead and framework memory.
const LEAST_MIB: u32 = 768;
/// `None` is Flink's default, 0.4.
const FRACTIONS: [Option<&str>; 8] = [
    None,
    Some("0.1"),
    Some("0.2"),
    Some("0.3"),
    Some("0.5"),
    Some("0.6"),
    Some("0.7"),
    Some("0.8"),
];

/// Options that a shape sets or takes out: any other size would contradict it.
const SIZES: [&str; 7] = [
    "taskmanager.memory.flink.size",
    "taskmanager.memory.task.heap.size",
    "taskmanager.memory.managed.size",
    "taskmanager.heap.size",
    "taskmanager.heap.mb",
    "state.backend.gemini.memory.managed",
    "state.backend.gemini.offheap.size",
];

impl Shape {
    /// What it sets in a configuration, and what it takes out of it.
    pub fn settings(&self) -> Vec<(&'static str, Option<String>)> {
        settings(self.slots, self.process, self.managed_fraction)
    }

    /// The part of the job's slots that goes with one TaskManager.
    pub fn lost_share(&self) -> f64 {
        1.0 / f64::from(self.task_managers.max(1))
    }
}

fn settings(
    slots: u32,
    process: MemorySize,
    fraction: Option<&str>,
) -> Vec<(&'static str, Option<String>)> {
    let mut settings = vec![
        ("taskmanager.memory.process.size", Some(format!("{}m", process.mebibytes()))),
        ("taskmanager.numberOfTaskSlots", Some(slots.to_string())),
        ("taskmanager.memory.managed.fraction", fraction.map(str::to_owned)),
    ];
    settings.extend(SIZES.into_iter().map(|key| (key, None)));
    settings
}

/// Every shape that gives a slot what it needs, least memory in all first. Says also how many were
/// looked at.
pub fn shapes(
    config: &ResolvedConfig<'_>,
    target: &Target,
    need: &Need<'_>,
    bounds: &Bounds,
) -> (Vec<Shape>, usize) {
    let parallelism = need.question.workload.parallelism;
    let most = u32::try_from(bounds.process_most.mebibytes()).unwrap_or(u32::MAX);
    let mut found = Vec::new();
    let mut count = 0;
    for slots in 1..=bounds.slots_most.min(parallelism).max(1) {
        for fraction in FRACTIONS {
            for step in LEAST_MIB.div_ceil(STEP_MIB)..=most / STEP_MIB {
                count += 1;
                let process = MemorySize::from_mebibytes(step * STEP_MIB);
                let proposed = config.proposed(&settings(slots, process, fraction));
                let operators = need.question.setup.backends_per_slot;
                let Ok(setup) = Setup::of(&proposed, target, operators, Some(need.kind)) else {
                    continue;
                };
                let store_memory = setup.store_memory().unwrap_or(0);
                if store_memory < need.store_memory {
                    continue;
                }
                let question = Question { setup: &setup, ..*need.question };
                let holds = slot_constraints(&question)
                    .iter()
                    .all(|it| matches!(it.standing(), Standing::Holds | Standing::Unknown));
                if !holds {
                    continue;
                }
                let task_managers = parallelism.div_ceil(slots);
                found.push(Shape {
                    slots,
                    task_managers,
                    process,
                    managed_fraction: fraction,
                    store_memory,
                    task_heap: setup.slot.task_heap,
                    total: process.bytes().saturating_mul(u64::from(task_managers)),
                });
            }
        }
    }
    found.sort_by_key(|shape| (shape.total, shape.managed_fraction.is_some(), shape.slots));
    (found, count)
}

/// The shapes that no other beats in both total memory and the part that one lost TaskManager
/// takes away: the cheapest of each number of TaskManagers, as long as losing less costs more.
pub fn pareto(shapes: &[Shape], most: usize) -> Vec<Shape> {
    let mut chosen: Vec<Shape> = Vec::new();
    for shape in shapes {
        let beaten = chosen.iter().any(|other| other.task_managers >= shape.task_managers);
        if !beaten && chosen.len() < most {
            chosen.push(shape.clone());
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(task_managers: u32, total: u64) -> Shape {
        Shape {
            slots: 1,
            task_managers,
            process: MemorySize::ZERO,
            managed_fraction: None,
            store_memory: 0,
            task_heap: MemorySize::ZERO,
            total,
        }
    }

    #[test]
    fn only_shapes_that_lose_less_may_cost_more() {
        let sorted = [shape(2, 10), shape(1, 11), shape(4, 12), shape(3, 13), shape(8, 20)];
        let kept: Vec<_> = pareto(&sorted, 5).iter().map(|it| it.task_managers).collect();
        assert_eq!(kept, [2, 4, 8]);
        assert_eq!(pareto(&sorted, 2).len(), 2);
    }
}
