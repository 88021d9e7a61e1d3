use std::fmt;
use std::str::FromStr;

use crate::simulator::{Ending, SimulationReport};
use crate::workload::{Share, Span};

/// What a plan must reach, such as `hit-ratio>=0.95` or `checkpoint<60s`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// What is measured.
    pub measure: Measure,
    /// The bound, in the measure's own unit.
    pub bound: f64,
}

/// What a goal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The part of reads that is answered without the disk; at least the bound.
    HitRatio,
    /// Source records a second of the job; at least the bound.
    Throughput,
    /// Seconds that the longest checkpoint takes; at most the bound.
    Checkpoint,
    /// Seconds until the state is back from the checkpoint storage; at most the bound.
    Recovery,
}

/// What a run showed of all measures; `None` where it had nothing to measure.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measured {
    /// Whether the run came to its end.
    pub completed: bool,
    /// From 0 to 1.
    pub hit_ratio: f64,
    /// Records a second of the job.
    pub throughput: f64,
    /// Seconds of the longest checkpoint.
    pub checkpoint: Option<f64>,
    /// Seconds of a restore.
    pub recovery: Option<f64>,
}

/// Why a text is no goal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "found {found:?}, expected such as hit-ratio>=0.95, throughput>=100000, checkpoint<60s or \
     recovery<5min"
)]
pub struct ParseGoalError {
    found: String,
}

impl Measure {
    const ALL: [Self; 4] = [Self::HitRatio, Self::Throughput, Self::Checkpoint, Self::Recovery];

    /// The name in a goal.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HitRatio => "hit-ratio",
            Self::Throughput => "throughput",
            Self::Checkpoint => "checkpoint",
            Self::Recovery => "recovery",
        }
    }

    /// Whether more is better.
    pub const fn is_least(self) -> bool {
        matches!(self, Self::HitRatio | Self::Throughput)
    }
}

impl FromStr for Goal {
    type Err = ParseGoalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseGoalError { found: text.to_owned() };
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let measure = Measure::ALL.into_iter().find(|measure| compact.starts_with(measure.name()));
        let measure = measure.ok_or_else(error)?;
        let rest = compact.get(measure.name().len()..).ok_or_else(error)?;
        let relations = if measure.is_least() { [">=", ">"] } else { ["<=", "<"] };
        let bound = relations.iter().find_map(|it| rest.strip_prefix(it)).ok_or_else(error)?;
        let bound = match measure {
            Measure::HitRatio => {
                let share: f64 = bound.parse().map_err(|_| error())?;
                Share::try_from(share).map_err(|_| error())?.get()
            }
            Measure::Throughput => bound.parse::<u32>().map_err(|_| error())?.into(),
            Measure::Checkpoint | Measure::Recovery => {
                let span: Span = bound.parse().map_err(|_| error())?;
                span.millis as f64 / 1_000.0
            }
        };
        Ok(Self { measure, bound })
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { measure, bound } = self;
        match measure {
            Measure::HitRatio | Measure::Throughput => write!(f, "{}>={bound}", measure.name()),
            Measure::Checkpoint | Measure::Recovery => write!(f, "{}<{bound}s", measure.name()),
        }
    }
}

impl Measured {
    /// What a run of one subtask of so many showed.
    pub fn of(report: &SimulationReport, parallelism: u32) -> Self {
        let seconds = |nanos: u64| nanos as f64 / 1e9;
        let durations = report.checkpoints.iter();
        let durations = durations.map(|row| seconds(row.report.at.since(row.started).0));
        Self {
            completed: report.ending == Ending::Completed,
            // Without a read nothing is missed.
            hit_ratio: if report.statistics.lookups == 0 {
                1.0
            } else {
                report.hits_per_million() as f64 / 1e6
            },
            throughput: report.throughput() as f64 * f64::from(parallelism),
            checkpoint: durations.reduce(f64::max),
            recovery: report.recovery.map(|recovery| seconds(recovery.remote.0)),
        }
    }

    /// The figure that a goal is about; `None` if the run had nothing to measure.
    pub fn figure(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::HitRatio => Some(self.hit_ratio),
            Measure::Throughput => Some(self.throughput),
            Measure::Checkpoint => self.checkpoint,
            Measure::Recovery => self.recovery,
        }
    }
}

impl Goal {
    /// Whether a run meets it, with this part of the bound to spare. What a run could not measure,
    /// as it took no checkpoint, it does not miss.
    pub fn is_met(&self, measured: &Measured, spare: f64) -> bool {
        let Some(figure) = measured.figure(self.measure) else { return measured.completed };
        let met = match self.measure {
            // A ratio is spared a part of what is left to 1.
            Measure::HitRatio => figure >= self.bound + (1.0 - self.bound) * spare,
            Measure::Throughput => figure >= self.bound * (1.0 + spare),
            Measure::Checkpoint | Measure::Recovery => figure < self.bound * (1.0 - spare),
        };
        measured.completed && met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_read_and_written() {
        for (text, shown) in [
            ("hit-ratio>=0.95", "hit-ratio>=0.95"),
            ("hit-ratio > 0.5", "hit-ratio>=0.5"),
            ("checkpoint<60s", "checkpoint<60s"),
            ("recovery<=5min", "recovery<300s"),
            ("throughput>=100000", "throughput>=100000"),
        ] {
            assert_eq!(text.parse::<Goal>().unwrap().to_string(), shown);
        }
        for text in ["", "hit-ratio", "hit-ratio<0.5", "hit-ratio>=2", "checkpoint<soon", "speed>1"]
        {
            assert!(text.parse::<Goal>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_goal_is_met_with_something_to_spare_or_just_so() {
        let measured = Measured { completed: true, hit_ratio: 0.951, ..Measured::default() };
        let goal: Goal = "hit-ratio>=0.95".parse().unwrap();
        assert!(goal.is_met(&measured, 0.0) && !goal.is_met(&measured, 0.1));
        let failed = Measured { completed: false, ..measured };
        assert!(!goal.is_met(&failed, 0.0));
    }
}
