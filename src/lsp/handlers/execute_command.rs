use std::fmt::Write;

use gen_lsp_types as lsp;
use serde_json::Value;

use super::code_lens::SHOW_MEMORY;
use crate::lint;
use crate::lsp::document::with_context;
use crate::lsp::memory_effect;
use crate::lsp::server::Failure;
use crate::lsp::snapshot::{Snapshot, View};
use crate::manifest::Role;
use crate::memory::{Derivation, MemoryModel};
use crate::workspace::Subject;

/// Explains a rule of a code or name.
const EXPLAIN_RULE: &str = "slotwise.explainRule";
/// Names the target of a file, for a status bar.
const TARGET: &str = "slotwise.target";

/// What [`execute_command`] knows.
pub(super) const COMMANDS: [&str; 3] = [SHOW_MEMORY, EXPLAIN_RULE, TARGET];

/// `workspace/executeCommand`: Markdown for a preview.
pub(in crate::lsp) fn execute_command(
    snapshot: &Snapshot,
    params: lsp::ExecuteCommandParams,
) -> Result<Option<Value>, Failure> {
    let argument = params.arguments.as_ref().and_then(|list| list.first()?.as_str());
    let argument =
        argument.ok_or_else(|| Failure::refused("expected a text as the first argument"))?;
    let view = || {
        let view = snapshot.view(&lsp::Uri(argument.to_owned()));
        view.ok_or_else(|| {
            Failure::refused(format!("{argument} is no configuration of Flink that is open"))
        })
    };
    match params.command.as_str() {
        SHOW_MEMORY => Ok(Some(memory(&view()?).into())),
        EXPLAIN_RULE => explain(argument).map(|text| Some(text.into())),
        TARGET => {
            let subject = &view()?.analysis.subject;
            let (name, reason) = (subject.target.name(), &subject.target_reason);
            Ok(Some(serde_json::json!({ "target": name, "reason": reason })))
        }
        other => Err(Failure::refused(format!("unknown command {other}"))),
    }
}

fn explain(code: &str) -> Result<String, Failure> {
    let rule = lint::rule(code).ok_or_else(|| Failure::refused(format!("no rule {code}")))?;
    let mut text = format!("# {} {}\n", rule.code, rule.name);
    let mut fenced = false;
    for line in rule.docs.lines() {
        match line.strip_prefix("## ") {
            Some(heading) => {
                let end = if fenced { "```\n" } else { "" };
                let _ = write!(text, "{end}\n## {heading}\n\n```yaml\n");
                fenced = true;
            }
            None => {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    let _ = writeln!(text, "{}\nSource: {}", if fenced { "```\n" } else { "" }, rule.source);
    Ok(text)
}

fn memory(view: &View<'_>) -> String {
    view.analysis.subjects().map(memory_of).collect::<Vec<_>>().join("\n")
}

fn memory_of(subject: &Subject) -> String {
    with_context(subject, |ctx| {
        let of = subject.deployment.as_ref();
        let of = of.map_or_else(String::new, |deployment| format!(" of {}", deployment.name));
        let (target, reason) = (&subject.target, &subject.target_reason);
        let mut text = format!("# Memory{of} on {target}\n\n{reason}\n");
        if let Some(error) = &ctx.loaded.error {
            let _ = writeln!(text, "\nNot as the file stands: {error}");
        }
        let role = subject.deployment.as_ref().map(|deployment| deployment.role);
        let model = memory_effect::model(subject, ctx.config);
        if role != Some(Role::JobManager) {
            section(&mut text, "TaskManager", &model.task_manager);
            slots(&mut text, &model);
        }
        if role != Some(Role::TaskManager) {
            section(&mut text, "JobManager", &model.job_manager);
        }
        text
    })
}

fn section<M>(text: &mut String, title: &str, derivation: &Derivation<'_, M>) {
    let _ = write!(text, "\n## {title}\n\n| pool | size | bytes | how |\n|---|--:|--:|---|\n");
    for step in &derivation.steps {
        let formula = memory_effect::formula(&step.formula);
        let how = if formula.is_empty() { "set, or a default" } else { &formula };
        let (title, size) = (step.pool.title(), step.value);
        let _ = writeln!(text, "| {title} | {} | {} | {how} |", size.short(), size.bytes());
    }
    if let Err(error) = &derivation.result {
        let _ = writeln!(text, "\nFlink refuses it: {error}");
    }
}

fn slots(text: &mut String, model: &MemoryModel<'_>) {
    let Some(process) = memory_effect::process(model) else { return };
    let slot = process.slot;
    let _ = writeln!(
        text,
        "\nEach of {} slots: {} Managed, {} Task Heap, {} Task Off-Heap, {} Network",
        process.slot_count,
        slot.managed.short(),
        slot.task_heap.short(),
        slot.task_off_heap.short(),
        slot.network.short(),
    );
    if let Some((size, name)) = memory_effect::per_backend(model) {
        let _ = writeln!(text, "\nEach {name}: {}", size.short());
    }
}
