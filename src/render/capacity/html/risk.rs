//! What goes over the wires, what a loss means, and how far the verdict holds.

use maud::{Markup, html};

use super::plot::span;
use super::{Column, Section, meter, proposed, range, table, text_table};
use crate::capacity::{
    Assessment, FURTHEST, Range, Sensitivity, Unit, Way, figure, headroom, range_text,
};
use crate::render::capacity::Report;

pub(super) fn budget(report: &Report<'_>) -> Option<Section> {
    let budget = report.budget;
    let unit = Unit::BytesPerSecond;
    let limit = |way: Way| budget.limits.iter().find(|(it, _)| *it == way).and_then(|(_, it)| *it);
    let rows = html! {
        @for way in Way::ALL {
            @for it in budget.traffic.iter().filter(|it| it.way == way) {
                tr {
                    th scope="row" { (it.name) }
                    td { (way.title()) }
                    td.n { (range_text(it.need, unit)) }
                    td {} td {}
                    td.how { (it.formula) }
                }
            }
            @let sum = budget.sum(way);
            tr.sum {
                th scope="row" { "in all" }
                td { (way.title()) }
                td.n { strong { (range_text(sum, unit)) } }
                td.n { (limit(way).map_or("?".to_owned(), |it| figure(it, unit))) }
                td { @if let Some(limit) = limit(way) {
                    (meter("", sum.low / limit, sum.high / limit)) } }
                td.how { @if limit(way).is_none() { "compare with 0.7 of the machine's network" } }
            }
        }
    };
    let head = [
        Column::Text("What"),
        Column::Text("way"),
        Column::Number("bytes a second"),
        Column::Number("has"),
        Column::Text("used"),
        Column::Text("how"),
    ];
    let body = html! {
        p { "Of one TaskManager with all its slots in use, at the rate that the job must keep up with; \
             up to what it sustains where nobody gives a rate. What sinks send is not known." }
        (table("Bandwidth budget", &head, &rows))
    };
    Some(Section::new("budget", "Bandwidth budget", body))
}

pub(super) fn failover(report: &Report<'_>) -> Option<Section> {
    let then = proposed(report);
    let time =
        |it: Option<Range>| it.map_or("unknown".to_owned(), |it| range_text(it, Unit::Seconds));
    type Row = (&'static str, Box<dyn Fn(&Assessment) -> String>);
    let rows: [Row; 6] = [
        ("TaskManagers", Box::new(|it| it.failover.task_managers.to_string())),
        (
            "slots left without one",
            Box::new(|it| {
                format!("{} of {} needed", it.failover.slots_left, it.failover.slots_needed)
            }),
        ),
        (
            "part of the job that stops",
            Box::new(|it| figure(1.0 / f64::from(it.failover.task_managers.max(1)), Unit::Share)),
        ),
        (
            "until it is replaced",
            Box::new(|it| {
                if it.failover.goes_on() { "the job goes on" } else { "the job waits" }.to_owned()
            }),
        ),
        ("restore of the state", Box::new(move |it| time(it.failover.restore))),
        ("catching up after it", Box::new(move |it| time(it.failover.catch_up))),
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|(name, of)| {
            let mut row = vec![(*name).to_owned(), of(report.assessment)];
            row.extend(then.map(of));
            row
        })
        .collect();
    let mut head = vec![Column::Text("What"), Column::Text("as configured")];
    if then.is_some() {
        head.push(Column::Text("as proposed"));
    }
    let body = html! {
        p { "A node or a zone that holds several TaskManagers takes as many times the slots with it. \
             The state comes back from the checkpoint storage; records that arrive meanwhile are worked \
             off with what is left of the throughput." }
        (text_table("Loss of one TaskManager", &head, &rows))
    };
    Some(Section::new("failover", "Loss of a TaskManager", body))
}

pub(super) fn sensitivity(report: &Report<'_>) -> Option<Section> {
    let percent = |value: f64| headroom(Range::exactly(value));
    let rows: Vec<_> = report
        .sensitivity
        .iter()
        .map(|row| {
            let mut cells = vec![
                row.input.to_owned(),
                percent(row.at_half),
                percent(row.at_one_and_a_half),
                break_text(row),
            ];
            if let Some(then) = of_input(report.sensitivity_proposed, row.input) {
                cells.extend([
                    percent(then.at_half),
                    percent(then.at_one_and_a_half),
                    break_text(then),
                ]);
            }
            cells
        })
        .collect();
    let mut head = vec![
        Column::Text("Input"),
        Column::Number("headroom at half of it"),
        Column::Number("at one and a half"),
        Column::Number("does not fit from"),
    ];
    if !report.sensitivity_proposed.is_empty() {
        head.extend([
            Column::Number("as proposed, at half"),
            Column::Number("at one and a half"),
            Column::Number("does not fit from"),
        ]);
    }
    let body = html! {
        p { "The least headroom of what the job cannot do without, when one input is half as large or \
             half as large again, and the factor at which the job no longer fits. "
            @if range(report.assessment.constraint(crate::capacity::ConstraintKind::Throughput)
                .and_then(|it| it.need), Unit::Count) == "?" {
                "The rate is unknown and taken as 0.7 of what the job sustains." } }
        (tornado(report.sensitivity, report.sensitivity_proposed))
        (text_table("Sensitivity", &head, &rows))
    };
    Some(Section::new("sensitivity", "Sensitivity", body))
}

fn of_input<'a>(rows: &'a [Sensitivity], input: &str) -> Option<&'a Sensitivity> {
    rows.iter().find(|row| row.input == input)
}

