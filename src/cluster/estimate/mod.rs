//! From a window of answers to a workload.

mod entries;
mod flow;
mod heading;
mod operators;
mod series;
mod state;

use flow::{event_rate, rate_note, source_rate};
use heading::{heading, slug, unique_names};
use operators::operators_of;
use series::{CHANGE_COUNT_MIN, whole};
use state::checkpoint_style;

use super::answers::{CheckpointConfig, Job};
use super::observation::Observation;
use super::profile::{Noted, Profile, Source};
use crate::workload::{Checkpointing, Share, Span, Workload};

/// No window below this is extrapolated: Flink renews metrics every 10 s
/// (`metrics.fetcher.update-interval`), and fewer than five of them show no rate.
pub const WINDOW_MIN: Span = Span { millis: 60_000 };

/// A trend or a size needs more than one checkpoint.
const CHECKPOINT_COUNT_MIN: usize = 2;
/// What a workload can hold, see `Workload::parse`.
const OPERATOR_COUNT_MAX: usize = 8;

/// Why a window says too little about a job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EstimateError {
    /// Only a running job has rates.
    #[error("job {name:?} is {state}, expected RUNNING")]
    NotRunning {
        /// The job's name.
        name: String,
        /// Its state.
        state: String,
    },
    /// Flink tells the size of state by its checkpoints only.
    #[error(
        "job {name:?} takes no checkpoints, so Flink does not tell how large its state is; set \
         `execution.checkpointing.interval`"
    )]
    NoCheckpoints {
        /// The job's name.
        name: String,
    },
    /// Rates would be those of the moment.
    #[error(
        "a window of {found} is too short to extrapolate from: expected {expected} or more, {reason}"
    )]
    WindowTooShort {
        /// The window.
        found: Span,
        /// The smallest that will do.
        expected: Span,
        /// Why that much.
        reason: &'static str,
    },
    /// A size without a spread is no measurement.
    #[error(
        "found {found} completed checkpoints in the window, expected at least {CHECKPOINT_COUNT_MIN}: \
         watch for longer than two intervals of {interval}, or see why checkpoints fail"
    )]
    TooFewCheckpoints {
        /// How many there were.
        found: usize,
        /// The job's interval.
        interval: Span,
    },
    /// Nothing flows.
    #[error(
        "the sources sent {found} records in the window, expected at least 1000 over at least {CHANGE_COUNT_MIN} \
         updates of the metrics: too little to tell a rate"
    )]
    TooFewRecords {
        /// How many there were.
        found: u64,
    },
    /// Counters start again with a job.
    #[error(
        "the job restarted during the window, so its counters do not add up; start again once it is stable"
    )]
    Restarted,
    /// Nothing to describe.
    #[error(
        "no task of job {name:?} has both keyed input and state in its checkpoints: there is nothing to plan for"
    )]
    NoKeyedState {
        /// The job's name.
        name: String,
    },
}

/// Whether a window of this length can tell enough, before it begins.
///
/// # Errors
/// [`EstimateError`] if it cannot.
pub fn preflight(
    job: &Job,
    checkpointing: &CheckpointConfig,
    window: Span,
) -> Result<(), EstimateError> {
    let name = || job.name.clone();
    if job.state != "RUNNING" {
        return Err(EstimateError::NotRunning { name: name(), state: job.state.clone() });
    }
    let interval =
        interval_of(checkpointing).ok_or_else(|| EstimateError::NoCheckpoints { name: name() })?;
    if window < WINDOW_MIN {
        return Err(EstimateError::WindowTooShort {
            found: window,
            expected: WINDOW_MIN,
            reason: "as Flink renews its metrics every 10 s",
        });
    }
    // The first checkpoint may begin one interval after the window does.
    let expected = Span { millis: interval.millis.saturating_mul(3) };
    if window < expected {
        return Err(EstimateError::WindowTooShort {
            found: window,
            expected,
            reason: "three intervals of the job's checkpoints",
        });
    }
    Ok(())
}

/// The interval, unless checkpoints are off: Flink then says Java's largest long.
fn interval_of(checkpointing: &CheckpointConfig) -> Option<Span> {
    let millis = checkpointing.interval;
    (millis > 0 && millis < i64::MAX.unsigned_abs()).then_some(Span { millis })
}

