use maud::{Markup, html};

use super::super::assessment::verdict_line;
use super::{proposed, range};
use crate::capacity::{
    Assessment, ConstraintKind, Range, Unit, Verdict, figure, headroom, range_text,
};
use crate::render::capacity::Report;
use crate::render::{printable, printable_line};

/// What it is about, the verdicts now and as proposed, and the figures that people ask for first.
pub(super) fn head(report: &Report<'_>) -> Markup {
    let now = report.assessment;
    let then = proposed(report);
    html! {
        h1 { (printable_line(&now.workload)) " on " (printable_line(&report.page.path)) }
        p.meta { "Capacity for " (now.setup.target) " (" (printable(&report.page.target_reason)) ")" }
        div.verdicts {
            (card("As configured", now))
            @if let Some(then) = then { (card("As proposed", then)) }
        }
        dl.tiles {
            @for (name, of) in TILES {
                (tile(name, of(now), then.map(of)))
            }
        }
    }
}

fn card(title: &str, assessment: &Assessment) -> Markup {
    let word = match assessment.verdict {
        Verdict::Fits { .. } => "Fits",
        Verdict::MayNotFit => "May not fit",
        Verdict::DoesNotFit => "Does not fit",
    };
    let binding = assessment.binding.and_then(|kind| assessment.constraint(kind));
    html! {
        div.card.verdict.(assessment.verdict.name()) {
            h2 { (title) }
            p.word { (word) }
            p { (sentence(assessment)) }
            @if let Some(binding) = binding { p { small { (binding.formula) } } }
        }
    }
}

/// What the verdict hangs on.
fn sentence(assessment: &Assessment) -> String {
    // The word stands above it already.
    let line = verdict_line(assessment);
    let line = line.trim_start_matches(|c: char| c.is_ascii_uppercase() || c == ' ');
    let mut letters = line.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

type Tile = (&'static str, fn(&Assessment) -> String);

const TILES: [Tile; 6] = [
    ("Headroom at worst", |it| match it.verdict {
        Verdict::Fits { headroom: left } => headroom(Range::exactly(left)),
        _ => "none".to_owned(),
    }),
    ("Memory in all", |it| {
        let each = it.setup.memory.total_process_memory;
        let count = it.failover.task_managers;
        let all = each.bytes() as f64 * f64::from(count);
        format!("{} ({count} × {})", figure(all, Unit::Bytes), each.short())
    }),
    ("Throughput, needed of possible", |it| {
        it.constraint(ConstraintKind::Throughput).map_or("?".to_owned(), |throughput| {
            let [need, limit] = [throughput.need, throughput.limit];
            let need = need.map_or("unknown".to_owned(), |it| range_text(it, throughput.unit));
            format!("{need} of {}", range(limit, throughput.unit))
        })
    }),
    ("State of a slot at the horizon", |it| range_text(it.growth.at_horizon, Unit::Bytes)),
    ("Checkpoint", |it| match it.constraint(ConstraintKind::CheckpointTimeout) {
        Some(checkpoint) => range(checkpoint.need, checkpoint.unit),
        None => "none taken".to_owned(),
    }),
    ("Recovery after a failure", |it| match it.constraint(ConstraintKind::Recovery) {
        Some(recovery) => range(recovery.need, recovery.unit),
        None => "?".to_owned(),
    }),
];

fn tile(name: &str, now: String, then: Option<String>) -> Markup {
    let changed = then.filter(|then| *then != now);
    html! {
        div {
            dt { (name) }
            dd.now { (now) }
            @if let Some(then) = changed { dd.then { "→ " (then) " as proposed" } }
        }
    }
}
