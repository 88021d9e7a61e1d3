//! "Set the memory of a slot to …": one setting changed, after which each slot has a round or a
//! needed amount of managed memory.

use std::ops::Range;

use gen_lsp_types as lsp;

use crate::catalog::{self, Classification, classify};
use crate::config::Setting;
use crate::lint::LintContext;
use crate::lsp::document::{with_context, written};
use crate::lsp::memory_effect;
use crate::lsp::snapshot::View;
use crate::lsp::to_proto;
use crate::memory::{
    BackendMemory, GEMINI_FLOOR, GEMINI_RECOMMENDATION, GeminiMemory, MemoryModel,
};
use crate::source::SourceFile;
use crate::units::MemorySize;
use crate::workspace::Subject;

/// The kind of these actions: nothing is wrong with what they change.
pub(super) const KIND: &str = "refactor.rewrite";

const MANAGED_SIZE: &str = "taskmanager.memory.managed.size";
const MANAGED_FRACTION: &str = "taskmanager.memory.managed.fraction";
/// Whoever looks at one of these thinks about what a slot gets.
const KEYS: [&str; 6] = [
    MANAGED_SIZE,
    MANAGED_FRACTION,
    "taskmanager.numberOfTaskSlots",
    "taskmanager.memory.process.size",
    "taskmanager.memory.flink.size",
    "state.backend.type",
];
/// Amounts in MiB that people choose; above the last one, its multiples.
const ROUND_MEBIBYTES: [u64; 12] =
    [64, 128, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 8192];
/// More amounts would only be noise.
const MAX_AMOUNTS: usize = 3;

/// The actions for a line.
pub(super) fn actions(view: &View<'_>, range: &Range<usize>) -> Vec<lsp::CodeAction> {
    let subject = view.analysis.at(range.start);
    let line = view.positions.line_of(range.start);
    let changes = with_context(subject, |ctx| {
        let is_here = |it: &&Setting<'_>| line.contains(&it.key_span.range().start);
        let here = written(ctx).into_iter().find(is_here).filter(|it| is_about_slots(ctx, it))?;
        Some(changes(view, subject, ctx, here))
    });
    let mut actions: Vec<lsp::CodeAction> = Vec::new();
    for change in changes.unwrap_or_default() {
        let Some(managed) = managed_after(view, subject, &change) else { continue };
        if managed < change.wanted {
            continue;
        }
        let title = format!("Set the per-slot memory to {}: {}", managed.short(), change.title);
        if actions.iter().any(|action| action.title == title) {
            continue;
        }
        let edit =
            lsp::TextEdit { range: view.positions.range(change.bytes), new_text: change.text };
        actions.push(lsp::CodeAction {
            title,
            kind: Some(lsp::CodeActionKind::new(KIND)),
            edit: Some(to_proto::edit_of(view, vec![edit])),
            ..lsp::CodeAction::default()
        });
    }
    actions
}

/// An edit after which each slot should have that much.
struct Change {
    wanted: MemorySize,
    title: String,
    bytes: Range<usize>,
    text: String,
}

fn is_about_slots(ctx: &LintContext<'_>, setting: &Setting<'_>) -> bool {
    let key = match classify(&setting.key, ctx.target) {
        Classification::Alias { option, .. } => option.key,
        Classification::Gemini(_) => return true,
        _ => &*setting.key,
    };
    KEYS.contains(&key)
}

fn changes(
    view: &View<'_>,
    subject: &Subject,
    ctx: &LintContext<'_>,
    here: &Setting<'_>,
) -> Vec<Change> {
    let model = memory_effect::model(subject, ctx.config);
    let (Ok(memory), Some(process)) = (&model.task_manager.result, memory_effect::process(&model))
    else {
        return Vec::new();
    };
    if ctx.loaded.error.is_some() || process.slot_count == 0 || !uses_managed(&model) {
        return Vec::new();
    }
    let slots = u64::from(process.slot_count);
    let mut changes = Vec::new();
    for wanted in amounts(process.slot.managed, subject, &model) {
        let Some(total) = wanted.bytes().checked_mul(slots) else { continue };
        let size = ctx.lookup(MANAGED_SIZE);
        let fraction = ctx.lookup(MANAGED_FRACTION).filter(|_| size.is_none());
        let of_flink = fraction_text(total, memory.total_flink_memory.bytes());
        let change = match (size, fraction, of_flink) {
            (Some(size), ..) => replace(view, ctx, size, &size_text(total)),
            (None, Some(fraction), Some(text)) => replace(view, ctx, fraction, &text),
            (None, Some(_), None) => None,
            (None, None, _) => insert(view, here, MANAGED_SIZE, &size_text(total)),
        };
        changes.extend(change.map(|change| Change { wanted, ..change }));
        let fewer = memory.managed.bytes() / wanted.bytes().max(1);
        let count = ctx.lookup(catalog::keys::TASK_SLOTS.key());
        if (1..slots).contains(&fewer)
            && let Some(change) = count.and_then(|it| replace(view, ctx, it, &fewer.to_string()))
        {
            changes.push(Change { wanted, ..change });
        }
    }
    changes
}

