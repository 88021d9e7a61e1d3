use super::{Assessment, Observation, Question, Standing, Verdict, Weight, assess};
use crate::simulator::CurveRow;

/// What becomes of the headroom when one input is halved, or half as large again.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivity {
    /// The input.
    pub input: &'static str,
    /// The worst headroom of a hard constraint at half of it.
    pub at_half: f64,
    /// The same at one and a half of it.
    pub at_one_and_a_half: f64,
    /// The factor from which on the job does not fit, up to [`FURTHEST`].
    pub breaks_at: Option<f64>,
}

/// Break points are looked for up to so many times the input.
pub const FURTHEST: f64 = 64.0;

/// How the verdict hangs on each input, the one that matters most first. A rate that is not known is
/// taken to be 0.7 of what the job sustains, which is the target utilization of Flink's autoscaler.
pub fn sensitivity(question: &Question<'_>) -> Vec<Sensitivity> {
    let rate = question.rate().map_or(question.sustainable() * 0.7, |rate| rate as f64);
    let base = Question { rate: Some(whole(rate)), ..*question };
    let by_rate = |factor: f64| assess(&Question { rate: Some(whole(rate * factor)), ..base });
    let by_horizon =
        |factor: f64| assess(&Question { horizon_seconds: Some(base.horizon() * factor), ..base });
    let by_state = |factor: f64| {
        let observation = scaled(base.observation, factor);
        assess(&Question { observation: &observation, ..base })
    };
    let inputs: [(&'static str, &dyn Fn(f64) -> Assessment); 3] = [
        ("records a second", &by_rate),
        ("horizon", &by_horizon),
        ("bytes of a state entry", &by_state),
    ];
    let mut rows: Vec<_> = inputs
        .into_iter()
        .map(|(input, at)| Sensitivity {
            input,
            at_half: worst(&at(0.5)),
            at_one_and_a_half: worst(&at(1.5)),
            breaks_at: break_point(at),
        })
        .collect();
    rows.sort_by(|a, b| {
        let swing = |row: &Sensitivity| (row.at_half - row.at_one_and_a_half).abs();
        swing(b).total_cmp(&swing(a))
    });
    rows
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate of records is far below the largest integer, and not negative"
)]
fn whole(rate: f64) -> u64 {
    rate.max(1.0).round() as u64
}

/// The same run with larger or smaller entries.
fn scaled(observation: &Observation, factor: f64) -> Observation {
    let mut scaled = observation.clone();
    scaled.state.bytes *= factor;
    scaled.state.bytes_half_way *= factor;
    scaled.state.written_per_record *= factor;
    for row in &mut scaled.report.curve {
        *row = CurveRow { memory: whole(row.memory as f64 * factor), ..*row };
    }
    scaled
}

fn worst(assessment: &Assessment) -> f64 {
    let hard = assessment.constraints.iter().filter(|it| it.weight == Weight::Hard);
    let left =
        hard.filter(|it| it.standing() != Standing::Unknown && it.unit != super::Unit::Count);
    left.filter_map(|it| Some(it.headroom()?.low)).fold(1.0, f64::min)
}

fn break_point(at: &dyn Fn(f64) -> Assessment) -> Option<f64> {
    let breaks = |factor: f64| at(factor).verdict == Verdict::DoesNotFit;
    if breaks(0.01) {
        return Some(0.0);
    }
    let (mut low, mut high) = (0.01, FURTHEST);
    if !breaks(high) {
        return None;
    }
    while high - low > 0.01 * high {
        let middle = f64::midpoint(low, high);
        if breaks(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}
