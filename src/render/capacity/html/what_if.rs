use maud::{Markup, PreEscaped, html};
use serde::Serialize;

use super::plot::hits_at;
use super::{Column, Section, text_table};
use crate::capacity::{Unit, figure};
use crate::render::capacity::{POOLS, Report, WhatIfRow};
use crate::render::printable;

/// What the script looks up; it computes nothing.
#[derive(Serialize)]
struct Data {
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    /// Values of the controls, joined by blanks.
    key: String,
    verdict: &'static str,
    words: String,
    figures: Vec<String>,
    /// Percentages of the largest process, by pool.
    shares: Vec<f64>,
}

const FIGURES: [&str; 7] = [
    "TaskManagers",
    "memory in all",
    "Managed Memory",
    "store of a slot",
    "hits of an endless cache",
    "Task Heap of a slot",
    "Network Memory of a slot",
];

pub(super) fn what_if(report: &Report<'_>) -> Option<Section> {
    let rows = report.what_if;
    let now = rows.iter().find(|row| row.is_now)?;
    let most = rows.iter().map(|row| row.process).max().unwrap_or(1).max(1);
    let data = Data { rows: rows.iter().map(|row| looked_up(report, row, most)).collect() };
    let json = serde_json::to_string(&data).unwrap_or_else(|_| "{\"rows\":[]}".to_owned());
    let shown = looked_up(report, now, most);
    let unscripted: Vec<_> = rows
        .iter()
        .filter(|row| row.slots == now.slots && row.fraction == now.fraction)
        .map(|row| {
            let it = looked_up(report, row, most);
            let mut cells = vec![format!("{} MiB", row.process), it.words];
            cells.extend(it.figures);
            cells
        })
        .collect();
    let mut head = vec![Column::Text("Process"), Column::Text("verdict")];
    head.extend(FIGURES.map(Column::Number));
    let caption = format!(
        "Other process sizes with {} slots and managed fraction {}",
        now.slots, now.fraction
    );
    let body = html! {
        p { "Figures were computed beforehand for each combination, with the same model as all others; \
             nothing is computed on this page. The run is the one of the current configuration." }
        div.controls id="what-if-controls" hidden {
            (select("w-slots", "Task slots", rows, |row| row.slots.to_string(), now))
            (select("w-process", "Process size, MiB", rows, |row| row.process.to_string(), now))
            (select("w-fraction", "Managed fraction", rows, |row| row.fraction.clone(), now))
        }
        div id="what-if" role="status" class=(shown.verdict) {
            p.word id="what-if-verdict" { (shown.words) }
            (bars(&shown))
            dl.tiles id="what-if-figures" {
                @for (index, (name, value)) in FIGURES.iter().zip(&shown.figures).enumerate() {
                    div { dt { (name) } dd.now data-at=(index) { (value) } }
                }
            }
        }
        script type="application/json" id="what-if-data" { (PreEscaped(in_script(&json))) }
        details { summary { "Process sizes as a table" } (text_table(&caption, &head, &unscripted)) }
    };
    Some(Section::new("whatif", "What if", body))
}

fn looked_up(report: &Report<'_>, row: &WhatIfRow, most: u64) -> Row {
    let size = |bytes: u64| figure(bytes as f64, Unit::Bytes);
    let curve = &report.assessment.observation.report.curve;
    let (figures, shares) = match &row.memory {
        None => (vec!["–".to_owned(); FIGURES.len()], vec![0.0; POOLS.len()]),
        Some(memory) => {
            let all = row.process.saturating_mul(u64::from(row.task_managers)) << 20;
            let figures = vec![
                row.task_managers.to_string(),
                size(all),
                size(memory.managed),
                memory.store.map_or("unbounded".to_owned(), size),
                memory.store.map_or("?".to_owned(), |store| hits_at(curve, store)),
                size(memory.task_heap),
                size(memory.network),
            ];
            let share = |bytes: &u64| *bytes as f64 / ((most << 20) as f64) * 100.0;
            let shares = memory.pools.iter().map(share).map(|it| (it * 100.0).round() / 100.0);
            (figures, shares.collect())
        }
    };
    Row {
        key: format!("{} {} {}", row.slots, row.process, row.fraction),
        verdict: row.verdict,
        words: printable(&row.words).into_owned(),
        figures,
        shares,
    }
}

/// The process to the scale of the largest.
fn bars(row: &Row) -> Markup {
    html! {
        div.stack id="what-if-bars" aria-hidden="true" {
            @for (index, share) in row.shares.iter().enumerate() {
                i.(format!("c{index}")) data-at=(index) style=(format!("width:{share}%")) {}
            }
        }
        p.key aria-hidden="true" {
            @for (index, pool) in POOLS.into_iter().enumerate() {
                span { i.(format!("c{index}")) {} (pool.title()) }
            }
        }
    }
}

fn select(
    id: &str,
    label: &str,
    rows: &[WhatIfRow],
    value: fn(&WhatIfRow) -> String,
    now: &WhatIfRow,
) -> Markup {
    let mut all: Vec<String> = Vec::new();
    for value in rows.iter().map(value) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    let now = value(now);
    html! {
        div {
            label for=(id) { (label) }
            select id=(id) {
                @for value in &all {
                    option value=(value) selected[*value == now] {
                        (value) @if *value == now { " (now)" }
                    }
                }
            }
        }
    }
}

/// JSON that cannot end the script element that holds it.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
