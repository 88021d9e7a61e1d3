use maud::{Markup, html};

use super::plot::span;
use super::{Column, Section, proposed, text_table};
use crate::capacity::{Setup, StoreKind, Unit, figure};
use crate::render::capacity::{POOLS, Report};
use crate::simulator::Backend;

/// A part of memory: its name, the place of its color, its bytes.
struct Part {
    name: &'static str,
    color: usize,
    bytes: u64,
}

/// Parts that lie one behind the other.
struct Level {
    title: String,
    parts: Vec<Part>,
}

/// From the process to a slot to what the state backend makes of its part.
fn levels(setup: &Setup) -> [Level; 3] {
    let part = |name, color, bytes| Part { name, color, bytes };
    let process = POOLS.into_iter().enumerate();
    let process =
        process.map(|(color, pool)| part(pool.title(), color, setup.memory.size(pool).bytes()));
    let slot = &setup.slot;
    let slot = vec![
        part("Task Heap", 1, slot.task_heap.bytes()),
        part("Managed Memory", 2, slot.managed.bytes()),
        part("Network Memory", 3, slot.network.bytes()),
        part("Task Off-heap", 5, slot.task_off_heap.bytes()),
    ];
    [
        Level {
            title: format!("Process, {}", setup.memory.total_process_memory.short()),
            parts: process.collect(),
        },
        Level { title: format!("One of {} slots", setup.slot_count), parts: slot },
        Level {
            title: format!("State backend of a slot: {}", setup.kind.name()),
            parts: store(&setup.store),
        },
    ]
}

fn store(store: &Backend) -> Vec<Part> {
    let part = |name, bytes| Part { name, color: 8, bytes };
    match store {
        Backend::Gemini(options) => vec![
            part("write buffer", options.write_buffer),
            part("cache", options.memory.saturating_sub(options.write_buffer)),
        ],
        Backend::RocksDb(options) => match options.write_buffer_manager {
            // The manager charges memtables to the block cache, so that both are within it.
            Some(limit) => vec![
                part("write buffers, at most", limit),
                part("block cache besides", options.block_cache.saturating_sub(limit)),
            ],
            None => vec![part("block cache", options.block_cache)],
        },
        Backend::Heap(options) => vec![part("objects on the heap", options.heap.0)],
    }
}

pub(super) fn memory(report: &Report<'_>) -> Option<Section> {
    let now = &report.assessment.setup;
    let then = proposed(report).map(|it| &it.setup).filter(|then| then.kind == now.kind);
    let total = |setup: &Setup| setup.memory.total_process_memory.bytes();
    let whole = then.map_or(total(now), |then| total(now).max(total(then))).max(1) as f64;
    let levels_then = then.map(levels);
    let mut rows = Vec::new();
    let drawn = html! {
        @for (index, level) in levels(now).iter().enumerate() {
            @let other = levels_then.as_ref().and_then(|levels| levels.get(index));
            span.level { (level.title)
                @if let Some(other) = other { @if other.title != level.title { " → " (other.title) } } }
            (lanes(level, other, whole))
        }
    };
    for (index, level) in levels(now).iter().enumerate() {
        let other = levels_then.as_ref().and_then(|levels| levels.get(index));
        for (place, part) in level.parts.iter().enumerate() {
            let then = other.and_then(|other| other.parts.get(place));
            let bytes = |it: &Part| figure(it.bytes as f64, Unit::Bytes);
            rows.push(vec![
                part.name.to_owned(),
                level.title.clone(),
                bytes(part),
                part.bytes.to_string(),
                then.map_or("–".to_owned(), bytes),
            ]);
        }
    }
    let head = [
        Column::Text("Pool"),
        Column::Text("of"),
        Column::Number("size"),
        Column::Number("bytes"),
        Column::Number("proposed"),
    ];
    let heap_note = now.kind == StoreKind::Heap;
    let label = format!(
        "Memory from the process to a slot to the state backend, to one scale of {}",
        figure(whole, Unit::Bytes)
    );
    let body = html! {
        p { "Each bar begins where the one above it ends, all three levels to one scale of "
            (figure(whole, Unit::Bytes)) ". A slot has its part of what the process has for all \
            slots, and its state backend what is drawn last"
            @if heap_note { ", which lies in the Task Heap of the slot" } "." }
        @if then.is_some() {
            p.key { span { i {} "upper: as configured" } span { i style="opacity:.55" {} "lower: as proposed" } }
        }
        div.pools role="img" aria-label=(label) { (drawn) }
        details { summary { "Memory as a table" } (text_table("Memory", &head, &rows)) }
    };
    Some(Section::new("memory", "Memory of a TaskManager", body))
}

fn lanes(level: &Level, other: Option<&Level>, whole: f64) -> Markup {
    let mut start = 0.0;
    let mut other_start = 0.0;
    let mut rows = Vec::new();
    for (index, part) in level.parts.iter().enumerate() {
        let size = part.bytes as f64;
        let then = other.and_then(|other| other.parts.get(index));
        let place = span(start, start + size, 0.0, whole);
        start += size;
        let then = then.map(|then| {
            let size = then.bytes as f64;
            let place = span(other_start, other_start + size, 0.0, whole);
            other_start += size;
            (place, figure(size, Unit::Bytes))
        });
        rows.push((part, place, then));
    }
    html! {
        @for (part, place, then) in rows {
            span.name { (part.name) }
            span.size {
                (figure(part.bytes as f64, Unit::Bytes))
                @if let Some((_, size)) = &then { span.then-size { " → " (size) } }
            }
            div.lane.two[then.is_some()] {
                i.(format!("c{}", part.color)) style=(place) {}
                @if let Some((place, _)) = &then { i.then.(format!("c{}", part.color)) style=(place) {} }
            }
        }
    }
}
