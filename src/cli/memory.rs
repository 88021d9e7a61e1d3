use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::inputs::{InputArguments, InputError, Subject};
use super::terminal::{self, Color};
use crate::memory::{Assumptions, Deployment, MemoryModel};
use crate::render::json::{MemoryJson, write_line};
use crate::render::memory::{self, MemoryReport};

/// Show how Flink divides a process's memory, and what a slot and its state backend get
#[derive(Debug, Args)]
pub(super) struct MemoryArguments {
    #[command(flatten)]
    input: InputArguments,

    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// How the processes are started, which decides what the legacy heap keys of Flink 1.x mean
    /// [default: active for VVR and EMR, else standalone]
    #[arg(long, value_enum)]
    deployment: Option<DeploymentArgument>,

    /// List every step with its options and the Flink class that takes it, instead of the picture;
    /// with a JSON format, beside the numbers
    #[arg(long)]
    explain: bool,

    /// When to color
    #[arg(long, value_enum, default_value_t)]
    color: Color,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DeploymentArgument {
    /// By Flink's start scripts
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
    let mut out = io::BufWriter::new(super::output::stdout());
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
            if arguments.format == Format::Human && printed > 0 && !result.text.is_empty() {
                writeln!(out, "\n")?;
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
        let text = if let Some(error) = &loaded.error {
            let (message, flink) = (&error.message, &error.flink_message);
            if self.format == Format::Human {
                let error = InputError::new(path.clone(), format!("{message}; Flink: {flink}"));
                return Printed { text: Vec::new(), unreadable: Some(error) };
            }
            self.json(&MemoryJson::unloadable(path, target, reason, message, flink))
        } else {
            let assumptions = Assumptions {
                target,
                deployment: self
                    .deployment
                    .map_or_else(|| Deployment::of(target), Deployment::from),
                backends_per_slot: subject.backends_per_slot,
            };
            let model = MemoryModel::derive(&config, assumptions);
            match self.format {
                Format::Human => {
                    let report = MemoryReport {
                        path,
                        target,
                        target_reason: reason,
                        sources: &subject.sources,
                        model: &model,
                    };
                    self.page(&report)
                }
                Format::Json | Format::Jsonl => {
                    let json = MemoryJson::derived(path, target, reason, &model);
                    let json = if self.explain { json.explained(&model) } else { json };
                    self.json(&json)
                }
            }
        };
        Printed { text, unreadable: None }
    }

    fn page(&self, report: &MemoryReport<'_>) -> Vec<u8> {
        let mut text = Vec::new();
        let style = terminal::style(self.color);
        // Writing to memory cannot fail.
        let _ = if self.explain {
            memory::write_steps(&mut text, report, style)
        } else {
            memory::write(&mut text, report, style)
        };
        text
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
