//! From one setting to those that belong to it: the one that counts, its other names, all of them.

use std::collections::{BTreeMap, BTreeSet};

use gen_lsp_types as lsp;

use crate::catalog::{self, Classification, Target, classify};
use crate::config::Setting;
use crate::lsp::document::{with_context, written};
use crate::lsp::server::Failure;
use crate::lsp::snapshot::{Snapshot, View};
use crate::lsp::{to_proto, workspace_files};
use crate::source::Span;

/// `textDocument/definition`: from a setting without effect to the one that has it, be it in a file
/// that is laid over this one.
pub(in crate::lsp) fn definition(
    snapshot: &Snapshot,
    params: lsp::DefinitionParams,
) -> Result<Option<lsp::DefinitionResponse>, Failure> {
    let lsp::TextDocumentPositionParams { text_document, position } =
        params.text_document_position_params;
    let Some(view) = snapshot.view(&text_document.uri) else { return Ok(None) };
    let offset = view.positions.offset(position);
    Ok(with_context(view.analysis.at(offset), |ctx| {
        let setting = at(&written(ctx), offset)?;
        let own_key = own_key(&setting.key, ctx.target);
        // Flink looks under the option's own key first, then under its others.
        let winner = ctx.config.lookup(own_key).or_else(|| ctx.config.setting(&setting.key))?;
        let location = to_proto::location(&view, ctx.sources, winner.key_span)?;
        Some(lsp::Definition::from(location).into())
    }))
}

/// `textDocument/references`: every place that sets the same option, under any of its keys, in
/// any file of the workspace.
pub(in crate::lsp) fn references(
    snapshot: &Snapshot,
    params: lsp::ReferenceParams,
) -> Result<Option<Vec<lsp::Location>>, Failure> {
    let lsp::TextDocumentPositionParams { text_document, position } =
        params.text_document_position_params;
    let Some(view) = snapshot.view(&text_document.uri) else { return Ok(None) };
    let offset = view.positions.offset(position);
    let wanted = with_context(view.analysis.at(offset), |ctx| {
        let setting = at(&written(ctx), offset)?;
        Some(own_key(&setting.key, ctx.target).to_owned())
    });
    let Some(wanted) = wanted else { return Ok(None) };
    let closed = workspace_files::closed(snapshot);
    let mut locations = Vec::new();
    for document in snapshot.documents.values().map(AsRef::as_ref).chain(&closed) {
        let view = snapshot.view_of(document);
        let mut places = BTreeSet::new();
        for subject in view.analysis.subjects() {
            with_context(subject, |ctx| {
                let same = written(ctx).into_iter();
                let same = same.filter(|it| own_key(&it.key, ctx.target) == wanted);
                places.extend(same.map(|setting| setting.key_span));
            });
        }
        locations.extend(places.into_iter().map(|span| lsp::Location {
            uri: document.uri.clone(),
            range: view.positions.range(span.range()),
        }));
    }
    Ok(Some(locations))
}

/// `textDocument/prepareRename`: whether a key stands here.
pub(in crate::lsp) fn prepare_rename(
    snapshot: &Snapshot,
    params: lsp::PrepareRenameParams,
) -> Result<Option<lsp::PrepareRenameResult>, Failure> {
    let lsp::TextDocumentPositionParams { text_document, position } =
        params.text_document_position_params;
    let Some(view) = snapshot.view(&text_document.uri) else { return Ok(None) };
    let offset = view.positions.offset(position);
    Ok(with_context(view.analysis.at(offset), |ctx| {
        let setting = at(&written(ctx), offset).filter(|it| it.key_span.range().end >= offset)?;
        let placeholder = lsp::PrepareRenamePlaceholder {
            range: view.positions.range(setting.key_span.range()),
            placeholder: setting.key.clone().into_owned(),
        };
        Some(placeholder.into())
    }))
}

/// `textDocument/rename`: another key for the same values, in every file that sets it.
pub(in crate::lsp) fn rename(
    snapshot: &Snapshot,
    params: lsp::RenameParams,
) -> Result<Option<lsp::WorkspaceEdit>, Failure> {
    let lsp::TextDocumentPositionParams { text_document, position } =
        params.text_document_position_params;
    let new_key = params.new_name.trim();
    let is_key = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, ':' | '#');
    if new_key.is_empty() || !new_key.chars().all(is_key) {
        return Err(Failure::refused("expected a key: no spaces, colons or `#`"));
    }
    let Some(view) = snapshot.view(&text_document.uri) else { return Ok(None) };
    let offset = view.positions.offset(position);
    let old_key = with_context(view.analysis.at(offset), |ctx| {
        Some(at(&written(ctx), offset)?.key.clone().into_owned())
    });
    let Some(old_key) = old_key else { return Ok(None) };

    let mut changes: BTreeMap<String, Vec<lsp::TextEdit>> = BTreeMap::new();
    let closed = workspace_files::closed(snapshot);
    for document in snapshot.documents.values().map(AsRef::as_ref).chain(&closed) {
        let view = snapshot.view_of(document);
        let edits = renamed(&view, &old_key, new_key)?;
        if !edits.is_empty() {
            changes.insert(document.uri.0.clone(), edits);
        }
    }
    let changes = changes.into_iter().map(|(uri, edits)| (lsp::Uri(uri), edits)).collect();
    Ok(Some(lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() }))
}

