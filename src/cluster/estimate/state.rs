//! What checkpoints say: how they are taken, and how large the state is.

use super::series::{mean, median, whole};
use crate::cluster::{Figure, Observation, Source, VertexCheckpoint};
use crate::workload::{CheckpointStyle, Span};

pub(super) fn checkpoint_style(
    observation: &Observation,
    interval: Span,
) -> Figure<CheckpointStyle> {
    let sizes = observation.checkpoints.iter().flat_map(|checkpoint| checkpoint.vertices.values());
    let saves =
        |part: &VertexCheckpoint| part.uploaded.is_some_and(|uploaded| uploaded < part.state_size);
    let uploads_less = sizes.clone().any(saves);
    let keys = ["execution.checkpointing.incremental", "state.backend.incremental"];
    let is_set = keys.iter().find_map(|key| observation.setting(key)) == Some("true");
    let durations: Vec<f64> =
        observation.checkpoints.iter().map(|checkpoint| checkpoint.duration as f64).collect();
    let took = format!(
        "every {interval}, by {}; {} completed, in {} ms (median) to {} ms",
        observation.checkpointing.state_backend,
        observation.checkpoints.len(),
        whole(median(&durations)),
        whole(durations.iter().copied().fold(0.0, f64::max)),
    );
    match (uploads_less, is_set) {
        (true, _) => Figure::new(
            Source::Measured,
            CheckpointStyle::Incremental,
            format!("{took}; less was uploaded than the state is"),
        ),
        (false, true) => Figure::new(
            Source::Configured,
            CheckpointStyle::Incremental,
            format!("{took}; set to be incremental, though all was uploaded each time"),
        ),
        (false, false) => Figure::new(
            Source::Measured,
            CheckpointStyle::Full,
            format!("{took}; all of the state was uploaded each time"),
        ),
    }
}

/// A size and its range.
#[derive(Debug, Clone, Copy)]
pub(super) struct StateSize {
    pub(super) size: f64,
    /// Which of the checkpoints it is.
    pub(super) choice: &'static str,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) count: usize,
    /// Bytes a second.
    pub(super) growth: Option<f64>,
}

impl StateSize {
    /// The state of windows: what the next one needs is what the fullest one had.
    pub(super) fn at_most(&self) -> Self {
        Self { size: self.high, choice: "the largest", growth: None, ..*self }
    }

    /// Whether the sizes differ by more than noise.
    pub(super) fn swings(&self) -> bool {
        self.growth.is_none() && self.high > self.low * 1.25
    }

    pub(super) fn times(&self, part: f64) -> Self {
        Self {
            size: self.size * part,
            choice: self.choice,
            low: self.low * part,
            high: self.high * part,
            count: self.count,
            growth: self.growth.map(|growth| growth * part),
        }
    }
}

/// A vertex's state by its last checkpoints: the very last if all grow steadily, else the median.
pub(super) fn state_of(observation: &Observation, vertex: &str) -> StateSize {
    /// RocksDB compacts once four files are new (`level0_file_num_compaction_trigger`), and each
    /// checkpoint writes one, so that five see all of its swing; older ones would hide that the state
    /// has grown.
    const LAST: usize = 5;
    let start = observation.samples.first().map_or(0, |sample| sample.at);
    let points = observation.checkpoints.iter().filter(|checkpoint| checkpoint.at >= start);
    let points: Vec<(f64, f64)> = points
        .filter_map(|checkpoint| {
            let size = checkpoint.vertices.get(vertex)?.state_size as f64;
            Some((checkpoint.at.saturating_sub(start) as f64 / 1e3, size))
        })
        .collect();
    let sizes: Vec<f64> = points.iter().map(|(_, size)| *size).collect();
    let low = sizes.iter().copied().fold(f64::INFINITY, f64::min);
    let high = sizes.iter().copied().fold(0.0, f64::max);
    let growth = trend(&points);
    let recent = sizes.get(sizes.len().saturating_sub(LAST)..).unwrap_or_default();
    let (size, choice) = match (growth, recent.last()) {
        (Some(_), Some(last)) => (*last, "the last"),
        _ => (median(recent), "the median of the last 5"),
    };
    StateSize { size, choice, low, high, count: sizes.len(), growth }
}

/// Bytes a second, if a line explains nearly all of how the sizes differ.
fn trend(points: &[(f64, f64)]) -> Option<f64> {
    /// Fewer lie on a line too easily.
    const COUNT_MIN: usize = 4;
    /// The part of the variance that the line must explain.
    const EXPLAINED_MIN: f64 = 0.9;
    if points.len() < COUNT_MIN {
        return None;
    }
    let (times, sizes): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let (time, size) = (mean(&times), mean(&sizes));
    let covariance: f64 = points.iter().map(|(t, s)| (t - time) * (s - size)).sum();
    let time_variance: f64 = times.iter().map(|t| (t - time) * (t - time)).sum();
    let size_variance: f64 = sizes.iter().map(|s| (s - size) * (s - size)).sum();
    if time_variance <= 0.0 || size_variance <= 0.0 {
        return None;
    }
    let slope = covariance / time_variance;
    let explained = covariance * covariance / (time_variance * size_variance);
    (slope > 0.0 && explained >= EXPLAINED_MIN).then_some(slope)
}
