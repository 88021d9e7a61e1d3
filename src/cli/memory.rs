use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::inputs::{InputArguments, InputError, Subject};
use crate::memory::{Deployment, MemoryModel};
use crate::render::json::{MemoryJson, write_line};

/// Show how Flink divides a process's memory, and what a slot and its state backend get
#[derive(Debug, Args)]
pub(super) struct MemoryArguments {
    #[command(flatten)]
    input: InputArguments,

    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// How the processes are started, which decides what the legacy heap keys of Flink 1.x mean
    #[arg(long, value_enum, default_value_t)]
    deployment: DeploymentArgument,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A picture and tables, for people
    #[default]
    Human,
    /// One JSON array with an object a file
    Json,
    /// One JSON object a line and file
    Jsonl,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum DeploymentArgument {
    /// By Flink's start scripts
    #[default]
    Standalone,
    /// By YARN or Kubernetes
    Active,
}

/// Derives every file and prints the result.
pub(super) fn run(arguments: &MemoryArguments) -> io::Result<ExitCode> {
    let files = match arguments.input.files() {
        Ok(files) => files,
        Err(error) => {
            super::complain(&error.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut printed = 0_usize;
    let mut unreadable = false;
    if arguments.format == Format::Json {
        writeln!(out, "[")?;
    }
    arguments.input.for_each(
        &files,
        |subject| arguments.print(subject),
        |result| {
            if arguments.format == Format::Json && printed > 0 {
                writeln!(out, ",")?;
            }
            printed += 1;
            if let Some(error) = &result.unreadable {
                unreadable = true;
                super::complain(&error.to_string());
            }
            out.write_all(&result.text)
        },
    )?;
    if arguments.format == Format::Json {
        writeln!(out, "{}]", if printed > 0 { "\n" } else { "" })?;
    }
    out.flush()?;
    Ok(ExitCode::from(if unreadable { 2 } else { 0 }))
}

/// One file's output, made on the thread that read the file.
struct Printed {
    text: Vec<u8>,
    unreadable: Option<InputError>,
}

impl MemoryArguments {
    fn print(&self, subject: Result<Subject, InputError>) -> Printed {
        let subject = match subject {
            Ok(subject) => subject,
            Err(error) => {
                let text = match self.format {
                    Format::Human => Vec::new(),
                    Format::Json | Format::Jsonl => {
                        self.json(&MemoryJson::unreadable(&error.name, &error.message))
                    }
                };
                return Printed { text, unreadable: Some(error) };
            }
        };
        let (loaded, config) = subject.load();
        let (path, target, reason) = (&subject.path, &subject.target, &subject.target_reason);
        let json = if let Some(error) = &loaded.error {
            MemoryJson::unloadable(path, target, reason, &error.message, &error.flink_message)
        } else {
            let model = MemoryModel::derive(&config, self.deployment.into());
            MemoryJson::derived(path, target, reason, &model)
        };
        Printed { text: self.json(&json), unreadable: None }
    }

    fn json(&self, json: &MemoryJson<'_>) -> Vec<u8> {
        // Writing to memory fails only where a map has keys that are no text, and there is none.
        let mut text = Vec::new();
        let _ = write_line(&mut text, json);
        if self.format == Format::Jsonl {
            text.push(b'\n');
        }
        text
    }
}

impl From<DeploymentArgument> for Deployment {
    fn from(argument: DeploymentArgument) -> Self {
        match argument {
            DeploymentArgument::Standalone => Self::Standalone,
            DeploymentArgument::Active => Self::Active,
        }
    }
}
