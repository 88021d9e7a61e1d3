use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gen_lsp_types as lsp;

use super::hover::{describe_key, value_type};
use crate::catalog::{
    self, GEMINI_OPTIONS, GeminiSupport, Place, Target, ValueType, gemini_option, option,
};
use crate::config::Dialect;
use crate::lsp::cursor::Cursor;
use crate::lsp::document::{with_context, written};
use crate::lsp::fuzzy;
use crate::lsp::server::Failure;
use crate::lsp::snapshot::{Snapshot, View};
use crate::workspace::Subject;

/// More would not be read, and would not be quick.
const MAX_ITEMS: usize = 50;

/// `textDocument/completion`: keys part by part, and the values that an option takes.
pub(in crate::lsp) fn completion(
    snapshot: &Snapshot,
    params: lsp::CompletionParams,
) -> Result<Option<lsp::CompletionResponse>, Failure> {
    let lsp::TextDocumentPositionParams { text_document, position } =
        params.text_document_position_params;
    let Some(view) = snapshot.view(&text_document.uri) else { return Ok(None) };
    let offset = view.positions.offset(position);
    let subject = view.analysis.at(offset);
    let items = match Cursor::at(&view.positions, subject.dialect, offset) {
        Cursor::Key { prefix, typed, replace, has_value } => {
            let range = view.positions.range(replace);
            keys(&view, subject, &Typed { prefix: &prefix, typed: &typed, range, has_value })
        }
        Cursor::Value { key, typed, replace } => {
            values(subject, &key, &typed, view.positions.range(replace))
        }
        Cursor::Elsewhere => return Ok(None),
    };
    // The next character may bring other parts, so the client has to ask again.
    let list =
        lsp::CompletionList { is_incomplete: true, item_defaults: None, apply_kind: None, items };
    Ok(Some(list.into()))
}

/// `completionItem/resolve`: what a key is, once an editor shows it.
pub(in crate::lsp) fn resolve(
    _: &Snapshot,
    mut item: lsp::CompletionItem,
) -> Result<lsp::CompletionItem, Failure> {
    let part = |name: &str| item.data.as_ref().and_then(|data| data.get(name)?.as_str());
    if let (Some(key), Some(Ok(target))) = (part("key"), part("target").map(str::parse::<Target>)) {
        let contents = lsp::MarkupContent {
            kind: lsp::MarkupKind::Markdown,
            value: describe_key(key, &target),
        };
        item.documentation = Some(contents.into());
    }
    Ok(item)
}

/// A key as far as it is written.
struct Typed<'a> {
    prefix: &'a str,
    typed: &'a str,
    range: lsp::Range,
    has_value: bool,
}

/// What people set most, first where nothing is typed yet.
const COMMON: [&str; 8] = [
    "taskmanager.memory.process.size",
    "taskmanager.numberOfTaskSlots",
    "jobmanager.memory.process.size",
    "taskmanager.memory.managed.size",
    "state.backend.type",
    "execution.checkpointing.interval",
    "parallelism.default",
    "execution.checkpointing.dir",
];

/// Every key that a file for the target may set.
fn candidates(target: &Target) -> impl Iterator<Item = &'static str> {
    let flink = catalog::options().iter().filter(move |option| {
        option.place == Place::File
            && option.at(target.release()).is_some_and(|entry| !entry.deprecated)
    });
    let gemini = GEMINI_OPTIONS
        .iter()
        .filter(move |option| option.support(target) == GeminiSupport::Supported);
    flink.map(|option| option.key).chain(gemini.map(|option| option.key))
}