/// What a window says about a job's workload.
///
/// # Errors
/// [`EstimateError`] if the window says too little; nothing is made up.
pub fn estimate(observation: &Observation) -> Result<Profile, EstimateError> {
    let Observation { job, checkpointing, samples, .. } = observation;
    let interval = interval_of(checkpointing)
        .ok_or_else(|| EstimateError::NoCheckpoints { name: job.name.clone() })?;
    let window = observation.window();
    // A tenth is lost between the samples at either end.
    if window.millis < WINDOW_MIN.millis / 10 * 9 {
        return Err(EstimateError::WindowTooShort {
            found: window,
            expected: WINDOW_MIN,
            reason: "as Flink renews its metrics every 10 s",
        });
    }
    let found = observation.checkpoints_in_window();
    if found < CHECKPOINT_COUNT_MIN {
        return Err(EstimateError::TooFewCheckpoints { found, interval });
    }
    let source = source_rate(observation)?;
    let mut operators = Vec::new();
    for vertex in &job.vertices {
        let node = job.plan.nodes.iter().find(|node| node.id == vertex.id);
        operators.extend(operators_of(observation, vertex, node, &source)?);
    }
    if operators.is_empty() {
        return Err(EstimateError::NoKeyedState { name: job.name.clone() });
    }
    operators.sort_by(|a, b| b.state_size.total_cmp(&a.state_size));
    let left_out: Vec<_> = operators.drain(operators.len().min(OPERATOR_COUNT_MAX)..).collect();
    operators.sort_by_key(|found| found.position);
    unique_names(&mut operators);
    // Records that an operator gets beside the source's, say of a flat map, must fit a share.
    let busiest = operators.iter().map(|found| found.rate).fold(source.value, f64::max);
    for found in &mut operators {
        let share = (found.rate / busiest * 1e4).round() / 1e4;
        found.operator.share = Share::try_from(share.clamp(0.0, 1.0)).unwrap_or(Share::ALL);
    }
    let rate = whole(busiest).max(1);
    let parallelism = operators.iter().map(|found| found.parallelism).max().unwrap_or(1).max(1);
    let event_rate = event_rate(observation, busiest);
    let checkpoint = checkpoint_style(observation, interval);
    // Ten minutes of records, in bounds that a simulation is quick with.
    let records = (rate.saturating_mul(600) / u64::from(parallelism)).clamp(50_000, 2_000_000);
    let (specs, notes): (Vec<_>, Vec<_>) =
        operators.into_iter().map(|found| (found.operator, found.notes)).unzip();
    let mut heading = heading(observation, samples.len());
    if !left_out.is_empty() {
        let names: Vec<_> = left_out.iter().map(|found| found.operator.name.as_str()).collect();
        heading.push(format!(
            "Left out, as a workload holds {OPERATOR_COUNT_MAX} operators and these have the \
             least state: {}.",
            names.join(", ")
        ));
    }
    Ok(Profile {
        workload: Workload {
            name: slug(&job.name),
            description: format!(
                "profiled over {} on Flink {}",
                observation.shown_window(),
                observation.flink_version
            ),
            parallelism,
            rate: Some(rate),
            event_rate: event_rate.value,
            warm_up_records: records,
            records,
            duration: None,
            checkpoint: Some(Checkpointing { interval, mode: checkpoint.value }),
            operators: specs,
        },
        heading,
        parallelism: Noted {
            source: Source::Configured,
            note: "the most subtasks of a task with keyed state".to_owned(),
        },
        rate: rate_note(&source, busiest, observation),
        event_rate: event_rate.noted,
        records: Noted {
            source: Source::Assumed,
            note: "ten minutes of a subtask's records, 50000 to 2000000; as much to warm up"
                .to_owned(),
        },
        checkpoint: checkpoint.noted,
        operators: notes,
    })
}

impl Observation {
    /// From the first sample to the last, by the JobManager's clock.
    pub fn window(&self) -> Span {
        let ends = self.samples.first().zip(self.samples.last());
        Span { millis: ends.map_or(0, |(first, last)| last.at.saturating_sub(first.at)) }
    }

    /// The window for people, in whole seconds.
    fn shown_window(&self) -> Span {
        Span { millis: self.window().millis.saturating_add(500) / 1_000 * 1_000 }
    }

    fn checkpoints_in_window(&self) -> usize {
        let start = self.samples.first().map_or(0, |sample| sample.at);
        self.checkpoints.iter().filter(|checkpoint| checkpoint.at >= start).count()
    }

    fn setting(&self, key: &str) -> Option<&str> {
        let found = self.settings.iter().find(|(found, _)| found == key);
        found.map(|(_, value)| value.as_str())
    }
}
