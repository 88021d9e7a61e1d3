//! Text under check and places within it.
//!
//! A [`Span`] is a byte range of one file; a [`LineIndex`] turns it into lines and columns.
//! This room imports no other room.

mod file;
mod line_index;

pub use file::{FileId, SourceFile, Sources, Span};
pub use line_index::{LineColumn, LineIndex};
