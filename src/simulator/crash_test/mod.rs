//! Crashes at random virtual instants, with a model beside the store that is checked at every
//! step: from one seed come the store's options, the operations, the faults and the instants.

mod setup;

use std::collections::BTreeMap;
use std::fmt;

use super::model::Model;
use super::random::{Generator, Seed};
use super::{
    CheckpointId, Environment, Faults, Key, Nanos, Outcome, RecoverySource, StateDescriptor,
    StateId, Store, StoreError, Timer, Value, Violation,
};
use setup::either;

/// The store under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashedStore {
    /// [`GeminiStore`](super::GeminiStore).
    Gemini,
    /// [`HeapStore`](super::HeapStore).
    Heap,
    /// [`RocksDb`](super::rocksdb::RocksDb).
    RocksDb,
}

impl CrashedStore {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gemini, Self::Heap, Self::RocksDb];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::Heap => "heap",
            Self::RocksDb => "rocksdb",
        }
    }
}

/// Whether devices misbehave besides the crashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultInjection {
    /// They do not.
    Off,
    /// Full disks, failed uploads, slow devices, torn writes.
    On,
}

/// What happened in a run; every count is of things that were compared with the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CrashSummary {
    /// Crashes, each followed by a restore and a comparison of everything.
    pub crash_points: u64,
    /// Operations, each answer compared.
    pub operations: u64,
    /// Checkpoints that completed.
    pub checkpoints: u64,
    /// Checkpoints that failed because of a fault.
    pub checkpoints_failed: u64,
    /// Restores that read the local disk.
    pub local_restores: u64,
    /// Jobs that failed with a stated error because of a fault.
    pub job_failures: u64,
}

impl CrashSummary {
    /// Adds another run's counts.
    pub fn add(&mut self, other: Self) {
        self.crash_points += other.crash_points;
        self.operations += other.operations;
        self.checkpoints += other.checkpoints;
        self.checkpoints_failed += other.checkpoints_failed;
        self.local_restores += other.local_restores;
        self.job_failures += other.job_failures;
    }
}

/// How a store differed from its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// An answer was wrong.
    Answer {
        /// The question.
        operation: String,
        /// The store's answer.
        found: String,
        /// The model's.
        expected: String,
    },
    /// An invariant was broken.
    Violation(Violation),
    /// It gave up although no fault was injected.
    Error(StoreError),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { operation, found, expected } => {
                write!(f, "{operation}: the store says {found}, the model {expected}")
            }
            Self::Violation(violation) => write!(f, "{violation}"),
            Self::Error(error) => write!(f, "without a fault: {error}"),
        }
    }
}

impl From<Violation> for Difference {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

/// Runs one store from one seed through `crash_points` crashes.
///
/// # Errors
/// The first [`Difference`].
pub fn crash_test(
    store: CrashedStore,
    faults: FaultInjection,
    crash_points: u64,
    seed: Seed,
) -> Result<CrashSummary, Difference> {
    let mut run = Run::new(store, faults, seed);
    for _ in 0..crash_points {
        run.until_crash()?;
        run.restore()?;
    }
    Ok(run.summary)
}

struct Run {
    store: Box<dyn Store>,
    env: Environment,
    model: Model,
    states: Vec<StateDescriptor>,
    snapshots: BTreeMap<CheckpointId, Model>,
    completed: Option<CheckpointId>,
    next_checkpoint: u64,
    in_flight: u32,
    generator: Generator,
    faults: FaultInjection,
    key_count: u64,
    value_size_max: u64,
    version: u32,
    summary: CrashSummary,
}

/// Why the operations ended.
enum Stop {
    Crash,
    Difference(Difference),
}

impl From<Difference> for Stop {
    fn from(difference: Difference) -> Self {
        Self::Difference(difference)
    }
}

impl Run {
    fn new(store: CrashedStore, faults: FaultInjection, seed: Seed) -> Self {
        let mut generator = Generator::new(seed);
        let draw = &mut generator;
        let states = setup::states(draw);
        let hardware = setup::hardware(draw);
        let key_count = 4 << draw.below(6);
        let value_size_max = 16 << draw.below(7);
        let store = setup::store(store, &states, draw);
        Self {
            env: Environment::new(hardware, Faults::default(), seed.split(7)),
            model: Model::new(states.clone()),
            states,
            store,
            snapshots: BTreeMap::new(),
            completed: None,
            next_checkpoint: 0,
            in_flight: 0,
            generator,
            faults,
            key_count,
            value_size_max,
            version: 0,
            summary: CrashSummary::default(),
        }
    }

    /// Operates until a random instant.
    fn until_crash(&mut self) -> Result<(), Difference> {
        let span = 1 << (16 + self.generator.below(13));
        let crash_at = self.env.now() + Nanos(self.generator.below(span));
        self.env.crash_at(crash_at);
        if self.faults == FaultInjection::On {
            self.inject(Nanos(span));
        }
        loop {
            if self.env.now() >= crash_at {
                return Ok(());
            }
            match self.step() {
                Ok(()) => {}
                Err(Stop::Crash) => return Ok(()),
                Err(Stop::Difference(difference)) => return Err(difference),
            }
        }
    }

