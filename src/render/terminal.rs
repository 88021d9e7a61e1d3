//! Findings drawn for people, with the lines of the file they are about.

use std::fmt;
use std::io::{self, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource,
    Severity as MietteSeverity, SourceCode, ThemeStyles,
};

use super::{CheckedFile, printable};
use crate::finding::{Finding, FixAvailability, Label, Severity};
use crate::source::FileId;

/// How the terminal wants its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Colors by ANSI codes.
    pub color: bool,
    /// Line drawing beyond ASCII.
    pub unicode: bool,
    /// Links by OSC 8.
    pub links: bool,
    /// Columns.
    pub width: usize,
}

/// Where a rule is documented for people.
pub fn rule_url(code: &str) -> String {
    format!(
        "{}/blob/main/docs/rules.md#{}",
        env!("CARGO_PKG_REPOSITORY"),
        code.to_ascii_lowercase()
    )
}

/// Draws findings; one renderer serves a whole run.
#[derive(Debug)]
pub struct Renderer {
    handler: GraphicalReportHandler,
    style: Style,
}

impl Renderer {
    /// A renderer for a terminal of this style.
    pub fn new(style: Style) -> Self {
        let mut theme =
            if style.unicode { GraphicalTheme::unicode() } else { GraphicalTheme::ascii() };
        theme.styles = if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width)
            .with_context_lines(1)
            .with_links(style.links)
            .tab_width(4)
            .with_wrap_lines(true);
        Self { handler, style }
    }

    /// Draws every finding of one file.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut impl Write, file: &CheckedFile) -> io::Result<()> {
        for finding in &file.findings {
            let mut text = String::new();
            let shown = Shown::new(finding, file, self.style.links);
            // A formatter error can only come from the string, which takes everything.
            let _ = self.handler.render_report(&mut text, &shown);
            writeln!(out, "{}", text.trim_end())?;
            writeln!(out)?;
        }
        Ok(())
    }
}

/// One finding in miette's terms.
#[derive(Debug)]
struct Shown<'a> {
    finding: &'a Finding,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    elsewhere: Vec<Elsewhere>,
    message: String,
    help: Option<String>,
    url: Option<String>,
}

/// A related place in another text, which miette draws below.
#[derive(Debug)]
struct Elsewhere {
    source: NamedSource<String>,
    label: LabeledSpan,
    text: String,
}

impl<'a> Shown<'a> {
    fn new(finding: &'a Finding, file: &CheckedFile, links: bool) -> Self {
        let main = finding.primary.as_ref().map(|label| label.span.file);
        let named = |id: FileId| {
            let source = file.sources.file(id)?;
            // Same length for same spans: every control character is one to three bytes of its
            // own, so they are replaced only where the length stays.
            Some(NamedSource::new(printable(source.name()), same_length_printable(source.text())))
        };
        let label = |label: &Label, primary: bool| {
            let text = (!label.text.is_empty()).then(|| printable(&label.text).into_owned());
            let range = label.span.range();
            if primary {
                LabeledSpan::new_primary_with_span(text, range)
            } else {
                LabeledSpan::new_with_span(text, range)
            }
        };
        let mut labels: Vec<LabeledSpan> =
            finding.primary.iter().map(|primary| label(primary, true)).collect();
        let mut elsewhere = Vec::new();
        for related in &finding.related {
            if Some(related.span.file) == main {
                labels.push(label(related, false));
            } else if let Some(source) = named(related.span.file) {
                let text = printable(&related.text).into_owned();
                elsewhere.push(Elsewhere { source, label: label(related, false), text });
            }
        }
        Self {
            source: main.and_then(named),
            labels,
            elsewhere,
            message: printable(&finding.message).into_owned(),
            help: help(finding),
            url: links.then(|| rule_url(finding.rule.code)),
            finding,
        }
    }
}

/// Help, fix and Flink's own words, a paragraph each.
fn help(finding: &Finding) -> Option<String> {
    let mut parts: Vec<String> = finding.help.iter().cloned().collect();
    if let Some(fix) = &finding.fix
        && finding.rule.fix != FixAvailability::Never
        && finding.help.is_none()
    {
        parts.push(fix.title.clone());
    }
    if let Some(message) = &finding.flink_message {
        parts.push(format!("Flink logs: {message}"));
    }
    (!parts.is_empty()).then(|| printable(&parts.join("\n")).into_owned())
}

/// The text with control characters blanked byte by byte, so that spans stay.
fn same_length_printable(text: &str) -> String {
    text.chars()
        .map(|c| match (c.is_control(), c) {
            (true, '\n' | '\r' | '\t') | (false, _) => c.to_string(),
            (true, _) => " ".repeat(c.len_utf8()),
        })
        .collect()
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(format!("{} {}", self.finding.rule.code, self.finding.rule.name)))
    }

    fn severity(&self) -> Option<MietteSeverity> {
        Some(match self.finding.severity {
            Severity::Error => MietteSeverity::Error,
            Severity::Warning => MietteSeverity::Warning,
            Severity::Info => MietteSeverity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.url.as_ref().map(|url| Box::new(url) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.elsewhere.iter().map(|elsewhere| elsewhere as &dyn Diagnostic)))
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text)
    }
}

impl std::error::Error for Elsewhere {}

impl Diagnostic for Elsewhere {
    fn severity(&self) -> Option<MietteSeverity> {
        Some(MietteSeverity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}
