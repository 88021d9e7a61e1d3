use std::fmt::Write;

use gen_lsp_types as lsp;

use crate::catalog::{
    self, Alternate, Classification, Evidence, GeminiOption, GeminiSupport, OptionEntry,
    OptionHistory, Release, Scope, Target, ValueType, classify,
};
use crate::config::{FromRaw, Setting};
use crate::lint::{self, LintContext, Secrets};
use crate::lsp::document::{with_context, written};
use crate::lsp::memory_effect;
use crate::lsp::server::Failure;
use crate::lsp::snapshot::{Snapshot, View};
use crate::units::{FlinkDuration, MemorySize};
use crate::workspace::Subject;

/// `textDocument/hover`: what a key is and does here, and what a value is read as.
pub(in crate::lsp) fn hover(
    snapshot: &Snapshot,
    params: lsp::HoverParams,
) -> Result<Option<lsp::Hover>, Failure> {
    let lsp::TextDocumentPositionParams { text_document, position } =
        params.text_document_position_params;
    let Some(view) = snapshot.view(&text_document.uri) else { return Ok(None) };
    let offset = view.positions.offset(position);
    let subject = view.analysis.at(offset);
    Ok(with_context(subject, |ctx| {
        let here = |span: crate::source::Span| {
            span.file == ctx.file && (span.range().contains(&offset) || span.range().end == offset)
        };
        let is_here = |it: &&Setting<'_>| here(it.key_span) || here(it.value_span);
        let setting = written(ctx)
            .into_iter()
            .find(is_here)
            // Fields of a manifest that stand for an option.
            .or_else(|| ctx.config.settings().iter().find(is_here))?;
        let (span, text) = if here(setting.key_span) {
            (setting.key_span, on_key(&view, subject, ctx, setting))
        } else {
            (setting.value_span, on_value(ctx, setting)?)
        };
        let contents = lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: text };
        Some(lsp::Hover {
            contents: contents.into(),
            range: Some(view.positions.range(span.range())),
        })
    }))
}

fn on_key(
    view: &View<'_>,
    subject: &Subject,
    ctx: &LintContext<'_>,
    setting: &Setting<'_>,
) -> String {
    let mut text = describe_key(&setting.key, ctx.target);
    let _ = writeln!(text, "\n{}", effective(view, ctx, setting));
    memory(&mut text, subject, ctx, &setting.key);
    text
}

/// What a key is to a target; the part of a hover that completions show too.
pub(in crate::lsp) fn describe_key(key: &str, target: &Target) -> String {
    match classify(key, target) {
        Classification::Known { option, entry } => option_text(option, entry, target),
        Classification::Alias { option, entry, alternate } => {
            let mut text = alias_text(option, alternate);
            text.push_str(&option_text(option, entry, target));
            text
        }
        Classification::Gemini(option) => gemini_text(option, target),
        Classification::MapEntry { option, entry } => {
            format!("An entry of `{}`.\n\n{}", option.key, option_text(option, entry, target))
        }
        Classification::Pattern { namespace, .. } => {
            format!("`{key}`\n\nRead by {}.\n", namespace.reader)
        }
        Classification::Removed { last, replacement } => {
            let mut text = format!("`{key}`\n\nRead up to Flink {last}; {target} ignores it.\n");
            if let Some(replacement) = replacement {
                let _ = writeln!(text, "Now it is `{replacement}`.");
            }
            text
        }
        Classification::NotYet { first, instead } => {
            let mut text = format!("`{key}`\n\nRead from Flink {first} on; {target} ignores it.\n");
            if let Some(instead) = instead {
                let _ = writeln!(text, "Here it is `{instead}`.");
            }
            text
        }
        Classification::Misplaced(option) => {
            let class = option.entries.last().map_or("Flink", |entry| entry.declared_in);
            format!("`{key}`\n\nOf no effect in a configuration file ({class}).\n")
        }
        Classification::Unknown => format!("`{key}`\n\nNothing that {target} reads.\n"),
    }
}

fn alias_text(option: &OptionHistory, alternate: Alternate) -> String {
    let kind = if alternate.deprecated { "deprecated" } else { "fallback" };
    format!("`{}`: a {kind} key of `{}`\n\n", alternate.key, option.key)
}

