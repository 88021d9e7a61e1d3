//! Memory and disk for the state.

use super::assessment::Question;
use super::constraint::{Constraint, ConstraintKind, Unit, Weight};
use super::store::StoreKind;
use super::{Observation, Range};
use crate::memory::GEMINI_FLOOR;
use crate::simulator::{CurveRow, Ending, StoreError};
use crate::workload::Operator;

/// How the state of a slot grows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StateGrowth {
    /// Serialized bytes at the end of the run.
    pub now: f64,
    /// Bytes that a source record of the subtask adds for good; 0 if the state stays as it is.
    pub per_record: f64,
    /// Bytes at the horizon.
    pub at_horizon: Range,
}

/// Between the middle and the end of a run a state that has settled moves less than this; a sample
/// of a sixteenth of the keys is not more exact.
const SETTLED: f64 = 0.05;

impl StateGrowth {
    pub(super) fn of(question: &Question<'_>) -> Self {
        let state = &question.observation.state;
        let added = state.bytes - state.bytes_half_way;
        let records = state.records as f64 / 2.0;
        let grows = added > SETTLED * state.bytes && records > 0.0;
        let per_record = if grows { added / records } else { 0.0 };
        // Where every entry ends of itself, the state stops growing once the first ones do.
        let operators = &question.workload.operators;
        let lifetimes: Option<Vec<_>> = operators.iter().map(Operator::lifetime).collect();
        let longest = lifetimes.and_then(|lifetimes| lifetimes.into_iter().max());
        let span = match longest {
            Some(longest) => question.horizon().min(longest.millis as f64 / 1_000.0),
            None => question.horizon(),
        };
        let at_horizon = question.flow().times(span * per_record);
        let at_horizon =
            Range { low: at_horizon.low.max(state.bytes), high: at_horizon.high.max(state.bytes) };
        Self { now: state.bytes, per_record, at_horizon }
    }

    /// How many times as large as at the end of the run.
    pub fn factor(&self) -> Range {
        if self.now > 0.0 { self.at_horizon.times(1.0 / self.now) } else { Range::exactly(1.0) }
    }
}

/// The smallest cache of single entries that answers 99 of 100 accesses which the largest answers:
/// with less, memory is what limits the hit ratio.
pub fn working_set(curve: &[CurveRow]) -> Option<u64> {
    let best = curve.last()?.hits_per_million;
    let enough = best.saturating_sub(best / 100);
    curve.iter().find(|row| row.hits_per_million >= enough).map(|row| row.memory)
}

pub(super) fn constraints(question: &Question<'_>, growth: &StateGrowth) -> Vec<Constraint> {
    let mut constraints = Vec::new();
    constraints.extend(backend_floor(question));
    match question.setup.kind {
        StoreKind::Heap => constraints.push(state_on_heap(question, growth)),
        StoreKind::Gemini | StoreKind::RocksDb => {
            constraints.extend(working_set_fits(question, growth));
            constraints.push(local_disk(question, growth));
        }
    }
    constraints
}

pub(super) fn backend_floor(question: &Question<'_>) -> Option<Constraint> {
    let setup = question.setup;
    if setup.kind != StoreKind::Gemini {
        return None;
    }
    let count = setup.backends_per_slot;
    Some(Constraint {
        kind: ConstraintKind::BackendFloor,
        need: Some(Range::exactly(GEMINI_FLOOR.bytes() as f64)),
        limit: setup.per_backend,
        unit: Unit::Bytes,
        weight: Weight::Hard,
        formula: format!(
            "slot memory of the backend / {count} stateful operators in the slot; the one published \
             failure shows 0.8 of it in use"
        ),
    })
}

fn working_set_fits(question: &Question<'_>, growth: &StateGrowth) -> Option<Constraint> {
    let need = working_set(&question.observation.report.curve)? as f64;
    let limit = question.setup.per_backend?.times(f64::from(question.setup.backends_per_slot));
    Some(Constraint {
        kind: ConstraintKind::WorkingSet,
        // At best the accesses stay where they are, at worst they spread as the state grows.
        need: Some(Range::between(need, need * growth.factor().high)),
        limit: Some(limit),
        unit: Unit::Bytes,
        weight: Weight::Soft,
        formula: "least LRU cache with 99 % of the hits of an endless one, times up to the growth \
                  of the state until the horizon"
            .to_owned(),
    })
}

fn state_on_heap(question: &Question<'_>, growth: &StateGrowth) -> Constraint {
    let report = &question.observation.report;
    let limit = question.setup.slot.task_heap.bytes() as f64;
    let used = match report.ending {
        Ending::Failed(StoreError::OutOfMemory { needed, .. }) => needed,
        _ => report.memory.used,
    };
    let used = used as f64;
    Constraint {
        kind: ConstraintKind::StateOnHeap,
        need: Some(Range::between(used * growth.factor().low, used * growth.factor().high)),
        limit: Some(Range::exactly(limit)),
        unit: Unit::Bytes,
        weight: Weight::Hard,
        formula: "objects of the state in the run, times the growth of the state until the horizon"
            .to_owned(),
    }
}

fn local_disk(question: &Question<'_>, growth: &StateGrowth) -> Constraint {
    let amplification = amplification(question.observation);
    let slots = f64::from(question.slots_in_use());
    Constraint {
        kind: ConstraintKind::LocalDisk,
        need: Some(growth.at_horizon.times(amplification * slots)),
        limit: question.disk.map(|disk| Range::exactly(disk.bytes() as f64)),
        unit: Unit::Bytes,
        weight: Weight::Hard,
        formula: format!(
            "state of a slot at the horizon x {amplification:.2} of it on disk x {slots} slots"
        ),
    }
}

/// Bytes on disk for a byte of state, at least 1: what is not yet written will be.
fn amplification(observation: &Observation) -> f64 {
    let disk = observation.report.statistics.disk_bytes as f64;
    if observation.state.bytes > 0.0 { (disk / observation.state.bytes).max(1.0) } else { 1.0 }
}
