use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::capacity::{CapacityArguments, Case};
use super::terminal::{self, Color};
use crate::capacity::{Assessment, Verdict};
use crate::render::capacity::{Page, assessment_text};
use crate::render::json::{AssessmentJson, write_pretty};
use crate::source::LineIndex;

/// Say whether a job fits a configuration, and what breaks first
#[derive(Debug, Args)]
pub(super) struct AssessArguments {
    #[command(flatten)]
    capacity: CapacityArguments,

    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// When to color
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A verdict and tables, for people
    #[default]
    Human,
    /// One JSON object
    Json,
}

/// Assesses and prints; the exit code is 1 if the job does not fit.
pub(super) fn run(arguments: &AssessArguments) -> io::Result<ExitCode> {
    let capacity = &arguments.capacity;
    let assessed = capacity.read().and_then(|case| Ok((capacity.assess(&case)?, case)));
    let (assessment, case) = match assessed {
        Ok(assessed) => assessed,
        Err(message) => {
            super::complain(&message);
            return Ok(ExitCode::from(2));
        }
    };
    let mut out = io::BufWriter::new(super::output::stdout());
    match arguments.format {
        Format::Human => {
            let page = page(&case, arguments.color);
            out.write_all(assessment_text(&assessment, &page).as_bytes())?;
        }
        Format::Json => {
            let json = AssessmentJson::new(&case.subject.path, &assessment);
            write_pretty(&mut out, &json)?;
        }
    }
    out.flush()?;
    Ok(exit_code(&assessment))
}

/// 1 if the job does not fit.
pub(super) fn exit_code(assessment: &Assessment) -> ExitCode {
    ExitCode::from(u8::from(assessment.verdict == Verdict::DoesNotFit))
}

/// What a page says about where its figures come from.
pub(super) fn page(case: &Case, color: Color) -> Page {
    let (_, config) = case.subject.load();
    let source = case.subject.sources.file(case.subject.file);
    let name = case.subject.path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut lines = std::collections::BTreeMap::new();
    if let Some(source) = source {
        let index = LineIndex::new(source.text());
        for setting in config.settings() {
            let line = index.line_column(source.text(), setting.key_span.start).line;
            lines.insert(setting.key.to_string(), format!("{name}:{line}"));
        }
    }
    Page {
        path: case.subject.path.clone(),
        target_reason: case.subject.target_reason.clone(),
        lines,
        style: terminal::style(color),
    }
}
