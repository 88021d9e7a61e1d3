use gen_lsp_types as lsp;

use crate::lsp::memory_effect;
use crate::lsp::server::Failure;
use crate::lsp::snapshot::{Snapshot, View};
use crate::memory::{MemoryModel, Pool};

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
    let titles = view.analysis.with_context(|ctx| {
        let subject = &view.analysis.subject;
        let mut titles = vec![format!("{} ({})", subject.target, subject.target_reason)];
        if ctx.loaded.error.is_none() {
            titles.extend(memory(&memory_effect::model(subject, ctx.config)));
        }
        titles
    });
    let lens = |title| lsp::CodeLens {
        range: lsp::Range::default(),
        command: Some(command(&view, title)),
        data: None,
    };
    Ok(Some(titles.into_iter().map(lens).collect()))
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