fn renamed(view: &View<'_>, old_key: &str, new_key: &str) -> Result<Vec<lsp::TextEdit>, Failure> {
    let mut spans = BTreeSet::new();
    for subject in view.analysis.subjects() {
        with_context(subject, |ctx| {
            let same = written(ctx).into_iter().filter(|setting| setting.key == old_key);
            spans.extend(same.map(|setting| setting.key_span));
        });
    }
    let edit = |span: Span| {
        let written = view.positions.text.get(span.range()).unwrap_or("");
        let quote = written.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let bare = written.trim_matches(['\'', '"']);
        // In a nested file the first parts stand above, and are shared with other keys.
        let above = old_key.strip_suffix(bare).ok_or_else(|| {
            Failure::refused(format!("{old_key} is not written as it is read; rename it by hand"))
        })?;
        let rest =
            new_key.strip_prefix(above).filter(|rest| !rest.is_empty()).ok_or_else(|| {
                let message =
                    format!("{old_key} is nested below {above}: the new key must start so");
                Failure::refused(message)
            })?;
        let quote = quote.map(String::from).unwrap_or_default();
        Ok(lsp::TextEdit {
            range: view.positions.range(span.range()),
            new_text: format!("{quote}{rest}{quote}"),
        })
    };
    spans.into_iter().map(edit).collect()
}

/// The setting whose key or value stands at a byte.
fn at<'a>(settings: &[&'a Setting<'a>], offset: usize) -> Option<&'a Setting<'a>> {
    settings.iter().copied().find(|setting| {
        let (key, value) = (setting.key_span.range(), setting.value_span.range());
        (key.start..=key.end).contains(&offset) || (value.start..=value.end).contains(&offset)
    })
}

/// The key under which the target has the option that `key` sets.
fn own_key<'k>(key: &'k str, target: &Target) -> &'k str {
    match classify(key, target) {
        Classification::Alias { option, .. } => option.key,
        _ => key,
    }
}

/// `textDocument/documentLink`: from each key to the page that documents it.
pub(in crate::lsp) fn document_link(
    snapshot: &Snapshot,
    params: lsp::DocumentLinkParams,
) -> Result<Option<Vec<lsp::DocumentLink>>, Failure> {
    let Some(view) = snapshot.view(&params.text_document.uri) else { return Ok(None) };
    let mut links: BTreeMap<Span, String> = BTreeMap::new();
    for subject in view.analysis.subjects() {
        with_context(subject, |ctx| {
            let pages = written(ctx).into_iter();
            links.extend(pages.filter_map(|it| Some((it.key_span, page(&it.key, ctx.target)?))));
        });
    }
    let links = links.into_iter().map(|(span, url)| lsp::DocumentLink {
        range: view.positions.range(span.range()),
        target: Some(url.into()),
        tooltip: Some("Open the documentation".to_owned()),
        data: None,
    });
    Ok(Some(links.collect()))
}

/// The page that documents what a key sets.
fn page(key: &str, target: &Target) -> Option<String> {
    match classify(key, target) {
        Classification::Known { option, .. } | Classification::Alias { option, .. } => {
            catalog::documentation_url(option, target.release().min(option.last_release()))
        }
        Classification::Gemini(option) => {
            catalog::gemini_documentation_url(option.key).map(str::to_owned)
        }
        _ => None,
    }
}

/// `textDocument/selectionRange`: a value or key, its line, the lines around it, the file.
pub(in crate::lsp) fn selection_range(
    snapshot: &Snapshot,
    params: lsp::SelectionRangeParams,
) -> Result<Option<Vec<lsp::SelectionRange>>, Failure> {
    let Some(view) = snapshot.view(&params.text_document.uri) else { return Ok(None) };
    let ranges = params.positions.into_iter().map(|position| {
        let offset = view.positions.offset(position);
        let setting = with_context(view.analysis.at(offset), |ctx| {
            at(&written(ctx), offset).map(|it| (it.key_span.range(), it.value_span.range()))
        });
        let text = view.positions.text;
        let line = view.positions.line_of(offset);
        let mut around = vec![0..text.len(), paragraph(text, line.start), line];
        if let Some((key, value)) = setting {
            around.push(key.start.min(value.start)..key.end.max(value.end));
            let on_key = (key.start..=key.end).contains(&offset);
            around.push(if on_key { key } else { value });
        }
        let mut selection: Option<lsp::SelectionRange> = None;
        let mut outer = 0..text.len();
        for bytes in around {
            // Each must lie within the one before; a value may reach over its line.
            let fits = bytes.start >= outer.start && bytes.end <= outer.end && bytes != outer;
            if selection.is_none() || fits {
                outer = bytes.clone();
                let range = view.positions.range(bytes);
                selection =
                    Some(lsp::SelectionRange { range, parent: selection.take().map(Box::new) });
            }
        }
        selection.unwrap_or_default()
    });
    Ok(Some(ranges.collect()))
}

/// The lines around a byte up to the next empty ones.
fn paragraph(text: &str, at: usize) -> std::ops::Range<usize> {
    let before = text.get(..at).unwrap_or("");
    let after = text.get(at..).unwrap_or("");
    let start = before.rfind("\n\n").map_or(0, |end| end + 2);
    let end = after.find("\n\n").map_or(text.len(), |end| at + end);
    start..end
}
