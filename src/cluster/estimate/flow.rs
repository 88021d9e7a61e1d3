//! How fast records and event time pass.

use super::EstimateError;
use super::series::{Series, mean, same, whole};
use crate::cluster::answers::PlanNode;
use crate::cluster::{Figure, Noted, Observation, Sample, Source};

/// Below this, the counters tell more of when they were read than of the job.
const RECORD_COUNT_MIN: f64 = 1_000.0;

/// Records a second that all sources send.
pub(super) fn source_rate(observation: &Observation) -> Result<Figure<f64>, EstimateError> {
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

pub(super) fn rate_note(source: &Figure<f64>, busiest: f64, observation: &Observation) -> Noted {
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
pub(super) fn event_rate(observation: &Observation, rate: f64) -> Figure<u64> {
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
