use std::ops::Range;

use crate::source::{FileId, Span};

/// How safe it is to apply a fix without looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Only an illustration; never applied.
    DisplayOnly,
    /// May change what the job does.
    Unsafe,
    /// Certainly what was meant.
    Safe,
}

/// Replaces the text at a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What takes its place.
    pub text: String,
}

/// Edits that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative: "rename to `state.backend.type`".
    pub title: String,
    /// How safe it is.
    pub applicability: Applicability,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix of one edit.
    pub fn new(title: impl Into<String>, applicability: Applicability, edit: Edit) -> Self {
        Self { title: title.into(), applicability, edits: vec![edit] }
    }
}

/// Why edits could not be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// Two edits touch the same bytes.
    #[error("edits at bytes {first:?} and {second:?} overlap")]
    Overlap {
        /// The earlier edit.
        first: Range<usize>,
        /// The later edit.
        second: Range<usize>,
    },
    /// An edit does not lie on characters of the text.
    #[error("edit at bytes {0:?} is outside the text")]
    OutOfBounds(Range<usize>),
}

/// Applies the edits of `file` to its `text`; edits of other files are left out.
///
/// # Errors
/// [`ApplyError::Overlap`] and [`ApplyError::OutOfBounds`]; the text is never half edited.
pub fn apply<'a>(
    file: FileId,
    text: &str,
    edits: impl IntoIterator<Item = &'a Edit>,
) -> Result<String, ApplyError> {
    let mut edits: Vec<&Edit> = edits.into_iter().filter(|edit| edit.span.file == file).collect();
    edits.sort_by_key(|edit| edit.span);
    let mut result = String::with_capacity(text.len());
    let mut done = 0..0;
    for edit in edits {
        let range = edit.span.range();
        if range.start < done.end {
            return Err(ApplyError::Overlap { first: done, second: range });
        }
        let kept = text.get(done.end..range.start).filter(|_| text.is_char_boundary(range.end));
        result.push_str(kept.ok_or_else(|| ApplyError::OutOfBounds(range.clone()))?);
        result.push_str(&edit.text);
        done = range;
    }
    result.push_str(text.get(done.end..).ok_or(ApplyError::OutOfBounds(done))?);
    Ok(result)
}
