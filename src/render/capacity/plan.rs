use super::Page;
use crate::capacity::{Unit, figure};
use crate::plan::{Breaks, Goal, MARGIN, Measure, Measured, Plan, Platform, Shape, StateMemory};
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
        "A slot's store needs {}{}. {} shapes were derived, {} give a slot that much; of these it \
         takes the least memory in all. It is minimal: {}.",
        bytes(plan.least.memory),
        if plan.least.memory <= plan.floor {
            ", the least that the backend starts with: the goals need no more".to_owned()
        } else {
            format!(
                " for the goals: found in {} runs of {} records, with {:.0} % to spare for other \
                 seeds",
                plan.least.runs.len(),
                figure(plan.search_records as f64, Unit::Count),
                (MARGIN - 1.0) * 100.0
            )
        },
        figure(plan.candidates as f64, Unit::Count),
        figure(plan.feasible as f64, Unit::Count),
        less_text(plan)
    );
    page.paragraph(&mut text, "  ", &why);
    let verification = &plan.verification;
    let count = |records: u64| figure(records as f64, Unit::Count);
    let records = if verification.records == verification.of_records {
        format!("all {}", count(verification.records))
    } else {
        format!("{} of {}", count(verification.records), count(verification.of_records))
    };
    let line = format!(
        "Verified by a run of {records} records of a subtask with seed {}, which took no part in \
         the search.",
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

/// What becomes of the plan with four fifths of its memory.
pub fn less_text(plan: &Plan) -> String {
    let size = figure(plan.less.process_mebibytes as f64 * 1_048_576.0, Unit::Bytes);
    match &plan.less.breaks {
        None => format!("with {size} a process it would do as well"),
        Some(Breaks::Refused { why }) => format!("with {size} a process, {why}"),
        Some(Breaks::Short { title }) => format!("with {size} a process, {title} is short"),
        Some(Breaks::Reported { code }) => {
            format!("with {size} a process, `check` reports {code}")
        }
        Some(Breaks::BelowFloor { memory }) => format!(
            "with {size} a process, a slot's store has {}, below the {} that the backend needs",
            bytes(*memory),
            bytes(plan.floor)
        ),
        Some(Breaks::Missed { goal, measured }) => format!(
            "with {size} a process, a run misses {goal} with {}",
            goal.figure_text(measured)
        ),
    }
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
        None => "nothing, the run fails".to_owned(),
    }
}

/// `met`, and how much there is to spare.
pub(super) fn result_text(goal: &Goal, measured: &Measured) -> String {
    let spare = goal.left(measured).unwrap_or(0.0) * 100.0;
    match goal.is_met(measured) {
        false => "MISSED".to_owned(),
        // Ten times what is asked for is said in times.
        true if spare > 900.0 => format!("met {:.0} times over", spare / 100.0 + 1.0),
        true => format!("met, {spare:.0} % to spare"),
    }
}

fn goals(text: &mut String, plan: &Plan, page: &Page) {
    page.heading(text, "Goals, in a fresh run");
    let measured = &plan.verification.measured;
    let rows: Vec<_> = plan
        .goals
        .iter()
        .map(|goal| {
            [format!("  {goal}"), measured_text(goal, measured), result_text(goal, measured)]
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
        let line = format!("{}: {current} -> {proposed}", change.key);
        page.paragraph(text, "  ", &line);
        page.paragraph(text, "    ", &format!("why: {}", change.why));
        if !change.formula.is_empty() {
            page.paragraph(text, "    ", &format!("how: {}", change.formula));
        }
        if let Some(cap) = &change.cap {
            page.paragraph(text, "    ", &format!("cap: {cap}"));
        }
        let line = format!("risk: {} (confidence {})", change.risk, change.confidence.name());
        page.paragraph(text, "    ", &line);
    }
}

/// What the shapes take of the platform, and what that costs.
fn platform(text: &mut String, plan: &Plan, page: &Page) {
    let Some((platform, prices)) = &plan.platform else { return };
    page.heading(text, &format!("The same shapes on {}", platform.name()));
    let mut has_price = false;
    let mut rows = Vec::new();
    for shape in &plan.alternatives {
        let footprint = platform.footprint(shape, plan.parallelism, prices);
        has_price |= footprint.month.is_some();
        let price =
            footprint.month.map_or(String::new(), |it| format!("{it:.0} {}", prices.currency));
        let mark = if *shape == plan.pick { ">" } else { " " };
        rows.push([mark.to_owned(), bytes(footprint.memory), price, footprint.text]);
    }
    page.columns(text, &rows);
    if has_price {
        let line = format!(
            "A month of 730 hours, at prices of {}; --price overrides them.{}",
            prices.date,
            if matches!(platform, Platform::AwsKpu) { "" } else { " The JobManager comes on top." }
        );
        page.paragraph(text, "  ", &line);
    }
}

fn alternatives(text: &mut String, plan: &Plan, page: &Page) {
    page.heading(text, "Shapes: less memory against less lost with one TaskManager");
    let header = ["", "process", "slots", "TMs", "in all", "store a slot", "state in", "lost"];
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
            shape.state_memory.to_string(),
            figure(shape.lost_share(), Unit::Share),
        ]);
    }
    page.columns(text, &rows);
    platform(text, plan, page);
    let is_own = |shape: &Shape| matches!(shape.state_memory, StateMemory::OwnSize { .. });
    if plan.alternatives.iter().any(is_own) && !is_own(&plan.pick) {
        let note = "own off-heap: with state.backend.gemini.memory.managed false and offheap.size \
                    set. Less, as nothing of it is unsure, but Flink does not account for it; it is \
                    picked only where the configuration says so already.";
        page.paragraph(text, "  ", note);
    }
}
