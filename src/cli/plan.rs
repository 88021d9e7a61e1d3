use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::capacity::CapacityArguments;
use super::planning::{GoalArguments, plan};
use super::terminal::{self, Color};
use crate::plan::{LargestLoad, largest_load};
use crate::render::capacity::{load_text, plan_text};
use crate::render::json::{LoadJson, PlanJson, write_pretty};

/// Find the smallest deployment that meets goals, and verify it
#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    #[command(flatten)]
    capacity: CapacityArguments,

    #[command(flatten)]
    goals: GoalArguments,

    /// The configuration to start from, as FILE
    #[arg(long, short, value_name = "FILE", conflicts_with = "path")]
    config: Option<PathBuf>,

    /// The other way round: the largest load that the configuration takes as it is, with
    /// --task-managers at the parallelism of all their slots
    #[arg(long, conflicts_with_all = ["goals", "output"])]
    largest_load: bool,

    /// Write the configuration of the plan to this file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The pick, why, and what else there is, for people
    #[default]
    Human,
    /// One JSON object
    Json,
}

/// Plans and prints.
pub(super) fn run(arguments: &PlanArguments) -> io::Result<ExitCode> {
    let mut capacity = arguments.capacity.clone();
    if let Some(config) = &arguments.config {
        capacity.path.clone_from(config);
    }
    if arguments.largest_load {
        return arguments.print_largest_load(&capacity);
    }
    let start_from_nothing = arguments.config.is_none();
    let read = if start_from_nothing { capacity.read_or_start() } else { capacity.read() };
    let planned = read.and_then(|case| {
        let plan = plan(&capacity, &arguments.goals, &case)?;
        let written = super::patch::patched(&case.subject, &plan.settings);
        Ok((plan, written.map(|subject| subject.text().to_owned())))
    });
    let (plan, text) = match planned {
        Ok(planned) => planned,
        Err(message) => {
            super::complain(&message);
            return Ok(ExitCode::from(2));
        }
    };
    if let Some(path) = &arguments.output {
        match text {
            Ok(text) => super::atomic::write(path, text.as_bytes())?,
            Err(message) => {
                super::complain(&message);
                return Ok(ExitCode::from(2));
            }
        }
    }
    let mut out = io::BufWriter::new(super::output::stdout());
    match arguments.format {
        Format::Human => {
            let style = terminal::style(Color::Never);
            out.write_all(plan_text(&plan, style).as_bytes())?;
        }
        Format::Json => {
            write_pretty(&mut out, &PlanJson::new(&plan))?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

impl PlanArguments {
    fn print_largest_load(&self, capacity: &CapacityArguments) -> io::Result<ExitCode> {
        let load = match find_largest_load(capacity) {
            Ok(load) => load,
            Err(message) => {
                super::complain(&message);
                return Ok(ExitCode::from(2));
            }
        };
        let mut out = io::BufWriter::new(super::output::stdout());
        match self.format {
            Format::Human => {
                out.write_all(load_text(&load, terminal::style(Color::Never)).as_bytes())?;
            }
            Format::Json => {
                write_pretty(&mut out, &LoadJson::new(&load))?;
            }
        }
        out.flush()?;
        Ok(ExitCode::from(u8::from(load.rate.is_none())))
    }
}

fn find_largest_load(capacity: &CapacityArguments) -> Result<LargestLoad, String> {
    let mut case = capacity.read()?;
    let setup = case.with_config(|case, config| capacity.setup(case, config))?;
    if let Some(count) = capacity.task_managers {
        case.workload.parallelism = count.saturating_mul(setup.slot_count);
    }
    let observation = capacity.observe(&case, &setup)?;
    Ok(largest_load(&capacity.question(&case, &setup, &observation)))
}
