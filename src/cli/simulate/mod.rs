use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::inputs::InputArguments;
use super::terminal::{self, Color};
use crate::catalog::Target;
use crate::render::json::{SimulationJson, write_pretty};
use crate::render::simulation::{Screen, simulation_text};
use crate::simulator::{
    Ending, Hardware, Observer, Operation, Seed, SimulationReport, StoreOptions,
};
use crate::units::MemorySize;
use crate::workload::Span;

pub(super) mod backend;
mod csv;
mod recording;
mod source;

pub(super) use backend::BackendArgument;

use recording::RecordingFile;
use source::{Source, SourceArguments};

/// Run a state backend under a workload, in virtual time
#[derive(Debug, Args)]
pub(super) struct SimulateArguments {
    #[command(flatten)]
    source: SourceArguments,

    /// Take the backend and its memory from this Flink configuration
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,

    /// What the configuration is for, such as emr-3.28.2 [default: inferred from the file]
    #[arg(long, short, value_name = "TARGET", requires = "config")]
    target: Option<Target>,

    /// Memory of the state backend of one slot
    #[arg(long, short, value_name = "SIZE", conflicts_with = "config")]
    memory: Option<MemorySize>,

    /// The state backend [default: gemini, or that of the configuration]
    #[arg(long, short, value_enum)]
    backend: Option<BackendArgument>,

    /// Several backends with the same memory, side by side
    #[arg(long, value_enum, value_delimiter = ',', conflicts_with = "backend")]
    compare: Vec<BackendArgument>,

    /// The slot's hardware: local-nvme, essd-pl0 to essd-pl3, hdd
    #[arg(long, value_name = "NAME", default_value = "local-nvme")]
    hardware: String,

    /// Measure at most this much virtual time, such as 10min
    #[arg(long, value_name = "SPAN")]
    duration: Option<Span>,

    /// Measure so many source records instead of the workload's
    #[arg(long, value_name = "COUNT")]
    records: Option<u64>,

    /// What the run is reproduced from [default: 1, or that of the recording]
    #[arg(long)]
    seed: Option<u64>,

    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Write every operation on the state to this file, a line each
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    record: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table and charts, for people
    #[default]
    Human,
    /// One JSON array with an object for each backend
    Json,
    /// The timeline, one line for each part of each backend's run
    Csv,
}

/// Runs and prints.
pub(super) fn run(arguments: &SimulateArguments) -> io::Result<ExitCode> {
    match arguments.reports() {
        Ok(reports) => arguments.print(&reports),
        Err(message) => {
            super::complain(&message);
            Ok(ExitCode::from(2))
        }
    }
}

/// The hardware profile of this name.
pub(super) fn hardware(name: &str) -> Result<Hardware, String> {
    Hardware::named(name).ok_or_else(|| {
        let known: Vec<_> = Hardware::all().iter().map(|profile| profile.name).collect();
        format!("--hardware: found {name:?}, expected one of {}", known.join(", "))
    })
}

impl SimulateArguments {
    fn reports(&self) -> Result<Vec<SimulationReport>, String> {
        let hardware = hardware(&self.hardware)?;
        let source = Source::of(&self.source, self.duration, self.records)?;
        let mut reports = Vec::new();
        for backend in self.backends()? {
            let options = StoreOptions { hardware: hardware.clone(), backend };
            reports.push(self.simulate(&options, &source)?);
        }
        Ok(reports)
    }

    fn backends(&self) -> Result<Vec<crate::simulator::Backend>, String> {
        if let Some(path) = &self.config {
            let input = InputArguments::for_config(path, self.target.clone());
            let subjects = input.read(path).map_err(|error| error.to_string())?;
            let [subject] = subjects.as_slice() else {
                return Err(format!(
                    "{}: expected one configuration, found {}",
                    path.display(),
                    subjects.len()
                ));
            };
            return backend::from_config(subject, self.chosen());
        }
        let memory = self.memory.unwrap_or(MemorySize::from_mebibytes(512));
        let chosen = self.chosen();
        let chosen = if chosen.is_empty() { vec![BackendArgument::Gemini] } else { chosen };
        Ok(chosen.into_iter().map(|backend| backend.with_memory(memory)).collect())
    }

    fn chosen(&self) -> Vec<BackendArgument> {
        self.backend.map_or_else(|| self.compare.clone(), |backend| vec![backend])
    }

    fn simulate(
        &self,
        options: &StoreOptions,
        source: &Source,
    ) -> Result<SimulationReport, String> {
        let bar = progress_bar(options.backend.name());
        let mut progress = |done: u64, total: u64| {
            bar.set_length(total);
            bar.set_position(done);
        };
        let opened = source.open(self.seed.map(Seed))?;
        let mut recording = match &self.record {
            None => None,
            Some(path) => Some(RecordingFile::begin(path, &opened.head())?),
        };
        let mut recorder = |operation: Operation| {
            if let Some(recording) = &mut recording {
                recording.write(operation);
            }
        };
        let observer = Observer {
            progress: Some(&mut progress),
            recorder: self.record.is_some().then_some(&mut recorder),
        };
        let report = opened.run(options, observer);
        bar.finish_and_clear();
        if let Some(recording) = recording {
            recording.finish()?;
        }
        report.map_err(|error| format!("{}: {error}", source.name()))
    }

    fn print(&self, reports: &[SimulationReport]) -> io::Result<ExitCode> {
        let mut out = io::BufWriter::new(super::output::stdout());
        match self.format {
            Format::Human => {
                let style = terminal::style(Color::Never);
                let screen = Screen { width: style.width, unicode: style.unicode };
                out.write_all(simulation_text(reports, screen).as_bytes())?;
            }
            Format::Json => {
                let reports: Vec<_> = reports.iter().map(SimulationJson::new).collect();
                write_pretty(&mut out, &reports)?;
            }
            Format::Csv => out.write_all(csv::timeline(reports).as_bytes())?,
        }
        out.flush()?;
        let failed = reports.iter().any(|report| report.ending != Ending::Completed);
        Ok(ExitCode::from(u8::from(failed)))
    }
}

/// A bar on standard error, if that is a terminal.
pub(super) fn progress_bar(name: &'static str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(1);
    if let Ok(style) = ProgressStyle::with_template("{msg:10} [{bar:40}] {percent}% {eta}") {
        bar.set_style(style);
    }
    bar.set_message(name);
    bar
}
