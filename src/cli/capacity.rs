//! The arguments and runs that `assess`, `plan`, `tune` and `report` share.

use std::path::{Path, PathBuf};

use clap::Args;

use super::inputs::{InputArguments, Subject};
use super::simulate::{BackendArgument, hardware, progress_bar};
use crate::capacity::{
    Assessment, Observation, Question, Setup, StoreKind, assess, observe, shortened,
};
use crate::catalog::{Release, Target};
use crate::config::ResolvedConfig;
use crate::memory::{SelectedStateBackend, StateBackend};
use crate::simulator::{Hardware, Seed};
use crate::units::MemorySize;
use crate::workload::{Span, Workload};
use crate::workspace::{ASSESSED_RECORDS, read_workload};

/// What a job is asked to do, and where.
#[derive(Debug, Clone, Args)]
pub(super) struct CapacityArguments {
    /// The Flink configuration: a file, or a directory that holds one
    #[arg(value_name = "FILE", default_value = ".")]
    pub(super) path: PathBuf,

    /// The workload: a workload.yaml, or the name of a shipped one such as nexmark-q20
    #[arg(long, short, value_name = "FILE|NAME")]
    pub(super) workload: String,

    /// What the configuration is for, such as emr-3.28.2 [default: inferred from the file]
    #[arg(long, short, value_name = "TARGET")]
    pub(super) target: Option<Target>,

    /// Another state backend than the configuration's
    #[arg(long, short, value_enum)]
    pub(super) backend: Option<BackendArgument>,

    /// Source records a second to keep up with [default: the workload's rate]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) rate: Option<u64>,

    /// For how long the state grows, such as 30d [default: a day]
    #[arg(long, value_name = "SPAN")]
    pub(super) horizon: Option<Span>,

    /// How many TaskManagers there are [default: as many as the parallelism needs]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) task_managers: Option<u32>,

    /// Local disk of a TaskManager
    #[arg(long, value_name = "SIZE")]
    pub(super) disk: Option<MemorySize>,

    /// How long a recovery may take, until the job has caught up
    #[arg(long, value_name = "SPAN")]
    pub(super) recovery: Option<Span>,

    /// A slot's hardware: local-nvme, essd-pl0 to essd-pl3, hdd
    #[arg(long, value_name = "NAME", default_value = "local-nvme")]
    pub(super) hardware: String,

    /// Run at most so many source records, the warm-up included [default: 1000000, and all of the
    /// workload's to verify a plan]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) records: Option<u64>,

    /// What the runs are reproduced from
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
}

/// Everything that was read.
pub(super) struct Case {
    pub(super) subject: Subject,
    /// Cut to the records that runs of a search take.
    pub(super) workload: Workload,
    /// All of it, or what the arguments say.
    pub(super) whole: Workload,
    /// Source records that it has.
    pub(super) total_records: u64,
    pub(super) hardware: Hardware,
}

impl Case {
    /// Hands over the configuration that is read, if it can be.
    pub(super) fn with_config<T>(
        &self,
        work: impl FnOnce(&Self, &ResolvedConfig<'_>) -> Result<T, String>,
    ) -> Result<T, String> {
        let (loaded, config) = self.subject.load();
        match &loaded.error {
            Some(error) => Err(format!("{}: {}", self.subject.path, error.message)),
            None => work(self, &config),
        }
    }
}

/// What the configurations that Flink ships set for the JobManager, on 1.10 and later: a plan is about
/// TaskManagers.
const FIRST_LINES: [&str; 2] =
    ["jobmanager.heap.size: 1024m\n", "jobmanager.memory.process.size: 1600m\n"];

impl CapacityArguments {
    /// Reads the configuration, or starts one for the target where there is none.
    pub(super) fn read_or_start(&self) -> Result<Case, String> {
        let is_default = self.path.as_os_str() == ".";
        let names = ["flink-conf.yaml", "config.yaml"];
        if !is_default || names.iter().any(|name| Path::new(name).is_file()) {
            return self.read();
        }
        let Some(target) = &self.target else {
            return Err(
                "there is no configuration here: name one with --config, or what to plan for \
 with --target"
                    .to_owned(),
            );
        };
        let release = target.release();
        let [oldest, later] = FIRST_LINES;
        let text = if release < Release::V1_11 { oldest } else { later };
        let mut input = InputArguments::for_config(Path::new("-"), Some(target.clone()));
        let [legacy, standard] = names;
        let name = if release < Release::V2_0 { legacy } else { standard };
        input.stdin_filename = name.to_owned();
        let mut subjects = input
            .read_text(Path::new("-"), text.as_bytes().to_vec())
            .map_err(|error| error.to_string())?;
        let subject = subjects.pop().ok_or("no configuration could be started")?;
        self.case(subject)
    }

