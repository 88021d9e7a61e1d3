//! Findings drawn for people, with the lines of the file they are about.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, Severity as MietteSeverity, SourceCode, SourceSpan, SpanContents,
    ThemeStyles,
};

use super::{CheckedFile, printable, printable_line, steers};
use crate::finding::{Finding, FixAvailability, Label, Severity};
use crate::source::{FileId, LineIndex, SourceFile};

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
        let pages = Pages::new(file);
        let mut deployment: Option<&str> = None;
        for finding in &file.findings {
            // Those of one deployment follow each other.
            if finding.deployment.as_deref() != deployment {
                deployment = finding.deployment.as_deref();
                let name = deployment.unwrap_or("the whole file");
                let title = format!("{}: {name}", file.path);
                writeln!(out, "{}\n", printable_line(&title))?;
            }
            let mut text = String::new();
            let shown = Shown::new(finding, &pages, self.style.links);
            // A formatter error can only come from the string, which takes everything.
            let _ = self.handler.render_report(&mut text, &shown);
            writeln!(out, "{}", text.trim_end())?;
            writeln!(out)?;
        }
        Ok(())
    }
}

/// The texts of a configuration, made ready to be shown once for all findings.
struct Pages<'a>(Vec<(FileId, Page<'a>)>);

impl<'a> Pages<'a> {
    fn new(file: &'a CheckedFile) -> Self {
        let pages = if file.findings.is_empty() { None } else { Some(file.sources.iter()) };
        Self(pages.into_iter().flatten().map(|(id, source)| (id, Page::new(source))).collect())
    }

    fn page(&self, id: FileId) -> Option<&Page<'a>> {
        self.0.iter().find(|(other, _)| *other == id).map(|(_, page)| page)
    }
}

/// One text, of which miette is handed only the lines around a span: it would count lines from
/// the start of the text for each finding.
#[derive(Debug)]
struct Page<'a> {
    name: String,
    /// Control characters blanked, every place as in the source.
    text: Cow<'a, str>,
    index: LineIndex,
}

impl<'a> Page<'a> {
    fn new(source: &'a SourceFile) -> Self {
        Self {
            name: printable_line(source.name()),
            text: same_length_printable(source.text()),
            index: LineIndex::new(source.text()),
        }
    }
}

/// More than this is neither a line nor some lines that anyone would read; miette itself cannot draw
/// beyond 65535 columns.
const WINDOW_BYTES_MAX: usize = 8 << 10;
/// Of a longer line, this much is shown before and after the place.
const CUT_BYTES: usize = 120;

impl Page<'_> {
    /// A place in a line that is too long, with a part of the line around it.
    fn cut_line(&self, span: &SourceSpan) -> Result<Box<dyn SpanContents<'_> + '_>, MietteError> {
        // Such as two places that miette would like to show together.
        if span.len() > LABEL_BYTES_MAX {
            return Err(MietteError::OutOfBounds);
        }
        let text = self.text.as_ref();
        let line_index = self.index.line_index(u32::try_from(span.offset()).unwrap_or(u32::MAX));
        let line_start = self.index.line_start(line_index).unwrap_or(0) as usize;
        let after = text.get(span.offset() + span.len()..).ok_or(MietteError::OutOfBounds)?;
        let rest = after.find('\n').unwrap_or(after.len()).min(CUT_BYTES);
        let start = text.floor_char_boundary(span.offset().saturating_sub(CUT_BYTES));
        let start = start.max(line_start);
        let end = text.floor_char_boundary(span.offset() + span.len() + rest);
        let window = text.get(start..end).ok_or(MietteError::OutOfBounds)?;
        let column = text.get(line_start..start).map_or(0, |before| before.chars().count());
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            window.as_bytes(),
            SourceSpan::from((start, end - start)),
            line_index,
            column,
            1,
        )))
    }
}

/// Longer places are marked at their beginning only.
const LABEL_BYTES_MAX: usize = 4 << 10;

/// A label's place, cut where it is too long to be marked.
fn marked(text: &str, range: Range<usize>) -> Range<usize> {
    if range.len() <= LABEL_BYTES_MAX {
        return range;
    }
    let cut = text.floor_char_boundary(range.start.saturating_add(CUT_BYTES));
    let line = text.get(range.start..cut).and_then(|start| start.find('\n'));
    range.start..line.map_or(cut, |length| range.start + length)
}