fn keys(view: &View<'_>, subject: &Subject, typed: &Typed<'_>) -> Vec<lsp::CompletionItem> {
    let target = &subject.target;
    let wanted = typed.typed.trim();
    let mut found: Vec<(i32, &'static str)> = candidates(target)
        .filter_map(|key| {
            let rest = key.strip_prefix(typed.prefix)?;
            let common = COMMON.iter().rev().position(|it| *it == key);
            let bonus = common.map_or(0, |at| 1 + i32::try_from(at).unwrap_or(0));
            Some((fuzzy::score(wanted, rest)? + bonus, key))
        })
        .collect();
    found.sort_unstable_by_key(|(score, key)| (-score, key.len(), *key));
    let set = set_keys(view, subject, typed);
    // Already set keys go last: nobody wants them twice.
    let (mut free, taken): (Vec<_>, Vec<_>) =
        found.into_iter().map(|(_, key)| key).partition(|key| !set.contains(*key));
    free.extend(taken);

    let mut items: Vec<lsp::CompletionItem> = Vec::new();
    if free.len() > MAX_ITEMS {
        let whole: Vec<_> = if wanted.is_empty() && typed.prefix.is_empty() {
            COMMON.iter().copied().filter(|key| free.contains(key) && !set.contains(*key)).collect()
        } else {
            // Keys that fit by chance only are no use among so many.
            free.iter().copied().take(MAX_ITEMS / 5).collect()
        };
        items.extend(whole.iter().map(|key| key_item(view, target, typed, key, &set)));
        items.extend(parts(typed, &free, MAX_ITEMS - items.len()));
    } else {
        items.extend(free.iter().map(|key| key_item(view, target, typed, key, &set)));
    }
    for (index, item) in items.iter_mut().enumerate() {
        item.sort_text = Some(format!("{index:03}"));
    }
    items
}

/// The keys of the file but for the one that is being written.
fn set_keys(view: &View<'_>, subject: &Subject, typed: &Typed<'_>) -> BTreeSet<String> {
    let here = view.positions.bytes(typed.range);
    with_context(subject, |ctx| {
        let others = written(ctx).into_iter().filter(|setting| {
            let key = setting.key_span.range();
            key.end < here.start || here.end < key.start
        });
        others.map(|setting| setting.key.clone().into_owned()).collect()
    })
}

/// The next part of keys that begin as typed, with how many there are.
fn parts(typed: &Typed<'_>, keys: &[&'static str], limit: usize) -> Vec<lsp::CompletionItem> {
    let wanted = typed.typed.trim();
    let whole_parts = wanted.rfind('.').map_or(0, |dot| dot + 1);
    let start = wanted.get(..whole_parts).unwrap_or("");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for key in keys {
        let Some(rest) = key.strip_prefix(typed.prefix) else { continue };
        let Some(next) = rest.strip_prefix(start).and_then(|rest| rest.find('.')) else { continue };
        let Some(part) = rest.get(..start.len() + next + 1) else { continue };
        if fuzzy::score(wanted, part).is_none() {
            continue;
        }
        let count = counts.entry(part).or_default();
        if *count == 0 {
            order.push(part);
        }
        *count += 1;
    }
    // The largest families first, as far as they fit alike.
    order.sort_by_key(|part| {
        let count = counts.get(part).copied().unwrap_or(0);
        (std::cmp::Reverse(fuzzy::score(wanted, part)), std::cmp::Reverse(count), *part)
    });
    let families = order.into_iter().filter(|part| counts.get(part).is_some_and(|it| *it > 1));
    let item = |part: &str| lsp::CompletionItem {
        label: part.to_owned(),
        kind: Some(lsp::CompletionItemKind::Module),
        detail: counts.get(part).map(|count| format!("{count} options")),
        text_edit: Some(lsp::TextEdit { range: typed.range, new_text: part.to_owned() }.into()),
        // Asks for the next part at once.
        command: Some(lsp::Command {
            title: "next part".to_owned(),
            command: "editor.action.triggerSuggest".to_owned(),
            ..lsp::Command::default()
        }),
        ..lsp::CompletionItem::default()
    };
    families.take(limit).map(item).collect()
}

fn key_item(
    view: &View<'_>,
    target: &Target,
    typed: &Typed<'_>,
    key: &'static str,
    set: &BTreeSet<String>,
) -> lsp::CompletionItem {
    let label = key.strip_prefix(typed.prefix).unwrap_or(key);
    let (value_type, default) = type_and_default(key, target);
    let snippets = view.snapshot.capabilities.snippets;
    let is_set = set.contains(key);
    let (new_text, format) = if typed.has_value {
        (label.to_owned(), lsp::InsertTextFormat::PlainText)
    } else if snippets {
        (format!("{label}: ${{1:{}}}", escaped(default)), lsp::InsertTextFormat::Snippet)
    } else {
        (format!("{label}: "), lsp::InsertTextFormat::PlainText)
    };
    let detail = match (value_type, default) {
        (Some(value_type), "") => value_type.to_string(),
        (Some(value_type), default) => format!("{value_type} = {default}"),
        (None, default) => default.to_owned(),
    };
    let description = is_set.then(|| "set already".to_owned());
    lsp::CompletionItem {
        label: label.to_owned(),
        label_details: Some(lsp::CompletionItemLabelDetails { detail: None, description }),
        kind: Some(lsp::CompletionItemKind::Property),
        detail: Some(detail),
        insert_text_format: Some(format),
        text_edit: Some(lsp::TextEdit { range: typed.range, new_text }.into()),
        data: Some(serde_json::json!({ "key": key, "target": target.name() })),
        ..lsp::CompletionItem::default()
    }
}

fn type_and_default(key: &str, target: &Target) -> (Option<ValueType>, &'static str) {
    if let Some(entry) = option(key).and_then(|option| option.at(target.release())) {
        let default = catalog::vvr_default(key, target).or(entry.default);
        return (Some(entry.value_type), default.unwrap_or(""));
    }
    let gemini = gemini_option(key);
    let default = gemini.and_then(|option| option.default_of(target)).unwrap_or("");
    (gemini.map(|option| option.value_type), default)
}

