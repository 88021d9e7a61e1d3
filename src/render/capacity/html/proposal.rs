//! What to do: the change, what else there is, and what `check` says.

use maud::{Markup, html};

use super::super::plan::{measured_text, result_text};
use super::{Column, Section, table, text_table};
use crate::capacity::{Unit, figure};
use crate::plan::Plan;
use crate::render::capacity::{Report, less_text};
use crate::render::printable;

pub(super) fn comparison(report: &Report<'_>) -> Option<Section> {
    let rows: Vec<_> = report
        .comparison?
        .iter()
        .map(|row| vec![row.name.clone(), row.before.clone(), row.now.clone()])
        .collect();
    let head = [Column::Text("Figure"), Column::Text("before"), Column::Text("now")];
    let body = if rows.is_empty() {
        html! { p { "Nothing: every figure of the earlier report is the same." } }
    } else {
        text_table("Changes since the earlier report", &head, &rows)
    };
    Some(Section::new("comparison", "Changed since the earlier report", body))
}

pub(super) fn recommendation(report: &Report<'_>) -> Option<Section> {
    let body = match report.plan {
        Err(why) => html! { p { "No plan: " (printable(why)) } },
        Ok(plan) => planned(plan, report.patch),
    };
    Some(Section::new("recommendation", "Recommendation", body))
}

fn planned(plan: &Plan, patch: Result<&str, &str>) -> Markup {
    let pick = &plan.pick;
    let goals: Vec<_> = plan
        .goals
        .iter()
        .map(|goal| {
            let shown = measured_text(goal, &plan.verification.measured);
            let result = result_text(goal, &plan.verification.measured);
            vec![goal.to_string(), shown, result]
        })
        .collect();
    let head = [Column::Text("Goal"), Column::Text("in a fresh run"), Column::Text("result")];
    html! {
        p { strong { (pick.task_managers) " × " (pick.process.short()) " with " (pick.slots)
            " slots" } ", " (figure(pick.total as f64, Unit::Bytes)) " in all. It is minimal: "
            (printable(&less_text(plan))) ". " (plan.candidates) " shapes were derived, "
            (plan.feasible) " of them give a slot what it needs." }
        @match patch {
            Ok("") => { p { "The configuration is as planned already." } }
            Ok(diff) => { (difference(diff)) }
            Err(why) => { p { (printable(why)) } }
        }
        @if !plan.changes.is_empty() {
            h3 { "Why" }
            dl.why {
                @for change in &plan.changes {
                    dt { code { (change.key) } ": "
                        (printable(change.current.as_deref().unwrap_or("not set"))) " → "
                        strong { (printable(change.proposed.as_deref().unwrap_or("taken out"))) } }
                    dd { (printable(&change.why)) }
                }
            }
        }
        h3 { "Goals" }
        (text_table("Verified with a seed that took no part in the search", &head, &goals))
        p.meta { "Changing slots or memory restarts the TaskManagers. " code { "slotwise tune --write" } " makes \
            the change, " code { "--undo" } " takes it back." }
    }
}

/// A difference by its lines; control characters are made visible.
fn difference(text: &str) -> Markup {
    let class = |line: &str| match line.as_bytes() {
        [b'+', b'+', b'+', b' ', ..] | [b'-', b'-', b'-', b' ', ..] | [b'@', ..] => "at",
        [b'+', ..] => "add",
        [b'-', ..] => "del",
        _ => "same",
    };
    html! {
        pre tabindex="0" role="region" aria-label="The change as a difference" {
            code {
                @for line in text.lines() { span.(class(line)) { (printable(line)) "\n" } }
            }
        }
    }
}

pub(super) fn alternatives(report: &Report<'_>) -> Option<Section> {
    let plan = report.plan.ok()?;
    let setup = &report.assessment.setup;
    let count = report.assessment.failover.task_managers;
    let now = setup.memory.total_process_memory.bytes().saturating_mul(u64::from(count));
    let least = plan.alternatives.iter().map(|it| it.total).min().unwrap_or(1).max(1) as f64;
    let head = [
        Column::Text("Shape"),
        Column::Number("slots"),
        Column::Number("managed fraction"),
        Column::Number("memory in all"),
        Column::Number("beside the least"),
        Column::Number("store of a slot"),
        Column::Number("Task Heap of a slot"),
        Column::Number("lost with one"),
    ];
    let rows = html! {
        tr {
            th scope="row" { (count) " × " (setup.memory.total_process_memory.short()) " " span.badge.plain { "now" } }
            td.n { (setup.slot_count) }
            td.n { "–" }
            td.n { (figure(now as f64, Unit::Bytes)) }
            td.n { (format!("× {:.2}", now as f64 / least)) }
            td.n { (setup.store_memory().map_or("unbounded".to_owned(), |it| figure(it as f64, Unit::Bytes))) }
            td.n { (setup.slot.task_heap.short()) }
            td.n { (figure(1.0 / f64::from(count.max(1)), Unit::Share)) }
        }
        @for shape in &plan.alternatives {
            @let is_pick = *shape == plan.pick;
            tr.pick[is_pick] {
                th scope="row" { (shape.task_managers) " × " (shape.process.short())
                    @if is_pick { " " span.badge.fits { "pick" } } }
                td.n { (shape.slots) }
                td.n { (shape.state_memory.to_string()) }
                td.n { (figure(shape.total as f64, Unit::Bytes)) }
                td.n { (format!("× {:.2}", shape.total as f64 / least)) }
                td.n { (figure(shape.store_memory as f64, Unit::Bytes)) }
                td.n { (shape.task_heap.short()) }
                td.n { (figure(shape.lost_share(), Unit::Share)) }
            }
        }
    };
    let body = html! {
        p { "Shapes that meet the goals and that no other beats: less memory against less lost with one \
             TaskManager. Memory in all is what is paid for." }
        (table("Alternatives", &head, &rows))
    };
    Some(Section::new("alternatives", "Alternatives", body))
}

pub(super) fn findings(report: &Report<'_>) -> Option<Section> {
    let head = [
        Column::Text("Rule"),
        Column::Text("severity"),
        Column::Text("where"),
        Column::Text("what"),
        Column::Text("help"),
    ];
    let rows = html! {
        @for it in report.findings {
            tr {
                th scope="row" { code { (it.code) } }
                td { span.badge.(it.severity) { (it.severity) } }
                td { (printable(&it.place)) }
                td { (printable(&it.message)) }
                td { (printable(&it.help)) }
            }
        }
    };
    let body = if report.findings.is_empty() {
        html! { p { "None: " code { "slotwise check" } " has nothing to say about this file." } }
    } else {
        html! {
            p { "As " code { "slotwise check --workload" } " reports them; "
                code { "slotwise explain" } " says more of a rule." }
            (table("Findings", &head, &rows))
        }
    };
    Some(Section::new("findings", "Findings of check", body))
}