impl SourceCode for Page<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let line_index =
            |offset: usize| self.index.line_index(u32::try_from(offset).unwrap_or(u32::MAX));
        let line_start =
            |line_index: usize| self.index.line_start(line_index).map(|start| start as usize);
        let first = line_index(span.offset()).saturating_sub(lines_before);
        // One line more than asked for, since miette counts the span's own line end as one.
        let last = line_index(span.offset() + span.len()) + lines_after + 1;
        let start = line_start(first).unwrap_or(0);
        let end = line_start(last + 1).unwrap_or(self.text.len());
        if end.saturating_sub(start) > WINDOW_BYTES_MAX {
            return self.cut_line(span);
        }
        let window = self.text.get(start..end).ok_or(MietteError::OutOfBounds)?;
        let within = SourceSpan::from((span.offset() - start, span.len()));
        let contents = window.as_bytes().read_span(&within, lines_before, lines_after)?;
        let shown = SourceSpan::from((start + contents.span().offset(), contents.span().len()));
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            shown,
            first + contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}

/// One finding in miette's terms.
#[derive(Debug)]
struct Shown<'a> {
    finding: &'a Finding,
    source: Option<&'a Page<'a>>,
    labels: Vec<LabeledSpan>,
    elsewhere: Vec<Elsewhere<'a>>,
    message: String,
    help: Option<String>,
    url: Option<String>,
}

/// A related place in another text, which miette draws below.
#[derive(Debug)]
struct Elsewhere<'a> {
    source: &'a Page<'a>,
    label: LabeledSpan,
    text: String,
}

impl<'a> Shown<'a> {
    fn new(finding: &'a Finding, pages: &'a Pages<'a>, links: bool) -> Self {
        let main = finding.primary.as_ref().map(|label| label.span.file);
        let label = |label: &Label, primary: bool| {
            let text = (!label.text.is_empty()).then(|| printable(&label.text).into_owned());
            let page = pages.page(label.span.file);
            let range = marked(page.map_or("", |page| page.text.as_ref()), label.span.range());
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
            } else if let Some(source) = pages.page(related.span.file) {
                let text = printable(&related.text).into_owned();
                elsewhere.push(Elsewhere { source, label: label(related, false), text });
            }
        }
        Self {
            source: main.and_then(|id| pages.page(id)),
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

/// The text with control characters blanked byte by byte, so that every place stays.
fn same_length_printable(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let blanked =
        text.chars().map(|c| if steers(c) { " ".repeat(c.len_utf8()) } else { c.to_string() });
    Cow::Owned(blanked.collect())
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
        self.source.map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.elsewhere.iter().map(|elsewhere| elsewhere as &dyn Diagnostic)))
    }
}

impl fmt::Display for Elsewhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text)
    }
}

impl std::error::Error for Elsewhere<'_> {}

impl Diagnostic for Elsewhere<'_> {
    fn severity(&self) -> Option<MietteSeverity> {
        Some(MietteSeverity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The window must not show: miette's own reading of the whole text is the reference.
        #[test]
        fn a_page_reads_as_its_whole_text(
            text in "([a-z: é]{0,6}(\n|\r\n|\r)?){0,12}",
            places in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
            lines_before in 0..3_usize,
        ) {
            let mut ends = [places.0.index(text.len() + 1), places.1.index(text.len() + 1)];
            ends.sort_unstable();
            let span = SourceSpan::from((ends[0], ends[1] - ends[0]));
            let source = SourceFile::decode("x", text.clone().into_bytes());
            let page = Page::new(&source);
            let (Ok(windowed), Ok(whole)) =
                (page.read_span(&span, lines_before, 1), text.read_span(&span, lines_before, 1))
            else { return Ok(()) };
            prop_assert_eq!(windowed.line(), whole.line());
            prop_assert_eq!(windowed.column(), whole.column());
            prop_assert_eq!(windowed.span(), whole.span());
            prop_assert_eq!(windowed.data(), whole.data());
        }
    }
}
