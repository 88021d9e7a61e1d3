//! From a store's options and a workload to a report.

use super::fault::Faults;
use super::histogram::Histogram;
use super::operator::RunningOperator;
use super::random::{Seed, ZipfError};
use super::report::{CurveRow, Ending, Latency, Recovery, TimeSpent, TimelineSlice, per_million};
use super::rocksdb::{RocksDb, RocksDbOptions};
use super::task::{Operation, Task};
use super::{
    CheckpointMode, Environment, GeminiOptions, GeminiStore, Hardware, HeapOptions, HeapStore,
    LocalRecovery, Nanos, Purpose, RecoverySource, SimulationReport, StateDescriptor, Store,
    StoreError, Timer,
};
use crate::workload::{CheckpointStyle, Workload};

/// Which store, how it is set up, and on what it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// The slot's share of a machine.
    pub hardware: Hardware,
    /// The store.
    pub backend: Backend,
}

/// A state backend and its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// GeminiStateBackend.
    Gemini(GeminiOptions),
    /// RocksDB, as Flink sets it up.
    RocksDb(RocksDbOptions),
    /// The heap backend (`hashmap`).
    Heap(HeapOptions),
}

impl Backend {
    /// Its name on the command line.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Gemini(_) => "gemini",
            Self::RocksDb(_) => "rocksdb",
            Self::Heap(_) => "heap",
        }
    }

    /// Whether it keeps checkpoints on the local disk.
    const fn local_recovery(&self) -> LocalRecovery {
        match self {
            Self::Gemini(options) => options.local_recovery,
            Self::RocksDb(options) => options.local_recovery,
            Self::Heap(options) => options.local_recovery,
        }
    }

    /// An empty store of this kind; the workload's checkpoint mode goes into its options.
    pub fn open(&self, workload: &Workload, states: Vec<StateDescriptor>) -> Box<dyn Store> {
        let style = workload.checkpoint.map(|checkpoint| checkpoint.mode);
        match self {
            Self::Gemini(options) => {
                let mut options = options.clone();
                if style == Some(CheckpointStyle::Full) {
                    options.checkpoints = CheckpointMode::Full;
                }
                Box::new(GeminiStore::new(options, states))
            }
            Self::RocksDb(options) => {
                let mut options = options.clone();
                if style == Some(CheckpointStyle::Full) {
                    options.checkpoints = CheckpointMode::Full;
                }
                Box::new(RocksDb::new(options, &states))
            }
            Self::Heap(options) => Box::new(HeapStore::new(options.clone(), states)),
        }
    }
}

/// Who watches a run.
#[derive(Default)]
pub struct Observer<'a> {
    /// Told how many records of how many are done, a thousand times a run.
    pub progress: Option<&'a mut dyn FnMut(u64, u64)>,
    /// Told every operation, in order.
    pub recorder: Option<&'a mut dyn FnMut(Operation)>,
}

/// Why a workload cannot be run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimulateError {
    /// A skew that no generator has.
    #[error("{0}")]
    Zipf(#[from] ZipfError),
}

/// The measured records are reported in so many parts.
const SLICE_COUNT: u64 = 60;
/// The hit-ratio curve has so many points.
const CURVE_POINT_COUNT: u32 = 24;

/// Runs a store under a workload. Same inputs, same report.
///
/// # Errors
/// [`SimulateError`] if the workload cannot be run at all; a store that gives up is a report.
pub fn simulate(
    options: &StoreOptions,
    workload: &Workload,
    seed: Seed,
) -> Result<SimulationReport, SimulateError> {
    simulate_observed(options, workload, seed, Observer::default())
}

