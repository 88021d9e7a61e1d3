//! One subtask: it hands records' operations to the store and keeps count of everything.

use super::cache::Interner;
use super::curve::{CurveStep, ExactByteCurve, MissRatioCurve};
use super::random::{Seed, mix};
use super::{
    Arrival, CheckpointId, CheckpointReport, Environment, Key, Nanos, Operation, Outcome, Prefix,
    Store, StoreError, Timer, Value,
};

/// One of so many keys is part of the curve: at a million keys the curve is off by less than a
/// point (SHARDS, fixed rate).
const SAMPLE_BITS: u32 = 4;
/// The curve is exact at multiples of this many bytes of the sample.
const CURVE_STEP: u64 = 4 << 10;
/// Bytes of an entry in a cache besides its key and value.
const ENTRY_OVERHEAD: u64 = 16;

/// When checkpoints are taken.
#[derive(Debug, Clone, Copy)]
struct Schedule {
    interval: Nanos,
    next_at: Nanos,
}

/// A checkpoint that ended, and when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointRow {
    /// When it began.
    pub started: Nanos,
    /// What the store reported.
    pub report: CheckpointReport,
}

/// A store at work.
pub(super) struct Task<'a> {
    pub(super) store: Box<dyn Store>,
    pub(super) env: Environment,
    schedule: Option<Schedule>,
    in_flight: Option<(CheckpointId, Nanos)>,
    last_checkpoint: u64,
    pub(super) completed: Option<CheckpointId>,
    pub(super) checkpoints: Vec<CheckpointRow>,
    pub(super) operations: u64,
    version: u32,
    curve: Sample,
    recorder: Option<&'a mut dyn FnMut(Operation)>,
    /// What a repeated scan finds.
    found: Vec<(Key, Value)>,
}

/// The sampled keys' accesses.
struct Sample {
    curve: ExactByteCurve,
    objects: Interner,
    requests: Vec<(u32, u32)>,
    last_read: Option<Key>,
}

impl Sample {
    fn new() -> Self {
        Self {
            curve: ExactByteCurve::new(CurveStep::new(CURVE_STEP)),
            objects: Interner::new(Seed(0)),
            requests: Vec::new(),
            last_read: None,
        }
    }

    #[inline]
    fn is_in(key: Key) -> bool {
        mix(key.bits()) >> (64 - SAMPLE_BITS) == 0
    }

    fn access(&mut self, key: Key, size: u64) {
        // Memory ends long before 32 bits of sampled keys do.
        let Ok(object) = self.objects.intern(key.bits()) else { return };
        let size = u32::try_from(size + ENTRY_OVERHEAD).unwrap_or(u32::MAX);
        self.requests.push((object, size));
        if self.requests.len() >= 1 << 12 {
            self.flush();
        }
    }

    fn forget(&mut self, key: Key) {
        if let Some(object) = self.objects.remove(key.bits()) {
            self.flush();
            self.curve.forget(object);
        }
    }

    fn flush(&mut self) {
        self.curve.record(&self.requests);
        self.requests.clear();
    }
}

impl<'a> Task<'a> {
    pub(super) fn new(
        store: Box<dyn Store>,
        env: Environment,
        checkpoint_interval: Option<Nanos>,
        recorder: Option<&'a mut dyn FnMut(Operation)>,
    ) -> Self {
        let schedule = checkpoint_interval.map(|interval| Schedule { interval, next_at: interval });
        Self {
            store,
            env,
            schedule,
            in_flight: None,
            last_checkpoint: 0,
            completed: None,
            checkpoints: Vec::new(),
            operations: 0,
            version: 0,
            curve: Sample::new(),
            recorder,
            found: Vec::new(),
        }
    }

    /// Attends to what ended in the background and to the checkpoint that is due.
    pub(super) fn attend(&mut self) -> Result<(), StoreError> {
        while let Some(finished) = self.env.poll() {
            self.store.on_finished(&mut self.env, finished)?;
        }
        while let Some(report) = self.env.take_checkpoint() {
            let started = match self.in_flight {
                Some((id, started)) if id == report.id => started,
                _ => continue,
            };
            self.in_flight = None;
            if report.outcome == Outcome::Done {
                self.completed = Some(report.id);
                self.store.complete_checkpoint(&mut self.env, report.id);
            } else {
                self.store.abort_checkpoint(&mut self.env, report.id);
            }
            self.checkpoints.push(CheckpointRow { started, report });
        }
        if let Some(schedule) = &mut self.schedule
            && self.in_flight.is_none()
            && self.env.now() >= schedule.next_at
        {
            schedule.next_at = self.env.now() + schedule.interval;
            self.begin_checkpoint()?;
        }
        Ok(())
    }

    fn begin_checkpoint(&mut self) -> Result<(), StoreError> {
        self.last_checkpoint += 1;
        let id = CheckpointId(self.last_checkpoint);
        self.in_flight = Some((id, self.env.now()));
        self.env.begin_operation();
        self.store.begin_checkpoint(&mut self.env, id)
    }

    pub(super) fn checkpoints_begun(&self) -> u64 {
        self.last_checkpoint
    }

