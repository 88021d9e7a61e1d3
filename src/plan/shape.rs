use std::fmt;

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
    /// Where the memory of a slot's store comes from.
    pub state_memory: StateMemory,
    /// Mebibytes of Network Memory, where Flink's own part of the process is too little.
    pub network_mebibytes: Option<u32>,
    /// Bytes of a slot's store.
    pub store_memory: u64,
    /// Task Heap of a slot.
    pub task_heap: MemorySize,
    /// Total Process Memory of all TaskManagers.
    pub total: u64,
}

/// Where the memory of a slot's store comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StateMemory {
    /// Managed memory, by Flink's default fraction.
    DefaultFraction,
    /// Managed memory, by another fraction.
    Fraction {
        /// Of Total Flink Memory.
        hundredths: u8,
    },
    /// The heap; there is no managed memory.
    Heap,
    /// Gemini's own, beside managed memory, of which there is none.
    OwnSize {
        /// `offheap.size` of each backend.
        off_heap_mebibytes: u32,
        /// Task Off-Heap that holds them, so that the process has room.
        task_off_heap_mebibytes: u32,
    },
}

impl fmt::Display for StateMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefaultFraction => f.write_str("managed 0.4"),
            Self::Fraction { hundredths } => write!(f, "managed {}", fraction(*hundredths)),
            Self::Heap => f.write_str("heap"),
            Self::OwnSize { .. } => f.write_str("own off-heap"),
        }
    }
}

impl StateMemory {
    /// `taskmanager.memory.managed.fraction`, where it is set.
    pub fn managed_fraction(self) -> Option<String> {
        match self {
            Self::Fraction { hundredths } => Some(fraction(hundredths)),
            _ => None,
        }
    }
}

fn fraction(hundredths: u8) -> String {
    let text = format!("0.{hundredths:02}");
    text.strip_suffix('0').map_or(text.clone(), str::to_owned)
}

const GEMINI_MANAGED: &str = "state.backend.gemini.memory.managed";
const GEMINI_OFF_HEAP: &str = "state.backend.gemini.offheap.size";
/// Options that a shape takes out, where it does not set them: any other size would contradict it.
const TAKEN_OUT: [&str; 6] = [
    "taskmanager.memory.flink.size",
    "taskmanager.memory.task.heap.size",
    "taskmanager.memory.size",
    "taskmanager.heap.size",
    "taskmanager.heap.mb",
    "state.backend.gemini.total.writebuffer.size",
];

/// An option and its value; `None` takes it out.
pub type Settings = Vec<(&'static str, Option<String>)>;

impl Shape {
    /// What it sets in a configuration, and what it takes out of it.
    pub fn settings(&self, config: &ResolvedConfig<'_>) -> Settings {
        let process = self.process.mebibytes();
        settings(config, self.slots, process, self.state_memory, self.network_mebibytes)
    }

    /// The part of the job's slots that goes with one TaskManager.
    pub fn lost_share(&self) -> f64 {
        1.0 / f64::from(self.task_managers.max(1))
    }
}

pub(super) fn settings(
    config: &ResolvedConfig<'_>,
    slots: u32,
    process_mebibytes: u64,
    state_memory: StateMemory,
    network_mebibytes: Option<u32>,
) -> Settings {
    let nothing = || Some("0m".to_owned());
    let mut settings = vec![
        ("taskmanager.memory.process.size", Some(format!("{process_mebibytes}m"))),
        ("taskmanager.numberOfTaskSlots", Some(slots.to_string())),
        ("taskmanager.memory.managed.fraction", state_memory.managed_fraction()),
    ];
    let managed_size = match state_memory {
        StateMemory::DefaultFraction | StateMemory::Fraction { .. } => None,
        StateMemory::Heap | StateMemory::OwnSize { .. } => nothing(),
    };
    settings.push(("taskmanager.memory.managed.size", managed_size));
    if let StateMemory::OwnSize { off_heap_mebibytes, task_off_heap_mebibytes } = state_memory {
        settings.extend([
            (GEMINI_MANAGED, Some("false".to_owned())),
            (GEMINI_OFF_HEAP, Some(format!("{off_heap_mebibytes}MB"))),
            ("taskmanager.memory.task.off-heap.size", Some(format!("{task_off_heap_mebibytes}m"))),
        ]);
    } else {
        settings.push((GEMINI_OFF_HEAP, None));
        // Where it says true already, it stays.
        let says_true = config
            .setting(GEMINI_MANAGED)
            .is_some_and(|setting| setting.value.text().trim().eq_ignore_ascii_case("true"));
        if !says_true {
            settings.push((GEMINI_MANAGED, None));
        }
    }
    if let Some(size) = network_mebibytes {
        settings.extend([
            ("taskmanager.memory.network.min", Some(format!("{size}m"))),
            ("taskmanager.memory.network.max", Some(format!("{size}m"))),
        ]);
    }
    settings.extend(TAKEN_OUT.into_iter().map(|key| (key, None)));
    settings
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
            state_memory: StateMemory::DefaultFraction,
            network_mebibytes: None,
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

    #[test]
    fn fractions_are_short() {
        for (hundredths, text) in [(5, "0.05"), (40, "0.4"), (63, "0.63")] {
            assert_eq!(fraction(hundredths), text);
        }
    }
}
