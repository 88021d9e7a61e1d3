//! Every step of a derivation, with the options it reads and the Flink class that takes it.

use super::{Mark, Page, words};
use crate::memory::{Capped, Formula, Input, MemoryError, Process, Range, Step};
use crate::units::MemorySize;

pub(super) fn steps(text: &mut String, page: &Page<'_>) {
    let model = page.report.model;
    process(
        text,
        page,
        Process::TaskManager,
        &model.task_manager.steps,
        model.task_manager.result.as_ref().err(),
    );
    process(
        text,
        page,
        Process::JobManager,
        &model.job_manager.steps,
        model.job_manager.result.as_ref().err(),
    );
}

fn process(
    text: &mut String,
    page: &Page<'_>,
    process: Process,
    steps: &[Step<'_>],
    error: Option<&MemoryError>,
) {
    page.section(text, &format!("{process}, step by step"));
    for (index, step) in steps.iter().enumerate() {
        let (value, pool) = (step.value, step.pool.title());
        text.push_str(&format!("{:>3}. {pool} = {} bytes\n", index + 1, value.bytes()));
        page.hanging(text, "     ", 7, &words::how(step, &page.places));
        for line in inputs(page, step) {
            page.hanging(text, "     ", 7, &line);
        }
        page.hanging(text, "     Flink: ", 12, step.source);
    }
    if let Some(error) = error {
        let release = page.report.target.release();
        page.hanging(text, &format!("  {} ", page.mark(Mark::Error)), 4, &error.to_string());
        for message in error.flink_messages(process, release) {
            page.paragraph(text, "     Flink: ", &message);
        }
    }
}

/// The options that a step reads, one a line.
fn inputs(page: &Page<'_>, step: &Step<'_>) -> Vec<String> {
    let size = |input: &Input<'_, MemorySize>| line(page, input, input.value.bytes());
    let range = |range: &Range<'_>| vec![size(&range.min), size(&range.max)];
    let capped = |capped: &Capped<'_>| {
        let mut lines = vec![line(page, &capped.fraction, capped.fraction.value)];
        lines.extend(capped.range.iter().flat_map(range));
        let base = words::names(capped.base, " + ");
        lines.push(format!("{base} = {} bytes", capped.base_size.bytes()));
        lines.push(format!("product = {} bytes", capped.product.bytes()));
        lines
    };
    match &step.formula {
        Formula::Option(input) => vec![size(input)],
        Formula::Fraction(it) | Formula::InverseFraction(it) => capped(it),
        Formula::Sum(_) => Vec::new(),
        Formula::Rest { range: bounds, .. } => bounds.iter().flat_map(range).collect(),
        Formula::Segments { count, segment_size } => {
            vec![line(page, count, count.value), size(segment_size)]
        }
    }
}

/// Key, value and origin; the key that was written, where it is another one.
fn line<T>(page: &Page<'_>, input: &Input<'_, T>, value: impl std::fmt::Display) -> String {
    let through = match input.setting() {
        Some(setting) if setting.key != input.key => format!(" through {}", setting.key),
        _ => String::new(),
    };
    format!("{} = {value} ({}{through})", input.key, page.places.origin(input))
}