    fn inject(&mut self, span: Nanos) {
        let now = self.env.now();
        let from = now + Nanos(self.generator.below(span.0));
        let until = from + Nanos(self.generator.below(span.0));
        let used = self.env.disk_used();
        let kind = self.generator.below(4);
        let capacity = used + self.generator.below(64 << 10);
        let factor = 2 << self.generator.below(8);
        let faults = self.env.faults_mut();
        match kind {
            0 => faults.limit_disk(from, until, capacity),
            1 => faults.fail_uploads(from, until),
            2 => faults.slow_disk(from, until, factor),
            _ => faults.tear_writes(),
        }
    }

    /// Says what an error of the store means here.
    fn stop(&mut self, error: StoreError) -> Stop {
        match error {
            StoreError::Crashed => Stop::Crash,
            StoreError::DiskFull if self.faults == FaultInjection::On => {
                self.summary.job_failures += 1;
                Stop::Crash
            }
            error => Stop::Difference(Difference::Error(error)),
        }
    }

    fn attend(&mut self) -> Result<(), Stop> {
        while let Some(finished) = self.env.poll() {
            let result = self.store.on_finished(&mut self.env, finished);
            result.map_err(|error| self.stop(error))?;
        }
        while let Some(report) = self.env.take_checkpoint() {
            self.in_flight = self.in_flight.saturating_sub(1);
            if report.outcome == Outcome::Done && Some(report.id) > self.completed {
                self.completed = Some(report.id);
                self.snapshots.retain(|id, _| *id >= report.id);
                self.store.complete_checkpoint(&mut self.env, report.id);
                self.summary.checkpoints += 1;
            } else {
                self.snapshots.remove(&report.id);
                self.store.abort_checkpoint(&mut self.env, report.id);
                self.summary.checkpoints_failed += 1;
            }
            self.store.check(&self.env).map_err(Difference::from)?;
        }
        Ok(())
    }

    fn key(&mut self) -> Key {
        let state = StateId(u8::try_from(self.generator.below(3)).unwrap_or(0));
        let primary = self.generator.below(self.key_count);
        let sub = if state == StateId(2) { self.generator.below(6) } else { 0 };
        Key::new(state, primary, u32::try_from(sub).unwrap_or(0))
    }

    fn value(&mut self) -> Value {
        self.version += 1;
        let size = u32::try_from(self.generator.below(self.value_size_max)).unwrap_or(0);
        Value { version: self.version, size, elements: 1, written_ms: self.env.operation_ms() }
    }

    fn timer(&mut self) -> Timer {
        let key = self.key();
        Timer { at_ms: self.generator.below(10_000), key }
    }

    fn step(&mut self) -> Result<(), Stop> {
        self.attend()?;
        self.env.begin_operation();
        self.summary.operations += 1;
        let now_ms = self.env.operation_ms();
        let key = self.key();
        let kind = self.generator.below(100);
        let result = match kind {
            0..30 => match self.store.get(&mut self.env, key) {
                Ok(found) => return Ok(same("get", key, found, self.model.get(key, now_ms))?),
                Err(error) => Err(error),
            },
            30..50 => {
                let value = self.value();
                self.model.put(key, value);
                self.store.put(&mut self.env, key, value)
            }
            50..60 => {
                self.model.delete(key);
                self.store.delete(&mut self.env, key)
            }
            60..72 => {
                let key = Key::new(StateId(1), key.primary(), 0);
                let value = self.value();
                self.model.append(key, value);
                self.store.append(&mut self.env, key, value)
            }
            72..80 => return self.scan(key.primary()),
            80..84 => {
                let timer = self.timer();
                self.model.add_timer(timer);
                self.store.add_timer(&mut self.env, timer)
            }
            84..86 => {
                let timer = self.timer();
                self.model.delete_timer(timer);
                self.store.delete_timer(&mut self.env, timer)
            }
            86..88 => {
                let until_ms = self.generator.below(10_000);
                return self.pop_timers(until_ms);
            }
            88..92 if self.in_flight < 2 => {
                self.next_checkpoint += 1;
                self.in_flight += 1;
                let id = CheckpointId(self.next_checkpoint);
                self.snapshots.insert(id, self.model.clone());
                self.store.begin_checkpoint(&mut self.env, id)
            }
            _ => {
                let longest = 1 << self.generator.below(24);
                let span = Nanos(self.generator.below(longest));
                self.env.idle(self.env.now() + span);
                Ok(())
            }
        };
        result.map_err(|error| self.stop(error))
    }

