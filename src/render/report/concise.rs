//! One line a finding: `path:line:column: severity[CODE] message`.

use std::io::{self, Write};

use super::super::{CheckedFile, printable_line};
use super::Report;
use super::location::Locations;

/// The format for `grep` and editors.
#[derive(Debug)]
pub(super) struct Concise;

impl Report for Concise {
    fn file(&mut self, out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        let locations = Locations::new(file);
        for finding in &file.findings {
            let location = locations.of(finding.primary.as_ref());
            let place = match location.region {
                Some(region) => {
                    format!("{}:{}:{}", location.name(), region.start.line, region.start.column)
                }
                None => location.name().to_owned(),
            };
            let (severity, code) = (finding.severity.name(), finding.rule.code);
            let line = format!("{place}: {severity}[{code}] {}", finding.message);
            writeln!(out, "{}", printable_line(&line))?;
        }
        Ok(())
    }
}
