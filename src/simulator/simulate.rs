//! From a store's options and a workload to a report.

use std::io::BufRead;

use super::driver::{ReplayDriver, SimulateError, TraceDriver, WorkloadDriver};
use super::random::Seed;
use super::rocksdb::{RocksDb, RocksDbOptions};
use super::run::Run;
use super::trace::{TraceError, TraceRequest};
use super::{
    CheckpointMode, GeminiOptions, GeminiStore, Hardware, HeapOptions, HeapStore, LocalRecovery,
    Operation, Plan, Recording, SimulationReport, Store,
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
    pub(super) const fn local_recovery(&self) -> LocalRecovery {
        match self {
            Self::Gemini(options) => options.local_recovery,
            Self::RocksDb(options) => options.local_recovery,
            Self::Heap(options) => options.local_recovery,
        }
    }

    /// An empty store of this kind; the plan's checkpoint style goes into its options.
    pub fn open(&self, plan: &Plan) -> Box<dyn Store> {
        let style = plan.checkpoints.map(|checkpoints| checkpoints.style);
        let states = plan.states.clone();
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
    let driver = WorkloadDriver::new(workload, seed)?;
    Ok(Run::new(options, Plan::of(workload), driver, seed, observer).report(options, seed))
}

/// Runs a store under the operations of an earlier run, made on this or another store.
///
/// With the options and the seed of that run, the report is that run's.
///
/// # Errors
/// [`SimulateError`] if the recording cannot be read to its end.
pub fn replay(
    options: &StoreOptions,
    recording: Recording<impl BufRead>,
    seed: Seed,
    observer: Observer<'_>,
) -> Result<SimulationReport, SimulateError> {
    let plan = recording.plan.clone();
    let mut run = Run::new(options, plan, ReplayDriver::new(recording), seed, observer);
    let report = run.report(options, seed);
    run.driver.error.map_or(Ok(report), |error| Err(error.into()))
}

/// Runs a store under the requests of a trace: what is read and absent is written.
///
/// # Errors
/// [`SimulateError`] if the trace cannot be read to its end.
pub fn simulate_trace(
    options: &StoreOptions,
    plan: Plan,
    trace: impl Iterator<Item = Result<TraceRequest, TraceError>>,
    seed: Seed,
    observer: Observer<'_>,
) -> Result<SimulationReport, SimulateError> {
    let mut run = Run::new(options, plan, TraceDriver::new(trace, seed), seed, observer);
    let report = run.report(options, seed);
    run.driver.error.map_or(Ok(report), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::trace::CsvTrace;
    use crate::simulator::{Ending, HeapSize, recording_head};
    use crate::workload::{Checkpointing, SHIPPED, Span};

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

    /// A workload with every kind of operation and with arrivals, warm-up and checkpoints.
    fn varied() -> Workload {
        let shipped = SHIPPED.iter().find(|shipped| shipped.name == "nexmark-q11").unwrap();
        let mut workload = Workload::parse(shipped.name, shipped.text).unwrap();
        workload.warm_up_records = 3_000;
        workload.records = 20_000;
        workload.rate = Some(u64::from(workload.parallelism) * 50_000);
        workload.checkpoint = Some(Checkpointing {
            interval: Span { millis: 100 },
            mode: CheckpointStyle::Incremental,
        });
        workload
    }

    #[test]
    fn a_replayed_run_is_the_recorded_one() {
        let workload = varied();
        for backend in backends(4 << 20) {
            let options = StoreOptions { hardware: Hardware::local_nvme(), backend };
            let mut text = recording_head(&Plan::of(&workload), Seed(3));
            let mut recorder = |operation: Operation| text.push_str(&format!("{operation}\n"));
            let observer = Observer { recorder: Some(&mut recorder), progress: None };
            let recorded = simulate_observed(&options, &workload, Seed(3), observer).unwrap();
            let recording = Recording::open(text.as_bytes()).unwrap();
            let seed = recording.seed;
            let replayed = replay(&options, recording, seed, Observer::default()).unwrap();
            assert!(recorded.checkpoints.len() > 1 && recorded.records == 20_000);
            assert_eq!(recorded, replayed);
            let cut = text.get(..text.len() - 3).unwrap();
            let recording = Recording::open(cut.as_bytes()).unwrap();
            assert!(replay(&options, recording, seed, Observer::default()).is_err());
        }
    }

    #[test]
    fn a_trace_is_read_and_what_is_absent_written() {
        let mut text = "id,size,op\n".to_owned();
        for request in 0..30_000_u64 {
            let id = request * request % 5_003;
            let operation = if request % 97 == 0 { "delete" } else { "get" };
            text.push_str(&format!("{id},{},{operation}\n", 50 + id % 100));
        }
        for backend in backends(1 << 20) {
            let options = StoreOptions { hardware: Hardware::local_nvme(), backend };
            let plan = Plan::of_trace("squares", 30_000);
            let trace = CsvTrace::new(text.as_bytes());
            let report =
                simulate_trace(&options, plan.clone(), trace, Seed(1), Observer::default());
            let report = report.unwrap();
            assert_eq!((report.records, report.ending), (30_000, Ending::Completed));
            assert!(report.operations > 31_000 && report.curve.len() > 3, "{report:?}");
            let trace = CsvTrace::new("id\n1\nx\n".as_bytes());
            let error = simulate_trace(&options, plan, trace, Seed(1), Observer::default());
            assert!(error.unwrap_err().to_string().starts_with("line 3"));
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