fn break_text(row: &Sensitivity) -> String {
    match row.breaks_at {
        Some(factor) if factor <= 0.0 => "any".to_owned(),
        Some(factor) => format!("× {factor:.2}"),
        None => format!("beyond × {FURTHEST}"),
    }
}

/// Bars from the headroom at half of an input to that at one and a half, on one axis.
fn tornado(rows: &[Sensitivity], proposed: &[Sensitivity]) -> Markup {
    // Far below nothing, it only matters that it does not fit.
    let all = || rows.iter().chain(proposed);
    let values = || all().flat_map(|row| [row.at_half, row.at_one_and_a_half]);
    let low = values().fold(0.0, f64::min).max(-1.0);
    let high = values().fold(0.0, f64::max).clamp(0.05, 1.0);
    let low = if low < 0.0 { low.min(-0.05) } else { 0.0 };
    let bar = |row: &Sensitivity| {
        span(row.at_half.clamp(low, high), row.at_one_and_a_half.clamp(low, high), low, high)
    };
    let said: Vec<_> = rows
        .iter()
        .map(|row| {
            format!(
                "{}: {} to {}",
                row.input,
                headroom(Range::exactly(row.at_half)),
                headroom(Range::exactly(row.at_one_and_a_half))
            )
        })
        .collect();
    html! {
        div.pools.tornado role="img" aria-label=(format!("Headroom by input. {}.", said.join("; "))) {
            @for row in rows {
                @let then = of_input(proposed, row.input);
                span.name { (row.input) }
                span.size { "breaks at " (break_text(row))
                    @if let Some(then) = then { span.then-size { " → " (break_text(then)) } } }
                div.lane.two[then.is_some()] {
                    i style=(bar(row)) {}
                    @if let Some(then) = then { i.then style=(bar(then)) {} }
                    u style=(span(0.0, 0.0, low, high)) {}
                }
            }
        }
        p.key { span { i {} "headroom between half and one and a half of the input, from "
            (headroom(Range::exactly(low))) " (left) to " (headroom(Range::exactly(high))) " (right)" }
            span { i.rule {} "no headroom" }
            @if !proposed.is_empty() { span { i style="opacity:.55" {} "lower: as proposed" } } }
    }
}
