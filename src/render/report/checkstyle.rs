//! Checkstyle's XML, which many tools read.
//!
//! Source: `XMLLogger`, Checkstyle 10.

use std::io::{self, Write};

use super::super::CheckedFile;
use super::location::Locations;
use super::xml::escape;
use super::{Report, sentences};

/// One `<file>` a file with its `<error>`s.
#[derive(Debug)]
pub(super) struct Checkstyle;

impl Report for Checkstyle {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"10.0\">")
    }

    fn file(&mut self, out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        let locations = Locations::new(file);
        let places: Vec<_> =
            file.findings.iter().map(|finding| locations.of(finding.primary.as_ref())).collect();
        let mut open: Option<&str> = None;
        for (finding, location) in file.findings.iter().zip(places) {
            if open != Some(location.path) {
                if open.is_some() {
                    writeln!(out, "  </file>")?;
                }
                writeln!(out, "  <file name=\"{}\">", escape(location.path))?;
                open = Some(location.path);
            }
            let (line, column) = location
                .region_in_file()
                .map_or((1, 1), |region| (region.start.line, region.start.column));
            writeln!(
                out,
                "    <error line=\"{line}\" column=\"{column}\" severity=\"{}\" \
                 message=\"{}\" source=\"slotwise.{}\"/>",
                finding.severity.name(),
                escape(&(sentences(finding) + &location.argument_note())),
                finding.rule.code
            )?;
        }
        if open.is_none() {
            writeln!(out, "  <file name=\"{}\">", escape(&file.path))?;
        }
        writeln!(out, "  </file>")
    }

    fn unreadable(&mut self, out: &mut dyn Write, path: &str, why: &str) -> io::Result<()> {
        writeln!(out, "  <file name=\"{}\">", escape(path))?;
        writeln!(out, "    <exception>{}</exception>\n  </file>", escape(why))
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "</checkstyle>")
    }
}
