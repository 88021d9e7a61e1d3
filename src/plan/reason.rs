//! Why a plan changes an option, with the numbers behind its value.

use super::shape::Settings;
use super::{Least, Shape, StateMemory};
use crate::capacity::{Assessment, ConstraintKind, Setup, Unit, figure};
use crate::config::ResolvedConfig;
use crate::units::MemorySize;

/// One option that a plan changes, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The option.
    pub key: &'static str,
    /// Its value now; `None` if it is not set.
    pub current: Option<String>,
    /// Its value in the plan; `None` if it is taken out.
    pub proposed: Option<String>,
    /// Why.
    pub why: String,
    /// How the value comes about, with numbers; empty where there is nothing to calculate.
    pub formula: String,
    /// The bounds of Flink's that decided instead of a fraction.
    pub cap: Option<String>,
    /// How sure it is.
    pub confidence: Confidence,
    /// What may go wrong with it.
    pub risk: &'static str,
}

/// How sure a recommendation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// Flink's own arithmetic, and the need settled by a bound of the engine's.
    High,
    /// The need comes from runs of the simulator.
    Medium,
}

impl Confidence {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
        }
    }
}

/// What a plan rests on.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// The pick.
    pub pick: &'a Shape,
    /// The assessment of the configuration with it.
    pub assessment: &'a Assessment,
    /// What a slot's store needs.
    pub least: &'a Least,
    /// The least that the backend starts with.
    pub floor: u64,
}

/// What the settings change in a configuration, each with its reason.
pub fn reasons(
    config: &ResolvedConfig<'_>,
    settings: &Settings,
    grounds: &Grounds<'_>,
) -> Vec<Reason> {
    let changed = settings.iter().filter_map(|(key, proposed)| {
        let current = config.setting(key).map(|it| it.value.text().into_owned());
        let is_same = match (&current, proposed) {
            (Some(current), Some(proposed)) => same_value(current, proposed),
            (None, None) => true,
            _ => false,
        };
        (!is_same).then(|| grounds.reason(key, current, proposed.clone()))
    });
    changed.collect()
}

/// Whether two texts are the same size or number.
pub fn same_value(one: &str, other: &str) -> bool {
    let size = |text: &str| text.trim().parse::<MemorySize>().ok();
    one.trim() == other.trim() || size(one).is_some_and(|one| Some(one) == size(other))
}

