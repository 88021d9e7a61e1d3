//! The effective configuration as a list for people.

use std::io::{self, Write};

use super::printable;
use crate::source::{LineIndex, SourceFile, Sources, Span};

/// One file as Flink holds it, as every format needs it.
#[derive(Debug)]
pub struct EffectiveFile {
    /// The file's path as the user wrote it.
    pub path: String,
    /// The target's name.
    pub target: String,
    /// Why this target.
    pub target_reason: String,
    /// How the file is read: `legacy` or `yaml`.
    pub dialect: &'static str,
    /// The file and the `-D` arguments.
    pub sources: Sources,
    /// By key; none where Flink refuses the file.
    pub settings: Vec<EffectiveSetting>,
    /// Why Flink refuses the file.
    pub error: Option<EffectiveError>,
}

/// A value that is in force.
#[derive(Debug)]
pub struct EffectiveSetting {
    /// The flat key.
    pub key: String,
    /// The value as `Configuration.toMap` writes it.
    pub value: String,
    /// Where the key is.
    pub key_span: Span,
    /// Where the value is.
    pub value_span: Span,
    /// What it was set to before, oldest first.
    pub overrode: Vec<(String, Span)>,
    /// The options that the release reads under this key, where it is not their own.
    pub alternate_of: Vec<&'static str>,
    /// Why Flink refuses the value once it reads an option under this key.
    pub refused: Vec<RefusedValue>,
}

/// A value that is not of its option's type.
#[derive(Debug)]
pub struct RefusedValue {
    /// The option's own key.
    pub option: &'static str,
    /// What is expected.
    pub reason: String,
    /// What Flink logs.
    pub flink_message: String,
    /// Its cause.
    pub flink_cause: Option<String>,
}

/// Why Flink refuses a file.
#[derive(Debug)]
pub struct EffectiveError {
    /// A stable name.
    pub kind: &'static str,
    /// What was found and what is expected.
    pub message: String,
    /// What Flink logs.
    pub flink_message: String,
    /// Its cause.
    pub flink_cause: Option<String>,
    /// Where.
    pub span: Span,
}

impl EffectiveFile {
    /// The name of the text that a span points into.
    pub fn source_name(&self, span: Span) -> &str {
        self.sources.file(span.file).map_or("", SourceFile::name)
    }
}

/// Longest column of keys; a longer key has its value on the next line.
const KEY_WIDTH_MAX: usize = 44;

/// Writes every setting with its value and origin, in at most `width` columns where the value
/// allows it.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut impl Write, file: &EffectiveFile, width: usize) -> io::Result<()> {
    let header = format!("{} for {}: {}", file.path, file.target, file.target_reason);
    writeln!(out, "{}", printable(&header))?;
    let places = Places { file, indices: indices(&file.sources) };
    if let Some(error) = &file.error {
        writeln!(out, "  Flink refuses it at {}", places.name(error.span))?;
        writeln!(out, "  {}", printable(&error.message))?;
        writeln!(out, "  Flink logs: {}", printable(&error.flink_message))?;
        for line in error.flink_cause.iter().flat_map(|cause| cause.lines()) {
            writeln!(out, "    {}", printable(line))?;
        }
        return Ok(());
    }
    let lengths = file.settings.iter().map(|setting| setting.key.chars().count());
    let key_width = lengths.filter(|length| *length <= KEY_WIDTH_MAX).max().unwrap_or(0);
    for setting in &file.settings {
        let (key, value) = (printable(&setting.key), one_line(&setting.value));
        let origin = places.name(setting.value_span);
        let used = key_width + value.chars().count() + origin.chars().count() + 6;
        if setting.key.chars().count() <= key_width && used <= width {
            let gap = " ".repeat(width - used);
            writeln!(out, "  {key:key_width$}  {value}{gap}  {origin}")?;
        } else {
            writeln!(out, "  {key}")?;
            let used = value.chars().count() + origin.chars().count() + 6;
            let gap = " ".repeat(width.saturating_sub(used));
            writeln!(out, "    {value}{gap}  {origin}")?;
        }
        for (value, span) in &setting.overrode {
            writeln!(out, "    instead of {}  {}", one_line(value), places.name(*span))?;
        }
        for option in &setting.alternate_of {
            writeln!(out, "    read as {option}")?;
        }
        for refused in &setting.refused {
            writeln!(out, "    refused: {}", one_line(&refused.reason))?;
        }
    }
    if file.settings.is_empty() {
        writeln!(out, "  sets nothing")?;
    }
    Ok(())
}

/// A value on one line, safe for a terminal.
fn one_line(value: &str) -> String {
    printable(&value.replace('\n', "\\n")).into_owned()
}

fn indices(sources: &Sources) -> Vec<LineIndex> {
    sources.iter().map(|(_, source)| LineIndex::new(source.text())).collect()
}

struct Places<'a> {
    file: &'a EffectiveFile,
    indices: Vec<LineIndex>,
}

impl Places<'_> {
    /// `line 3` of the file itself, or the `-D` argument.
    fn name(&self, span: Span) -> String {
        let sources = self.file.sources.iter().zip(&self.indices).enumerate();
        for (position, ((id, source), index)) in sources {
            if id == span.file && position == 0 {
                return format!("line {}", index.line_column(source.text(), span.start).line);
            }
        }
        one_line(self.file.source_name(span))
    }
}