/// [`simulate`], with somebody watching.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_observed(
    options: &StoreOptions,
    workload: &Workload,
    seed: Seed,
    observer: Observer<'_>,
) -> Result<SimulationReport, SimulateError> {
    let mut operators = Vec::new();
    let mut states = Vec::new();
    for (index, operator) in (0_u8..).zip(&workload.operators) {
        let seed = seed.split(100 + u64::from(index));
        let (running, registered) =
            RunningOperator::new(operator, index, workload.parallelism, seed)?;
        operators.push(running);
        states.extend(registered);
    }
    let store = options.backend.open(workload, states);
    let env = Environment::new(options.hardware.clone(), Faults::default(), seed.split(1));
    let interval = workload.checkpoint.map(|c| Nanos::from_millis(c.interval.millis));
    let task = Task::new(store, env, interval, observer.recorder);
    let mut run = Run {
        task,
        operators,
        workload,
        record: 0,
        fired_until_ms: 0,
        due: Vec::new(),
        progress: observer.progress,
    };
    Ok(run.report(options, seed))
}

struct Run<'a, 'w> {
    task: Task<'a>,
    operators: Vec<RunningOperator>,
    workload: &'w Workload,
    record: u64,
    fired_until_ms: u64,
    due: Vec<Timer>,
    progress: Option<&'a mut dyn FnMut(u64, u64)>,
}

/// Counters at one instant; two of them make a difference.
struct Counters {
    at: Nanos,
    operations: u64,
    statistics: super::StoreStatistics,
    io: Vec<(Purpose, super::IoCount)>,
    time: TimeSpent,
}

impl Run<'_, '_> {
    fn report(&mut self, options: &StoreOptions, seed: Seed) -> SimulationReport {
        let mut ending = Ending::Completed;
        let total = self.workload.warm_up_records + self.workload.records;
        let mut unmeasured = Histogram::default();
        if let Err(error) = self.load() {
            ending = Ending::Failed(error);
        }
        for _ in 0..self.workload.warm_up_records {
            if ending != Ending::Completed {
                break;
            }
            if let Err(error) = self.one_record(Nanos::ZERO, 0, total, &mut unmeasured) {
                ending = Ending::Failed(error);
                break;
            }
        }
        let before = self.counters();
        let mut latency = Histogram::default();
        let mut timeline = Vec::new();
        let mut records = 0;
        if ending == Ending::Completed {
            ending = self.measure(total, &mut latency, &mut timeline, &mut records);
        }
        let after = self.counters();
        let memory = self.task.store.memory();
        let curve = self.curve();
        let checkpoints = self.task.checkpoints.clone();
        let recovery = if ending == Ending::Completed {
            self.recovery(options.backend.local_recovery()).ok().flatten()
        } else {
            None
        };
        SimulationReport {
            workload: self.workload.name.clone(),
            backend: options.backend.name(),
            hardware: options.hardware.name,
            seed,
            ending,
            records,
            operations: after.operations - before.operations,
            elapsed: after.at.since(before.at),
            latency: Latency {
                p50: latency.quantile(500),
                p95: latency.quantile(950),
                p99: latency.quantile(990),
                p999: latency.quantile(999),
                max: latency.max(),
            },
            statistics: after.statistics.since(&before.statistics),
            io: after
                .io
                .iter()
                .zip(&before.io)
                .map(|((purpose, after), (_, before))| (*purpose, after.since(before)))
                .collect(),
            time: after.time.since(&before.time),
            memory,
            checkpoints,
            timeline,
            curve,
            recovery,
        }
    }

