use std::collections::BTreeSet;

use super::access::{self, Sides};
use super::answers::{CheckpointConfig, Job, PlanNode, Vertex};
use super::observation::is_rocksdb;
use super::profile::{Figure, Noted, OperatorProfile, Profile, Source};
use super::{Observation, Sample};
use crate::workload::{
    CheckpointStyle, Checkpointing, KeyDistribution, Keys, Operator, Share, SizeDistribution, Span,
    Workload,
};

/// No window below this is extrapolated: Flink renews metrics every 10 s
/// (`metrics.fetcher.update-interval`), and fewer than five of them show no rate.
pub const WINDOW_MIN: Span = Span { millis: 60_000 };

/// A trend or a size needs more than one checkpoint.
const CHECKPOINT_COUNT_MIN: usize = 2;
/// Below this, the counters tell more of when they were read than of the job.
const RECORD_COUNT_MIN: f64 = 1_000.0;
/// Fewer changes of a counter than this are no series.
const CHANGE_COUNT_MIN: usize = 3;
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

    /// A counter's sum over these metrics of a vertex, wherever it changed: between its updates
    /// Flink repeats the old values.
    fn series(&self, vertex: &str, names: &[String]) -> Series {
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

    fn names_of(&self, vertex: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut names = BTreeSet::new();
        for sample in &self.samples {
            let metrics = sample.vertices.get(vertex);
            let found = metrics.into_iter().flat_map(|metrics| metrics.keys());
            names.extend(found.filter(|name| wanted(name)).cloned());
        }
        names.into_iter().collect()
    }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < f64::EPSILON * a.abs().max(1.0)
}

/// A counter at the times when it changed.
#[derive(Debug, Clone)]
struct Series {
    points: Vec<(u64, f64)>,
}