fn option_text(option: &OptionHistory, entry: &OptionEntry, target: &Target) -> String {
    let release = target.release();
    let mut text = format!("**`{}`** · {}\n", option.key, entry.value_type);
    if let Some(description) = catalog::description(option.key) {
        let _ = writeln!(text, "\n{description}");
    }
    text.push('\n');
    if let Some(unit) = unit(entry.value_type, release) {
        let _ = writeln!(text, "- Unit: {unit}");
    }
    let default = catalog::vvr_default(option.key, target).or(entry.default);
    let default = default.map_or("none".to_owned(), |text| format!("`{}`", shown(text)));
    let _ = writeln!(text, "- Default on {target}: {default}");
    let constants = entry.value_type.constants();
    if !constants.is_empty() {
        let _ = writeln!(text, "- Values: `{}`", constants.join("`, `"));
    }
    if !entry.alternates.is_empty() {
        let names = entry.alternates.iter().map(|alternate| {
            let note = if alternate.deprecated { " (deprecated)" } else { "" };
            format!("`{}`{note}", alternate.key)
        });
        let _ = writeln!(text, "- Also read as: {}", names.collect::<Vec<_>>().join(", "));
    }
    let first = option.first_release();
    if first > Release::V1_10 {
        let _ = writeln!(text, "- Since Flink {first}");
    }
    if entry.deprecated {
        text.push_str("- **Deprecated**\n");
    }
    if option.last_release() < Release::LATEST {
        let _ = writeln!(text, "- Gone after Flink {}", option.last_release());
    }
    match catalog::scope(option.key) {
        Some(Scope::Cluster) => text.push_str("- Read when a process starts\n"),
        Some(Scope::Job) => text.push_str("- Read when a job is submitted, which can change it\n"),
        None => {}
    }
    if let Some(url) = catalog::documentation_url(option, release.min(option.last_release())) {
        let _ = writeln!(text, "\n[Flink's documentation]({url})");
    }
    text
}

fn gemini_text(option: &GeminiOption, target: &Target) -> String {
    let mut text = format!(
        "**`{}`** · {} · GeminiStateBackend\n\n{}\n\n",
        option.key, option.value_type, option.description
    );
    let standing = match option.support(target) {
        GeminiSupport::Supported => format!("{target} has it"),
        GeminiSupport::NoGemini => format!("{target} has no Gemini engine and ignores it"),
        GeminiSupport::NotYet(first) => format!("only VVR {first} and later have it"),
        GeminiSupport::Replaced(since) => format!("VVR {since} and later have another option"),
        GeminiSupport::BlinkOnly => "only Blink had it".to_owned(),
    };
    let _ = writeln!(text, "- {standing}");
    if option.support(target) == GeminiSupport::Supported {
        let default = option
            .default_of(target)
            .map_or_else(|| "none that a page tells".to_owned(), |default| format!("`{default}`"));
        let _ = writeln!(text, "- Default: {default}");
    }
    let constants = option.value_type.constants();
    if !constants.is_empty() {
        let _ = writeln!(text, "- Values: `{}`", constants.join("`, `"));
    }
    let evidence = match option.evidence {
        Evidence::Documented => "documented: a page was read in full",
        Evidence::Excerpt => "documented: only an excerpt of the page could be read",
        Evidence::Seen => "seen in a log, a configuration or a forum; nothing else is certain",
    };
    let _ = writeln!(text, "- Evidence: {evidence}");
    if let Some(url) = catalog::gemini_documentation_url(option.key) {
        let _ = writeln!(text, "\n[Documentation]({url})");
    }
    text
}

/// How a bare number is read.
fn unit(value_type: ValueType, release: Release) -> Option<String> {
    match value_type {
        ValueType::MemorySize => {
            Some("bytes, unless `k`, `m`, `g` or `t` follows (powers of 1024)".to_owned())
        }
        ValueType::Duration => {
            let iso = if release >= Release::V2_1 { "; also ISO 8601" } else { "" };
            Some(format!("milliseconds, unless `s`, `min`, `h` or `d` follows{iso}"))
        }
        _ => None,
    }
}

/// The value that counts, and where it comes from.
fn effective(view: &View<'_>, ctx: &LintContext<'_>, setting: &Setting<'_>) -> String {
    let Some(winner) = ctx.config.setting(&setting.key) else { return String::new() };
    let place = place(view, ctx, winner);
    let value = value_text(ctx, winner);
    if winner.value_span == setting.value_span {
        format!("Effective: {value}, {place}")
    } else {
        format!("Effective: {value}, {place}, not what this line says")
    }
}

fn place(view: &View<'_>, ctx: &LintContext<'_>, setting: &Setting<'_>) -> String {
    if setting.key_span.file == ctx.file {
        let line = view.positions.position(setting.key_span.range().start).line;
        format!("line {}", line.saturating_add(1))
    } else {
        ctx.sources
            .file(setting.key_span.file)
            .map_or(String::new(), |file| format!("from {}", file.name()))
    }
}

/// What stands for a secret.
const HIDDEN: &str = "a secret, not shown";

