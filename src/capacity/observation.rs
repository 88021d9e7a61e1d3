use std::collections::{BTreeMap, BTreeSet};

use crate::simulator::{
    Backend, Hardware, Key, Observer, Operation, Seed, SimulateError, SimulationReport,
    StoreOptions, Timer, simulate_observed,
};
use crate::workload::Workload;

/// A workload seen at work on a store.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// What the store did.
    pub report: SimulationReport,
    /// What the workload holds, whatever the store.
    pub state: ObservedState,
}

/// State of the one subtask that was run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ObservedState {
    /// Source records until the end, the warm-up included.
    pub records: u64,
    /// Serialized bytes of keys and values after half of the records.
    pub bytes_half_way: f64,
    /// The same at the end.
    pub bytes: f64,
    /// Entries at the end.
    pub entries: f64,
    /// Timers at most.
    pub timers: u64,
    /// Bytes of keys and values written for a source record.
    pub written_per_record: f64,
}

/// One of so many keys is followed; the rest is taken to be like it.
const SAMPLE_BITS: u32 = 4;

/// Follows a sample of the entries, and all timers.
struct Follower<'w> {
    workload: &'w Workload,
    half: u64,
    records: u64,
    entries: BTreeMap<Key, u64>,
    bytes: u64,
    written: u64,
    bytes_half_way: u64,
    timers: BTreeSet<Timer>,
    timers_most: usize,
}

impl<'w> Follower<'w> {
    fn new(workload: &'w Workload) -> Self {
        Self {
            workload,
            half: (workload.warm_up_records + workload.records) / 2,
            records: 0,
            entries: BTreeMap::new(),
            bytes: 0,
            written: 0,
            bytes_half_way: 0,
            timers: BTreeSet::new(),
            timers_most: 0,
        }
    }

    fn is_followed(key: Key) -> bool {
        // Multiplying by the golden ratio spreads counted keys over the high bits.
        key.bits().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SAMPLE_BITS) == 0
    }

    fn key_bytes(&self, key: Key) -> u64 {
        // An operator registers two states.
        let operator = self.workload.operators.get(usize::from(key.state().0 / 2));
        operator.map_or(0, |operator| u64::from(operator.key_bytes))
    }

    fn write(&mut self, key: Key, bytes: u64) {
        let before = self.entries.insert(key, bytes).unwrap_or(0);
        self.bytes = self.bytes + bytes - before;
    }

    fn follow(&mut self, operation: Operation) {
        match operation {
            Operation::Record(_) => {
                self.records += 1;
                if self.records == self.half {
                    self.bytes_half_way = self.bytes;
                }
            }
            Operation::Put(key, size) if Self::is_followed(key) => {
                let bytes = self.key_bytes(key) + u64::from(size);
                self.written += bytes;
                self.write(key, bytes);
            }
            Operation::Append(key, size) if Self::is_followed(key) => {
                let before = self.entries.get(&key).copied();
                self.written += u64::from(size);
                let bytes = before.unwrap_or_else(|| self.key_bytes(key)) + u64::from(size);
                self.write(key, bytes);
            }
            Operation::Delete(key) if Self::is_followed(key) => {
                self.bytes -= self.entries.remove(&key).unwrap_or(0);
            }
            Operation::AddTimer(timer) => {
                self.timers.insert(timer);
                self.timers_most = self.timers_most.max(self.timers.len());
            }
            Operation::DeleteTimer(timer) => {
                self.timers.remove(&timer);
            }
            Operation::PopTimers(until_ms) => {
                while self.timers.first().is_some_and(|timer| timer.at_ms <= until_ms) {
                    self.timers.pop_first();
                }
            }
            _ => {}
        }
    }

    fn state(&self) -> ObservedState {
        let scale = f64::from(1_u32 << SAMPLE_BITS);
        ObservedState {
            records: self.records,
            bytes_half_way: self.bytes_half_way as f64 * scale,
            bytes: self.bytes as f64 * scale,
            entries: self.entries.len() as f64 * scale,
            timers: self.timers_most as u64,
            written_per_record: self.written as f64 * scale / self.records.max(1) as f64,
        }
    }
}

/// The workload with at most so many source records, the warm-up included and in proportion.
#[must_use]
pub fn shortened(workload: &Workload, most: u64) -> Workload {
    let total = workload.warm_up_records.saturating_add(workload.records);
    if total <= most {
        return workload.clone();
    }
    let share = |count: u64| {
        let product = u128::from(count) * u128::from(most) / u128::from(total.max(1));
        u64::try_from(product).unwrap_or(most)
    };
    Workload {
        warm_up_records: share(workload.warm_up_records),
        records: share(workload.records).max(1),
        ..workload.clone()
    }
}

/// Runs the workload on a store as fast as it can, whatever its rate is.
///
/// # Errors
/// [`SimulateError`] if the workload cannot be run at all.
pub fn observe(
    backend: &Backend,
    hardware: &Hardware,
    workload: &Workload,
    seed: Seed,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Observation, SimulateError> {
    let unthrottled = Workload { rate: None, ..workload.clone() };
    let options = StoreOptions { hardware: hardware.clone(), backend: backend.clone() };
    let mut follower = Follower::new(&unthrottled);
    let mut recorder = |operation| follower.follow(operation);
    let mut told = |done, total| progress(done, total);
    let observer = Observer { progress: Some(&mut told), recorder: Some(&mut recorder) };
    let report = simulate_observed(&options, &unthrottled, seed, observer)?;
    Ok(Observation { report, state: follower.state() })
}
