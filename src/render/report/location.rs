//! Where findings are, as other tools name places.

use super::super::CheckedFile;
use crate::finding::Label;
use crate::source::{FileId, LineIndex, SourceFile, Span};

/// A place in a file, or in an argument of the command line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Location<'a> {
    /// The file; for an argument the one that the argument is laid over.
    pub(super) path: &'a str,
    /// The argument, such as `-D rest.port=1`.
    pub(super) argument: Option<&'a str>,
    /// The place within file or argument; `None` if it is at fault as a whole.
    pub(super) region: Option<Region>,
}

impl<'a> Location<'a> {
    /// The argument, or the file.
    pub(super) fn name(&self) -> &'a str {
        self.argument.unwrap_or(self.path)
    }

    /// The place within the file; none for what an argument says.
    pub(super) fn region_in_file(&self) -> Option<Region> {
        self.region.filter(|_| self.argument.is_none())
    }

    /// What a message needs for a reader to find the argument: ` (in -D rest.port=1)`.
    pub(super) fn argument_note(&self) -> String {
        self.argument.map_or_else(String::new, |argument| format!(" (in {argument})"))
    }
}

/// A range of a text; the end is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) start: Position,
    pub(super) end: Position,
}

/// A place in a text; all numbers start at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u32,
    /// In characters.
    pub(super) column: u32,
    /// In bytes of UTF-8.
    pub(super) byte_column: u32,
}

/// The places of one checked file.
pub(super) struct Locations<'a> {
    path: &'a str,
    texts: Vec<(FileId, &'a SourceFile, LineIndex)>,
}

impl<'a> Locations<'a> {
    pub(super) fn new(file: &'a CheckedFile) -> Self {
        // Texts are large, and most files have nothing to be found in them.
        let sources = (!file.findings.is_empty()).then(|| file.sources.iter());
        let texts = sources.into_iter().flatten();
        let texts = texts.map(|(id, file)| (id, file, LineIndex::new(file.text()))).collect();
        Self { path: &file.path, texts }
    }

    /// The place of a label, or the file as a whole.
    pub(super) fn of(&self, label: Option<&Label>) -> Location<'a> {
        match label {
            Some(label) => self.of_span(label.span),
            None => Location { path: self.path, argument: None, region: None },
        }
    }

    /// The place of a span.
    pub(super) fn of_span(&self, span: Span) -> Location<'a> {
        let Some((_, file, index)) = self.texts.iter().find(|(id, ..)| *id == span.file) else {
            return Location { path: self.path, argument: None, region: None };
        };
        let position = |offset| {
            let place = index.line_column(file.text(), offset);
            let start = index.line_start(index.line_index(offset)).unwrap_or(0);
            let byte_column = offset.saturating_sub(start).saturating_add(1);
            Position { line: place.line, column: place.column, byte_column }
        };
        let region = Some(Region { start: position(span.start), end: position(span.end) });
        if file.is_argument() {
            Location { path: self.path, argument: Some(file.name()), region }
        } else {
            Location { path: file.name(), argument: None, region }
        }
    }

    /// The line that a span starts on, without the blanks around it.
    pub(super) fn line_of(&self, span: Span) -> &'a str {
        let Some((_, file, index)) = self.texts.iter().find(|(id, ..)| *id == span.file) else {
            return "";
        };
        let line_index = index.line_index(span.start);
        let start = index.line_start(line_index).unwrap_or(0) as usize;
        let end = index.line_start(line_index + 1).map_or(file.text().len(), |end| end as usize);
        file.text().get(start..end).unwrap_or("").trim()
    }
}
