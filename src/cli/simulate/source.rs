//! What a run is made of: a workload, a trace, or the recording of an earlier run.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::simulator::trace::{CsvTrace, OracleGeneralTrace};
use crate::simulator::{
    Observer, Plan, Recording, Seed, SimulateError, SimulationReport, StoreOptions, recording_head,
    replay, simulate_observed, simulate_trace,
};
use crate::workload::{Span, Workload};
use crate::workspace::read_workload;

/// Exactly one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct SourceArguments {
    /// The workload: a workload.yaml, or the name of a shipped one such as nexmark-q20
    #[arg(long, short, value_name = "FILE|NAME")]
    workload: Option<String>,

    /// A request trace instead of a workload: CSV with a header (id or key, size, operation) if
    /// the name ends in .csv, else libCacheSim's oracleGeneral
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,

    /// A run that --record wrote, once more: with its options, or on another backend
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
}

/// What is to be run, and how much of it.
pub(super) enum Source {
    Workload(String, Box<Workload>),
    Trace { path: PathBuf, format: TraceFormat, duration: Option<Span>, records: u64 },
    Replay { path: PathBuf, duration: Option<Span>, records: Option<u64> },
}

/// How a trace is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TraceFormat {
    Csv,
    OracleGeneral,
}

impl Source {
    /// Reads the workload, or counts the requests of the trace.
    pub(super) fn of(
        arguments: &SourceArguments,
        duration: Option<Span>,
        records: Option<u64>,
    ) -> Result<Self, String> {
        if let Some(path) = &arguments.trace {
            let is_csv = path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("csv"));
            let format = if is_csv { TraceFormat::Csv } else { TraceFormat::OracleGeneral };
            let path = path.clone();
            let requests = count(&path, format)?;
            let records = records.map_or(requests, |records| records.min(requests));
            return Ok(Self::Trace { path, format, duration, records });
        }
        if let Some(path) = &arguments.replay {
            return Ok(Self::Replay { path: path.clone(), duration, records });
        }
        let name = arguments.workload.clone().unwrap_or_default();
        let mut workload = read_workload(&name)?;
        workload.duration = duration.or(workload.duration);
        workload.records = records.unwrap_or(workload.records);
        Ok(Self::Workload(name, Box::new(workload)))
    }

    /// What it is called in messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Workload(name, _) => name.clone(),
            Self::Trace { path, .. } | Self::Replay { path, .. } => path.display().to_string(),
        }
    }

    /// Opens it from its beginning.
    pub(super) fn open(&self, seed: Option<Seed>) -> Result<Opened<'_>, String> {
        let default = Seed(1);
        match self {
            Self::Workload(_, workload) => Ok(Opened {
                plan: Plan::of(workload),
                seed: seed.unwrap_or(default),
                input: Input::Workload(workload),
            }),
            Self::Trace { path, format, duration, records } => {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                let mut plan = Plan::of_trace(&name, *records);
                plan.duration = duration.map(nanos);
                let input = Input::Trace(read(path)?, *format);
                Ok(Opened { plan, seed: seed.unwrap_or(default), input })
            }
            Self::Replay { path, duration, records } => {
                let recording = Recording::open(read(path)?);
                let mut recording =
                    recording.map_err(|error| format!("{}: {error}", path.display()))?;
                recording.plan.duration = duration.map(nanos).or(recording.plan.duration);
                recording.plan.records = records.unwrap_or(recording.plan.records);
                Ok(Opened {
                    plan: recording.plan.clone(),
                    seed: seed.unwrap_or(recording.seed),
                    input: Input::Replay(recording),
                })
            }
        }
    }
}

/// A source at its beginning.
pub(super) struct Opened<'a> {
    plan: Plan,
    seed: Seed,
    input: Input<'a>,
}

enum Input<'a> {
    Workload(&'a Workload),
    Trace(BufReader<File>, TraceFormat),
    Replay(Recording<BufReader<File>>),
}

impl Opened<'_> {
    /// The head of its recording.
    pub(super) fn head(&self) -> String {
        recording_head(&self.plan, self.seed)
    }

    /// Runs a store under it.
    pub(super) fn run(
        self,
        options: &StoreOptions,
        observer: Observer<'_>,
    ) -> Result<SimulationReport, SimulateError> {
        let Self { plan, seed, input } = self;
        match input {
            Input::Workload(workload) => simulate_observed(options, workload, seed, observer),
            Input::Trace(file, TraceFormat::Csv) => {
                simulate_trace(options, plan, CsvTrace::new(file), seed, observer)
            }
            Input::Trace(file, TraceFormat::OracleGeneral) => {
                simulate_trace(options, plan, OracleGeneralTrace::new(file), seed, observer)
            }
            Input::Replay(recording) => replay(options, recording, seed, observer),
        }
    }
}

const fn nanos(span: Span) -> crate::simulator::Nanos {
    crate::simulator::Nanos::from_millis(span.millis)
}

fn read(path: &Path) -> Result<BufReader<File>, String> {
    let complain = |error: io::Error| format!("{}: {error}", path.display());
    // It is read twice, which a pipe cannot be, and a device has no end.
    if !path.metadata().map_err(complain)?.is_file() {
        return Err(format!("{}: expected a regular file, found something else", path.display()));
    }
    let file = File::open(path).map_err(complain)?;
    Ok(BufReader::with_capacity(1 << 20, file))
}

/// Requests of a trace: whole records by the file's size, or lines after the header.
fn count(path: &Path, format: TraceFormat) -> Result<u64, String> {
    let complain = |error: io::Error| format!("{}: {error}", path.display());
    let mut file = read(path)?;
    match format {
        TraceFormat::OracleGeneral => {
            let bytes = file.get_ref().metadata().map_err(complain)?.len();
            Ok(bytes.div_ceil(OracleGeneralTrace::<File>::RECORD_SIZE))
        }
        TraceFormat::Csv => {
            let mut lines = 0_u64;
            let mut is_ended = true;
            loop {
                let bytes = file.fill_buf().map_err(complain)?;
                if bytes.is_empty() {
                    // A last line need not be ended.
                    lines += u64::from(!is_ended);
                    return Ok(lines.saturating_sub(1));
                }
                lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
                is_ended = bytes.ends_with(b"\n");
                let length = bytes.len();
                file.consume(length);
            }
        }
    }
}
