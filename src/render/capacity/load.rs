use super::Page;
use crate::capacity::{Unit, Weight, figure};
use crate::plan::LargestLoad;
use crate::render::terminal::Style;

/// The largest load, and what holds up to which, for a terminal.
pub fn load_text(load: &LargestLoad, style: Style) -> String {
    let page = Page::bare(style);
    let mut text = String::new();
    let assessment = &load.assessment;
    let setup = &assessment.setup;
    let rate = |rate: u64| figure(rate as f64, Unit::RecordsPerSecond);
    let cluster = format!(
        "{} at parallelism {} on {} of {} with {}",
        assessment.workload,
        assessment.parallelism,
        crate::render::count_of(assessment.failover.task_managers as usize, "TaskManager"),
        setup.memory.total_process_memory.short(),
        crate::render::count_of(setup.slot_count as usize, "slot"),
    );
    let binding = load.binding.map_or("nothing that is known", |kind| kind.title());
    let line = match load.rate {
        Some(most) => format!("{cluster}: up to {}, bound by {binding}", rate(most)),
        None => format!("{cluster}: no load fits, for {binding}"),
    };
    page.paragraph(&mut text, "", &line);
    page.heading(&mut text, "What holds up to which load");
    let mut rows = vec![["", "records/s", "beyond it"].map(str::to_owned)];
    for limit in &load.limits {
        let mark = if Some(limit.kind) == load.binding { "> " } else { "  " };
        let beyond = match limit.weight {
            Weight::Hard => "the job fails or falls behind",
            Weight::Soft => "the job slows down",
        };
        let most = if limit.rate > 0 { rate(limit.rate) } else { "at none".to_owned() };
        rows.push([format!("{mark}{}", limit.kind.title()), most, beyond.to_owned()]);
    }
    page.columns(&mut text, &rows);
    if !load.doubtful.is_empty() {
        let titles: Vec<_> = load.doubtful.iter().map(|kind| kind.title()).collect();
        let line = format!("May break at any load: {}; `assess` says why.", titles.join(", "));
        page.paragraph(&mut text, "  ", &line);
    }
    let note = "All else holds at twice the load that a run sustains. Flink's autoscaler aims at 0.7 \
                of what is sustained, so that there is something to catch up with.";
    page.paragraph(&mut text, "  ", note);
    text
}
