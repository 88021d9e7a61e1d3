//! Workflow commands, which GitHub Actions turns into annotations of the changed lines.
//!
//! Source: "Workflow commands for GitHub Actions", docs.github.com, and `escapeData` and
//! `escapeProperty` of actions/toolkit.

use std::io::{self, Write};

use super::super::{CheckedFile, visible};
use super::location::{Location, Locations};
use super::{Report, sentences};
use crate::finding::Severity;

/// One command a finding.
#[derive(Debug)]
pub(super) struct Github;

impl Report for Github {
    fn file(&mut self, out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        let locations = Locations::new(file);
        for finding in &file.findings {
            let command = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "notice",
            };
            let location = locations.of(finding.primary.as_ref());
            let title = format!("{} {}", finding.rule.code, finding.rule.name);
            let text = sentences(finding) + &location.argument_note();
            writeln!(
                out,
                "::{command} {},title={}::{}",
                place(&location),
                escape_property(&title),
                escape_data(&text)
            )?;
        }
        Ok(())
    }

    fn unreadable(&mut self, out: &mut dyn Write, path: &str, why: &str) -> io::Result<()> {
        writeln!(out, "::error file={}::{}", escape_property(path), escape_data(why))
    }
}

fn place(location: &Location<'_>) -> String {
    let file = format!("file={}", escape_property(location.path));
    let Some(region) = location.region_in_file() else { return file };
    let (start, end) = (region.start, region.end);
    // Columns of a range over several lines are refused.
    if start.line == end.line {
        let last = end.column.max(start.column);
        format!("{file},line={},col={},endColumn={last}", start.line, start.column)
    } else {
        format!("{file},line={},endLine={}", start.line, end.line)
    }
}

fn escape_data(text: &str) -> String {
    // Line ends are escaped, so that nothing begins a command but ours.
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(escape_property("a,b:c%\r\n::d"), "a%2Cb%3Ac%25%0D%0A%3A%3Ad");
        assert_eq!(escape_data("a,b:c%\n::d"), "a,b:c%25%0A::d");
    }
}
