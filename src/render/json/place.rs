use schemars::JsonSchema;
use serde::Serialize;

use crate::source::{FileId, LineIndex, SourceFile, Sources, Span};

/// A range of a text, the end exclusive.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SpanJson {
    /// First character.
    pub(super) start: PositionJson,
    /// One past the last character.
    pub(super) end: PositionJson,
}

/// A place in a text.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PositionJson {
    /// Line, from 1.
    pub(super) line: u32,
    /// Column in characters, from 1.
    pub(super) column: u32,
    /// Byte offset, from 0.
    pub(super) offset: u32,
}

/// Line and column of every text of a run.
pub(super) struct Places<'a> {
    texts: Vec<(FileId, &'a SourceFile, LineIndex)>,
}

impl<'a> Places<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        let texts =
            sources.iter().map(|(id, file)| (id, file, LineIndex::new(file.text()))).collect();
        Self { texts }
    }

    /// The name of the span's text, unless it is the first: the file itself.
    pub(super) fn foreign_source(&self, span: Span) -> Option<&'a str> {
        let index = self.texts.iter().position(|(id, ..)| *id == span.file)?;
        let (_, file, _) = self.texts.get(index).filter(|_| index > 0)?;
        Some(file.name())
    }

    pub(super) fn span(&self, span: Span) -> SpanJson {
        let position = |offset| {
            let place = self.texts.iter().find(|(id, ..)| *id == span.file);
            let place = place.map(|(_, file, index)| index.line_column(file.text(), offset));
            PositionJson {
                line: place.map_or(0, |place| place.line),
                column: place.map_or(0, |place| place.column),
                offset,
            }
        };
        SpanJson { start: position(span.start), end: position(span.end) }
    }
}
