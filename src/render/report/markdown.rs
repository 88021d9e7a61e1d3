//! A comment on a pull request: one table of every problem.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::markdown_text::{code, text};
use super::super::terminal::rule_url;
use super::super::{CheckedFile, Counts, count_of};
use super::location::Locations;
use super::{Report, offered_fix};
use crate::finding::{Finding, Severity};

/// The rows so far; their sum stands in front of them.
#[derive(Debug, Default)]
pub(super) struct Markdown {
    counts: Counts,
    file_count: usize,
    rows: String,
    left_out: usize,
    unreadable: String,
}

/// GitHub refuses a comment above 65536 characters; GitLab allows a million.
const MAX_LENGTH: usize = 60_000;

impl Report for Markdown {
    fn file(&mut self, _out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        self.counts.add(&file.findings);
        self.file_count += 1;
        let locations = Locations::new(file);
        for finding in &file.findings {
            let location = locations.of(finding.primary.as_ref());
            let place = match location.region {
                Some(region) => format!("{}:{}", location.name(), region.start.line),
                None => location.name().to_owned(),
            };
            let row = row(finding, &place);
            if self.rows.len() + row.len() > MAX_LENGTH {
                self.left_out += 1;
            } else {
                self.rows.push_str(&row);
            }
        }
        Ok(())
    }

    fn unreadable(&mut self, _out: &mut dyn Write, path: &str, why: &str) -> io::Result<()> {
        self.file_count += 1;
        let _ = writeln!(self.unreadable, "\n{} could not be read: {}", code(path), text(why));
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "### slotwise: {} in {}", self.counts, count_of(self.file_count, "file"))?;
        if !self.rows.is_empty() {
            write!(out, "\n| | Where | Rule | Problem |\n|---|---|---|---|\n{}", self.rows)?;
        }
        if self.left_out > 0 {
            writeln!(out, "\nand {} more, for which there is no room", self.left_out)?;
        }
        write!(out, "{}", self.unreadable)
    }
}

fn row(finding: &Finding, place: &str) -> String {
    let severity = match finding.severity {
        Severity::Error => ":x:",
        Severity::Warning => ":warning:",
        Severity::Info => ":information_source:",
    };
    let rule = finding.rule;
    let mut problem = text(&finding.message);
    match (&finding.help, offered_fix(finding)) {
        (Some(help), _) => problem += &format!("<br>**Do:** {}", text(help)),
        (None, Some(fix)) => problem += &format!("<br>**Do:** {}", text(&fix.title)),
        (None, None) => {}
    }
    format!(
        "| {severity} | {} | [{}]({} \"{}\") | {problem} |\n",
        code(place),
        rule.code,
        rule_url(rule.code),
        rule.name
    )
}