    fn case(&self, subject: Subject) -> Result<Case, String> {
        let described = read_workload(&self.workload)?;
        let total_records = described.warm_up_records.saturating_add(described.records);
        let whole = shortened(&described, self.records.unwrap_or(u64::MAX));
        let workload = shortened(&whole, self.records.unwrap_or(ASSESSED_RECORDS));
        let hardware = hardware(&self.hardware)?;
        Ok(Case { subject, workload, whole, total_records, hardware })
    }

    /// Reads the configuration and the workload.
    pub(super) fn read(&self) -> Result<Case, String> {
        let input = InputArguments::for_config(&self.path, self.target.clone());
        let files = input.files().map_err(|error| error.to_string())?;
        let path = files.first().unwrap_or(&self.path);
        let mut subjects = input.read(path).map_err(|error| error.to_string())?;
        let (Some(subject), true) = (subjects.pop(), subjects.is_empty()) else {
            return Err(format!("{}: expected one configuration", path.display()));
        };
        self.case(subject)
    }

    /// What is asked, beside the files.
    pub(super) fn asked(&self) -> impl std::fmt::Debug {
        let sizes = (self.disk, self.recovery, self.horizon, self.task_managers, self.rate);
        (sizes, self.backend, self.hardware.clone(), self.records, self.seed)
    }

    /// Keyed state backends in a slot: settled for the folder, or one for each operator.
    pub(super) fn backends_per_slot(&self, case: &Case) -> u32 {
        let settings = case.subject.surroundings.settings.as_ref();
        let settled = settings.and_then(|file| file.settings.backends_per_slot);
        settled.unwrap_or(u32::try_from(case.workload.operators.len()).unwrap_or(1))
    }

    /// The state backend that the configuration selects.
    pub(super) fn kind_of(
        &self,
        case: &Case,
        config: &ResolvedConfig<'_>,
    ) -> Result<StoreKind, String> {
        let selected = SelectedStateBackend::of(config, &case.subject.target);
        match selected.backend {
            StateBackend::Gemini => Ok(StoreKind::Gemini),
            StateBackend::RocksDb | StateBackend::ForSt => Ok(StoreKind::RocksDb),
            StateBackend::Heap => Ok(StoreKind::Heap),
            StateBackend::Other => {
                Err(format!("{}: its state backend is not simulated", case.subject.path))
            }
        }
    }

    /// What the configuration gives.
    pub(super) fn setup(&self, case: &Case, config: &ResolvedConfig<'_>) -> Result<Setup, String> {
        let kind = self.backend.map(BackendArgument::kind);
        let setup = Setup::of(config, &case.subject.target, self.backends_per_slot(case), kind);
        setup.map_err(|error| format!("{}: {error}", case.subject.path))
    }

    /// Runs the workload on the setup's store.
    pub(super) fn observe(&self, case: &Case, setup: &Setup) -> Result<Observation, String> {
        let bar = progress_bar(setup.kind.name());
        let mut progress = |done: u64, total: u64| {
            bar.set_length(total);
            bar.set_position(done);
        };
        let seed = Seed(self.seed);
        let observation =
            observe(&setup.store, &case.hardware, &case.workload, seed, &mut progress);
        bar.finish_and_clear();
        observation.map_err(|error| format!("{}: {error}", self.workload))
    }

    /// The question that the arguments ask.
    pub(super) fn question<'a>(
        &self,
        case: &'a Case,
        setup: &'a Setup,
        observation: &'a Observation,
    ) -> Question<'a> {
        let seconds = |span: Span| span.millis as f64 / 1_000.0;
        Question {
            setup,
            workload: &case.workload,
            hardware: &case.hardware,
            observation,
            rate: self.rate,
            horizon_seconds: self.horizon.map(seconds),
            task_managers: self.task_managers,
            disk: self.disk,
            recovery_seconds: self.recovery.map(seconds),
        }
    }

    /// Reads, runs and answers.
    pub(super) fn assess(&self, case: &Case) -> Result<Assessment, String> {
        let (loaded, config) = case.subject.load();
        if let Some(error) = &loaded.error {
            return Err(format!("{}: {}", case.subject.path, error.message));
        }
        let setup = self.setup(case, &config)?;
        let observation = self.observe(case, &setup)?;
        let question = self.question(case, &setup, &observation);
        let mut assessment = assess(&question);
        assessment.find_changes(&question, &config, &case.subject.target);
        Ok(assessment)
    }
}
