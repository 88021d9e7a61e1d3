use std::fmt::Write;

use super::Page;
use crate::capacity::{Unit, figure};
use crate::plan::{Goal, Measure, Measured, Plan, Shape};
use crate::render::terminal::Style;

/// The pick, why, and what else there is, for a terminal.
pub fn plan_text(plan: &Plan, style: Style) -> String {
    let page = Page::bare(style);
    let mut text = String::new();
    let pick = &plan.pick;
    let line = format!(
        "{} at parallelism {}: {} of {} with {}, {} in all",
        plan.workload,
        plan.parallelism,
        task_managers(pick),
        pick.process.short(),
        crate::render::count_of(pick.slots as usize, "slot"),
        bytes(pick.total)
    );
    page.paragraph(&mut text, "", &line);
    goals(&mut text, plan, &page);
    page.heading(&mut text, "What it changes");
    changes(&mut text, plan, &page);
    alternatives(&mut text, plan, &page);
    page.heading(&mut text, "Why this one");
    let why = format!(
        "a slot's store needs {}{}. {} shapes were derived, {} give a slot that much; of these it \
         takes the least memory in all. It is minimal: {}.",
        bytes(plan.least.memory),
        if plan.least.memory <= plan.floor {
            ", the least that the backend starts with: the goals need no more".to_owned()
        } else {
            format!(" for the goals, found in {} runs", plan.least.runs.len())
        },
        plan.candidates,
        plan.feasible,
        plan.minimal
    );
    page.paragraph(&mut text, "  ", &why);
    let verification = &plan.verification;
    let line = format!(
        "verified by a run of {} records with seed {}, which took no part in the search",
        figure(verification.records as f64, Unit::Count),
        verification.seed
    );
    page.paragraph(&mut text, "  ", &line);
    text
}

/// What a plan changes and why, for below a difference.
pub fn reasons_text(plan: &Plan, style: Style) -> String {
    let page = Page::bare(style);
    let mut text = String::new();
    changes(&mut text, plan, &page);
    goals(&mut text, plan, &page);
    text
}

fn task_managers(shape: &Shape) -> String {
    crate::render::count_of(shape.task_managers as usize, "TaskManager")
}

fn bytes(bytes: u64) -> String {
    figure(bytes as f64, Unit::Bytes)
}

/// A figure of a measure.
pub(super) fn measured_text(goal: &Goal, measured: &Measured) -> String {
    let unit = match goal.measure {
        Measure::HitRatio => Unit::Share,
        Measure::Throughput => Unit::RecordsPerSecond,
        Measure::Checkpoint | Measure::Recovery => Unit::Seconds,
    };
    match measured.figure(goal.measure) {
        Some(value) if unit == Unit::Share => format!("{value:.4}"),
        Some(value) => figure(value, unit),
        None => "none was due in the run".to_owned(),
    }
}

fn goals(text: &mut String, plan: &Plan, page: &Page) {
    page.heading(text, "Goals, in a fresh run");
    let rows: Vec<_> = plan
        .goals
        .iter()
        .map(|goal| {
            let shown = measured_text(goal, &plan.verification.measured);
            [format!("  {goal}"), shown, "met".to_owned()]
        })
        .collect();
    page.columns(text, &rows);
}

fn changes(text: &mut String, plan: &Plan, page: &Page) {
    if plan.changes.is_empty() {
        page.paragraph(text, "  ", "nothing");
    }
    for change in &plan.changes {
        let current = change.current.as_deref().unwrap_or("not set");
        let proposed = change.proposed.as_deref().unwrap_or("taken out");
        let _ = writeln!(text, "  {}: {current} -> {proposed}", change.key);
        page.paragraph(text, "    ", &change.why);
    }
}

fn alternatives(text: &mut String, plan: &Plan, page: &Page) {
    page.heading(text, "Shapes: less memory against less lost with one TaskManager");
    let header = ["", "process", "slots", "TMs", "in all", "store a slot", "lost"];
    let mut rows = vec![header.map(str::to_owned)];
    for shape in &plan.alternatives {
        let mark = if *shape == plan.pick { ">" } else { " " };
        rows.push([
            mark.to_owned(),
            shape.process.short(),
            shape.slots.to_string(),
            shape.task_managers.to_string(),
            bytes(shape.total),
            bytes(shape.store_memory),
            figure(shape.lost_share(), Unit::Share),
        ]);
    }
    page.columns(text, &rows);
}