impl Series {
    /// Per second over all of it, and the smallest and largest between two points.
    fn rate(&self) -> Option<Rate> {
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

    fn is_decreasing_anywhere(&self) -> bool {
        self.points.iter().zip(self.points.iter().skip(1)).any(|(from, to)| to.1 < from.1)
    }
}

#[derive(Debug, Clone, Copy)]
struct Rate {
    mean: f64,
    low: f64,
    high: f64,
    count: f64,
    seconds: f64,
    steps: usize,
}

/// Records a second that all sources send.
fn source_rate(observation: &Observation) -> Result<Figure<f64>, EstimateError> {
    let nodes = &observation.job.plan.nodes;
    let sources = nodes.iter().filter(|node| node.inputs.is_empty());
    let (mut mean, mut low, mut high, mut count) = (0.0, 0.0, 0.0, 0.0);
    let (mut seconds, mut steps) = (f64::INFINITY, usize::MAX);
    for node in sources {
        let is_source =
            |name: &str| name.starts_with("Source_") && name.ends_with(".numRecordsOut");
        let mut names = observation.names_of(&node.id, is_source);
        if names.is_empty() {
            names.push("numRecordsOut".to_owned());
        }
        let series = observation.series(&node.id, &names);
        if series.is_decreasing_anywhere() {
            return Err(EstimateError::Restarted);
        }
        // A source that is done, or silent, adds nothing.
        if let Some(rate) = series.rate() {
            (mean, low, high) = (mean + rate.mean, low + rate.low, high + rate.high);
            count += rate.count;
            (seconds, steps) = (seconds.min(rate.seconds), steps.min(rate.steps));
        }
    }
    if count < RECORD_COUNT_MIN {
        return Err(EstimateError::TooFewRecords { found: whole(count) });
    }
    // Either end is off by the time between two samples, as the update lies between them.
    let step = observation.window().millis as f64
        / 1e3
        / observation.samples.len().saturating_sub(1).max(1) as f64;
    let note = format!(
        "{} records of the sources in {seconds:.0} s, ±{:.0} %; {} to {} a second in each of the \
         {steps} updates of the metrics",
        whole(count),
        (step / seconds.max(1.0) * 100.0).ceil(),
        whole(low),
        whole(high),
    );
    Ok(Figure::new(Source::Measured, mean, note))
}

fn rate_note(source: &Figure<f64>, busiest: f64, observation: &Observation) -> Noted {
    let mut note = source.noted.note.clone();
    if busiest > source.value * 1.01 {
        note.push_str(&format!(
            "; the sources send {} a second, but an operator gets {}, which shares are parts of",
            whole(source.value),
            whole(busiest)
        ));
    }
    // Half of the time is where waiting, not the input, sets the pace.
    let held_back = held_back(observation);
    if held_back > 0.5 {
        note.push_str(&format!(
            ". The sources were held back {:.0} % of the time: this is what the job can take, and \
             its input may bring more",
            held_back * 100.0
        ));
    }
    Noted { source: source.noted.source, note }
}

/// For which part of the time the sources waited for those after them.
fn held_back(observation: &Observation) -> f64 {
    let nodes = &observation.job.plan.nodes;
    let sources = nodes.iter().filter(|node| node.inputs.is_empty());
    let of = |sample: &Sample, node: &PlanNode| {
        sample.metric(&node.id, "backPressuredTimeMsPerSecond").map(|value| value.max / 1e3)
    };
    let means = sources.map(|node| {
        mean(&observation.samples.iter().filter_map(|sample| of(sample, node)).collect::<Vec<_>>())
    });
    means.fold(0.0, f64::max)
}

/// How fast event time passes beside the clock.
fn event_rate(observation: &Observation, rate: f64) -> Figure<u64> {
    /// Flink's watermark before there is one is Java's smallest long.
    const NONE: f64 = -9e18;
    let per_vertex = observation.job.vertices.iter().filter_map(|vertex| {
        let points = observation.samples.iter().filter_map(|sample| {
            let watermark = sample.metric(&vertex.id, "currentInputWatermark")?.min;
            (watermark > NONE).then_some((sample.at, watermark))
        });
        let mut points: Vec<_> = points.collect();
        points.dedup_by(|a, b| same(a.1, b.1));
        Series { points }.rate()
    });
    // In ms of event time for each second.
    let pace = per_vertex.map(|rate| rate.mean / 1e3).find(|pace| *pace > 0.0);
    match pace {
        Some(pace) => Figure::new(
            Source::Measured,
            whole(rate / pace).max(1),
            format!("watermarks advance {pace:.2} s a second"),
        ),
        None => Figure::new(
            Source::Assumed,
            whole(rate).max(1),
            "as many as come in: no watermark advanced, so that event time is the clock's",
        ),
    }
}

fn checkpoint_style(observation: &Observation, interval: Span) -> Figure<CheckpointStyle> {
    let sizes = observation.checkpoints.iter().flat_map(|checkpoint| checkpoint.vertices.values());
    let saves = |part: &super::VertexCheckpoint| {
        part.uploaded.is_some_and(|uploaded| uploaded < part.state_size)
    };
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

/// An operator with keyed state, and what is needed until the workload is whole.
struct Found {
    operator: Operator,
    notes: OperatorProfile,
    parallelism: u32,
    /// Records a second.
    rate: f64,
    state_size: f64,
    position: usize,
}

/// The operator whose keys a metric counts. Timers are counted by the operator's records.
fn counted_state(name: &str) -> Option<&str> {
    let (operator, last) = name.rsplit_once('.')?;
    let is_state = is_rocksdb(last, "estimate-num-keys") && !operator.contains("_timer_state");
    is_state.then(|| operator.split_once('.').map_or(operator, |(operator, _)| operator))
}

/// The operators with keyed state in a vertex; none if it has no such state.
fn operators_of(
    observation: &Observation,
    vertex: &Vertex,
    node: Option<&PlanNode>,
    source: &Figure<f64>,
) -> Result<Vec<Found>, EstimateError> {
    let counters = observation.names_of(&vertex.id, |name| counted_state(name).is_some());
    let mut names: Vec<String> = Vec::new();
    for operator in counters.iter().filter_map(|name| counted_state(name)) {
        if !names.iter().any(|known| known == operator) {
            names.push(operator.to_owned());
        }
    }
    let inputs = node.map_or(&[][..], |node| &node.inputs);
    let is_keyed = inputs.iter().any(|input| input.ship_strategy.contains("HASH"));
    let state = state_of(observation, &vertex.id);
    if (!is_keyed && names.is_empty()) || state.size < 1.0 {
        return Ok(Vec::new());
    }
    let position =
        observation.job.vertices.iter().position(|it| it.id == vertex.id).unwrap_or_default();
    // Without RocksDB's metrics, the operators of a chain cannot be told apart.
    let operators: Vec<Option<&str>> = match names.as_slice() {
        [] => vec![None],
        names => names.iter().map(|name| Some(name.as_str())).collect(),
    };
    let key_counts: Vec<Option<Spread>> = operators
        .iter()
        .map(|operator| key_count(observation, &vertex.id, (*operator)?, &counters))
        .collect();
    let all_keys: f64 = key_counts.iter().flatten().map(|count| count.all_states).sum();
    let mut found = Vec::new();
    for (operator, keys) in operators.iter().zip(&key_counts) {
        // A state's part is that of its entries.
        let part = match keys {
            Some(keys) if all_keys > 0.0 => keys.all_states / all_keys,
            _ => 1.0 / operators.len().max(1) as f64,
        };
        let operator = Candidate { observation, vertex, node, operator: *operator, source };
        found.push(operator.describe(&state.times(part), keys.as_ref(), position)?);
    }
    Ok(found)
}

/// A size and its range.
#[derive(Debug, Clone, Copy)]
struct StateSize {
    size: f64,
    /// Which of the checkpoints it is.
    choice: &'static str,
    low: f64,
    high: f64,
    count: usize,
    /// Bytes a second.
    growth: Option<f64>,
}

impl StateSize {
    fn times(&self, part: f64) -> Self {
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

/// A vertex's state by its last checkpoints: the very last if all grow steadily, the median if they
/// are alike. RocksDB's files hold old versions until they are compacted, so that the checkpoints of a
/// small state that is often written swing; the smallest is then the one nearest to what is alive.
fn state_of(observation: &Observation, vertex: &str) -> StateSize {
    /// Beyond this, it is more than noise.
    const SWING: f64 = 1.25;
    /// RocksDB compacts once four files are new (`level0_file_num_compaction_trigger`), and each
    /// checkpoint writes one; older ones would hide that the state has grown.
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
    let smallest = recent.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = recent.iter().copied().fold(0.0, f64::max);
    let (size, choice) = match (growth, recent.last()) {
        (Some(_), Some(last)) => (*last, "the last"),
        _ if largest > smallest * SWING => (smallest, "the smallest of the last 5"),
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

/// How many keys RocksDB says that there are.
#[derive(Debug, Clone, Copy)]
struct Spread {
    /// Of the operator's largest state.
    low: f64,
    high: f64,
    /// Entries of all its states.
    all_states: f64,
}

/// Keys of an operator by RocksDB's estimate, which counts a key once in every file that holds it
/// and every write since the last checkpoint, when memory was written out. The least value of the
/// window, after a compaction and without those writes, is nearest.
fn key_count(
    observation: &Observation,
    vertex: &str,
    operator: &str,
    counters: &[String],
) -> Option<Spread> {
    let own: Vec<&String> = counters
        .iter()
        .filter(|name| name.strip_prefix(operator).is_some_and(|rest| rest.starts_with('.')))
        .collect();
    let records = [format!("{operator}.numRecordsIn")];
    let rate = observation.series(vertex, &records).rate().map_or(0.0, |rate| rate.mean);
    // A record writes to one of the states, as far as one can tell.
    let rate = rate / own.len().max(1) as f64 / 1e3;
    // What a sample shows was counted shortly before the one before it asked.
    let lag = observation.window().millis / (observation.samples.len().max(2) as u64 - 1);
    let unwritten = |at: u64| {
        let at = at.saturating_sub(lag);
        let before = observation.checkpoints.iter().map(|checkpoint| checkpoint.at);
        let last = before.filter(|checkpoint| *checkpoint <= at).max();
        last.map_or(0.0, |last| at.saturating_sub(last) as f64 * rate)
    };
    let mut all = Spread { low: 0.0, high: 0.0, all_states: 0.0 };
    for name in own {
        let points = observation.series(vertex, std::slice::from_ref(name)).points;
        // The older half would hide that the state grows.
        let recent = points.get(points.len() / 2..).unwrap_or_default();
        let recent = recent.iter().filter(|(_, keys)| *keys > 0.0);
        // Records may write less often than that.
        let corrected = recent.clone().map(|(at, keys)| (keys - unwritten(*at)).max(keys / 2.0));
        let low = corrected.fold(f64::INFINITY, f64::min);
        if low.is_finite() {
            let high = recent.map(|(_, keys)| *keys).fold(0.0, f64::max);
            all.all_states += low;
            if low > all.low {
                (all.low, all.high) = (low, high);
            }
        }
    }
    (all.low >= 1.0).then_some(all)
}

struct Candidate<'o> {
    observation: &'o Observation,
    vertex: &'o Vertex,
    node: Option<&'o PlanNode>,
    operator: Option<&'o str>,
    source: &'o Figure<f64>,
}

impl Candidate<'_> {
    fn describe(
        &self,
        state: &StateSize,
        keys: Option<&Spread>,
        position: usize,
    ) -> Result<Found, EstimateError> {
        let rate = self.records_in()?;
        let record = self.record_bytes();
        let (count, key_bytes, value_bytes) = entry(state, keys, record);
        let description = self.node.map_or("", |node| node.description.as_str());
        let part = access::part_of(description, self.operator);
        let sides = Sides {
            left_share: self.left_share(),
            value_bytes: SizeDistribution::Fixed(value_bytes.value),
        };
        let access = access::infer(part, &sides);
        let growth = growth(state, key_bytes.value + value_bytes.value, rate.value);
        let name = self
            .operator
            .unwrap_or_else(|| self.vertex.name.split(" -> ").next().unwrap_or(&self.vertex.name));
        let ttl = self.ttl();
        let operator = Operator {
            name: slug(name.split('[').next().unwrap_or(name)),
            share: Share::ALL,
            keys: Keys {
                count: count.value,
                loaded: true,
                growth: growth.value,
                distribution: KeyDistribution::Uniform,
            },
            key_bytes: key_bytes.value,
            value_bytes: SizeDistribution::Fixed(value_bytes.value),
            ttl: ttl.value,
            timers_per_record: 0,
            access: access.value,
        };
        let notes = OperatorProfile {
            state: self.state_note(state),
            share: rate.noted,
            key_count: count.noted,
            growth: growth.noted,
            distribution: self.distribution_note(),
            key_bytes: key_bytes.noted,
            value_bytes: value_bytes.noted,
            ttl: ttl.noted,
            access: access.noted,
        };
        Ok(Found {
            operator,
            notes,
            parallelism: self.vertex.parallelism,
            rate: rate.value,
            state_size: state.size,
            position,
        })
    }

    /// Records a second that reach the operator.
    fn records_in(&self) -> Result<Figure<f64>, EstimateError> {
        let own = self.operator.map(|operator| format!("{operator}.numRecordsIn"));
        let names = own.into_iter().chain(["numRecordsIn".to_owned()]);
        for name in names {
            let series = self.observation.series(&self.vertex.id, std::slice::from_ref(&name));
            if series.is_decreasing_anywhere() {
                return Err(EstimateError::Restarted);
            }
            if let Some(rate) = series.rate() {
                let note = format!(
                    "{name} rose by {} a second, the sources' records by {}",
                    whole(rate.mean),
                    whole(self.source.value)
                );
                return Ok(Figure::new(Source::Measured, rate.mean, note));
            }
        }
        Ok(Figure::new(
            Source::Assumed,
            self.source.value,
            "every record, as the operator's own were not counted",
        ))
    }

    /// Bytes of a record on its way in, serialized.
    fn record_bytes(&self) -> Option<f64> {
        let last = |name| {
            let samples = self.observation.samples.iter().rev();
            samples.filter_map(|sample| sample.metric(&self.vertex.id, name)).next()
        };
        let (bytes, records) = (last("numBytesIn")?.sum, last("numRecordsIn")?.sum);
        (bytes >= 1.0 && records >= 1.0).then_some(bytes / records)
    }

    /// The first input's part of the records.
    fn left_share(&self) -> Option<f64> {
        let inputs = &self.node?.inputs;
        let names = ["numRecordsOut".to_owned()];
        let mut rates = inputs
            .iter()
            .map(|input| self.observation.series(&input.id, &names).rate().map(|rate| rate.mean));
        let (left, right) = (rates.next()??, rates.next()??);
        let share = left / (left + right);
        share.is_finite().then(|| (share * 1e4).round() / 1e4)
    }

    fn state_note(&self, state: &StateSize) -> Noted {
        let mut note = format!(
            "{} of state, {} of {} checkpoints ({} to {} in the window)",
            bytes(state.size),
            state.choice,
            state.count,
            bytes(state.low),
            bytes(state.high)
        );
        if let Some(live) = self.rocksdb_sum("estimate-live-data-size") {
            note.push_str(&format!(", of which RocksDB holds {} live", bytes(live)));
        }
        if state.choice.starts_with("the smallest") {
            note.push_str(
                ". The sizes swing, as RocksDB keeps old versions until it compacts: no more than \
                 the smallest is alive",
            );
        }
        note.push_str(". What is on disk may be compressed");
        Noted { source: Source::Measured, note }
    }

    fn rocksdb_sum(&self, property: &str) -> Option<f64> {
        let prefix = self.operator?;
        let sample = self.observation.samples.last()?;
        let metrics = sample.vertices.get(&self.vertex.id)?.iter();
        let own = metrics.filter(|(name, _)| {
            let last = name.rsplit_once('.').map_or("", |(_, last)| last);
            name.starts_with(prefix) && is_rocksdb(last, property)
        });
        let sum: f64 = own.map(|(_, value)| value.sum).sum();
        (sum > 0.0).then_some(sum)
    }

    fn distribution_note(&self) -> Noted {
        let mut note = "Flink does not tell how popular keys are; alike is the least favorable to \
                        a cache"
            .to_owned();
        let ticker = |property| {
            let prefix = self.operator?;
            let is_own = |name: &str| {
                let last = name.rsplit_once('.').map_or("", |(_, last)| last);
                name.starts_with(prefix) && is_rocksdb(last, property)
            };
            let names = self.observation.names_of(&self.vertex.id, is_own);
            self.observation.series(&self.vertex.id, &names).rate()
        };
        if let (Some(hits), Some(misses)) = (ticker("block-cache-hit"), ticker("block-cache-miss"))
        {
            let all = hits.count + misses.count;
            note.push_str(&format!(
                ". To compare with: {:.1} % of {} block reads hit RocksDB's cache",
                hits.count / all.max(1.0) * 100.0,
                whole(all)
            ));
        }
        Noted { source: Source::Assumed, note }
    }

    fn ttl(&self) -> Figure<Option<Span>> {
        let set = self.observation.setting("table.exec.state.ttl");
        let span = set.and_then(|text| text.parse::<Span>().ok()).filter(|span| span.millis > 0);
        match span {
            Some(span) => {
                Figure::new(Source::Configured, Some(span), "`table.exec.state.ttl` of the cluster")
            }
            None => Figure::new(
                Source::Assumed,
                None,
                "no ttl; Flink's REST API does not tell the one that a job sets",
            ),
        }
    }
}

/// Keys and the bytes of an entry, so that together they are the state.
fn entry(
    state: &StateSize,
    keys: Option<&Spread>,
    record: Option<f64>,
) -> (Figure<u64>, Figure<u32>, Figure<u32>) {
    /// A key group, a namespace and a number or a short text.
    const KEY_BYTES: u32 = 16;
    /// Where nothing is known of rows.
    const VALUE_BYTES: f64 = 100.0;
    // An entry has a key and a value of a byte at least.
    let per_key = match keys {
        Some(keys) => state.size / keys.low,
        None => f64::from(KEY_BYTES) + record.unwrap_or(VALUE_BYTES),
    };
    let entry = u32::try_from(whole(per_key)).unwrap_or(u32::MAX).max(2);
    let key = KEY_BYTES.min(entry / 2).max(1);
    let value = entry.saturating_sub(key).max(1);
    let product = |count: f64| count * f64::from(entry);
    let by_size = (state.size / f64::from(entry)).round().max(1.0);
    let count = match keys {
        // Whole bytes per entry move small entries away from the size that was measured.
        Some(keys) if (product(keys.low) - state.size).abs() > state.size * 0.05 => Figure::new(
            Source::Derived,
            whole(by_size),
            format!(
                "the state by {entry} bytes an entry; RocksDB estimates {} to {} keys",
                whole(keys.low),
                whole(keys.high)
            ),
        ),
        Some(keys) => Figure::new(
            Source::Measured,
            whole(keys.low).max(1),
            format!(
                "the least of RocksDB's estimates, without the writes since a checkpoint; they \
                 reach {}, as a key counts again in every file that holds it",
                whole(keys.high)
            ),
        ),
        None => Figure::new(
            Source::Derived,
            whole(by_size),
            "the state by the bytes of an entry; may be off by 10 times either way, which \
             `state.backend.rocksdb.metrics.estimate-num-keys: true` would tell",
        ),
    };
    let key_figure = Figure::new(
        Source::Assumed,
        key,
        "Flink does not tell; 16 is a key group, a namespace and a number or short text",
    );
    let value_figure = match (keys, record) {
        (Some(_), _) => Figure::new(
            Source::Derived,
            value,
            "what the state has for each key, less the key; as large as RocksDB's estimate of \
             keys is small",
        ),
        (None, Some(record)) => Figure::new(
            Source::Derived,
            value,
            format!(
                "the bytes of an incoming record, {record:.0} (measured); a row that is kept may \
                 be smaller, an accumulator larger"
            ),
        ),
        (None, None) => Figure::new(Source::Assumed, value, "no record's bytes were counted"),
    };
    (count, key_figure, value_figure)
}

fn growth(state: &StateSize, entry: u32, rate: f64) -> Figure<f64> {
    match state.growth {
        Some(slope) if rate > 0.0 && entry > 0 => {
            let growth = (slope / f64::from(entry) / rate).clamp(0.0, 1.0);
            // Six digits, so that the file does not pretend to more.
            let growth = (growth * 1e6).round() / 1e6;
            let note = format!(
                "checkpoints grew by {} a second along a line over {} of them",
                bytes(slope),
                state.count
            );
            Figure::new(Source::Measured, growth, note)
        }
        _ => Figure::new(
            Source::Assumed,
            0.0,
            format!(
                "the sizes of {} checkpoints show no steady trend, and none is extrapolated",
                state.count
            ),
        ),
    }
}

fn heading(observation: &Observation, sample_count: usize) -> Vec<String> {
    let job = &observation.job;
    let mut lines = vec![
        format!(
            "Profile of the job {:?} ({}) on Flink {}.",
            job.name, job.jid, observation.flink_version
        ),
        format!(
            "Watched for {} by {sample_count} samples, {} checkpoints completed. It knows nothing \
             of peaks outside of that time: profile the busiest hour, or a day.",
            observation.shown_window(),
            observation.checkpoints_in_window()
        ),
        "measured: counted by Flink; configured: set; derived: worked out from others; assumed: \
         not told by Flink at all, change it if you know better."
            .to_owned(),
    ];
    let node = |id: &str| job.plan.nodes.iter().find(|node| node.id == id);
    let stateless = job.vertices.iter().filter_map(|vertex| {
        let inputs = node(&vertex.id).map_or(&[][..], |node| &node.inputs);
        let is_keyed = inputs.iter().any(|input| input.ship_strategy.contains("HASH"));
        let size = state_of(observation, &vertex.id).size;
        (!is_keyed && size >= 1.0).then(|| format!("{} ({})", vertex.name, bytes(size)))
    });
    let stateless: Vec<String> = stateless.collect();
    if !stateless.is_empty() {
        lines.push(format!(
            "State without keys, which no state backend holds, is left out: {}.",
            stateless.join(", ")
        ));
    }
    lines
}

/// Operators of one name get numbers.
fn unique_names(operators: &mut [Found]) {
    let mut known = BTreeSet::new();
    for found in operators {
        let base = found.operator.name.clone();
        let mut number = 2_u32;
        while !known.insert(found.operator.name.clone()) {
            found.operator.name = format!("{base}-{number}");
            number += 1;
        }
    }
}

/// A name for reports: words in small letters, joined by `-`.
fn slug(name: &str) -> String {
    const LENGTH: usize = 40;
    let mut out = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_alphanumeric() {
            // `GroupAggregate` is two words.
            if c.is_uppercase() && before.is_lowercase() {
                out.push('-');
            }
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        before = c;
        if out.len() >= LENGTH {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "job".to_owned() } else { out.to_owned() }
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

fn median(values: &[f64]) -> f64 {
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
fn whole(value: f64) -> u64 {
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

fn bytes(value: f64) -> String {
    crate::units::MemorySize::from_bytes(whole(value))
        .map_or_else(|_| format!("{value} bytes"), |size| size.short())
}
