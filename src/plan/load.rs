//! The other way round: the largest load that a given cluster takes.

use crate::capacity::{Assessment, ConstraintKind, Question, Standing, Weight, assess};

/// The largest load of a configuration, and what holds up to which load.
#[derive(Debug, Clone, PartialEq)]
pub struct LargestLoad {
    /// Source records a second of the whole job; `None` if it does not even hold at one.
    pub rate: Option<u64>,
    /// What breaks beyond it.
    pub binding: Option<ConstraintKind>,
    /// Every constraint that some load breaks, the one that breaks first at the top.
    pub limits: Vec<LoadLimit>,
    /// What may break whatever the load is, as other inputs are not known.
    pub doubtful: Vec<ConstraintKind>,
    /// The assessment at the largest load.
    pub assessment: Assessment,
}

/// Up to which load a constraint holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadLimit {
    /// Which.
    pub kind: ConstraintKind,
    /// What breaks with it.
    pub weight: Weight,
    /// Source records a second of the whole job; 0 if it holds at no load.
    pub rate: u64,
}

/// Loads are looked for up to so many times what a run sustains: beyond, throughput is broken.
const FURTHEST: u64 = 2;

/// Finds it by assessments at other rates; the run of the question serves them all.
pub fn largest_load(question: &Question<'_>) -> LargestLoad {
    let most = whole(question.sustainable()).max(1).saturating_mul(FURTHEST);
    let at = |rate: u64| assess(&Question { rate: Some(rate), ..*question });
    let standing = |kind: ConstraintKind, rate: u64| {
        at(rate).constraint(kind).map_or(Standing::Unknown, crate::capacity::Constraint::standing)
    };
    let mut limits = Vec::new();
    let mut doubtful = Vec::new();
    for constraint in at(1).constraints {
        let (kind, weight) = (constraint.kind, constraint.weight);
        // What may break with the least load does so for other inputs than the load.
        let is_doubtful = constraint.standing() == Standing::MayBreak;
        if is_doubtful {
            doubtful.push(kind);
        }
        let holds = |rate: u64| match standing(kind, rate) {
            Standing::Broken => false,
            Standing::MayBreak => is_doubtful,
            Standing::Holds | Standing::Unknown => true,
        };
        if !holds(most) {
            let rate = if holds(1) { last(1, most, holds) } else { 0 };
            limits.push(LoadLimit { kind, weight, rate });
        }
    }
    limits.sort_by_key(|limit| (limit.rate, limit.kind));
    let hard = limits.iter().find(|limit| limit.weight == Weight::Hard);
    let rate = hard.map_or(most, |limit| limit.rate);
    LargestLoad {
        rate: (rate > 0).then_some(rate),
        binding: hard.map(|limit| limit.kind),
        assessment: at(rate.max(1)),
        limits,
        doubtful,
    }
}

/// The last of the numbers from one that holds to one that does not.
fn last(low: u64, high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (low, high);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate of records is far below the largest integer, and not negative"
)]
fn whole(rate: f64) -> u64 {
    rate.max(0.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_that_holds_is_found() {
        for limit in [1, 2, 57, 99] {
            assert_eq!(last(1, 100, |rate| rate <= limit), limit);
        }
    }
}
