//! The command line: arguments in, exit code out; the only room beside `lsp` that touches files.
//!
//! One file per subcommand; [`inputs`] turns the shared arguments into texts under check.

mod add_ignore;
mod assess;
mod atomic;
mod baseline;
mod capacity;
mod capacity_report;
mod check;
mod comparison;
mod config;
mod crash_test;
mod discover;
mod effective;
mod experiment;
mod explain;
mod fix;
mod host;
mod inputs;
mod lsp;
mod man;
mod memory;
mod migrate;
mod options;
mod output;
mod patch;
mod plan;
mod planning;
mod profile;
mod report;
mod rest;
mod show_settings;
mod simulate;
mod targets;
mod terminal;
mod tune;
mod watch;
mod what_if;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::render::printable_line;

/// Checks, explains and tunes Apache Flink configuration.
#[derive(Debug, Parser)]
#[command(name = "slotwise", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(Box<check::CheckArguments>),
    Migrate(migrate::MigrateArguments),
    Diff(migrate::DiffArguments),
    Memory(memory::MemoryArguments),
    Assess(assess::AssessArguments),
    Plan(plan::PlanArguments),
    Tune(tune::TuneArguments),
    Report(capacity_report::ReportArguments),
    Options(options::OptionsArguments),
    Simulate(simulate::SimulateArguments),
    Experiment(experiment::ExperimentArguments),
    #[command(name = "crash-test")]
    CrashTest(crash_test::CrashTestArguments),
    Profile(profile::ProfileArguments),
    Targets(targets::TargetsArguments),
    Config(config::ConfigArguments),
    Effective(effective::EffectiveArguments),
    Explain(explain::ExplainArguments),
    Rules(explain::RulesArguments),
    Lsp(lsp::LspArguments),
    Man(man::ManArguments),
    /// Print a script that completes commands and options in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Runs one command and says how it went: 0 clean, 1 findings, 2 usage or I/O error.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments.command,
        Err(error) => return instead_of_a_command(&error),
    };
    let result = match &command {
        Command::Check(arguments) => check::run(arguments),
        Command::Migrate(arguments) => migrate::run(arguments),
        Command::Diff(arguments) => migrate::run_diff(arguments),
        Command::Memory(arguments) => memory::run(arguments),
        Command::Assess(arguments) => assess::run(arguments),
        Command::Plan(arguments) => plan::run(arguments),
        Command::Tune(arguments) => tune::run(arguments),
        Command::Report(arguments) => capacity_report::run(arguments),
        Command::Options(arguments) => options::run(arguments),
        Command::Simulate(arguments) => simulate::run(arguments),
        Command::Experiment(arguments) => experiment::run(arguments),
        Command::CrashTest(arguments) => crash_test::run(arguments),
        Command::Profile(arguments) => profile::run(arguments),
        Command::Targets(arguments) => targets::run(arguments),
        Command::Config(arguments) => config::run(arguments),
        Command::Effective(arguments) => effective::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Rules(arguments) => explain::run_rules(arguments),
        Command::Lsp(arguments) => lsp::run(arguments),
        Command::Man(arguments) => man::run(arguments, Arguments::command()),
        Command::Completions { shell } => completions(*shell),
    };
    match result.and_then(|code| output::flush().map(|()| code)) {
        Ok(code) => code,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(2)
        }
    }
}

/// Prints help, the version, or what is wrong with the arguments.
fn instead_of_a_command(printed: &clap::Error) -> ExitCode {
    let result = printed.print().and_then(|()| io::stdout().flush());
    match result {
        Err(error) if !printed.use_stderr() && error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("standard output: {error}"));
            ExitCode::from(2)
        }
        _ => ExitCode::from(u8::try_from(printed.exit_code()).unwrap_or(2)),
    }
}

fn completions(shell: Shell) -> io::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "slotwise", &mut script);
    output::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Says on standard error what is worth to know and changes no exit code.
fn note(message: &str) {
    let _ = writeln!(io::stderr(), "note: {}", printable_line(message));
}

/// Says on standard error what went wrong; the exit code then is 2.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "error: {}", printable_line(message));
}
