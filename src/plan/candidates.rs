//! Every shape that gives a slot what it needs.

use super::shape::settings;
use super::{Shape, StateMemory};
use crate::capacity::{
    Constraint, ConstraintKind, Question, Setup, Standing, StoreKind, assess, slot_constraints,
};
use crate::catalog::Target;
use crate::config::ResolvedConfig;
use crate::units::MemorySize;

/// Within what to search.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// No TaskManager is larger.
    pub process_most: MemorySize,
    /// No TaskManager has more slots.
    pub slots_most: u32,
    /// There are no more TaskManagers, if that is settled.
    pub task_managers_most: Option<u32>,
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

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidates {
    /// Those that give a slot what it needs, least memory in all first.
    pub shapes: Vec<Shape>,
    /// How many were derived.
    pub derived: usize,
}

/// Process sizes are whole multiples of this.
const STEP_MIB: u32 = 64;
/// Below this no TaskManager starts with Flink's default Metaspace, overhead and framework memory.
const LEAST_MIB: u32 = 640;
/// With the least process that does, so many steps more are kept: a rule may ask for more.
const STEPS_KEPT: u32 = 8;
/// Flink's default `taskmanager.memory.network.min`; less is never asked for.
const NETWORK_MIN_MIB: u32 = 64;

/// Every number of slots with every way to give them state memory, each with the least process that
/// does and a few more: what a slot gets never falls with the process, so that the least is found
/// by halving.
pub fn candidates(
    config: &ResolvedConfig<'_>,
    target: &Target,
    need: &Need<'_>,
    bounds: &Bounds,
) -> Candidates {
    let mut search = Search { config, target, need, derived: 0 };
    let parallelism = need.question.workload.parallelism.max(1);
    let slots_least =
        bounds.task_managers_most.map_or(1, |count| parallelism.div_ceil(count.max(1)));
    let steps = steps(bounds.process_most);
    let mut shapes = Vec::new();
    for slots in slots_least..=bounds.slots_most.min(parallelism).max(1) {
        let networks = search.networks(slots, bounds.process_most);
        for state_memory in search.state_memories(slots) {
            for network in &networks {
                shapes.extend(search.least_processes(slots, state_memory, *network, steps));
            }
        }
    }
    shapes.sort_by_key(|shape| {
        (shape.total, shape.network_mebibytes.is_some(), shape.state_memory, shape.slots)
    });
    Candidates { shapes, derived: search.derived }
}

/// First and last number of steps of a process.
fn steps(process_most: MemorySize) -> (u32, u32) {
    let most = u32::try_from(process_most.mebibytes()).unwrap_or(u32::MAX);
    (LEAST_MIB / STEP_MIB, most / STEP_MIB)
}

struct Search<'a> {
    config: &'a ResolvedConfig<'a>,
    target: &'a Target,
    need: &'a Need<'a>,
    derived: usize,
}

