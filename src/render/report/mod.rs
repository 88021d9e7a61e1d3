//! What `slotwise check` prints, one file a format, all of them told of file after file.
//!
//! A format is a [`Report`]; [`report`] chooses one. Nothing is kept of a file but what the
//! format's end needs, unless the format puts a sum first.

mod checkstyle;
mod concise;
mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod location;
mod markdown;
mod rdjson;
mod sarif;
mod statistics;
mod xml;

use std::io::{self, Write};

pub use fingerprint::{Fingerprint, fingerprints, fingerprints_by};
pub use statistics::Statistics;

use super::CheckedFile;
use super::terminal::Style;
use crate::finding::{Applicability, Finding, Fix};

/// A format of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people, with the lines of the file.
    Human,
    /// One line a finding.
    Concise,
    /// One JSON array with an object a file.
    Json,
    /// One JSON object a line and file.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// JUnit's XML.
    Junit,
    /// The Reviewdog Diagnostic Format.
    Rdjson,
    /// Checkstyle's XML.
    Checkstyle,
    /// A comment on a pull request.
    Markdown,
}

/// Writes what was found, file after file.
pub trait Report {
    /// What stands in front of the first file.
    ///
    /// # Errors
    /// Those of `out`.
    fn start(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// One checked file.
    ///
    /// # Errors
    /// Those of `out`.
    fn file(&mut self, out: &mut dyn Write, file: &CheckedFile) -> io::Result<()>;

    /// A file that could not be read, and why.
    ///
    /// # Errors
    /// Those of `out`.
    fn unreadable(&mut self, _out: &mut dyn Write, _path: &str, _why: &str) -> io::Result<()> {
        Ok(())
    }

    /// What stands behind the last file.
    ///
    /// # Errors
    /// Those of `out`.
    fn finish(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The report of a format; only the one for people looks at the style.
pub fn report(format: ReportFormat, style: Style) -> Box<dyn Report> {
    match format {
        ReportFormat::Human => Box::new(human::Human::new(style)),
        ReportFormat::Concise => Box::new(concise::Concise),
        ReportFormat::Json => Box::new(json::Json::array()),
        ReportFormat::Jsonl => Box::new(json::Json::lines()),
        ReportFormat::Sarif => Box::new(sarif::Sarif::default()),
        ReportFormat::Github => Box::new(github::Github),
        ReportFormat::Gitlab => Box::new(gitlab::Gitlab::default()),
        ReportFormat::Junit => Box::new(junit::Junit::default()),
        ReportFormat::Rdjson => Box::new(rdjson::Rdjson::default()),
        ReportFormat::Checkstyle => Box::new(checkstyle::Checkstyle),
        ReportFormat::Markdown => Box::new(markdown::Markdown::default()),
    }
}

/// The message, what to do and what Flink would log, a line each.
fn sentences(finding: &Finding) -> String {
    let mut lines = vec![finding.message.clone()];
    match (&finding.help, offered_fix(finding)) {
        (Some(help), _) => lines.push(format!("help: {help}")),
        (None, Some(fix)) => lines.push(format!("help: {}", fix.title)),
        (None, None) => {}
    }
    lines.extend(finding.flink_message.iter().map(|message| format!("Flink logs: {message}")));
    lines.join("\n")
}

/// The fix that a tool may apply.
fn offered_fix(finding: &Finding) -> Option<&Fix> {
    finding.fix.as_ref().filter(|fix| fix.applicability != Applicability::DisplayOnly)
}
