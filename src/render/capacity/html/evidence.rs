//! What was held against what: constraints, the hit-ratio curve, the backends, the run.

use maud::html;

use super::super::assessment::standing_word;
use super::plot::{self, Mark};
use super::{Column, Section, meter, proposed, range, table, text_table};
use crate::capacity::{Constraint, Standing, Unit, Weight, figure, headroom};
use crate::render::capacity::Report;
use crate::simulator::{per_million, per_second};

pub(super) fn constraints(report: &Report<'_>) -> Option<Section> {
    let then = proposed(report);
    let mut head = vec![
        Column::Text("Constraint"),
        Column::Number("needs"),
        Column::Number("has"),
        Column::Text("used, at least and at most"),
        Column::Number("left at worst"),
        Column::Text("stands"),
    ];
    if then.is_some() {
        head.push(Column::Number("left as proposed"));
    }
    let left = |it: &Constraint| it.headroom().map_or("–".to_owned(), headroom);
    let rows = html! {
        @for it in &report.assessment.constraints {
            @let binds = Some(it.kind) == report.assessment.binding;
            tr.binds[binds].(tone(it))[binds] {
                th scope="row" {
                    (it.kind.title()) @if binds { " " span.badge.plain { "binds" } }
                    div.meta { (it.formula) }
                }
                td.n { (range(it.need, it.unit)) }
                td.n { (range(it.limit, it.unit)) }
                td { @if let Some(left) = it.headroom() {
                    (meter(tone(it), 1.0 - left.high, 1.0 - left.low)) } }
                td.n { (left(it)) }
                td { span.badge.(tone(it)) { (words(it)) } }
                @if let Some(then) = then {
                    td.n { (then.constraint(it.kind).map_or("–".to_owned(), left)) }
                }
            }
        }
    };
    let body = html! {
        p { "What the job needs of each thing, and what there is of it. Figures are of a slot; local \
             disk of a TaskManager; throughput and task slots of the job. “?” is what nobody said." }
        (table("Constraints", &head, &rows))
    };
    Some(Section::new("constraints", "Constraints", body))
}

fn words(it: &Constraint) -> &'static str {
    match (it.standing(), it.weight) {
        (Standing::Holds, _) => "holds",
        (Standing::Unknown, _) => "unknown",
        _ => standing_word(it),
    }
}

/// The class whose colors show how a constraint stands.
fn tone(it: &Constraint) -> &'static str {
    match (it.standing(), it.weight) {
        (Standing::Holds, _) => "fits",
        (Standing::Unknown, _) => "plain",
        (Standing::Broken, Weight::Hard) => "does-not-fit",
        _ => "may-not-fit",
    }
}

pub(super) fn curve(report: &Report<'_>) -> Option<Section> {
    let rows = &report.assessment.observation.report.curve;
    let title = "Hit ratio by memory";
    if rows.is_empty() {
        let body = html! { p { "The workload reads nothing that a cache could answer." } };
        return Some(Section::new("curve", title, body));
    }
    let mut marks = Vec::new();
    if let Some(memory) = report.assessment.setup.store_memory() {
        marks.push(Mark { label: "now", memory });
    }
    if let Some(memory) = proposed(report).and_then(|it| it.setup.store_memory()) {
        marks.push(Mark { label: "proposed", memory });
    }
    let size = |memory: u64| figure(memory as f64, Unit::Bytes);
    let points: Vec<_> =
        marks
            .iter()
            .map(|mark| {
                vec![mark.label.to_owned(), size(mark.memory), plot::hits_at(rows, mark.memory)]
            })
            .chain(rows.iter().step_by(rows.len().div_ceil(24)).map(|row| {
                vec!["curve".to_owned(), size(row.memory), plot::hits_at(rows, row.memory)]
            }))
            .collect();
    let head = [Column::Text("Point"), Column::Number("memory"), Column::Number("hits")];
    let body = html! {
        p { "State accesses that an LRU cache of single entries answers, by its size, as a part of \
             what an endless one answers. Memory to the right of where the line turns flat is \
             memory that no cache can use." }
        (plot::curve(rows, &marks))
        details { summary { "The curve as a table" } (text_table(title, &head, &points)) }
    };
    Some(Section::new("curve", title, body))
}

