use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::inputs::{InputArguments, InputError, Subject};
use super::terminal::{self, Color};
use crate::catalog::options_with_alternate;
use crate::config::{Dialect, LoadError, ResolvedConfig, Setting};
use crate::lint;
use crate::render::json::{self, Origins};
use crate::render::{EffectiveError, EffectiveFile, EffectiveSetting, RefusedValue, effective};

/// Show a configuration as Flink holds it, and where each value comes from
#[derive(Debug, Args)]
pub(super) struct ConfigArguments {
    #[command(flatten)]
    input: InputArguments,

    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// In JSON, say where each value comes from and what it overrode
    #[arg(long)]
    origins: bool,

    /// Print secrets as they are, for programs that compare
    #[arg(long)]
    show_secrets: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Key, value and origin, for people
    #[default]
    Human,
    /// One JSON array with an object a file
    Json,
    /// One JSON object a line and file
    Jsonl,
}

/// Prints every file's effective configuration: exit code 1 if Flink refuses one, 2 if one cannot
/// be read.
pub(super) fn run(arguments: &ConfigArguments) -> io::Result<ExitCode> {
    let files = match arguments.input.files() {
        Ok(files) => files,
        Err(error) => {
            super::complain(&error.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    let mut report = Report {
        arguments,
        out: io::BufWriter::new(super::output::stdout()),
        width: terminal::style(Color::Never).width,
        file_count: 0,
        code: 0,
    };
    if arguments.format == Format::Json {
        writeln!(report.out, "[")?;
    }
    let secrets = if arguments.show_secrets { Secrets::Shown } else { Secrets::Masked };
    let load = |subject: Result<Subject, InputError>| {
        subject.map(|subject| effective_file(subject, secrets))
    };
    arguments.input.for_each(&files, load, |file| report.file(file))?;
    if arguments.format == Format::Json {
        writeln!(report.out, "{}]", if report.file_count > 0 { "\n" } else { "" })?;
    }
    report.out.flush()?;
    Ok(ExitCode::from(report.code))
}

/// What becomes of passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secrets {
    Masked,
    Shown,
}

fn effective_file(subject: Subject, secrets: Secrets) -> EffectiveFile {
    let (error, settings) = {
        let (loaded, config) = subject.load();
        match &loaded.error {
            Some(error) => (Some(effective_error(error)), Vec::new()),
            None => {
                let hidden = match secrets {
                    Secrets::Shown => None,
                    Secrets::Masked => Some(lint::Secrets::of(&subject.context(&loaded, &config))),
                };
                (None, effective_settings(&config, subject.dialect, hidden.as_ref()))
            }
        }
    };
    EffectiveFile {
        path: subject.path,
        target: subject.target.name().to_owned(),
        target_reason: subject.target_reason,
        dialect: match subject.dialect {
            Dialect::Legacy => "legacy",
            Dialect::Yaml => "yaml",
        },
        sources: subject.sources,
        settings,
        error,
    }
}

fn effective_settings(
    config: &ResolvedConfig<'_>,
    dialect: Dialect,
    hidden: Option<&lint::Secrets>,
) -> Vec<EffectiveSetting> {
    let mut refused = config.refused(dialect).into_iter().peekable();
    let text = |setting: &Setting<'_>| {
        let value = setting.value.map_text().into_owned();
        match hidden {
            None => value,
            Some(hidden) => hidden.mask_value(&setting.key, &value),
        }
    };
    let mut overridden = config.overridden().iter().peekable();
    config
        .settings()
        .iter()
        .map(|setting| {
            // Both lists are in order of their keys.
            let mut overrode = Vec::new();
            while let Some(loser) = overridden.next_if(|loser| loser.key <= setting.key) {
                overrode.push((text(loser), loser.value_span));
            }
            EffectiveSetting {
                key: setting.key.clone().into_owned(),
                value: text(setting),
                key_span: setting.key_span,
                value_span: setting.value_span,
                overrode,
                alternate_of: options_with_alternate(&setting.key, config.release())
                    .map(|(option, _)| option.key)
                    .collect(),
                refused: std::iter::from_fn(|| {
                    refused.next_if(|(of, _)| of.key == setting.key).map(|(_, error)| error)
                })
                .map(|error| RefusedValue {
                    option: error.key,
                    flink_message: error.flink_message(),
                    reason: error.reason,
                    flink_cause: error.flink_cause,
                })
                .collect(),
            }
        })
        .collect()
}

fn effective_error(error: &LoadError) -> EffectiveError {
    EffectiveError {
        kind: error.kind.name(),
        message: error.message.clone(),
        flink_message: error.flink_message.clone(),
        flink_cause: error.flink_cause.clone(),
        span: error.span,
    }
}

struct Report<'a, W> {
    arguments: &'a ConfigArguments,
    out: W,
    width: usize,
    file_count: usize,
    code: u8,
}

impl<W: Write> Report<'_, W> {
    fn file(&mut self, file: Result<EffectiveFile, InputError>) -> io::Result<()> {
        let is_json = self.arguments.format != Format::Human;
        let origins = if self.arguments.origins { Origins::Shown } else { Origins::Hidden };
        match file {
            Ok(file) if is_json => self.json(&json::effective_file(&file, origins))?,
            Ok(file) => {
                if self.file_count > 0 {
                    writeln!(self.out)?;
                }
                effective::write(&mut self.out, &file, self.width)?;
                self.code = self.code.max(u8::from(file.error.is_some()));
            }
            Err(error) => {
                if is_json {
                    self.json(&json::ConfigJson::unreadable(&error.name, &error.message))?;
                }
                super::complain(&error.to_string());
                self.code = 2;
            }
        }
        self.file_count += 1;
        Ok(())
    }

    fn json(&mut self, file: &json::ConfigJson<'_>) -> io::Result<()> {
        self.code = self.code.max(u8::from(file.is_refused()));
        let is_array = self.arguments.format == Format::Json;
        if is_array && self.file_count > 0 {
            writeln!(self.out, ",")?;
        }
        json::write_line(&mut self.out, file)?;
        if is_array { Ok(()) } else { writeln!(self.out) }
    }
}
