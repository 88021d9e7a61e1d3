use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::atomic;
use super::inputs::{InputArguments, InputError, Subject};
use crate::catalog::Target;
use crate::lint::Secrets;
use crate::memory::{Assumptions, Deployment};
use crate::migration::{MemoryChange, differences, memory_changes, migrate};
use crate::render::json::{DifferenceJson, MigrationJson, write_line};
use crate::render::migration::{write_differences, write_migration};
use crate::render::printable;
use crate::source::SourceFile;

/// Rewrite a configuration for another release or engine
///
/// Prints the new file, secrets masked, and says on standard error what changed; with --output the
/// file is written and the report is printed.
#[derive(Debug, Args)]
pub(super) struct MigrateArguments {
    /// The configuration file
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// What the file is for, such as flink-1.17
    #[arg(long, value_name = "TARGET")]
    from: Target,

    /// What it is to be for, such as flink-2.1 or vvr-8.0.5
    #[arg(long, value_name = "TARGET")]
    to: Target,

    /// Write the new file here
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// How to print the report
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
}

/// Compare what two configurations set, and what memory they give
#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// The first configuration file
    #[arg(value_name = "A")]
    before: PathBuf,

    /// The second configuration file
    #[arg(value_name = "B")]
    after: PathBuf,

    /// What both are for [default: inferred from each file]
    #[arg(long, short, value_name = "TARGET")]
    target: Option<Target>,

    /// What the first one is for
    #[arg(long, value_name = "TARGET", conflicts_with = "target")]
    from: Option<Target>,

    /// What the second one is for
    #[arg(long, value_name = "TARGET", conflicts_with = "target")]
    to: Option<Target>,

    /// How to print the differences
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people
    #[default]
    Human,
    /// One JSON object
    Json,
}

fn read(path: &Path, target: Option<Target>) -> Result<Subject, InputError> {
    let subjects = InputArguments::for_config(path, target).read(path)?;
    let name = path.display().to_string();
    subjects
        .into_iter()
        .next()
        .ok_or_else(|| InputError::new(name, "expected a configuration file, found none"))
}

fn memory(before: &Subject, after: &Subject) -> Vec<MemoryChange> {
    let ((_, old), (_, new)) = (before.load(), after.load());
    let assumptions = |subject: &'_ Subject| Deployment::of(&subject.target);
    memory_changes(
        (
            &old,
            Assumptions {
                target: &before.target,
                deployment: assumptions(before),
                backends_per_slot: before.backends_per_slot,
            },
        ),
        (
            &new,
            Assumptions {
                target: &after.target,
                deployment: assumptions(after),
                backends_per_slot: after.backends_per_slot,
            },
        ),
    )
}

/// Migrates one file.
pub(super) fn run(arguments: &MigrateArguments) -> io::Result<ExitCode> {
    let failed = |error: &dyn std::fmt::Display| {
        super::complain(&error.to_string());
        Ok(ExitCode::from(2))
    };
    let before = match read(&arguments.file, Some(arguments.from.clone())) {
        Ok(subject) => subject,
        Err(error) => return failed(&error),
    };
    let result = migrate(before.text(), before.dialect, &arguments.from, &arguments.to);
    let migration = match result {
        Ok(migration) => migration,
        Err(error) => return failed(&format!("{}: {error}", before.path)),
    };
    let choices =
        InputArguments::for_config(Path::new(migration.file_name), Some(arguments.to.clone()));
    let source = SourceFile::decode(migration.file_name, migration.text.clone().into_bytes());
    let after = choices.subject_of(source, before.surroundings.clone());
    let memory = memory(&before, &after);
    let masked = after.without_secrets_of(&before);
    if let Some(path) = &arguments.output {
        atomic::write(path, migration.text.as_bytes())?;
    }
    let mut stdout = io::BufWriter::new(super::output::stdout());
    match (arguments.format, &arguments.output) {
        (ReportFormat::Json, _) => {
            write_line(&mut stdout, &MigrationJson::new(&migration, &masked, &memory))?;
            writeln!(stdout)?;
        }
        (ReportFormat::Human, Some(_)) => write_migration(&mut stdout, &migration, &memory)?,
        (ReportFormat::Human, None) => {
            // In a file every character counts; a terminal must not be steered by one.
            let is_terminal = io::stdout().is_terminal();
            let text = if is_terminal { printable(&masked) } else { masked.as_str().into() };
            stdout.write_all(text.as_bytes())?;
            stdout.flush()?;
            write_migration(&mut io::stderr().lock(), &migration, &memory)?;
            if masked != migration.text {
                writeln!(io::stderr(), "secrets are masked above; --output FILE writes them")?;
            }
        }
    }
    stdout.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Compares two files.
pub(super) fn run_diff(arguments: &DiffArguments) -> io::Result<ExitCode> {
    let target = |own: &Option<Target>| own.clone().or_else(|| arguments.target.clone());
    let subjects = read(&arguments.before, target(&arguments.from))
        .and_then(|before| Ok((before, read(&arguments.after, target(&arguments.to))?)));
    let (before, after) = match subjects {
        Ok(subjects) => subjects,
        Err(error) => {
            super::complain(&error.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    let ((old_file, old), (new_file, new)) = (before.load(), after.load());
    let old_secrets = Secrets::of(&before.context(&old_file, &old));
    let new_secrets = Secrets::of(&after.context(&new_file, &new));
    let differences = differences((&old, &old_secrets), (&new, &new_secrets));
    let memory = memory(&before, &after);
    let mut stdout = io::BufWriter::new(super::output::stdout());
    match arguments.format {
        ReportFormat::Json => {
            write_line(&mut stdout, &DifferenceJson::new(&differences, &memory))?;
            writeln!(stdout)?;
        }
        ReportFormat::Human => write_differences(&mut stdout, &differences, &memory)?,
    }
    stdout.flush()?;
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
