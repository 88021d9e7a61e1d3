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
            // Every run ends with a checkpoint, so that there is one even where none fell due.
            checkpoint: report
                .recovery
                .map(|recovery| durations.fold(seconds(recovery.checkpoint.0), f64::max)),
            recovery: report.recovery.map(|recovery| seconds(recovery.remote.0)),
        }
    }

    /// The worse of two runs in each figure, save the throughput: that is of the run at full speed.
    #[must_use]
    pub fn with_run_at_rate(self, at_rate: &Self) -> Self {
        let longer = |one: Option<f64>, other: Option<f64>| Some(one?.max(other?));
        Self {
            completed: self.completed && at_rate.completed,
            hit_ratio: self.hit_ratio.min(at_rate.hit_ratio),
            throughput: self.throughput,
            checkpoint: longer(self.checkpoint, at_rate.checkpoint),
            recovery: longer(self.recovery, at_rate.recovery),
        }
    }

    /// The figure that a goal is about; `None` if the run failed before it could be measured.
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
    /// Whether a run meets it. What a run could not measure, it misses.
    pub fn is_met(&self, measured: &Measured) -> bool {
        let Some(figure) = measured.figure(self.measure) else { return false };
        let is_met =
            if self.measure.is_least() { figure >= self.bound } else { figure < self.bound };
        measured.completed && is_met
    }

    /// What a run had to spare, as a part of the bound; below 0 where it missed. `None` if it failed.
    pub fn left(&self, measured: &Measured) -> Option<f64> {
        let figure = measured.figure(self.measure).filter(|_| measured.completed)?;
        let bound = self.bound.max(f64::MIN_POSITIVE);
        Some(if self.measure.is_least() { figure / bound - 1.0 } else { 1.0 - figure / bound })
    }

    /// What a run reached, as a number of the goal's unit.
    pub fn figure_text(&self, measured: &Measured) -> String {
        match measured.figure(self.measure) {
            None => "nothing, it fails".to_owned(),
            Some(_) if !measured.completed => "nothing, it fails".to_owned(),
            Some(figure) => match self.measure {
                Measure::HitRatio => format!("{}", (figure * 1e4).round() / 1e4),
                Measure::Throughput => format!("{figure:.0} records/s"),
                Measure::Checkpoint | Measure::Recovery => format!("{figure:.1} s"),
            },
        }
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
    fn a_run_that_fails_or_measures_nothing_meets_no_goal() {
        let measured = Measured { completed: true, hit_ratio: 0.95, ..Measured::default() };
        let goal: Goal = "hit-ratio>=0.95".parse().unwrap();
        assert!(goal.is_met(&measured) && goal.left(&measured) == Some(0.0));
        let failed = Measured { completed: false, ..measured };
        assert!(!goal.is_met(&failed) && goal.left(&failed).is_none());
        // No checkpoint ended, so none was quick enough.
        assert!(!"checkpoint<1min".parse::<Goal>().unwrap().is_met(&measured));
    }
}