impl Grounds<'_> {
    /// What the configuration gives with the plan.
    fn setup(&self) -> &Setup {
        &self.assessment.setup
    }

    fn reason(
        &self,
        key: &'static str,
        current: Option<String>,
        proposed: Option<String>,
    ) -> Reason {
        let (why, formula, risk) = match (key, &proposed) {
            ("taskmanager.memory.process.size", _) => self.process(),
            ("taskmanager.numberOfTaskSlots", _) => self.slots(),
            ("taskmanager.memory.managed.fraction", Some(_)) => self.managed(),
            ("taskmanager.memory.managed.size", Some(_)) => self.no_managed(),
            ("taskmanager.memory.network.min" | "taskmanager.memory.network.max", Some(_)) => {
                self.network()
            }
            (key, Some(_)) if key.contains(".gemini.") || key.ends_with("off-heap.size") => {
                self.own_size()
            }
            ("execution.checkpointing.timeout", Some(_)) => self.timeout(),
            ("state.backend" | "state.backend.type", _) => (
                "the state backend that was planned for".to_owned(),
                String::new(),
                "state of another backend is not read: savepoints in canonical format are, from \
                 Flink 1.13 on",
            ),
            _ => (
                "Total Process Memory and its fractions decide; this would contradict them"
                    .to_owned(),
                String::new(),
                "none: what it gave is part of the plan's sizes",
            ),
        };
        let confidence =
            if self.least.memory <= self.floor { Confidence::High } else { Confidence::Medium };
        let cap = if key == "taskmanager.memory.process.size" { self.caps() } else { None };
        Reason { key, current, proposed, why, formula, cap, confidence, risk }
    }

    fn process(&self) -> (String, String, &'static str) {
        let Self { pick, .. } = self;
        let memory = &self.setup().memory;
        let why = format!(
            "the least that leaves {} {} for its state (needs {}) and {} of Task Heap (needs 64 MiB, \
             and room for timers)",
            if pick.slots == 1 {
                "the slot".to_owned()
            } else {
                format!("each of {} slots", pick.slots)
            },
            bytes(pick.store_memory),
            bytes(self.least.memory),
            pick.task_heap.short()
        );
        let parts = [
            ("managed", memory.managed),
            ("Task Heap", memory.task_heap),
            ("Task Off-Heap", memory.task_off_heap),
            ("network", memory.network),
            ("framework", sum(memory.framework_heap, memory.framework_off_heap)),
            ("Metaspace", memory.jvm_metaspace),
            ("JVM Overhead", memory.jvm_overhead),
        ];
        let parts = parts.iter().filter(|(_, size)| *size > MemorySize::ZERO);
        let parts: Vec<_> =
            parts.map(|(name, size)| format!("{name} {}", size.mebibytes())).collect();
        let formula = format!("{} = {} MiB", parts.join(" + "), pick.process.mebibytes());
        (why, formula, "user code that needs more heap than assumed ends in Java heap space")
    }

    fn slots(&self) -> (String, String, &'static str) {
        let Self { pick, .. } = self;
        (
            "Metaspace, JVM Overhead and framework memory are paid once a process, so that more \
             slots in one cost less"
                .to_owned(),
            format!(
                "{} TaskManager{} x {} = {}",
                pick.task_managers,
                if pick.task_managers == 1 { "" } else { "s" },
                pick.process.short(),
                bytes(pick.total)
            ),
            "slots of one process fail together and share its garbage collection",
        )
    }

    fn managed(&self) -> (String, String, &'static str) {
        let memory = &self.setup().memory;
        let fraction = self.pick.state_memory.managed_fraction().unwrap_or_default();
        (
            "the least part that holds the state; the rest stays heap".to_owned(),
            format!(
                "{fraction} x Total Flink Memory {} = {}; / {} slot{} = {}",
                memory.total_flink_memory.short(),
                memory.managed.short(),
                self.pick.slots,
                if self.pick.slots == 1 { "" } else { "s" },
                bytes(self.pick.store_memory)
            ),
            if fraction.as_str() < "0.4" {
                "other users of managed memory, such as Python, get less than with Flink's 0.4"
            } else {
                "less heap than with Flink's 0.4"
            },
        )
    }

    fn no_managed(&self) -> (String, String, &'static str) {
        let why = match self.pick.state_memory {
            StateMemory::OwnSize { .. } => "Gemini takes memory of its own, beside managed memory",
            _ => "the heap backend uses no managed memory; what it takes is missing on the heap",
        };
        (why.to_owned(), String::new(), "Python functions and batch operators would have none")
    }

    fn network(&self) -> (String, String, &'static str) {
        let network = &self.setup().network;
        (
            "Flink's own part of the process is less than the job's exchanges may ask for"
                .to_owned(),
            format!(
                "{} buffers x {} KiB",
                network.buffer_count,
                (self.setup().memory.network.bytes() >> 10)
                    .checked_div(network.buffer_count)
                    .unwrap_or(0)
            ),
            "exchanges between operators that the workload does not name need more",
        )
    }

    fn timeout(&self) -> (String, String, &'static str) {
        let constraint = self.assessment.constraint(ConstraintKind::CheckpointTimeout);
        let longest = constraint.and_then(|it| it.need).map_or(0.0, |need| need.high);
        (
            format!(
                "a checkpoint takes up to {} once the state has grown to the horizon",
                figure(longest, Unit::Seconds)
            ),
            constraint.map_or(String::new(), |it| it.formula.clone()),
            "a checkpoint that hangs is noticed later",
        )
    }

    fn own_size(&self) -> (String, String, &'static str) {
        (
            "the size of each backend as such, with room for it in Task Off-Heap".to_owned(),
            format!("{} slots x {}", self.pick.slots, bytes(self.pick.store_memory)),
            "Flink does not see this memory: with more backends in a slot the process grows",
        )
    }

    /// Pools that stand at a bound of theirs.
    fn caps(&self) -> Option<String> {
        let memory = &self.setup().memory;
        let mut caps = Vec::new();
        // Source: TaskManagerOptions.JVM_OVERHEAD_MIN and _MAX, NETWORK_MEMORY_MIN; Flink 1.10 to 2.3.
        match memory.jvm_overhead.mebibytes() {
            192 => caps.push("JVM Overhead stands at its minimum of 192 MiB"),
            1_024 => caps.push("JVM Overhead stands at its maximum of 1 GiB"),
            _ => {}
        }
        if memory.network.mebibytes() == 64 {
            caps.push("Network Memory stands at its minimum of 64 MiB");
        }
        (!caps.is_empty()).then(|| caps.join("; "))
    }
}

fn sum(one: MemorySize, other: MemorySize) -> MemorySize {
    one.checked_add(other).unwrap_or(MemorySize::MAX)
}

fn bytes(bytes: u64) -> String {
    MemorySize::from_bytes(bytes).unwrap_or(MemorySize::MAX).short()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_in_other_words_is_no_change() {
        assert!(same_value("2048m", "2g") && same_value(" 4", "4"));
        assert!(!same_value("2048m", "2049m") && !same_value("a", "b"));
    }
}
