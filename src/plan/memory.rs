use super::{Goal, Measured};

/// Runs the workload on a store of so many bytes.
pub trait Probe {
    /// What the run showed; `None` if no store of that size can be set up.
    fn run(&mut self, memory: u64) -> Option<Measured>;
}

impl<F: FnMut(u64) -> Option<Measured>> Probe for F {
    fn run(&mut self, memory: u64) -> Option<Measured> {
        self(memory)
    }
}

/// The least memory of a slot's store that meets the goals, and the runs that showed it.
#[derive(Debug, Clone, PartialEq)]
pub struct Least {
    /// Bytes: the least that a run met the goals with, and [`MARGIN`] more.
    pub memory: u64,
    /// Memory and what it reached, in rising order.
    pub runs: Vec<(u64, Measured)>,
}

/// Why no memory meets the goals.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MemoryError {
    /// Not even the most that may be used.
    #[error("no memory up to {most} MiB a slot meets {goal}: the best run reaches {best}")]
    OutOfReach {
        /// Mebibytes of the most that was tried.
        most: u64,
        /// The goal that is missed.
        goal: Goal,
        /// What was reached, in the goal's unit.
        best: String,
    },
    /// The store cannot be set up.
    #[error("no store of {memory} bytes a slot can be set up")]
    NoStore {
        /// The size that was tried.
        memory: u64,
    },
}

/// Another seed moves what is needed by a few hundredths; a plan must hold for it too.
pub const MARGIN: f64 = 1.05;
/// The search ends when its bounds are this close. With the margin a fifth less memory is certainly
/// below what is needed.
const CLOSE: f64 = 1.03;
/// A search takes eight runs or so; bounds that never come close end it here.
const MOST_RUNS: usize = 40;

/// Where a search looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// Bytes that the store needs whatever the goals are.
    pub floor: u64,
    /// Bytes that it may have at most.
    pub most: u64,
}

/// Finds the least memory with which a run meets all goals; more memory is taken never to make
/// anything worse.
///
/// # Errors
/// [`MemoryError`] if even the most does not.
pub fn least_memory(
    goals: &[Goal],
    within: Within,
    probe: &mut dyn Probe,
) -> Result<Least, MemoryError> {
    let mut search = Search { goals, probe, runs: Vec::new() };
    let floor = within.floor.max(1);
    let most = within.most.max(floor);
    let Some(missed_low) = search.missed(floor)? else {
        return Ok(Least { memory: floor, runs: search.runs });
    };
    // What the most does not reach, nothing does: two runs tell.
    if let Some(missed) = search.missed(most)? {
        let best = missed.goal.figure_text(&missed.measured);
        return Err(MemoryError::OutOfReach { most: most >> 20, goal: missed.goal, best });
    }
    let (mut low, mut high) = (floor, most);
    let mut shortfall = Some(missed_low.shortfall());
    let mut by_half = false;
    while high as f64 > low as f64 * CLOSE && search.runs.len() < MOST_RUNS {
        // What a goal gains with memory falls off, so that a line over the logarithm of memory leads
        // close; every other step halves, as the curve may have a knee.
        let part = match shortfall.zip(search.spare(high)) {
            Some((shortfall, spare)) if !by_half && shortfall + spare > 0.0 => {
                (shortfall / (shortfall + spare)).clamp(0.05, 0.95)
            }
            _ => 0.5,
        };
        by_half = !by_half;
        let middle = between(low, high, part);
        match search.missed(middle)? {
            None => high = middle,
            Some(missed) => {
                low = middle;
                shortfall = Some(missed.shortfall());
            }
        }
    }
    Ok(Least { memory: scaled(high, MARGIN).min(most), runs: search.runs })
}

struct Search<'a> {
    goals: &'a [Goal],
    probe: &'a mut dyn Probe,
    runs: Vec<(u64, Measured)>,
}

/// A goal that a run missed.
struct Missed {
    goal: Goal,
    measured: Measured,
}

impl Missed {
    /// How far the goal was missed, as a part of its bound.
    fn shortfall(&self) -> f64 {
        -self.goal.left(&self.measured).unwrap_or(-1.0)
    }
}

impl Search<'_> {
    /// Runs, unless that memory was run already, and says which goal was missed.
    fn missed(&mut self, memory: u64) -> Result<Option<Missed>, MemoryError> {
        let measured = self.probe.run(memory).ok_or(MemoryError::NoStore { memory })?;
        let at = self.runs.partition_point(|(other, _)| *other < memory);
        self.runs.insert(at, (memory, measured));
        let goal = self.goals.iter().find(|goal| !goal.is_met(&measured)).copied();
        Ok(goal.map(|goal| Missed { goal, measured }))
    }

    /// What the goal that is met closest had to spare in the run of this memory.
    fn spare(&self, memory: u64) -> Option<f64> {
        let (_, measured) = self.runs.iter().find(|(other, _)| *other == memory)?;
        self.goals.iter().filter_map(|goal| goal.left(measured)).reduce(f64::min)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "memory is far below the largest integer, and not negative"
)]
fn scaled(memory: u64, factor: f64) -> u64 {
    (memory as f64 * factor).round() as u64
}

/// A memory between two, by this part of their ratio, and neither of them.
fn between(low: u64, high: u64, part: f64) -> u64 {
    let factor = (high as f64 / low as f64).powf(part);
    scaled(low, factor).clamp(low + 1, (high - 1).max(low + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store whose hit ratio is its part of a thousand kibibytes.
    fn probe(memory: u64) -> Option<Measured> {
        let hit_ratio = (memory as f64 / 1_024_000.0).min(0.99);
        Some(Measured { completed: true, hit_ratio, ..Measured::default() })
    }

    fn least(goal: &str, floor: u64, most: u64) -> Result<Least, MemoryError> {
        least_memory(&[goal.parse().unwrap()], Within { floor, most }, &mut probe)
    }

    #[test]
    fn the_least_memory_is_found_closely_in_a_few_runs() {
        let found = least("hit-ratio>=0.5", 1_000, 100_000_000).unwrap();
        let needed = 512_000.0;
        let ratio = found.memory as f64 / needed;
        assert!((MARGIN..=MARGIN * CLOSE + 0.01).contains(&ratio), "{ratio}");
        assert!(found.runs.is_sorted_by_key(|(memory, _)| *memory));
        assert!(found.runs.len() <= 14, "{}", found.runs.len());
        assert_eq!(least("hit-ratio>=0.5", 600_000, 100_000_000).unwrap().memory, 600_000);
    }

    #[test]
    fn what_is_out_of_reach_is_said_after_two_runs() {
        let error = least("hit-ratio>=0.999", 10, 50 << 20).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no memory up to 50 MiB a slot meets hit-ratio>=0.999: the best run reaches 0.99"
        );
    }
}
