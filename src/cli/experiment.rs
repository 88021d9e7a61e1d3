use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;

use crate::simulator::Seed;
use crate::simulator::experiment::{EXPERIMENTS, Experiment, Setting, Table};

/// Run a simulator's experiment and print its figure
#[derive(Debug, Args)]
pub(super) struct ExperimentArguments {
    /// The experiment; without one, all are listed
    name: Option<String>,

    /// Run all of them
    #[arg(long, conflicts_with = "name")]
    all: bool,

    /// What the runs are reproduced from
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Divide records, keys and memory by this, for a quick look; documented figures have 1
    #[arg(long, default_value_t = 1)]
    scale: u64,
}

/// Runs and prints.
pub(super) fn run(arguments: &ExperimentArguments) -> io::Result<ExitCode> {
    let mut out = super::output::stdout();
    let setting = Setting { seed: Seed(arguments.seed), scale: arguments.scale };
    if arguments.all {
        for experiment in EXPERIMENTS {
            print(&mut out, experiment, &setting)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let Some(name) = &arguments.name else {
        for experiment in EXPERIMENTS {
            writeln!(out, "{:18} {}", experiment.name, experiment.claim)?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(experiment) = Experiment::named(name) else {
        let known: Vec<_> = EXPERIMENTS.iter().map(|experiment| experiment.name).collect();
        super::complain(&format!("found {name:?}, expected one of {}", known.join(", ")));
        return Ok(ExitCode::from(2));
    };
    print(&mut out, experiment, &setting)?;
    Ok(ExitCode::SUCCESS)
}

fn print(out: &mut impl Write, experiment: &Experiment, setting: &Setting) -> io::Result<()> {
    writeln!(out, "{}: {}\n", experiment.name, experiment.claim)?;
    match experiment.run(setting) {
        Ok(table) => {
            write_table(out, &table)?;
            writeln!(out, "\n=> {}\n", table.finding)
        }
        Err(error) => {
            super::complain(&error.to_string());
            Ok(())
        }
    }
}

fn write_table(out: &mut impl Write, table: &Table) -> io::Result<()> {
    let width = |at: usize| {
        let cells = table.rows.iter().filter_map(|row| row.get(at)).map(String::len);
        let column = table.columns.get(at).map_or(0, |column| column.len());
        cells.max().unwrap_or(0).max(column)
    };
    let columns: Vec<String> = table.columns.iter().map(|&column| column.to_owned()).collect();
    for row in std::iter::once(&columns).chain(&table.rows) {
        let cells = row.iter().enumerate().map(|(at, cell)| format!("{cell:>0$}", width(at)));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  "))?;
    }
    Ok(())
}