/// Whether a slot's managed memory is what its state backend has.
fn uses_managed(model: &MemoryModel<'_>) -> bool {
    let backend = model.backend.as_ref().map(|backend| &backend.memory);
    !matches!(
        backend,
        Some(BackendMemory::Heap { .. } | BackendMemory::Gemini(GeminiMemory::OwnSize(_)))
    )
}

/// What is worth to have instead of `managed`: what Gemini needs, and the next round amounts.
fn amounts(managed: MemorySize, subject: &Subject, model: &MemoryModel<'_>) -> Vec<MemorySize> {
    let backend = model.backend.as_ref().map(|backend| &backend.memory);
    let needs = match backend {
        Some(BackendMemory::Gemini(_)) => &[GEMINI_FLOOR, GEMINI_RECOMMENDATION][..],
        _ => &[],
    };
    let backends = u64::from(subject.backends_per_slot.max(1));
    let needs = needs.iter().filter_map(|need| need.bytes().checked_mul(backends));
    let most = ROUND_MEBIBYTES.last().copied().unwrap_or(1);
    let mebibytes = managed.mebibytes();
    let next = (mebibytes / most + 1).checked_mul(most);
    let rounds = ROUND_MEBIBYTES.into_iter().chain(next).filter(|round| *round > mebibytes);
    let rounds = rounds.take(2).filter_map(|round| round.checked_mul(1 << 20));
    let mut amounts: Vec<u64> = needs.chain(rounds).filter(|it| *it > managed.bytes()).collect();
    amounts.sort_unstable();
    amounts.dedup();
    amounts.truncate(MAX_AMOUNTS);
    amounts.into_iter().filter_map(|bytes| MemorySize::from_bytes(bytes).ok()).collect()
}

/// A size as people write it.
fn size_text(bytes: u64) -> String {
    let mebibytes = bytes.div_ceil(1 << 20);
    if mebibytes.is_multiple_of(1024) {
        format!("{}g", mebibytes / 1024)
    } else {
        format!("{mebibytes}m")
    }
}

/// The least fraction of four digits that is at least `part` of `whole`.
fn fraction_text(part: u64, whole: u64) -> Option<String> {
    const DIGITS: u128 = 10_000;
    let scaled = (u128::from(part) * DIGITS).div_ceil(u128::from(whole.max(1)));
    (scaled < DIGITS).then(|| format!("0.{scaled:04}").trim_end_matches('0').to_owned())
}

/// Another value of a setting, if its value is written in this file as it is read.
fn replace(
    view: &View<'_>,
    ctx: &LintContext<'_>,
    setting: &Setting<'_>,
    value: &str,
) -> Option<Change> {
    let bytes = setting.value_span.range();
    let written = view.positions.text.get(bytes.clone())?;
    let bare = written.trim_matches(['"', '\'']);
    (setting.value_span.file == ctx.file && bare == setting.value.text() && bare != value).then(
        || Change {
            wanted: MemorySize::ZERO,
            title: format!("{} to {value}", setting.key),
            bytes,
            text: written.replacen(bare, value, 1),
        },
    )
}

/// A setting more: below `beside` if its whole key is written there, else at the file's end.
fn insert(view: &View<'_>, beside: &Setting<'_>, key: &str, value: &str) -> Option<Change> {
    let text = view.positions.text;
    let place = beside.key_span.range();
    let line = view.positions.line_of(place.start);
    let end = if text.get(line.end..)?.starts_with("\r\n") { "\r\n" } else { "\n" };
    let title = format!("add {key}: {value}");
    let is_whole = text.get(place.clone())?.trim_matches(['"', '\'']) == beside.key;
    let indentation = text.get(line.start..place.start)?;
    let (at, text) = if is_whole {
        let is_alone = indentation.trim().is_empty();
        is_alone.then(|| (line.end, format!("{end}{indentation}{key}: {value}")))?
    } else {
        let start = if text.ends_with('\n') { "" } else { end };
        (text.len(), format!("{start}{key}: {value}{end}"))
    };
    Some(Change { wanted: MemorySize::ZERO, title, bytes: at..at, text })
}

/// What a slot gets after a change, if Flink then starts.
fn managed_after(view: &View<'_>, subject: &Subject, change: &Change) -> Option<MemorySize> {
    let mut text = view.positions.text.to_owned();
    text.replace_range(change.bytes.clone(), &change.text);
    let source = SourceFile::decode(subject.path.clone(), text.into_bytes());
    let choices = &view.snapshot.environment.settings.choices;
    let index = view.analysis.subjects().position(|other| std::ptr::eq(other, subject))?;
    let mut subjects = Subject::all(source, choices, &subject.surroundings);
    let changed = subjects.get_mut(index)?;
    changed.backends_per_slot = subject.backends_per_slot;
    let changed = &*changed;
    with_context(changed, |ctx| {
        let model = memory_effect::model(changed, ctx.config);
        let loads = ctx.loaded.error.is_none() && model.task_manager.result.is_ok();
        Some(memory_effect::process(&model).filter(|_| loads)?.slot.managed)
    })
}