    fn measure(
        &mut self,
        total: u64,
        latency: &mut Histogram,
        timeline: &mut Vec<TimelineSlice>,
        records: &mut u64,
    ) -> Ending {
        let start = self.task.env.now();
        let first = self.record;
        let end = self
            .workload
            .duration
            .map_or(Nanos::MAX, |span| start + Nanos::from_millis(span.millis));
        let measured = self.workload.records;
        let slice_count = SLICE_COUNT.min(measured.max(1));
        for slice in 0..slice_count {
            let upto = |slice: u64| {
                u64::try_from(u128::from(measured) * u128::from(slice) / u128::from(slice_count))
                    .unwrap_or(u64::MAX)
            };
            let before = self.counters();
            let checkpoints_before = self.task.checkpoints_begun();
            let mut in_slice = Histogram::default();
            let mut slice_records = 0;
            let mut ending = None;
            for _ in upto(slice)..upto(slice + 1) {
                if self.task.env.now() >= end {
                    ending = Some(Ending::Completed);
                    break;
                }
                match self.one_record(start, first, total, &mut in_slice) {
                    Ok(()) => slice_records += 1,
                    Err(error) => {
                        ending = Some(Ending::Failed(error));
                        break;
                    }
                }
            }
            *records += slice_records;
            let after = self.counters();
            let statistics = after.statistics.since(&before.statistics);
            let written = |counters: &Counters, only: Option<Purpose>| {
                let chosen = counters.io.iter().filter(|(p, _)| only.is_none_or(|only| only == *p));
                chosen.map(|(_, count)| count.written).sum::<u64>()
            };
            let compaction = Some(Purpose::Compaction);
            if slice_records > 0 {
                timeline.push(TimelineSlice {
                    start: before.at.since(start),
                    elapsed: after.at.since(before.at),
                    records: slice_records,
                    p99: in_slice.quantile(990),
                    lookups: statistics.lookups,
                    hits: statistics.hits,
                    disk_written: written(&after, None) - written(&before, None),
                    compaction_written: written(&after, compaction) - written(&before, compaction),
                    checkpoints: self.task.checkpoints_begun() - checkpoints_before,
                });
            }
            latency.merge(&in_slice);
            if let Some(ending) = ending {
                return ending;
            }
        }
        Ending::Completed
    }

    /// Writes every key of the operators that start with a full state.
    fn load(&mut self) -> Result<(), StoreError> {
        for operator in &mut self.operators {
            operator.load(&mut self.task)?;
        }
        Ok(())
    }

    /// Processes one source record; `start` and `first` are those of the measurement, from which
    /// a rate counts.
    fn one_record(
        &mut self,
        start: Nanos,
        first: u64,
        total: u64,
        latency: &mut Histogram,
    ) -> Result<(), StoreError> {
        let parallelism = u64::from(self.workload.parallelism.max(1));
        let mut arrival = self.task.env.now();
        if let Some(rate) = self.workload.rate {
            let nth = u128::from(self.record - first) * u128::from(parallelism);
            let offset = nth * 1_000_000_000 / u128::from(rate.max(1));
            arrival = start + Nanos(u64::try_from(offset).unwrap_or(u64::MAX));
            self.task.env.idle(arrival);
        }
        let event = u128::from(self.record) * u128::from(parallelism) * 1_000;
        let event_ms = event.checked_div(u128::from(self.workload.event_rate)).unwrap_or(0);
        let event_ms = u64::try_from(event_ms).unwrap_or(u64::MAX);
        self.record += 1;
        self.task.begin_record();
        self.task.work(self.task.env.costs().record);
        if event_ms > self.fired_until_ms {
            self.fired_until_ms = event_ms;
            self.fire_timers(event_ms)?;
        }
        for operator in &mut self.operators {
            if operator.takes() {
                operator.process(&mut self.task, event_ms)?;
            }
        }
        latency.record(self.task.env.now().since(arrival));
        if let Some(progress) = &mut self.progress
            && self.record.is_multiple_of((total / 1_000).max(1))
        {
            progress(self.record, total);
        }
        Ok(())
    }

    /// The watermark has passed `until_ms`.
    fn fire_timers(&mut self, until_ms: u64) -> Result<(), StoreError> {
        loop {
            let mut due = std::mem::take(&mut self.due);
            self.task.pop_timers(until_ms, &mut due)?;
            for timer in &due {
                let owner = self.operators.iter_mut().find(|o| o.owns(timer.key.state()));
                if let Some(operator) = owner {
                    operator.fire(&mut self.task, *timer)?;
                }
            }
            let is_done = due.is_empty();
            self.due = due;
            // A timer that fires may register another one that is due already.
            if is_done {
                return Ok(());
            }
        }
    }

    fn counters(&self) -> Counters {
        let env = &self.task.env;
        let [cpu, io, background_cpu, paused] = env.time_spent();
        Counters {
            at: env.now(),
            operations: self.task.operations,
            statistics: self.task.store.statistics(),
            io: Purpose::ALL.iter().map(|purpose| (*purpose, env.io(*purpose))).collect(),
            time: TimeSpent { cpu, io, background_cpu, paused, disk_busy: env.disk_busy() },
        }
    }