/// A value as Markdown code; secrets are not shown.
fn value_text(ctx: &LintContext<'_>, setting: &Setting<'_>) -> String {
    let text = setting.value.text();
    let inside = setting.value_span.range();
    let is_masked = || {
        lint::mask(ctx).iter().any(|span| {
            let span_range = span.range();
            span.file == setting.value_span.file
                && span_range.start < inside.end
                && inside.start < span_range.end
        })
    };
    // An alias brings a secret to a place of its own.
    let is_known = || Secrets::of(ctx).mask_value(&setting.key, &text) != text;
    if lint::is_secret(&setting.key) || is_masked() || is_known() {
        return HIDDEN.to_owned();
    }
    format!("`{}`", shown(&text))
}

/// A text that fits into inline code of Markdown.
fn shown(text: &str) -> String {
    const MAX: usize = 120;
    let mut shown: String =
        text.chars().take(MAX).map(|c| if c.is_control() || c == '`' { ' ' } else { c }).collect();
    if text.chars().nth(MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// What the option does to memory in this configuration.
fn memory(text: &mut String, subject: &Subject, ctx: &LintContext<'_>, key: &str) {
    let key = match classify(key, ctx.target) {
        Classification::Alias { option, .. } => option.key,
        _ => key,
    };
    let is_slots = key == catalog::keys::TASK_SLOTS.key();
    if !key.contains("memory") && !is_slots {
        return;
    }
    let model = memory_effect::model(subject, ctx.config);
    for effect in memory_effect::effects(&model, key) {
        let _ = write!(text, "\n{}: **{}**", effect.pool.title(), effect.size.short());
        if !effect.formula.is_empty() {
            let _ = write!(text, " = {}", effect.formula);
        }
        if let Some(per_slot) = memory_effect::per_slot(&model, effect.pool) {
            let _ = write!(text, "; {} per slot", per_slot.short());
        }
        text.push_str("  \n");
    }
    if is_slots && let Some(process) = memory_effect::process(&model) {
        let _ = writeln!(
            text,
            "\nEach of {} slots gets {} of Managed, {} of Task Heap, {} of Network",
            process.slot_count,
            process.slot.managed.short(),
            process.slot.task_heap.short(),
            process.slot.network.short(),
        );
    }
}

/// What a value is read as.
fn on_value(ctx: &LintContext<'_>, setting: &Setting<'_>) -> Option<String> {
    let raw = &setting.value;
    let value_type = value_type(&setting.key, ctx.target)?;
    let value = value_text(ctx, setting);
    if value == HIDDEN {
        return Some(format!("{HIDDEN} · {value_type}\n"));
    }
    let release = ctx.release();
    let reading = match value_type {
        ValueType::MemorySize => match MemorySize::from_raw(raw, release) {
            Ok(size) => size_text(size, &raw.text()),
            Err(refusal) => format!("not a size: {}", shown(&refusal.reason)),
        },
        ValueType::Duration => match FlinkDuration::from_raw(raw, release) {
            Ok(duration) => duration.short(),
            Err(refusal) => format!("not a duration: {}", shown(&refusal.reason)),
        },
        ValueType::Boolean => match bool::from_raw(raw, release) {
            Ok(value) => value.to_string(),
            Err(refusal) => format!("not a boolean: {}", shown(&refusal.reason)),
        },
        ValueType::Enum(constants) => {
            let text = raw.text();
            match constants.iter().find(|constant| constant.eq_ignore_ascii_case(&text)) {
                Some(constant) => format!("`{constant}` of `{}`", constants.join("`, `")),
                None => format!("none of `{}`", constants.join("`, `")),
            }
        }
        other => other.to_string(),
    };
    Some(format!("{value} · {value_type}\n\n{reading}\n"))
}

/// The type of a key's values on the target, where it is known.
pub(in crate::lsp) fn value_type(key: &str, target: &Target) -> Option<ValueType> {
    match classify(key, target) {
        Classification::Known { entry, .. } | Classification::Alias { entry, .. } => {
            Some(entry.value_type)
        }
        Classification::Gemini(option) => Some(option.value_type),
        Classification::Pattern { option, .. } => Some(option?.at(target.release())?.value_type),
        _ => None,
    }
}

/// A size in full, and in doubt about a number without a unit.
fn size_text(size: MemorySize, text: &str) -> String {
    let mut shown = format!("{} = {} bytes", size.short(), size.bytes());
    if size.bytes() < 1024 {
        shown = format!("{} bytes", size.bytes());
    }
    let is_bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    const FEW: u64 = 64;
    if is_bare && (1..FEW).contains(&size.bytes()) {
        let _ = write!(shown, " — did you mean {text} GiB (`{text}g`)?");
    } else if is_bare && (FEW..1 << 20).contains(&size.bytes()) {
        let _ = write!(shown, " — did you mean {text} MiB (`{text}m`)?");
    }
    shown
}