pub(super) fn backends(report: &Report<'_>) -> Option<Section> {
    let most = report.backends.iter().map(|row| row.throughput).max().unwrap_or(1).max(1) as f64;
    let head = [
        Column::Text("Backend"),
        Column::Number("memory of a slot"),
        Column::Number("sustains"),
        Column::Text("beside the best"),
        Column::Number("reads without disk"),
        Column::Number("p99 of a record"),
        Column::Number("on disk"),
        Column::Number("restore"),
    ];
    let current = report.assessment.setup.kind.name();
    let rows = html! {
        @for row in report.backends {
            tr {
                th scope="row" { (row.name) @if row.name == current { " " span.badge.plain { "now" } } }
                td.n { (row.memory.map_or("unbounded".to_owned(), |it| figure(it as f64, Unit::Bytes))) }
                @match &row.failure {
                    Some(error) => { td colspan="5" { span.badge.error { "fails" } " " (error) } }
                    None => {
                        td.n { (figure(row.throughput as f64, Unit::RecordsPerSecond)) }
                        td { (meter("", row.throughput as f64 / most, 0.0)) }
                        td.n { (format!("{:.2} %", row.hits_per_million as f64 / 10_000.0)) }
                        td.n { (row.p99) }
                        td.n { (figure(row.disk_bytes as f64, Unit::Bytes)) }
                    }
                }
                td.n { (row.restore.map_or("–".to_owned(), |it| figure(it, Unit::Seconds))) }
            }
        }
    };
    let body = html! {
        p { "The same workload and process under each state backend, in virtual time. Memory on the \
             heap is shared with the job's own objects, and its checkpoints are always full." }
        (table("State backends", &head, &rows))
    };
    Some(Section::new("backends", "State backends", body))
}

pub(super) fn timeline(report: &Report<'_>) -> Option<Section> {
    let run = report.timeline.run;
    let checkpoints: Vec<_> = run
        .checkpoints
        .iter()
        .map(|row| {
            vec![
                row.report.id.to_string(),
                row.report.at.since(row.started).to_string(),
                row.report.sync.to_string(),
                figure(row.report.uploaded as f64, Unit::Bytes),
                figure(row.report.full_size as f64, Unit::Bytes),
            ]
        })
        .collect();
    let slices: Vec<_> = run
        .timeline
        .iter()
        .map(|slice| {
            vec![
                slice.start.to_string(),
                figure(per_second(slice.records, slice.elapsed) as f64, Unit::RecordsPerSecond),
                slice.p99.to_string(),
                format!("{:.1} %", per_million(slice.hits, slice.lookups) as f64 / 1e4),
                figure(slice.disk_written as f64, Unit::Bytes),
                slice.checkpoints.to_string(),
            ]
        })
        .collect();
    let slice_head = [
        Column::Number("from"),
        Column::Number("records"),
        Column::Number("p99"),
        Column::Number("reads without disk"),
        Column::Number("written to disk"),
        Column::Number("checkpoints"),
    ];
    let body = html! {
        p { "One subtask at full speed: " (figure(run.records as f64, Unit::Count)) " records in "
            (run.elapsed.to_string()) " of virtual time, after a warm-up. "
            @if let Some(why) = &report.timeline.brought_forward { (why) } }
        (plot::timeline(run))
        @if checkpoints.is_empty() { p { "No checkpoint was due within the run." } }
        @else { (text_table("Checkpoints of the run, warm-up included", &CHECKPOINTS, &checkpoints)) }
        details { summary { "The run as a table" } (text_table("The run", &slice_head, &slices)) }
    };
    Some(Section::new("timeline", "Timeline with checkpoints", body))
}

const CHECKPOINTS: [Column; 5] = [
    Column::Text("Checkpoint"),
    Column::Number("took"),
    Column::Number("of it, the task stood still"),
    Column::Number("uploaded"),
    Column::Number("refers to"),
];
