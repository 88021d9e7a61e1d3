use gen_lsp_types as lsp;

use crate::lsp::document::with_context;
use crate::lsp::memory_effect;
use crate::lsp::server::Failure;
use crate::lsp::snapshot::{Snapshot, View};
use crate::manifest::Role;
use crate::memory::{MemoryModel, Pool};
use crate::workspace::Subject;

/// Shows the memory of a file; see [`execute_command`](super::execute_command).
pub(super) const SHOW_MEMORY: &str = "slotwise.showMemory";

/// `textDocument/codeLens`: above the file, what it is for and how its memory is divided.
pub(in crate::lsp) fn code_lens(
    snapshot: &Snapshot,
    params: lsp::CodeLensParams,
) -> Result<Option<Vec<lsp::CodeLens>>, Failure> {
    if !snapshot.environment.settings.code_lens {
        return Ok(None);
    }
    let Some(view) = snapshot.view(&params.text_document.uri) else { return Ok(None) };
    let lenses = view.analysis.subjects().flat_map(|subject| {
        let at = view.positions.position(view.analysis.start_of(subject));
        let range = lsp::Range { start: lsp::Position { character: 0, ..at }, end: at };
        let lens =
            |title| lsp::CodeLens { range, command: Some(command(&view, title)), data: None };
        titles(&view, subject).into_iter().map(lens).collect::<Vec<_>>()
    });
    Ok(Some(lenses.collect()))
}

fn titles(view: &View<'_>, subject: &Subject) -> Vec<String> {
    with_context(subject, |ctx| {
        let deployment = subject.deployment.as_ref();
        let name = deployment.filter(|_| view.analysis.subjects().nth(1).is_some());
        let name = name.map_or_else(String::new, |deployment| format!("{}: ", deployment.name));
        let mut titles = vec![format!("{name}{} ({})", subject.target, subject.target_reason)];
        let has_memory = ctx.loaded.error.is_none() && !ctx.config.settings().is_empty();
        if has_memory {
            let model = memory_effect::model(subject, ctx.config);
            titles.extend(match deployment.map(|deployment| deployment.role) {
                None | Some(Role::Cluster | Role::TaskManager) => memory(&model),
                Some(Role::JobManager) => job_manager(&model).into_iter().collect(),
                // Only a part of the settings is known.
                Some(Role::Part) => Vec::new(),
            });
        }
        titles
    })
}

/// The split of a JobManager, which Flink 1.10 does not have.
fn job_manager(model: &MemoryModel<'_>) -> Option<String> {
    let memory = match &model.job_manager.result {
        Ok(memory) => memory,
        Err(error) => return Some(format!("Flink refuses this memory: {error}")),
    };
    let rest = memory.beyond_heap?;
    let parts = [
        (Pool::JvmHeap, memory.jvm_heap),
        (Pool::OffHeap, rest.off_heap),
        (Pool::JvmMetaspace, rest.jvm_metaspace),
        (Pool::JvmOverhead, rest.jvm_overhead),
    ];
    let parts = parts.map(|(pool, size)| format!("{} {}", pool.title(), size.short()));
    Some(format!("JobManager {}: {}", rest.total_process_memory.short(), parts.join(" · ")))
}

fn command(view: &View<'_>, title: String) -> lsp::Command {
    lsp::Command {
        title,
        tooltip: None,
        command: SHOW_MEMORY.to_owned(),
        arguments: Some(vec![view.document.uri.0.clone().into()]),
    }
}

/// The split of a TaskManager, then what a slot gets.
fn memory(model: &MemoryModel<'_>) -> Vec<String> {
    let memory = match &model.task_manager.result {
        Ok(memory) => memory,
        Err(error) => return vec![format!("Flink refuses this memory: {error}")],
    };
    let pools = [
        Pool::TaskHeap,
        Pool::Managed,
        Pool::Network,
        Pool::FrameworkHeap,
        Pool::JvmMetaspace,
        Pool::JvmOverhead,
    ];
    let parts = pools.map(|pool| format!("{} {}", pool.title(), memory.size(pool).short()));
    let mut lines =
        vec![format!("TaskManager {}: {}", memory.total_process_memory.short(), parts.join(" · "))];
    if let Some(process) = memory_effect::process(model) {
        let slots = match process.slot_count {
            1 => "the one slot".to_owned(),
            count => format!("each of {count} slots"),
        };
        let mut line = format!(
            "{slots}: Managed {}, Task Heap {}",
            process.slot.managed.short(),
            process.slot.task_heap.short()
        );
        if let Some((size, name)) = memory_effect::per_backend(model) {
            line.push_str(&format!(", each {name} {}", size.short()));
        }
        lines.push(line);
    }
    lines
}