    /// Takes a checkpoint and waits until it has ended.
    pub(super) fn checkpoint_now(&mut self) -> Result<(), StoreError> {
        self.schedule = None;
        let before = self.checkpoints.len();
        if self.in_flight.is_none() {
            self.begin_checkpoint()?;
        }
        while self.checkpoints.len() == before {
            let finished = self.env.wait()?;
            self.store.on_finished(&mut self.env, finished)?;
            self.attend()?;
        }
        Ok(())
    }

    pub(super) fn curve(&mut self) -> MissRatioCurve {
        self.curve.flush();
        self.curve.curve.curve()
    }

    /// By what a size in the sample is multiplied to be one in the whole.
    pub(super) fn sample_scale() -> u64 {
        1 << SAMPLE_BITS
    }

    #[inline]
    fn begin(&mut self, operation: Operation) -> Result<(), StoreError> {
        if let Some(recorder) = &mut self.recorder {
            recorder(operation);
        }
        self.attend()?;
        self.operations += 1;
        self.env.begin_operation();
        Ok(())
    }

    fn new_value(&mut self, size: u32) -> Value {
        self.version = self.version.wrapping_add(1);
        Value { version: self.version, size, elements: 1, written_ms: self.env.operation_ms() }
    }

    /// A source record begins: at once, or when it arrives, counted from `start`. Says when.
    pub(super) fn begin_record(&mut self, arrival: Arrival, start: Nanos) -> Nanos {
        if let Some(recorder) = &mut self.recorder {
            recorder(Operation::Record(arrival));
        }
        match arrival {
            Arrival::AtOnce => self.env.now(),
            Arrival::After(span) => {
                let arrival = start + span;
                self.env.idle(arrival);
                arrival
            }
        }
    }

    /// Does what was recorded; a record begins with [`begin_record`](Self::begin_record).
    pub(super) fn repeat(&mut self, operation: Operation) -> Result<(), StoreError> {
        match operation {
            Operation::Record(_) => Ok(()),
            Operation::Work(cpu) => {
                self.work(cpu);
                Ok(())
            }
            Operation::Get(key) => self.get(key).map(drop),
            Operation::Put(key, size) => self.put(key, size),
            Operation::Delete(key) => self.delete(key),
            Operation::Append(key, size) => self.append(key, size),
            Operation::Scan(key) => {
                let mut found = std::mem::take(&mut self.found);
                let result = self.scan(key.prefix(), &mut found);
                self.found = found;
                result
            }
            Operation::AddTimer(timer) => self.add_timer(timer),
            Operation::DeleteTimer(timer) => self.delete_timer(timer),
            Operation::PopTimers(until_ms) => self.pop_timers(until_ms, &mut Vec::new()),
        }
    }

    pub(super) fn work(&mut self, cpu: Nanos) {
        if let Some(recorder) = &mut self.recorder {
            recorder(Operation::Work(cpu));
        }
        self.env.spend(cpu);
    }

    #[inline]
    pub(super) fn get(&mut self, key: Key) -> Result<Option<Value>, StoreError> {
        self.begin(Operation::Get(key))?;
        let value = self.store.get(&mut self.env, key)?;
        if Sample::is_in(key)
            && let Some(value) = value
        {
            self.curve.access(key, u64::from(value.size));
            self.curve.last_read = Some(key);
        }
        Ok(value)
    }

    #[inline]
    pub(super) fn put(&mut self, key: Key, size: u32) -> Result<(), StoreError> {
        self.begin(Operation::Put(key, size))?;
        // Writing back what was just read is one access, not two.
        if Sample::is_in(key) && self.curve.last_read.take() != Some(key) {
            self.curve.access(key, u64::from(size));
        }
        let value = self.new_value(size);
        self.store.put(&mut self.env, key, value)
    }

    pub(super) fn delete(&mut self, key: Key) -> Result<(), StoreError> {
        self.begin(Operation::Delete(key))?;
        if Sample::is_in(key) {
            self.curve.forget(key);
        }
        self.store.delete(&mut self.env, key)
    }

    pub(super) fn append(&mut self, key: Key, size: u32) -> Result<(), StoreError> {
        self.begin(Operation::Append(key, size))?;
        if Sample::is_in(key) {
            self.curve.access(key, u64::from(size));
        }
        let value = self.new_value(size);
        self.store.append(&mut self.env, key, value)
    }

    pub(super) fn scan(
        &mut self,
        prefix: Prefix,
        found: &mut Vec<(Key, Value)>,
    ) -> Result<(), StoreError> {
        self.begin(Operation::Scan(prefix.first()))?;
        found.clear();
        self.store.scan(&mut self.env, prefix, found)?;
        for (key, value) in found.iter().filter(|(key, _)| Sample::is_in(*key)) {
            self.curve.access(*key, u64::from(value.size));
        }
        Ok(())
    }

    pub(super) fn add_timer(&mut self, timer: Timer) -> Result<(), StoreError> {
        self.begin(Operation::AddTimer(timer))?;
        self.store.add_timer(&mut self.env, timer)
    }

    pub(super) fn delete_timer(&mut self, timer: Timer) -> Result<(), StoreError> {
        self.begin(Operation::DeleteTimer(timer))?;
        self.store.delete_timer(&mut self.env, timer)
    }

    pub(super) fn pop_timers(
        &mut self,
        until_ms: u64,
        due: &mut Vec<Timer>,
    ) -> Result<(), StoreError> {
        self.begin(Operation::PopTimers(until_ms))?;
        due.clear();
        self.store.pop_timers(&mut self.env, until_ms, due)
    }
}
