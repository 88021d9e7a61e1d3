use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::inputs::{InputArguments, InputError, Subject};
use super::terminal::{self, Color};
use crate::config::Setting;
use crate::lint;
use crate::manifest::is_of_cluster;
use crate::render::json;
use crate::render::layers::{self, LayeredFile, LayeredSetting, LayeredValue};

/// Show every value with the layer that sets it, and the layers that lose
#[derive(Debug, Args)]
pub(super) struct EffectiveArguments {
    #[command(flatten)]
    input: InputArguments,

    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A block for each deployment, for people
    #[default]
    Human,
    /// One JSON array with an object a deployment
    Json,
    /// One JSON object a line and deployment
    Jsonl,
}

/// Prints what every deployment of every file ends up with; secrets are masked in every format.
pub(super) fn run(arguments: &EffectiveArguments) -> io::Result<ExitCode> {
    let files = match arguments.input.discovered_files() {
        Ok(files) => files,
        Err(error) => {
            super::complain(&error.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    let mut out = io::BufWriter::new(super::output::stdout());
    let width = terminal::style(Color::Never).width;
    let mut printed = 0_usize;
    let mut code = 0;
    if arguments.format == Format::Json {
        writeln!(out, "[")?;
    }
    let load = |subject: Result<Subject, InputError>| subject.map(layered);
    arguments.input.for_each(&files, load, |file| {
        let file = match file {
            Ok(file) => file,
            Err(error) => {
                super::complain(&error.to_string());
                code = 2;
                return Ok(());
            }
        };
        match arguments.format {
            Format::Human if printed > 0 => writeln!(out)?,
            Format::Json if printed > 0 => writeln!(out, ",")?,
            _ => {}
        }
        match arguments.format {
            Format::Human => layers::write(&mut out, &file, width)?,
            Format::Json => json::write_line(&mut out, &json::layered_file(&file))?,
            Format::Jsonl => {
                json::write_line(&mut out, &json::layered_file(&file))?;
                writeln!(out)?;
            }
        }
        printed += 1;
        io::Result::Ok(())
    })?;
    if arguments.format == Format::Json {
        writeln!(out, "{}]", if printed > 0 { "\n" } else { "" })?;
    }
    out.flush()?;
    Ok(ExitCode::from(code))
}

/// The layers of one deployment.
fn layered(subject: Subject) -> LayeredFile {
    let (settings, secrets) = {
        let (loaded, config) = subject.load();
        let ctx = subject.context(&loaded, &config);
        let hidden = lint::Secrets::of(&ctx);
        let value = |setting: &Setting<'_>| value(setting, &hidden);
        let mut losers = config.overridden().iter().peekable();
        let settings = config.settings().iter().map(|winner| {
            let mut overrode = Vec::new();
            // Both lists are in order of their keys.
            while let Some(loser) = losers.next_if(|loser| loser.key <= winner.key) {
                overrode.push(value(loser));
            }
            overrode.reverse();
            LayeredSetting {
                key: winner.key.clone().into_owned(),
                scope: if is_of_cluster(&winner.key) { "cluster" } else { "job" },
                winner: value(winner),
                overrode,
            }
        });
        let settings: Vec<LayeredSetting> = settings.collect();
        (settings, lint::mask(&ctx).to_vec())
    };
    let mut sources = subject.sources;
    sources.mask(&secrets);
    LayeredFile {
        path: subject.path,
        deployment: subject.deployment.map(|deployment| deployment.name),
        target: subject.target.name().to_owned(),
        target_reason: subject.target_reason,
        sources,
        settings,
    }
}

fn value(setting: &Setting<'_>, hidden: &lint::Secrets) -> LayeredValue {
    LayeredValue {
        value: hidden.mask_value(&setting.key, &setting.value.map_text()),
        layer: setting.layer.name(),
        span: setting.value_span,
    }
}
