use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;

use super::options::{ListFormat, write_json};
use super::terminal::{self, Color};
use crate::catalog::Target;
use crate::render::json::{TargetJson, target_json};
use crate::render::options::write_targets;

/// List the targets that --target takes
#[derive(Debug, Args)]
pub(super) struct TargetsArguments {
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    format: ListFormat,

    /// When to color
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// Prints every target that a table names.
pub(super) fn run(arguments: &TargetsArguments) -> io::Result<ExitCode> {
    let targets = Target::all();
    let mut out = io::BufWriter::new(super::output::stdout());
    match arguments.format {
        ListFormat::Json => {
            let rows: Vec<TargetJson> = targets.iter().map(target_json).collect();
            write_json(&mut out, &rows)?;
        }
        ListFormat::Human => {
            write_targets(&mut out, &targets, terminal::style(arguments.color))?;
            writeln!(
                out,
                "\nAlso: patch versions (flink-1.20.5), other versions of these lines (vvr-8.0.9), \
                 and\nengine names as clusters show them (1.10-vvr-1.0.4, vvr-8.0.5-flink-1.17).\n\
                 Flink older than 1.10 is not in the catalog; EMR that ships it is read as 1.10."
            )?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
