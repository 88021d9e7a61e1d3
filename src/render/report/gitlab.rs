//! GitLab's Code Quality report, a part of Code Climate's format.
//!
//! Source: "Code Quality report format", docs.gitlab.com.

use std::io::{self, Write};

use serde::Serialize;

use super::super::CheckedFile;
use super::super::json::write_line;
use super::location::Locations;
use super::{Report, fingerprints, sentences};
use crate::finding::Severity;

/// One array with an object a finding.
#[derive(Debug, Default)]
pub(super) struct Gitlab {
    issue_count: usize,
}

#[derive(Debug, Serialize)]
struct Issue<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: IssueLocation<'a>,
}

#[derive(Debug, Serialize)]
struct IssueLocation<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

impl Gitlab {
    fn issue(&mut self, mut out: &mut dyn Write, issue: &Issue<'_>) -> io::Result<()> {
        if self.issue_count > 0 {
            writeln!(out, ",")?;
        }
        self.issue_count += 1;
        write_line(&mut out, issue)
    }
}

impl Report for Gitlab {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "[")
    }

    fn file(&mut self, out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        let locations = Locations::new(file);
        for (finding, fingerprint) in file.findings.iter().zip(fingerprints(file)) {
            let location = locations.of(finding.primary.as_ref());
            // A line is required, so what concerns the whole file is shown on its first one.
            let (begin, end) = location
                .region_in_file()
                .map_or((1, 1), |region| (region.start.line, region.end.line));
            let issue = Issue {
                kind: "issue",
                description: sentences(finding).replace('\n', "; ") + &location.argument_note(),
                check_name: finding.rule.code,
                fingerprint: fingerprint.to_string(),
                severity: match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "major",
                    Severity::Info => "info",
                },
                location: IssueLocation { path: location.path, lines: Lines { begin, end } },
            };
            self.issue(out, &issue)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}]", if self.issue_count > 0 { "\n" } else { "" })
    }
}
