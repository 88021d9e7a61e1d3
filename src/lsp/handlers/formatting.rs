use std::ops::Range;

use gen_lsp_types as lsp;

use crate::config::{Loaded, load};
use crate::lsp::server::Failure;
use crate::lsp::snapshot::{Snapshot, View};

/// `textDocument/formatting`: `key: value` with one space, as Flink's own files have it, no space
/// at the ends of lines. Comments and order stay, and so does what Flink reads.
pub(in crate::lsp) fn formatting(
    snapshot: &Snapshot,
    params: lsp::DocumentFormattingParams,
) -> Result<Option<Vec<lsp::TextEdit>>, Failure> {
    let Some(view) = snapshot.view(&params.text_document.uri) else { return Ok(None) };
    let subject = &view.analysis.subject;
    let (loaded, _) = subject.load();
    let edits = edits(&view, &loaded);
    let mut text = view.positions.text.to_owned();
    for (bytes, insert) in edits.iter().rev() {
        text.replace_range(bytes.clone(), insert);
    }
    // A space can be part of a text of several lines: whatever would change is left alone.
    let formatted = load(subject.file, &text, subject.dialect);
    if !same(&loaded, &formatted) {
        return Ok(None);
    }
    let edits = edits.into_iter().map(|(bytes, new_text)| lsp::TextEdit {
        range: view.positions.range(bytes),
        new_text: new_text.to_owned(),
    });
    Ok(Some(edits.collect()))
}

fn same(before: &Loaded<'_>, after: &Loaded<'_>) -> bool {
    let settings = |loaded: &Loaded<'_>| {
        let pairs =
            loaded.settings.iter().map(|it| (it.key.to_string(), it.value.text().into_owned()));
        pairs.collect::<Vec<_>>()
    };
    before.error.is_none() == after.error.is_none()
        && before.skipped.len() == after.skipped.len()
        && settings(before) == settings(after)
}

/// What is replaced by what, from the file's start to its end.
fn edits(view: &View<'_>, loaded: &Loaded<'_>) -> Vec<(Range<usize>, &'static str)> {
    let positions = &view.positions;
    let text = positions.text;
    let mut edits: Vec<(Range<usize>, &'static str)> = Vec::new();
    for setting in &loaded.settings {
        let gap = setting.key_span.range().end..setting.value_span.range().start;
        let is_one_line = text
            .get(gap.clone())
            .is_some_and(|gap| gap != ": " && gap.trim() == ":" && !gap.contains(['\n', '\r']));
        if is_one_line {
            edits.push((gap, ": "));
        }
    }
    let mut line_index = 0;
    while let Some(line) = positions.line(line_index) {
        let body = text.get(line.clone()).unwrap_or("");
        let end = line.start + body.trim_end_matches([' ', '\t']).len();
        if end < line.end {
            edits.push((end..line.end, ""));
        }
        line_index += 1;
    }
    if !text.is_empty() && !text.ends_with(['\n', '\r']) {
        edits.push((text.len()..text.len(), "\n"));
    }
    edits.sort_by_key(|(bytes, _)| (bytes.start, bytes.end));
    edits.dedup_by(|next, before| next.0.start < before.0.end || next.0 == before.0);
    edits
}
