//! The benefits that GeminiStateBackend's documentation names, as experiments: each runs stores
//! side by side and states its figure, whatever it turns out to be.

mod claims;
mod nexmark;

use super::SimulateError;
use super::random::Seed;
use super::rocksdb::RocksDbOptions;
use super::{
    Backend, GeminiOptions, Hardware, HeapOptions, HeapSize, LocalRecovery, SimulationReport,
    StoreOptions, simulate,
};
use crate::workload::Workload;

pub use nexmark::{NexmarkComparison, PUBLISHED, PublishedRow, compare_nexmark};

/// An experiment that can be run by name.
#[derive(Clone, Copy)]
pub struct Experiment {
    /// Its name on the command line.
    pub name: &'static str,
    /// The claim, in our words.
    pub claim: &'static str,
    run: fn(&Setting) -> Result<Table, SimulateError>,
}

/// What an experiment showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The columns' names.
    pub columns: Vec<&'static str>,
    /// The rows' cells, as many as there are columns.
    pub rows: Vec<Vec<String>>,
    /// What follows from them.
    pub finding: String,
}

/// What experiments have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// What the runs are reproduced from.
    pub seed: Seed,
    /// Records and keys are divided by this: 1 for the documented figures.
    pub scale: u64,
}

/// All experiments, in the order of the claims.
pub const EXPERIMENTS: &[Experiment] = claims::EXPERIMENTS;

impl Experiment {
    /// The experiment of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        EXPERIMENTS.iter().find(|experiment| experiment.name == name)
    }

    /// Runs it.
    ///
    /// # Errors
    /// [`SimulateError`] if one of its workloads cannot be run, which would be a bug.
    pub fn run(&self, setting: &Setting) -> Result<Table, SimulateError> {
        (self.run)(setting)
    }
}

impl Setting {
    fn run(
        &self,
        backend: Backend,
        workload: &Workload,
    ) -> Result<SimulationReport, SimulateError> {
        self.run_on(Hardware::local_nvme(), backend, workload)
    }

    fn run_on(
        &self,
        hardware: Hardware,
        backend: Backend,
        workload: &Workload,
    ) -> Result<SimulationReport, SimulateError> {
        simulate(&StoreOptions { hardware, backend }, workload, self.seed)
    }

    /// `bytes`, scaled down as the keys are.
    fn memory(&self, mebibytes: u64) -> u64 {
        (mebibytes << 20) / self.scale.max(1)
    }
}

fn gemini(memory: u64) -> Backend {
    let local_recovery = LocalRecovery::On;
    Backend::Gemini(GeminiOptions { local_recovery, ..GeminiOptions::with_memory(memory) })
}

fn rocksdb(memory: u64) -> Backend {
    let local_recovery = LocalRecovery::On;
    Backend::RocksDb(RocksDbOptions { local_recovery, ..RocksDbOptions::managed(memory, 500, 100) })
}

fn heap(memory: u64) -> Backend {
    Backend::Heap(HeapOptions { heap: HeapSize(memory), local_recovery: LocalRecovery::On })
}

/// `part / whole` with two digits.
fn ratio(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part) * 100 / u128::from(whole.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn mebibytes(bytes: u64) -> String {
    let tenths = u128::from(bytes) * 10 / (1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

fn cells<const COUNT: usize>(cells: [String; COUNT]) -> Vec<String> {
    cells.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_experiment_fills_its_table() {
        let setting = Setting { seed: Seed(1), scale: 2_000 };
        for experiment in EXPERIMENTS {
            let table = experiment.run(&setting).unwrap();
            assert!(!table.rows.is_empty() && !table.finding.is_empty(), "{}", experiment.name);
            for row in &table.rows {
                assert_eq!(row.len(), table.columns.len(), "{}", experiment.name);
            }
        }
    }
}
