use gen_lsp_types as lsp;

use crate::catalog::{self, Classification, ValueType, classify};
use crate::config::{FromRaw, Setting};
use crate::lint::LintContext;
use crate::lsp::document::{with_context, written};
use crate::lsp::memory_effect::{self, per_slot};
use crate::lsp::server::Failure;
use crate::lsp::snapshot::{Snapshot, View};
use crate::memory::{MemoryModel, Pool};
use crate::units::MemorySize;

/// `textDocument/inlayHint`: bytes of derived pools beside the settings that they come from.
pub(in crate::lsp) fn inlay_hint(
    snapshot: &Snapshot,
    params: lsp::InlayHintParams,
) -> Result<Option<Vec<lsp::InlayHint>>, Failure> {
    if !snapshot.environment.settings.inlay_hints {
        return Ok(None);
    }
    let Some(view) = snapshot.view(&params.text_document.uri) else { return Ok(None) };
    let range = view.positions.bytes(params.range);
    let hints = view.analysis.subjects().flat_map(|subject| {
        with_context(subject, |ctx| {
            let model = memory_effect::model(subject, ctx.config);
            let settings = written(ctx).into_iter().filter(|setting| {
                let value = setting.value_span.range();
                range.start <= value.end && value.start <= range.end
            });
            let hints = settings.filter_map(|setting| hint(&view, ctx, &model, setting));
            hints.collect::<Vec<_>>()
        })
    });
    Ok(Some(hints.collect()))
}

fn hint(
    view: &View<'_>,
    ctx: &LintContext<'_>,
    model: &MemoryModel<'_>,
    setting: &Setting<'_>,
) -> Option<lsp::InlayHint> {
    let winner = ctx.config.setting(&setting.key)?;
    if winner.value_span != setting.value_span {
        return None; // What is overridden does nothing.
    }
    let label = label(ctx, model, setting)?;
    Some(lsp::InlayHint {
        position: view.positions.position(setting.value_span.range().end),
        label: label.into(),
        kind: None,
        text_edits: None,
        tooltip: None,
        padding_left: Some(true),
        padding_right: None,
        data: None,
    })
}

fn label(ctx: &LintContext<'_>, model: &MemoryModel<'_>, setting: &Setting<'_>) -> Option<String> {
    let (key, value_type) = match classify(&setting.key, ctx.target) {
        Classification::Known { option, entry } | Classification::Alias { option, entry, .. } => {
            (option.key, entry.value_type)
        }
        _ => return None,
    };
    if key == catalog::keys::TASK_SLOTS.key() {
        let process = memory_effect::process(model)?;
        let managed = process.slot.managed.short();
        return Some(format!(
            "{managed} managed, {} task heap per slot",
            process.slot.task_heap.short()
        ));
    }
    if !key.contains("memory") {
        return None;
    }
    let effects = memory_effect::effects(model, key);
    let mut parts: Vec<String> = effects
        .iter()
        .filter(|effect| !effect.formula.is_empty())
        .map(|effect| format!("{}: {}", effect.pool.title(), effect.size.short()))
        .collect();
    if parts.is_empty() && value_type == ValueType::MemorySize {
        // `4096m` or `1073741824` says little; `4g` says all.
        let size = MemorySize::from_raw(&setting.value, ctx.release()).ok()?;
        let compact = |text: &str| text.replace(['i', ' ', 'b'], "");
        let written = compact(&setting.value.text().to_ascii_lowercase());
        let shown = compact(&size.short().to_ascii_lowercase());
        if written != shown {
            parts.push(size.short());
        }
    }
    if effects.iter().any(|effect| effect.pool == Pool::Managed) {
        if let Some(size) = per_slot(model, Pool::Managed) {
            parts.push(format!("{} per slot", size.short()));
        }
        if let Some((size, name)) = memory_effect::per_backend(model) {
            parts.push(format!("{} per {name}", size.short()));
        }
    }
    (!parts.is_empty()).then(|| format!("= {}", parts.join("; ")))
}
