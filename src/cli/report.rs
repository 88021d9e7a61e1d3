//! Where reports go: one to standard output, any number to files.

use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

use super::atomic;
use super::inputs::InputError;
use crate::render::CheckedFile;
use crate::render::report::{Report, ReportFormat, Statistics, report};
use crate::render::terminal::Style;

/// How to print what was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// With the lines of the file, for people
    #[default]
    Human,
    /// One line a finding: path:line:column: severity[CODE] message
    Concise,
    /// One JSON array with an object a file
    Json,
    /// One JSON object a line and file
    Jsonl,
    /// SARIF 2.1.0, for GitHub's code scanning and editors
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's Code Quality report
    Gitlab,
    /// JUnit's XML
    Junit,
    /// The Reviewdog Diagnostic Format
    Rdjson,
    /// Checkstyle's XML
    Checkstyle,
    /// A comment on a pull request
    Markdown,
}

impl From<Format> for ReportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Human => Self::Human,
            Format::Concise => Self::Concise,
            Format::Json => Self::Json,
            Format::Jsonl => Self::Jsonl,
            Format::Sarif => Self::Sarif,
            Format::Github => Self::Github,
            Format::Gitlab => Self::Gitlab,
            Format::Junit => Self::Junit,
            Format::Rdjson => Self::Rdjson,
            Format::Checkstyle => Self::Checkstyle,
            Format::Markdown => Self::Markdown,
        }
    }
}

/// A report in a file: `sarif=out.sarif`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    format: Format,
    path: PathBuf,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or("expected FORMAT=FILE, such as sarif=slotwise.sarif")?;
        let format = Format::from_str(format, true).map_err(|_| {
            let formats = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
            let names: Vec<String> = formats.map(|format| format.get_name().to_owned()).collect();
            format!("expected one of {} before the =, found {format:?}", names.join(", "))
        })?;
        Ok(Self { format, path: PathBuf::from(path) })
    }
}

/// Every report of a run.
pub(super) struct Reports<W> {
    stdout: Option<(Box<dyn Report>, W)>,
    files: Vec<(Box<dyn Report>, Vec<u8>, PathBuf)>,
}

impl<W: Write> Reports<W> {
    /// Nothing but the files yet.
    pub(super) fn new(outputs: &[Output]) -> Self {
        // A file is read on many kinds of terminals.
        let style = Style { color: false, unicode: true, links: false, width: 80 };
        let files = outputs
            .iter()
            .map(|output| (report(output.format.into(), style), Vec::new(), output.path.clone()));
        Self { stdout: None, files: files.collect() }
    }

    /// Adds a report on standard output.
    pub(super) fn list(&mut self, format: Format, style: Style, out: W) {
        self.stdout = Some((report(format.into(), style), out));
    }

    /// Adds counts by rule on standard output.
    pub(super) fn count(&mut self, out: W) {
        self.stdout = Some((Box::new(Statistics::default()), out));
    }

    pub(super) fn start(&mut self) -> io::Result<()> {
        self.each(|report, out| report.start(out))
    }

    pub(super) fn file(&mut self, file: &CheckedFile) -> io::Result<()> {
        self.each(|report, out| report.file(out, file))
    }

    pub(super) fn unreadable(&mut self, error: &InputError) -> io::Result<()> {
        self.each(|report, out| report.unreadable(out, &error.name, &error.message))
    }

    /// Ends every report and puts the files in their places.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.each(|report, out| report.finish(out))?;
        if let Some((_, out)) = &mut self.stdout {
            out.flush()?;
        }
        for (_, content, path) in &self.files {
            atomic::write(path, content)?;
        }
        Ok(())
    }

    fn each(
        &mut self,
        mut tell: impl FnMut(&mut dyn Report, &mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some((report, out)) = &mut self.stdout {
            tell(report.as_mut(), out)?;
        }
        self.files.iter_mut().try_for_each(|(report, out, _)| tell(report.as_mut(), out))
    }
}
