use std::fmt;

use super::operator::states_of;
use super::{Nanos, StateDescriptor, StateKind, TimeToLive};
use crate::workload::{CheckpointStyle, Workload};

/// What a run is besides its operations.
///
/// Its text is the head of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// A short name, for reports.
    pub name: String,
    /// The states that the task registers.
    pub states: Vec<StateDescriptor>,
    /// When and how checkpoints are taken; never if absent.
    pub checkpoints: Option<CheckpointPlan>,
    /// Source records before anything is measured.
    pub warm_up_records: u64,
    /// Source records that are measured.
    pub records: u64,
    /// Virtual time after which measuring ends even if records are left.
    pub duration: Option<Nanos>,
}

/// When and how checkpoints are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointPlan {
    /// From the start of one to the start of the next.
    pub interval: Nanos,
    /// What is uploaded.
    pub style: CheckpointStyle,
}

/// Bytes of a trace's key in the state: a 64-bit number after the key group.
const TRACE_KEY_SIZE: u32 = 10;

impl Plan {
    /// The plan of a workload.
    #[must_use]
    pub fn of(workload: &Workload) -> Self {
        let checkpoints = workload.checkpoint.map(|checkpoint| CheckpointPlan {
            interval: Nanos::from_millis(checkpoint.interval.millis),
            style: checkpoint.mode,
        });
        Self {
            name: workload.name.clone(),
            states: workload.operators.iter().flat_map(states_of).collect(),
            checkpoints,
            warm_up_records: workload.warm_up_records,
            records: workload.records,
            duration: workload.duration.map(|span| Nanos::from_millis(span.millis)),
        }
    }

    /// The plan of a trace of so many requests: one state of values, and no checkpoints.
    #[must_use]
    pub fn of_trace(name: &str, requests: u64) -> Self {
        let state = StateDescriptor {
            name: "trace".to_owned(),
            kind: StateKind::Value,
            key_size: TRACE_KEY_SIZE,
            time_to_live: TimeToLive::Never,
        };
        Self {
            name: name.to_owned(),
            states: vec![state],
            checkpoints: None,
            warm_up_records: 0,
            records: requests,
            duration: None,
        }
    }

    const fn empty() -> Self {
        Self {
            name: String::new(),
            states: Vec::new(),
            checkpoints: None,
            warm_up_records: 0,
            records: 0,
            duration: None,
        }
    }

    /// Reads a head line by line, up to where operations begin.
    pub(super) fn parse<E>(
        mut lines: impl FnMut() -> Result<Option<String>, E>,
    ) -> Result<Result<Self, String>, E> {
        let mut plan = Self::empty();
        while let Some(line) = lines()? {
            if line == OPERATIONS {
                return Ok(Ok(plan));
            }
            if plan.add(&line).is_none() {
                return Ok(Err(line));
            }
        }
        Ok(Err("the end of the file".to_owned()))
    }

    /// Takes note of one line; `None` if it is not one.
    fn add(&mut self, line: &str) -> Option<()> {
        let (name, rest) = line.split_once(' ')?;
        match name {
            "name" => self.name = rest.to_owned(),
            "state" => self.states.push(parse_state(rest)?),
            "checkpoints" => {
                let (interval, style) = rest.split_once(' ')?;
                let style = match style {
                    "incremental" => CheckpointStyle::Incremental,
                    "full" => CheckpointStyle::Full,
                    _ => return None,
                };
                let interval = Nanos(interval.parse().ok()?);
                self.checkpoints = Some(CheckpointPlan { interval, style });
            }
            "warm-up" => self.warm_up_records = rest.parse().ok()?,
            "records" => self.records = rest.parse().ok()?,
            "duration" => self.duration = Some(Nanos(rest.parse().ok()?)),
            _ => return None,
        }
        Some(())
    }
}

/// The line after which operations begin.
const OPERATIONS: &str = "operations";

/// As a workload allows.
const KEY_SIZE_MAX: u32 = 8 << 20;

fn parse_state(text: &str) -> Option<StateDescriptor> {
    let mut words = text.splitn(4, ' ');
    let kind = match words.next()? {
        "value" => StateKind::Value,
        "list" => StateKind::List,
        "map" => StateKind::Map,
        _ => return None,
    };
    let key_size = words.next()?.parse().ok().filter(|size| *size <= KEY_SIZE_MAX)?;
    let time_to_live = match words.next()? {
        "never" => TimeToLive::Never,
        millis => TimeToLive::AfterWrite { millis: millis.parse().ok()? },
    };
    Some(StateDescriptor { name: words.next()?.to_owned(), kind, key_size, time_to_live })
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "name {}", self.name.replace(['\r', '\n'], " "))?;
        for state in &self.states {
            let kind = match state.kind {
                StateKind::Value => "value",
                StateKind::List => "list",
                StateKind::Map => "map",
            };
            let ttl = match state.time_to_live {
                TimeToLive::Never => "never".to_owned(),
                TimeToLive::AfterWrite { millis } => millis.to_string(),
            };
            let name = state.name.replace(['\r', '\n'], " ");
            writeln!(f, "state {kind} {} {ttl} {name}", state.key_size)?;
        }
        if let Some(CheckpointPlan { interval, style }) = self.checkpoints {
            let style = match style {
                CheckpointStyle::Incremental => "incremental",
                CheckpointStyle::Full => "full",
            };
            writeln!(f, "checkpoints {} {style}", interval.0)?;
        }
        writeln!(f, "warm-up {}\nrecords {}", self.warm_up_records, self.records)?;
        if let Some(duration) = self.duration {
            writeln!(f, "duration {}", duration.0)?;
        }
        writeln!(f, "{OPERATIONS}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::SHIPPED;

    fn parse(text: &str) -> Result<Plan, String> {
        let mut lines = text.lines().map(str::to_owned);
        Plan::parse(|| Ok::<_, ()>(lines.next())).unwrap()
    }

    #[test]
    fn a_head_is_read_as_it_was_written() {
        for shipped in SHIPPED {
            let workload = Workload::parse(shipped.name, shipped.text).unwrap();
            let plan = Plan { duration: Some(Nanos(5)), ..Plan::of(&workload) };
            assert_eq!(parse(&plan.to_string()), Ok(plan));
        }
        let plan = Plan::of_trace("trace.bin", 7);
        assert_eq!(parse(&plan.to_string()), Ok(plan));
    }

    #[test]
    fn a_line_that_is_none_of_a_head_is_told() {
        assert_eq!(
            parse("name x\nstate set 1 never y\noperations"),
            Err("state set 1 never y".into())
        );
        assert_eq!(parse("name x\n"), Err("the end of the file".into()));
    }
}
