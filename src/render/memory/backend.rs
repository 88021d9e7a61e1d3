//! What a slot's state backend gets, in words.

use super::{Mark, Page};
use crate::memory::{
    Backend, BackendMemory, GeminiManaged, GeminiMemory, GeminiOwnSize, ManagedShare,
    RocksDbBudget, RocksDbMemory,
};
use crate::units::MemorySize;

/// A line with a size and what it is.
type Row = (&'static str, MemorySize, String);

pub(super) fn draw(text: &mut String, page: &Page<'_>, backend: &Backend<'_>) {
    page.section(text, &heading(page, backend));
    let rows = match &backend.memory {
        BackendMemory::Gemini(GeminiMemory::Managed(memory)) => managed(page, backend, memory),
        BackendMemory::Gemini(GeminiMemory::OwnSize(memory)) => own_size(page, backend, memory),
        BackendMemory::RocksDb(memory) => rocksdb(page, memory),
        BackendMemory::Heap { per_slot } => {
            vec![("slot's Task Heap", *per_slot, "shared with the job's own objects".to_owned())]
        }
        BackendMemory::Unknown => Vec::new(),
    };
    for (title, size, note) in rows {
        let start = format!("  {title:<24} {:>9}  ", size.short());
        page.hanging(text, &start, 2 + 24 + 1 + 9 + 2, &note);
    }
    if matches!(backend.memory, BackendMemory::Unknown) {
        page.paragraph(text, "  ", "a class of its own: slotwise knows nothing of its memory");
    }
    for concern in &backend.concerns {
        let mark = if concern.is_hint() { Mark::Hint } else { Mark::Warning };
        page.hanging(text, &format!("  {} ", page.mark(mark)), 4, &concern.to_string());
    }
}

fn heading(page: &Page<'_>, backend: &Backend<'_>) -> String {
    let name = &backend.name;
    let origin = match backend.setting() {
        Some(setting) => page.places.name(setting.value_span),
        None => format!("default of {}", page.report.target),
    };
    let where_from = match &backend.memory {
        BackendMemory::Gemini(GeminiMemory::Managed(_)) => ", on managed memory",
        BackendMemory::Gemini(GeminiMemory::OwnSize(_)) => ", with memory of its own",
        BackendMemory::RocksDb(memory) => match memory.budget {
            RocksDbBudget::FixedPerSlot(_) => ", with a fixed size per slot",
            RocksDbBudget::Managed(_) => ", on managed memory",
            RocksDbBudget::FixedPerTaskManager(_) => ", with a fixed size per TaskManager",
            RocksDbBudget::Unbounded => ", unbounded",
        },
        BackendMemory::Heap { .. } => ", on the heap",
        BackendMemory::Unknown => "",
    };
    format!("State backend {name} ({origin}){where_from}")
}

fn share(page: &Page<'_>, share: &ManagedShare<'_>) -> Vec<Row> {
    let mut rows =
        vec![("share of the slot", share.alone, "if no other consumer runs in it".to_owned())];
    if let (Some(size), Some(weights)) = (share.beside_python, &share.weights) {
        let origin = match weights.setting() {
            Some(setting) => page.places.name(setting.value_span),
            None => "default".to_owned(),
        };
        let python = weights.python;
        let note = format!("by weights {} : {python} ({origin})", weights.state_backend);
        rows.push(("beside a Python process", size, note));
    }
    rows
}

fn managed(page: &Page<'_>, backend: &Backend<'_>, memory: &GeminiManaged<'_>) -> Vec<Row> {
    let mut rows = share(page, &memory.share);
    let count = super::super::count_of(backend.backends_per_slot as usize, "backend");
    let note = format!("for each of {count} per slot (--backends-per-slot)");
    rows.push(("each backend", memory.per_backend, note));
    let note = "by the one published failure the engine uses 0.8, in whole MiB; not documented";
    rows.push(("0.8 of it, as observed", memory.observed, note.to_owned()));
    rows
}

fn own_size(page: &Page<'_>, backend: &Backend<'_>, memory: &GeminiOwnSize<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(input) = &memory.off_heap {
        rows.push(("offheap.size", input.value, page.places.origin(input)));
    }
    if let Some(input) = &memory.write_buffer {
        rows.push(("total.writebuffer.size", input.value, page.places.origin(input)));
    }
    if let (Some(per_backend), Some(needed)) = (memory.per_backend, memory.needed) {
        rows.push(("each backend", per_backend, "the sum of these".to_owned()));
        let slots = match &page.report.model.task_manager_process {
            Some(Ok(process)) => process.slot_count,
            _ => 0,
        };
        let count = super::super::count_of(backend.backends_per_slot as usize, "backend");
        let slots = super::super::count_of(slots as usize, "slot");
        rows.push(("all backends", needed, format!("× {count} per slot × {slots}")));
    }
    rows.extend(room(memory.room, memory.room_with_managed));
    rows
}

fn room(room: MemorySize, room_with_managed: MemorySize) -> [Row; 2] {
    let parts = "JVM Overhead + Framework Off-Heap + Task Off-Heap";
    [
        ("room outside the heap", room, parts.to_owned()),
        ("room with managed", room_with_managed, "if nobody else uses it".to_owned()),
    ]
}

fn rocksdb(page: &Page<'_>, memory: &RocksDbMemory<'_>) -> Vec<Row> {
    let mut rows = match &memory.budget {
        RocksDbBudget::Managed(it) => share(page, it),
        RocksDbBudget::FixedPerSlot(input) => {
            vec![("all instances of a slot", input.value, page.places.origin(input))]
        }
        RocksDbBudget::FixedPerTaskManager(input) => {
            vec![("all instances of a TaskManager", input.value, page.places.origin(input))]
        }
        RocksDbBudget::Unbounded => Vec::new(),
    };
    if let (Some(cache), Some(buffers), Some(limit)) =
        (memory.cache_capacity, memory.write_buffer_manager_capacity, memory.mutable_limit)
    {
        let ratio = memory.write_buffer_ratio;
        rows.push(("block cache", cache, format!("(3 − {ratio}) / 3 of it, buffers included")));
        rows.push(("write buffer manager", buffers, format!("2 × {ratio} / 3 of it")));
        rows.push(("flushes above", limit, "7/8 of that in active write buffers".to_owned()));
        let note = "what a write buffer grows by: an eighth of its size";
        rows.push(("arena block", memory.arena_block_size, note.to_owned()));
    }
    if !matches!(memory.budget, RocksDbBudget::Managed(_)) {
        rows.extend(room(memory.room, memory.room_with_managed));
    }
    rows
}
