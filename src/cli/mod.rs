//! The command line: arguments in, exit code out; the only room beside `lsp` that touches files.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

/// Checks, explains and tunes Apache Flink configuration.
#[derive(Debug, Parser)]
#[command(name = "slotwise", version)]
struct Arguments {}

/// Runs one command and says how it went: 0 clean, 1 findings, 2 usage or I/O error.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Arguments {} = Arguments::parse_from(arguments);
    ExitCode::SUCCESS
}
