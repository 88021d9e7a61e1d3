//! One line a finding: `path:line:column: severity[CODE] message`.

use std::io::{self, Write};

use super::{CheckedFile, printable};
use crate::source::{LineIndex, SourceFile};

/// Writes the findings of one file.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut impl Write, file: &CheckedFile) -> io::Result<()> {
    let mut indexed = None;
    for finding in &file.findings {
        let place = match &finding.primary {
            Some(label) => {
                let source = file.sources.file(label.span.file);
                let text = source.map_or("", SourceFile::text);
                let index = match &indexed {
                    Some((id, index)) if *id == label.span.file => index,
                    _ => &indexed.insert((label.span.file, LineIndex::new(text))).1,
                };
                let place = index.line_column(text, label.span.start);
                format!("{}:{}:{}", source.map_or("", SourceFile::name), place.line, place.column)
            }
            None => file.path.clone(),
        };
        let message = finding.message.replace('\n', " ");
        let line = format!("{place}: {}[{}] {message}", finding.severity.name(), finding.rule.code);
        writeln!(out, "{}", printable(&line))?;
    }
    Ok(())
}
