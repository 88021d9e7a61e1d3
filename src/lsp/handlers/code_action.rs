use std::ops::Range;

use gen_lsp_types as lsp;

use super::slot_memory;
use crate::finding::{Applicability, Edit, Finding};
use crate::lsp::server::Failure;
use crate::lsp::snapshot::{Snapshot, View};
use crate::lsp::to_proto;

/// The kind of [`fix_all`], for editors that fix on saving.
pub(super) const FIX_ALL: &str = "source.fixAll.slotwise";

/// `textDocument/codeAction`: one preferred fix for each problem, all of them at once, silence, or
/// another amount of memory for each slot.
pub(in crate::lsp) fn code_action(
    snapshot: &Snapshot,
    params: lsp::CodeActionParams,
) -> Result<Option<Vec<lsp::CodeActionResponse>>, Failure> {
    let Some(view) = snapshot.view(&params.text_document.uri) else { return Ok(None) };
    let only = params.context.only;
    let wants = |kind: &str| {
        only.as_ref().is_none_or(|kinds| {
            kinds.iter().any(|wanted| {
                let wanted: String = wanted.clone().into();
                kind.strip_prefix(&wanted)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        })
    };
    let range = view.positions.bytes(params.range);
    let mut actions = Vec::new();
    if wants("quickfix") {
        let here: Vec<&Finding> = view
            .analysis
            .findings
            .iter()
            .filter(|finding| touches(&view, finding, &range))
            .collect();
        actions.extend(here.iter().filter_map(|finding| fix(&view, finding)));
        actions.extend(here.iter().filter_map(|finding| suppress(&view, finding)));
    }
    // Offered on its own, or where there is a problem that it would solve.
    let asked = only.is_some() && wants(FIX_ALL);
    if asked || (wants(FIX_ALL) && actions.iter().any(|it| it.is_preferred == Some(true))) {
        actions.extend(fix_all(&view));
    }
    if wants(slot_memory::KIND) {
        actions.extend(slot_memory::actions(&view, &range));
    }
    Ok(Some(actions.into_iter().map(Into::into).collect()))
}

fn touches(view: &View<'_>, finding: &Finding, range: &Range<usize>) -> bool {
    let subject = &view.analysis.subject;
    match finding.primary.as_ref().filter(|label| label.span.file == subject.file) {
        Some(label) => {
            let place = label.span.range();
            // Anywhere on the lines counts: a cursor is rarely exactly on the place.
            let lines =
                view.positions.line_of(place.start).start..view.positions.line_of(place.end).end;
            lines.start <= range.end && range.start <= lines.end
        }
        None => range.start == 0,
    }
}

fn fix(view: &View<'_>, finding: &Finding) -> Option<lsp::CodeAction> {
    let fix = finding.fix.as_ref().filter(|fix| fix.applicability != Applicability::DisplayOnly)?;
    Some(lsp::CodeAction {
        title: to_proto::title(&fix.title),
        kind: Some(lsp::CodeActionKind::QuickFix),
        diagnostics: Some(vec![to_proto::diagnostic(view, finding)]),
        is_preferred: Some(true),
        edit: Some(to_proto::workspace_edit(view, fix.edits.iter())),
        ..lsp::CodeAction::default()
    })
}

/// Every safe fix that does not touch another one; what is left, the next round fixes.
fn fix_all(view: &View<'_>) -> Option<lsp::CodeAction> {
    let fixes = view.analysis.findings.iter().filter_map(|finding| finding.fix.as_ref());
    let safe = fixes.filter(|fix| fix.applicability == Applicability::Safe);
    let mut chosen: Vec<&Edit> = Vec::new();
    for fix in safe {
        let free = |edit: &Edit| {
            chosen.iter().all(|other| {
                let (edit, other) = (edit.span, other.span);
                edit.file != other.file || edit.end < other.start || other.end < edit.start
            })
        };
        if fix.edits.iter().all(free) {
            chosen.extend(&fix.edits);
        }
    }
    (!chosen.is_empty()).then(|| lsp::CodeAction {
        title: "Fix every problem with a safe fix".to_owned(),
        kind: Some(lsp::CodeActionKind::new(FIX_ALL)),
        edit: Some(to_proto::workspace_edit(view, chosen.into_iter())),
        ..lsp::CodeAction::default()
    })
}

/// Adds a comment that silences the rule on this line.
fn suppress(view: &View<'_>, finding: &Finding) -> Option<lsp::CodeAction> {
    let label = finding.primary.as_ref()?;
    let line = view.positions.line_of(label.span.range().start);
    if label.span.file != view.analysis.subject.file || label.span.range().end > line.end {
        return None; // A comment within a text of several lines would be part of it.
    }
    let text = view.positions.text.get(line.clone())?;
    let code = finding.rule.code;
    let (at, insert) = match text
        .find("slotwise: ignore[")
        .and_then(|at| text.get(at..)?.find(']').map(|end| at + end))
    {
        Some(end) => (line.start + end, format!(", {code}")),
        None => (line.start + text.trim_end().len(), format!(" # slotwise: ignore[{code}]")),
    };
    let edit = lsp::TextEdit { range: view.positions.range(at..at), new_text: insert };
    Some(lsp::CodeAction {
        title: format!("Ignore {code} on this line"),
        kind: Some(lsp::CodeActionKind::QuickFix),
        diagnostics: Some(vec![to_proto::diagnostic(view, finding)]),
        edit: Some(to_proto::edit_of(view, vec![edit])),
        ..lsp::CodeAction::default()
    })
}
