//! One run: warm-up, measurement in parts, checkpoint and restores at the end.

use super::driver::Driver;
use super::fault::Faults;
use super::histogram::Histogram;
use super::random::Seed;
use super::report::{CurveRow, Ending, Latency, Recovery, TimeSpent, TimelineSlice, per_million};
use super::simulate::{Observer, StoreOptions};
use super::task::Task;
use super::{
    Environment, LocalRecovery, Nanos, Plan, Purpose, RecoverySource, SimulationReport, StoreError,
};

/// The measured records are reported in so many parts.
const SLICE_COUNT: u64 = 60;
/// The hit-ratio curve has so many points.
const CURVE_POINT_COUNT: u32 = 24;

/// A task and what feeds it.
pub(super) struct Run<'a, D> {
    task: Task<'a>,
    plan: Plan,
    pub(super) driver: D,
    /// Records processed so far.
    done: u64,
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

impl<'a, D: Driver> Run<'a, D> {
    pub(super) fn new(
        options: &StoreOptions,
        plan: Plan,
        driver: D,
        seed: Seed,
        observer: Observer<'a>,
    ) -> Self {
        let store = options.backend.open(&plan);
        let env = Environment::new(options.hardware.clone(), Faults::default(), seed.split(1));
        let interval = plan.checkpoints.map(|checkpoints| checkpoints.interval);
        let task = Task::new(store, env, interval, observer.recorder);
        Self { task, plan, driver, done: 0, progress: observer.progress }
    }

    pub(super) fn report(&mut self, options: &StoreOptions, seed: Seed) -> SimulationReport {
        let mut ending = Ending::Completed;
        if let Err(error) = self.warm_up() {
            ending = Ending::Failed(error);
        }
        let before = self.counters();
        let mut latency = Histogram::default();
        let mut timeline = Vec::new();
        let mut records = 0;
        if ending == Ending::Completed {
            ending = self.measure(&mut latency, &mut timeline, &mut records);
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
            workload: self.plan.name.clone(),
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

    fn warm_up(&mut self) -> Result<(), StoreError> {
        self.driver.load(&mut self.task)?;
        for _ in 0..self.plan.warm_up_records {
            if self.one_record(Nanos::ZERO)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn measure(
        &mut self,
        latency: &mut Histogram,
        timeline: &mut Vec<TimelineSlice>,
        records: &mut u64,
    ) -> Ending {
        let start = self.task.env.now();
        self.driver.begin_measurement();
        let end = self.plan.duration.map_or(Nanos::MAX, |span| start + span);
        let measured = self.plan.records;
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
                match self.one_record(start) {
                    Ok(Some(taken)) => {
                        in_slice.record(taken);
                        slice_records += 1;
                    }
                    Ok(None) => {
                        ending = Some(Ending::Completed);
                        break;
                    }
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

    /// Processes one record and says how long it took from its arrival; `None` if there are no
    /// more.
    fn one_record(&mut self, start: Nanos) -> Result<Option<Nanos>, StoreError> {
        let Some(arrival) = self.driver.record(&mut self.task, start)? else { return Ok(None) };
        self.done += 1;
        let total = self.plan.warm_up_records.saturating_add(self.plan.records);
        if let Some(progress) = &mut self.progress
            && self.done.is_multiple_of((total / 1_000).max(1))
        {
            progress(self.done, total);
        }
        Ok(Some(self.task.env.now().since(arrival)))
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
        let Some(last) = self.task.checkpoints.last() else { return Ok(None) };
        let bytes = last.report.full_size;
        let checkpoint = last.report.at.since(last.started);
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
        Ok(Some(Recovery { local, remote, bytes, checkpoint }))
    }
}