    /// The curve at sizes that grow by the root of two, up to where it ends.
    fn curve(&mut self) -> Vec<CurveRow> {
        let curve = self.task.curve();
        let scale = Task::sample_scale();
        let largest = curve.points().last().map_or(0, |point| point.capacity) * scale;
        let top = largest.next_power_of_two().max(1 << 20);
        let mut rows = Vec::new();
        for step in (0..CURVE_POINT_COUNT).rev() {
            let power = top >> (step / 2);
            // Between two powers of two: 181/256 is the root of one half.
            let memory = if step % 2 == 1 { power / 256 * 181 } else { power };
            if memory < 1 << 16 {
                continue;
            }
            let hits = curve.hits(memory / scale);
            rows.push(CurveRow { memory, hits_per_million: per_million(hits, curve.requests()) });
        }
        rows
    }

    fn recovery(&mut self, local: LocalRecovery) -> Result<Option<Recovery>, StoreError> {
        self.task.checkpoint_now()?;
        let Some(id) = self.task.completed else { return Ok(None) };
        let bytes = self.task.checkpoints.last().map_or(0, |row| row.report.full_size);
        let mut timed = |source| {
            self.task.store.crash(&mut self.task.env);
            self.task.env.begin_operation();
            let start = self.task.env.now();
            self.task.store.restore(&mut self.task.env, Some(id), source)?;
            Ok::<_, StoreError>(self.task.env.now().since(start))
        };
        let local = match local {
            LocalRecovery::On => Some(timed(RecoverySource::Local)?),
            LocalRecovery::Off => None,
        };
        let remote = timed(RecoverySource::Remote)?;
        Ok(Some(Recovery { local, remote, bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::HeapSize;
    use crate::workload::SHIPPED;

    fn backends(memory: u64) -> [Backend; 3] {
        [
            Backend::Gemini(GeminiOptions {
                local_recovery: LocalRecovery::On,
                ..GeminiOptions::with_memory(memory)
            }),
            Backend::RocksDb(RocksDbOptions {
                local_recovery: LocalRecovery::On,
                ..RocksDbOptions::managed(memory, 500, 100)
            }),
            Backend::Heap(HeapOptions {
                heap: HeapSize(memory * 8),
                local_recovery: LocalRecovery::On,
            }),
        ]
    }

    fn run(backend: Backend, workload: &Workload, seed: u64) -> SimulationReport {
        let options = StoreOptions { hardware: Hardware::local_nvme(), backend };
        simulate(&options, workload, Seed(seed)).unwrap()
    }

    #[test]
    fn every_shipped_workload_runs_on_every_store() {
        for shipped in SHIPPED {
            let mut workload = Workload::parse(shipped.name, shipped.text).unwrap();
            workload.warm_up_records = 2_000;
            workload.records = 5_000;
            for operator in &mut workload.operators {
                operator.keys.count = operator.keys.count.min(10_000);
            }
            for backend in backends(16 << 20) {
                let report = run(backend, &workload, 1);
                assert_eq!(report.ending, Ending::Completed, "{}", shipped.name);
                assert_eq!(report.records, 5_000);
                assert_eq!(report.timeline.iter().map(|slice| slice.records).sum::<u64>(), 5_000);
                let recovery = report.recovery.unwrap();
                assert!(
                    recovery.local.is_some_and(|local| local < recovery.remote),
                    "{recovery:?}"
                );
            }
        }
    }

    #[test]
    fn one_seed_gives_one_report() {
        let shipped = SHIPPED.first().unwrap();
        let mut workload = Workload::parse(shipped.name, shipped.text).unwrap();
        workload.warm_up_records = 0;
        workload.records = 20_000;
        for backend in backends(4 << 20) {
            let report = run(backend.clone(), &workload, 1);
            assert_eq!(report, run(backend.clone(), &workload, 1));
            assert_ne!(report.elapsed, run(backend, &workload, 2).elapsed);
        }
    }
}