impl Search<'_> {
    fn state_memories(&mut self, slots: u32) -> Vec<StateMemory> {
        if self.need.kind == StoreKind::Heap {
            return vec![StateMemory::Heap, StateMemory::DefaultFraction];
        }
        let others = (1..=90).filter(|hundredths| *hundredths != 40);
        let others = others.map(|hundredths| StateMemory::Fraction { hundredths });
        let mut all: Vec<_> = [StateMemory::DefaultFraction].into_iter().chain(others).collect();
        all.extend(self.own_size(slots));
        all
    }

    /// The least off-heap size that holds the store; where a slot has several backends, how the state
    /// is parted among them is not known.
    fn own_size(&mut self, slots: u32) -> Option<StateMemory> {
        let question = self.need.question;
        if self.need.kind != StoreKind::Gemini || question.setup.backends_per_slot != 1 {
            return None;
        }
        let needed = u32::try_from(self.need.store_memory.div_ceil(1 << 20)).ok()?;
        let of = |off_heap_mebibytes: u32| StateMemory::OwnSize {
            off_heap_mebibytes,
            task_off_heap_mebibytes: needed.saturating_mul(slots),
        };
        // The write buffer comes on top where the engine has one of its own.
        let roomy = 64 << 10;
        let setup = self.setup(slots, roomy, of(needed), None)?;
        let more = u32::try_from((setup.store_memory()? >> 20).checked_sub(needed.into())?).ok()?;
        Some(of(needed.checked_sub(more)?.max(1)))
    }

    /// Flink's own part of the process, and what the job needs at most where that is more than the
    /// least of Flink's part.
    fn networks(&mut self, slots: u32, process_most: MemorySize) -> Vec<Option<u32>> {
        let mut networks = vec![None];
        let process = u32::try_from(process_most.mebibytes()).unwrap_or(u32::MAX);
        let Some(setup) = self.setup(slots, process, StateMemory::DefaultFraction, None) else {
            return networks;
        };
        let question = Question { setup: &setup, ..*self.need.question };
        let constraints = slot_constraints(&question);
        let needed = constraints.iter().find(|it| it.kind == ConstraintKind::NetworkBuffers);
        let needed = needed.and_then(|it| it.need).map_or(0.0, |need| need.high);
        let buffer = setup.memory.network.bytes().checked_div(setup.network.buffer_count);
        let bytes = needed * f64::from(slots) * buffer.unwrap_or(0) as f64;
        networks.extend(mebibytes(bytes).filter(|size| *size > NETWORK_MIN_MIB).map(Some));
        networks
    }

    /// The least process, and some more.
    fn least_processes(
        &mut self,
        slots: u32,
        state_memory: StateMemory,
        network: Option<u32>,
        (first, last): (u32, u32),
    ) -> Vec<Shape> {
        let (mut low, mut high) = (first, last);
        if first > last || self.shape(slots, last, state_memory, network).is_none() {
            return Vec::new();
        }
        while low < high {
            let middle = low.midpoint(high);
            if self.shape(slots, middle, state_memory, network).is_some() {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let kept = high..=last.min(high.saturating_add(STEPS_KEPT));
        kept.filter_map(|steps| self.shape(slots, steps, state_memory, network)).collect()
    }

    fn setup(
        &mut self,
        slots: u32,
        process: u32,
        state_memory: StateMemory,
        network: Option<u32>,
    ) -> Option<Setup> {
        self.derived += 1;
        let settings = settings(self.config, slots, process.into(), state_memory, network);
        let proposed = self.config.proposed(&settings);
        let operators = self.need.question.setup.backends_per_slot;
        Setup::of(&proposed, self.target, operators, Some(self.need.kind)).ok()
    }

    /// The shape, if it gives a slot what it needs.
    fn shape(
        &mut self,
        slots: u32,
        steps: u32,
        state_memory: StateMemory,
        network_mebibytes: Option<u32>,
    ) -> Option<Shape> {
        let mebibytes = steps.checked_mul(STEP_MIB)?;
        let setup = self.setup(slots, mebibytes, state_memory, network_mebibytes)?;
        let store_memory = setup.store_memory().unwrap_or(0);
        if store_memory < self.need.store_memory {
            return None;
        }
        let question = Question { setup: &setup, ..*self.need.question };
        if slot_constraints(&question).iter().any(is_short) {
            return None;
        }
        if self.need.kind == StoreKind::Heap {
            // On the heap the state is all there is: what it grows to must fit as well.
            let assessment = assess(&question);
            let on_heap = assessment.constraint(ConstraintKind::StateOnHeap);
            if on_heap.is_some_and(|it| it.standing() == Standing::Broken) {
                return None;
            }
        }
        let process = MemorySize::from_mebibytes(mebibytes);
        let task_managers = question.workload.parallelism.div_ceil(slots);
        Some(Shape {
            slots,
            task_managers,
            process,
            state_memory,
            network_mebibytes,
            store_memory,
            task_heap: setup.slot.task_heap,
            total: process.bytes().saturating_mul(u64::from(task_managers)),
        })
    }
}

/// Whether it may break.
pub fn is_short(constraint: &Constraint) -> bool {
    matches!(constraint.standing(), Standing::Broken | Standing::MayBreak)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "in bounds, and not negative"
)]
fn mebibytes(bytes: f64) -> Option<u32> {
    let mebibytes = (bytes / 1_048_576.0).ceil();
    (0.0..=f64::from(u32::MAX)).contains(&mebibytes).then_some(mebibytes as u32)
}
