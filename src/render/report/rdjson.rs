//! The Reviewdog Diagnostic Format, with fixes as suggestions.
//!
//! Source: `proto/rdf/reviewdog.proto` of reviewdog.

use std::io::{self, Write};

use serde::Serialize;

use super::super::CheckedFile;
use super::super::json::write_line;
use super::super::terminal::rule_url;
use super::location::{Location, Locations, Position, Region};
use super::{Report, offered_fix, sentences};
use crate::finding::{Finding, Severity};

/// One object with a diagnostic a finding.
#[derive(Debug, Default)]
pub(super) struct Rdjson {
    diagnostic_count: usize,
}

#[derive(Debug, Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: LocationJson<'a>,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<RelatedLocation<'a>>,
}

#[derive(Debug, Serialize)]
struct LocationJson<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<RangeJson>,
}

#[derive(Debug, Serialize)]
struct RangeJson {
    start: PositionJson,
    end: PositionJson,
}

/// Columns are counted in bytes of UTF-8.
#[derive(Debug, Serialize)]
struct PositionJson {
    line: u32,
    column: u32,
}

#[derive(Debug, Serialize)]
struct Code<'a> {
    value: &'a str,
    url: String,
}

#[derive(Debug, Serialize)]
struct Suggestion<'a> {
    range: RangeJson,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct RelatedLocation<'a> {
    message: &'a str,
    location: LocationJson<'a>,
}

fn range(region: Region) -> RangeJson {
    let position =
        |position: Position| PositionJson { line: position.line, column: position.byte_column };
    RangeJson { start: position(region.start), end: position(region.end) }
}

fn location_json<'a>(location: &Location<'a>) -> LocationJson<'a> {
    LocationJson { path: location.path, range: location.region_in_file().map(range) }
}

fn diagnostic<'a>(finding: &'a Finding, locations: &Locations<'a>) -> Diagnostic<'a> {
    let location = locations.of(finding.primary.as_ref());
    // Reviewdog applies suggestions one by one, so a fix of several edits is none.
    let edits = match offered_fix(finding).map(|fix| fix.edits.as_slice()) {
        Some([edit]) => Some(edit),
        _ => None,
    };
    let suggestion = edits.and_then(|edit| {
        let place = locations.of_span(edit.span).region_in_file()?;
        Some(Suggestion { range: range(place), text: &edit.text })
    });
    let related = finding.related.iter().map(|label| {
        let location = location_json(&locations.of(Some(label)));
        RelatedLocation { message: &label.text, location }
    });
    Diagnostic {
        message: sentences(finding) + &location.argument_note(),
        location: location_json(&location),
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        code: Code { value: finding.rule.code, url: rule_url(finding.rule.code) },
        suggestions: suggestion.into_iter().collect(),
        related_locations: related.collect(),
    }
}

impl Report for Rdjson {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let url = env!("CARGO_PKG_REPOSITORY");
        writeln!(out, "{{\"source\":{{\"name\":\"slotwise\",\"url\":\"{url}\"}},\"diagnostics\":[")
    }

    fn file(&mut self, mut out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        let locations = Locations::new(file);
        for finding in &file.findings {
            if self.diagnostic_count > 0 {
                writeln!(out, ",")?;
            }
            self.diagnostic_count += 1;
            write_line(&mut out, &diagnostic(finding, &locations))?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}]}}", if self.diagnostic_count > 0 { "\n" } else { "" })
    }
}
