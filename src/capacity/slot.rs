//! What a slot needs besides its state: heap, timers, network buffers, and a slot to be in.

use super::Range;
use super::assessment::Question;
use super::constraint::{Constraint, ConstraintKind, Unit, Weight};
use super::state;

/// A timer on the heap: the object, its key object, its places in the priority queue and the set
/// beside it; the stores of the simulator charge as much.
const TIMER_ON_HEAP: f64 = 96.0;
/// The code of a slot has trouble with less; of ours: real configurations that got into trouble had
/// 26 to 38 MiB.
const LEAST_HEAP: f64 = (64_u64 << 20) as f64;

/// What a slot needs whatever its state does: enough for its backends to start, heap, timers, network
/// buffers.
pub fn slot_constraints(question: &Question<'_>) -> Vec<Constraint> {
    let mut constraints = constraints(question);
    constraints.extend(state::backend_floor(question));
    constraints
}

pub(super) fn constraints(question: &Question<'_>) -> Vec<Constraint> {
    let mut constraints = Vec::new();
    let setup = question.setup;
    let heap = Range::exactly(setup.slot.task_heap.bytes() as f64);
    let timers = question.observation.state.timers;
    let on_heap = if setup.timers_on_heap() { timers as f64 * TIMER_ON_HEAP } else { 0.0 };
    if on_heap > 0.0 {
        constraints.push(Constraint {
            kind: ConstraintKind::Timers,
            need: Some(Range::exactly(on_heap)),
            limit: Some(heap),
            unit: Unit::Bytes,
            weight: Weight::Hard,
            formula: format!("{timers} timers at a time x {TIMER_ON_HEAP} bytes"),
        });
    }
    constraints.push(Constraint {
        kind: ConstraintKind::TaskHeap,
        need: Some(Range::exactly(LEAST_HEAP + on_heap)),
        limit: Some(heap),
        unit: Unit::Bytes,
        weight: Weight::Hard,
        formula: "64 MiB that any job's code needs + its timers on the heap".to_owned(),
    });
    constraints.push(network_buffers(question));
    constraints.push(slots(question));
    constraints
}

/// Source: `NettyShuffleUtils` and `ResultPartitionFactory`, Flink 1.10 to 2.3: an input gate has
/// its exclusive buffers and up to its floating ones, a result at least one buffer a subpartition
/// and one more.
fn network_buffers(question: &Question<'_>) -> Constraint {
    let network = question.setup.network;
    let channels = u64::from(question.workload.parallelism);
    let exclusive = channels * network.per_channel;
    let least = exclusive + 1 + channels + 1;
    let most = 2 * (exclusive + network.floating);
    let exchanges = question.workload.operators.len() as f64;
    let limit = network.buffer_count as f64 / f64::from(question.setup.slot_count);
    Constraint {
        kind: ConstraintKind::NetworkBuffers,
        // Operators of one key may be chained, so that only the first needs an exchange.
        need: Some(Range::between(least as f64, most as f64 * exchanges)),
        limit: Some(Range::exactly(limit.floor())),
        unit: Unit::Count,
        weight: Weight::Hard,
        formula: format!(
            "1 to {exchanges} exchanges, each an input and a result of {channels} channels x {} \
             exclusive + up to {} floating",
            network.per_channel, network.floating
        ),
    }
}

fn slots(question: &Question<'_>) -> Constraint {
    let slots = question.setup.slot_count;
    let limit = question.task_managers.map(|count| f64::from(count) * f64::from(slots));
    Constraint {
        kind: ConstraintKind::Slots,
        need: Some(Range::exactly(f64::from(question.workload.parallelism))),
        limit: limit.map(Range::exactly),
        unit: Unit::Count,
        weight: Weight::Hard,
        formula: format!(
            "parallelism {}; {slots} slots a TaskManager",
            question.workload.parallelism
        ),
    }
}
