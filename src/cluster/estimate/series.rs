//! Counters as they change over a window, and what numbers of them say.

use std::collections::BTreeSet;

use crate::cluster::Observation;

/// Fewer changes of a counter than this are no series.
pub(super) const CHANGE_COUNT_MIN: usize = 3;

impl Observation {
    /// A counter's sum over these metrics of a vertex, wherever it changed: between its updates
    /// Flink repeats the old values.
    pub(super) fn series(&self, vertex: &str, names: &[String]) -> Series {
        let mut points: Vec<(u64, f64)> = Vec::new();
        for sample in &self.samples {
            let values: Vec<_> =
                names.iter().filter_map(|name| sample.metric(vertex, name)).collect();
            let sum: f64 = values.iter().map(|value| value.sum).sum();
            let is_new = points.last().is_none_or(|(_, last)| !same(*last, sum));
            if !values.is_empty() && is_new {
                points.push((sample.at, sum));
            }
        }
        // The first value may be as old as the one before it would have been.
        Series { points: points.split_off(points.len().min(1)) }
    }

    pub(super) fn names_of(&self, vertex: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut names = BTreeSet::new();
        for sample in &self.samples {
            let metrics = sample.vertices.get(vertex);
            let found = metrics.into_iter().flat_map(|metrics| metrics.keys());
            names.extend(found.filter(|name| wanted(name)).cloned());
        }
        names.into_iter().collect()
    }
}

pub(super) fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < f64::EPSILON * a.abs().max(1.0)
}

/// A counter at the times when it changed.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) points: Vec<(u64, f64)>,
}

impl Series {
    /// Per second over all of it, and the smallest and largest between two points.
    pub(super) fn rate(&self) -> Option<Rate> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        if self.points.len() < CHANGE_COUNT_MIN {
            return None;
        }
        let per_second = |from: &(u64, f64), to: &(u64, f64)| {
            let millis = to.0.saturating_sub(from.0).max(1);
            (to.1 - from.1) * 1e3 / millis as f64
        };
        let steps = self.points.iter().zip(self.points.iter().skip(1));
        let steps: Vec<f64> = steps.map(|(from, to)| per_second(from, to)).collect();
        Some(Rate {
            mean: per_second(first, last),
            low: steps.iter().copied().fold(f64::INFINITY, f64::min),
            high: steps.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            count: last.1 - first.1,
            seconds: last.0.saturating_sub(first.0) as f64 / 1e3,
            steps: steps.len(),
        })
    }

    pub(super) fn is_decreasing_anywhere(&self) -> bool {
        self.points.iter().zip(self.points.iter().skip(1)).any(|(from, to)| to.1 < from.1)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    pub(super) mean: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) count: f64,
    pub(super) seconds: f64,
    pub(super) steps: usize,
}

pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        at(middle)
    } else {
        f64::midpoint(at(middle.saturating_sub(1)), at(middle))
    }
}

/// The nearest whole number; 0 for what is below it or none.
pub(super) fn whole(value: f64) -> u64 {
    // Far above any count; also keeps the conversion exact enough.
    const LIMIT: f64 = 1e18;
    if !value.is_finite() || value <= 0.0 {
        return 0;
    }
    let rounded = value.min(LIMIT).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within 0 and 1e18, and rounded"
    )]
    let whole = rounded as u64;
    whole
}

pub(super) fn bytes(value: f64) -> String {
    crate::units::MemorySize::from_bytes(whole(value))
        .map_or_else(|_| format!("{value} bytes"), |size| size.short())
}
