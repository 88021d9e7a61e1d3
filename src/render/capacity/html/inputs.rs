//! What all figures start from, and how far they hold.

use maud::{Markup, html};

use super::{Column, Section, text_table};
use crate::capacity::{FURTHEST, Provenance, Unit, figure};
use crate::render::capacity::Report;
use crate::render::printable;

pub(super) fn inputs(report: &Report<'_>) -> Option<Section> {
    let rows: Vec<_> = report
        .assessment
        .inputs
        .iter()
        .map(|input| {
            let from = report.page.provenance(&input.provenance);
            vec![
                input.name.to_owned(),
                input.value.clone(),
                kind(&input.provenance).to_owned(),
                from,
            ]
        })
        .collect();
    let head =
        [Column::Text("Input"), Column::Text("value"), Column::Text("is"), Column::Text("from")];
    Some(Section::new(
        "inputs",
        "Inputs",
        text_table("Inputs and where they come from", &head, &rows),
    ))
}

fn kind(provenance: &Provenance) -> &'static str {
    match provenance {
        Provenance::Configuration(_) => "configured",
        Provenance::Default(_) => "default",
        Provenance::Workload => "described",
        Provenance::Given => "given",
        Provenance::Simulated => "simulated",
        Provenance::Assumed(_) => "assumed",
        Provenance::Unknown => "unknown",
    }
}

pub(super) fn assumptions(report: &Report<'_>) -> Option<Section> {
    let assessment = report.assessment;
    let run = &assessment.observation.report;
    let unknown: Vec<_> = assessment
        .inputs
        .iter()
        .filter(|it| it.provenance == Provenance::Unknown)
        .map(|it| it.name)
        .collect();
    let body = html! {
        h3 { "Holds within" }
        ul {
            @for row in report.sensitivity {
                li { (row.input) ": "
                    @match row.breaks_at {
                        Some(factor) if factor <= 0.0 => { "at no value" }
                        Some(factor) => { "up to × " (format!("{factor:.2}")) " of what is given" }
                        None => { "up to × " (FURTHEST) ", beyond which nothing was tried" }
                    } }
            }
            li { "seen over " (figure(run.records as f64, Unit::Count)) " records of one subtask (seed "
                (run.seed.0) "), which is " (run.elapsed.to_string()) " of virtual time; what takes \
                longer to show, such as deep compactions of a large state, is not in it" }
        }
        h3 { "Would change with" }
        ul {
            @if unknown.is_empty() { li { "nothing that is unknown: every input is given" } }
            @for name in &unknown { li { (name) ": nobody says, and figures that need it are ranges" } }
            @for it in &assessment.inputs {
                @if let Provenance::Assumed(why) = it.provenance {
                    li { (it.name) ", assumed to be " (printable(&it.value)) ": " (why) }
                }
            }
        }
        h3 { "Assumes" }
        ul {
            li { "Times and rates are those of a simulator on the named hardware, not of a measurement; \
                  compare shapes by them, and measure before you promise." }
            li { "One subtask stands for all: skew between subtasks is not in it." }
            li { "Network Memory is judged for one keyed exchange to each stateful operator." }
            li { "The state grows until the horizon as it grew in the run." }
        }
    };
    Some(Section::new("assumptions", "Assumptions and their limits", body))
}

/// What it takes to get this page again.
pub(super) fn foot(report: &Report<'_>) -> Markup {
    html! {
        "slotwise " (env!("CARGO_PKG_VERSION")) "; inputs " code { (report.digest) }
        ", by which the same inputs are known again; seed " (report.assessment.observation.report.seed.0) "."
    }
}
