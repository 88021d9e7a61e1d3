//! Every value of a configuration with the layers that set it, winner first.

use std::io::{self, Write};

use super::printable_line;
use crate::source::{LineIndex, SourceFile, Sources, Span};

/// What a deployment ends up with.
#[derive(Debug)]
pub struct LayeredFile {
    /// The file's path as the user wrote it.
    pub path: String,
    /// The deployment within the file, if it is a manifest.
    pub deployment: Option<String>,
    /// The target's name.
    pub target: String,
    /// Why this target.
    pub target_reason: String,
    /// All texts that values stand in, secrets masked.
    pub sources: Sources,
    /// By key.
    pub settings: Vec<LayeredSetting>,
}

/// A key with its values.
#[derive(Debug)]
pub struct LayeredSetting {
    /// The flat key.
    pub key: String,
    /// Who reads it: `cluster` as its processes start, or `job`.
    pub scope: &'static str,
    /// The value in force.
    pub winner: LayeredValue,
    /// The values that lose, the highest layer first.
    pub overrode: Vec<LayeredValue>,
}

/// A value as a layer sets it.
#[derive(Debug)]
pub struct LayeredValue {
    /// The value, masked where it is secret.
    pub value: String,
    /// The layer's name.
    pub layer: &'static str,
    /// Where it is written.
    pub span: Span,
}

/// Writes a block for the deployment; what loses stands below what wins.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut impl Write, file: &LayeredFile, width: usize) -> io::Result<()> {
    let name = file.deployment.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
    let header = format!("# {}{name} for {}: {}", file.path, file.target, file.target_reason);
    writeln!(out, "{}", printable_line(&header))?;
    let indices: Vec<_> = file
        .sources
        .iter()
        .map(|(id, source)| (id, source, LineIndex::new(source.text())))
        .collect();
    let place = |span: Span| {
        let found = indices.iter().find(|(id, ..)| *id == span.file);
        found.map_or_else(String::new, |(_, source, index)| place_in(source, index, span))
    };
    for setting in &file.settings {
        let values = std::iter::once((&setting.key, "", &setting.winner));
        let overrode = setting.overrode.iter().map(|loser| (&setting.key, "#   not ", loser));
        for (key, mark, value) in values.chain(overrode) {
            let text = if mark.is_empty() {
                format!("{key}: {}", value.value)
            } else {
                format!("{mark}{}", value.value)
            };
            let origin = format!("# {} {}", value.layer, place(value.span));
            let text = printable_line(&text);
            let used = text.chars().count() + origin.chars().count() + 2;
            if used <= width {
                let gap = " ".repeat(width - used);
                writeln!(out, "{text}  {gap}{}", printable_line(&origin))?;
            } else {
                writeln!(out, "{text}")?;
                let gap = " ".repeat(width.saturating_sub(origin.chars().count()));
                writeln!(out, "{gap}{}", printable_line(&origin))?;
            }
        }
    }
    Ok(())
}

fn place_in(source: &SourceFile, index: &LineIndex, span: Span) -> String {
    let place = index.line_column(source.text(), span.start);
    format!("{}:{}:{}", source.name(), place.line, place.column)
}