/// The text of a placeholder: `$`, `}` and `\` mean something in snippets.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '$' | '}' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Values that Flink or a product knows, of options whose type is text.
const KNOWN_TEXTS: &[(&str, &[&str])] = &[
    ("state.backend", &["hashmap", "rocksdb", "forst"]),
    ("state.backend.type", &["hashmap", "rocksdb", "forst"]),
    ("state.checkpoint-storage", &["filesystem", "jobmanager"]),
    ("execution.checkpointing.storage", &["filesystem", "jobmanager"]),
    ("high-availability", &["NONE", "zookeeper", "kubernetes"]),
    ("high-availability.type", &["NONE", "zookeeper", "kubernetes"]),
    ("restart-strategy", &["none", "fixed-delay", "failure-rate", "exponential-delay"]),
    ("restart-strategy.type", &["none", "fixed-delay", "failure-rate", "exponential-delay"]),
    ("jobmanager.execution.failover-strategy", &["region", "full"]),
];

fn values(
    subject: &Subject,
    key: &str,
    typed: &str,
    range: lsp::Range,
) -> Vec<lsp::CompletionItem> {
    let target = &subject.target;
    let own_key = match catalog::classify(key, target) {
        catalog::Classification::Alias { option, .. } => option.key,
        _ => key,
    };
    let (_, default) = type_and_default(own_key, target);
    let mut offers: Vec<(String, &'static str)> = Vec::new();
    let digits = typed.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number =
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits);
    match value_type(key, target) {
        Some(ValueType::Boolean) => {
            offers.extend(["true", "false"].map(|text| (text.to_owned(), "")));
        }
        Some(ValueType::MemorySize) => offers
            .extend(with_units(number, &[("g", "GiB"), ("m", "MiB"), ("k", "KiB"), ("t", "TiB")])),
        Some(ValueType::Duration) => offers.extend(with_units(
            number,
            &[
                (" s", "seconds"),
                (" min", "minutes"),
                (" h", "hours"),
                (" d", "days"),
                (" ms", "milliseconds"),
            ],
        )),
        Some(value_type) => {
            offers.extend(value_type.constants().iter().map(|text| ((*text).to_owned(), "")));
        }
        None => {}
    }
    let texts = KNOWN_TEXTS.iter().filter(|(known, _)| *known == key).flat_map(|(_, texts)| *texts);
    offers.extend(texts.map(|text| ((*text).to_owned(), "")));
    if matches!(own_key, "state.backend.type" | "state.backend") && target.vvr().is_some() {
        offers.push((catalog::GEMINI_FACTORY.to_owned(), "GeminiStateBackend"));
    }
    if let Some(option) = gemini_option(key) {
        offers.extend(option.seen_values.iter().map(|text| ((*text).to_owned(), "seen in use")));
    }
    if !default.is_empty() && number.is_none() {
        let is_offered = offers.iter().position(|(text, _)| text == default);
        let note = "default";
        match is_offered.and_then(|at| offers.get_mut(at)) {
            Some(offer) => offer.1 = note,
            None => offers.push((default.to_owned(), note)),
        }
    }
    offers.extend(directories(typed).into_iter().map(|path| (path, "")));
    let mut scored: Vec<_> = offers
        .into_iter()
        .filter_map(|(text, note)| Some((fuzzy::score(typed, &text)?, text, note)))
        .collect();
    scored.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    let quoted = subject.dialect == Dialect::Yaml;
    scored
        .into_iter()
        .take(MAX_ITEMS)
        .enumerate()
        .map(|(index, (_, text, note))| {
            let needs_quotes =
                quoted && text.starts_with(['*', '&', '!', '%', '@', '[', '{', '#', '|', '>']);
            let new_text = if needs_quotes { format!("'{text}'") } else { text.clone() };
            lsp::CompletionItem {
                label: text,
                kind: Some(lsp::CompletionItemKind::Value),
                detail: (!note.is_empty()).then(|| note.to_owned()),
                sort_text: Some(format!("{index:03}")),
                text_edit: Some(lsp::TextEdit { range, new_text }.into()),
                ..lsp::CompletionItem::default()
            }
        })
        .collect()
}

fn with_units(
    number: Option<&str>,
    units: &'static [(&'static str, &'static str)],
) -> Vec<(String, &'static str)> {
    let Some(number) = number else { return Vec::new() };
    units.iter().map(|(unit, name)| (format!("{number}{unit}"), *name)).collect()
}

/// Folders below what is typed so far, for values that name one.
fn directories(typed: &str) -> Vec<String> {
    const SCHEMES: [&str; 5] = ["file:///", "hdfs:///", "oss://", "s3://", "gs://"];
    let is_start = typed.len() >= 2 && !typed.contains('/');
    if is_start {
        let fits = |scheme: &&str| scheme.starts_with(typed);
        return SCHEMES.into_iter().filter(fits).map(str::to_owned).collect();
    }
    let (scheme, path) = match typed.strip_prefix("file://") {
        Some(path) => ("file://", path),
        None => ("", typed),
    };
    if !path.starts_with('/') {
        return Vec::new();
    }
    let folder = path.get(..=path.rfind('/').unwrap_or(0)).unwrap_or("/");
    let Ok(entries) = std::fs::read_dir(Path::new(folder)) else { return Vec::new() };
    let mut found: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .map(|name| format!("{scheme}{folder}{name}"))
        .take(1000)
        .collect();
    found.sort();
    found
}