    fn scan(&mut self, primary: u64) -> Result<(), Stop> {
        let prefix = Key::new(StateId(2), primary, 0).prefix();
        let mut found = Vec::new();
        let result = self.store.scan(&mut self.env, prefix, &mut found);
        result.map_err(|error| self.stop(error))?;
        let expected = self.model.scan(prefix, self.env.operation_ms());
        Ok(same("scan", prefix, found, expected)?)
    }

    fn pop_timers(&mut self, until_ms: u64) -> Result<(), Stop> {
        let mut due = Vec::new();
        let result = self.store.pop_timers(&mut self.env, until_ms, &mut due);
        result.map_err(|error| self.stop(error))?;
        Ok(same("timers", until_ms, due, self.model.pop_timers(until_ms))?)
    }

    /// Crashes, comes up again, and compares all there is.
    fn restore(&mut self) -> Result<(), Difference> {
        self.summary.crash_points += 1;
        self.in_flight = 0;
        loop {
            let source = either(&mut self.generator, RecoverySource::Local, RecoverySource::Remote);
            self.summary.local_restores += u64::from(source == RecoverySource::Local);
            self.env.crash_at(Nanos::MAX);
            self.store.crash(&mut self.env);
            // Often another crash hits the restore itself.
            if self.generator.below(4) == 0 {
                let span = 1 << self.generator.below(30);
                self.env.crash_at(self.env.now() + Nanos(self.generator.below(span)));
            }
            self.env.begin_operation();
            match self.store.restore(&mut self.env, self.completed, source) {
                Ok(()) => break,
                Err(StoreError::Crashed) => {}
                Err(StoreError::DiskFull) if self.faults == FaultInjection::On => {
                    self.summary.job_failures += 1;
                    self.env.faults_mut().clear();
                }
                Err(error) => return Err(Difference::Error(error)),
            }
        }
        self.env.crash_at(Nanos::MAX);
        self.env.faults_mut().clear();
        self.snapshots.retain(|id, _| Some(*id) == self.completed);
        self.model = match self.completed.and_then(|id| self.snapshots.get(&id)) {
            Some(model) => model.clone(),
            None => Model::new(self.states.clone()),
        };
        self.store.check(&self.env)?;
        match self.compare_all() {
            Ok(()) | Err(Stop::Crash) => {}
            Err(Stop::Difference(difference)) => return Err(difference),
        }
        self.store.check(&self.env)?;
        Ok(())
    }

    fn compare_all(&mut self) -> Result<(), Stop> {
        for primary in 0..self.key_count {
            for state in 0..2 {
                self.attend()?;
                self.env.begin_operation();
                let key = Key::new(StateId(state), primary, 0);
                let found = self.store.get(&mut self.env, key);
                let found = found.map_err(|error| self.stop(error))?;
                same("get", key, found, self.model.get(key, self.env.operation_ms()))?;
            }
            self.attend()?;
            self.env.begin_operation();
            self.scan(primary)?;
        }
        self.env.begin_operation();
        let until_ms = self.generator.below(5_000);
        self.pop_timers(until_ms)
    }
}

fn same<Question: fmt::Debug, Answer: fmt::Debug + PartialEq>(
    operation: &str,
    question: Question,
    found: Answer,
    expected: Answer,
) -> Result<(), Difference> {
    if found == expected {
        return Ok(());
    }
    Err(Difference::Answer {
        operation: format!("{operation} {question:?}"),
        found: format!("{found:?}"),
        expected: format!("{expected:?}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(store: CrashedStore, faults: FaultInjection, seeds: u64) {
        let mut summary = CrashSummary::default();
        for seed in 0..seeds {
            match crash_test(store, faults, 8, Seed(seed)) {
                Ok(run) => summary.add(run),
                Err(difference) => panic!("seed {seed}: {difference}"),
            }
        }
        assert!(summary.checkpoints > seeds && summary.local_restores > seeds, "{summary:?}");
        if faults == FaultInjection::On {
            assert!(summary.checkpoints_failed > 0, "{summary:?}");
        }
    }

    #[test]
    fn gemini_equals_its_model_through_crashes() {
        check(CrashedStore::Gemini, FaultInjection::Off, 60);
    }

    #[test]
    fn gemini_equals_its_model_through_crashes_and_faults() {
        check(CrashedStore::Gemini, FaultInjection::On, 60);
    }

    #[test]
    fn rocksdb_equals_its_model_through_crashes() {
        check(CrashedStore::RocksDb, FaultInjection::Off, 60);
    }

    #[test]
    fn rocksdb_equals_its_model_through_crashes_and_faults() {
        check(CrashedStore::RocksDb, FaultInjection::On, 60);
    }

    #[test]
    fn the_heap_equals_its_model_through_crashes() {
        check(CrashedStore::Heap, FaultInjection::Off, 40);
    }

    #[test]
    fn the_heap_equals_its_model_through_crashes_and_faults() {
        check(CrashedStore::Heap, FaultInjection::On, 40);
    }
}
