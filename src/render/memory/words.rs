//! Formulas and origins in words.

use crate::memory::{Capped, Clamp, Formula, Input, Pool, Range, Step};
use crate::render::printable;
use crate::source::{LineIndex, Sources, Span};

/// Names of places in the texts of a run.
pub(super) struct Places<'a> {
    sources: &'a Sources,
    /// Of the file itself, which is the first text.
    lines: Option<LineIndex>,
}

impl<'a> Places<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        let lines = sources.iter().next().map(|(_, file)| LineIndex::new(file.text()));
        Self { sources, lines }
    }

    /// Such as `flink-conf.yaml:3`, or `-D` for a text of the command line.
    pub(super) fn name(&self, span: Span) -> String {
        let (Some((main, file)), Some(lines)) = (self.sources.iter().next(), &self.lines) else {
            return String::new();
        };
        if span.file != main {
            return "-D".to_owned();
        }
        let name = file.name().rsplit(['/', '\\']).next().unwrap_or("");
        format!("{}:{}", printable(name), lines.line_index(span.start) + 1)
    }

    /// Where a value comes from.
    pub(super) fn origin<T>(&self, input: &Input<'_, T>) -> String {
        match input.setting() {
            Some(setting) => self.name(setting.value_span),
            None => "default".to_owned(),
        }
    }
}

/// How a number came about.
pub(super) fn how(step: &Step<'_>, places: &Places<'_>) -> String {
    match &step.formula {
        Formula::Option(input) => match input.setting() {
            Some(_) => format!("set, {}", places.origin(input)),
            None => "default".to_owned(),
        },
        Formula::Fraction(capped) => {
            let fraction = capped.fraction.value.short();
            let origin = places.origin(&capped.fraction);
            let product = format!("{fraction} ({origin}) × {}", names(capped.base, " + "));
            format!("{product}{}", clamp(capped, places))
        }
        Formula::InverseFraction(capped) => {
            let fraction = capped.fraction.value.short();
            let origin = places.origin(&capped.fraction);
            let base = names(capped.base, ", ");
            format!("{fraction} ({origin}) of itself with {base}{}", clamp(capped, places))
        }
        Formula::Sum(parts) => names(parts, " + "),
        Formula::Rest { total, parts, range } => {
            let range = range.as_ref().map(|range| bounds(range, places)).unwrap_or_default();
            format!("{} − {}{range}", total.title(), names(parts, " − "))
        }
        Formula::Segments { count, segment_size } => format!(
            "{} ({}) segments × {} ({})",
            count.value,
            places.origin(count),
            segment_size.value.short(),
            places.origin(segment_size)
        ),
    }
}

/// What the range did to a product.
fn clamp(capped: &Capped<'_>, places: &Places<'_>) -> String {
    let Some(range) = &capped.range else { return String::new() };
    let product = capped.product.short();
    match capped.clamp {
        Some(Clamp::Min) => format!(
            " = {product}, raised to the minimum {} ({})",
            range.min.value.short(),
            places.origin(&range.min)
        ),
        Some(Clamp::Max) => format!(
            " = {product}, lowered to the maximum {} ({})",
            range.max.value.short(),
            places.origin(&range.max)
        ),
        None => String::new(),
    }
}

fn bounds(range: &Range<'_>, places: &Places<'_>) -> String {
    format!(
        ", which must lie within {} ({}) and {} ({})",
        range.min.value.short(),
        places.origin(&range.min),
        range.max.value.short(),
        places.origin(&range.max)
    )
}

pub(super) fn names(pools: &[Pool], separator: &str) -> String {
    pools.iter().map(|pool| pool.title()).collect::<Vec<_>>().join(separator)
}

/// The same text for terminals without Unicode.
pub(super) fn ascii(text: &str) -> String {
    let plain = text.replace('×', "x").replace('−', "-").replace('…', "...").replace('≥', ">=");
    plain.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
}
