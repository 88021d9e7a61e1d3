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
    /// Bytes.
    pub memory: u64,
    /// Memory and what it reached, in rising order.
    pub runs: Vec<(u64, Measured)>,
}

/// Why no memory meets the goals.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MemoryError {
    /// Not even the most that may be used.
    #[error("no memory up to {most} bytes a slot meets {goal}: the best run reaches {best}")]
    OutOfReach {
        /// The most that was tried.
        most: u64,
        /// The goal that is missed.
        goal: Goal,
        /// What was reached, as a number of the goal's unit.
        best: f64,
    },
    /// The store cannot be set up.
    #[error("no store of {memory} bytes a slot can be set up")]
    NoStore {
        /// The size that was tried.
        memory: u64,
    },
}

/// Another seed moves a figure by about this part; a plan must hold for it too.
const SPARE: f64 = 0.05;
/// Bisection ends when the bounds are this close: a fifth less memory is certainly below.
const CLOSE: f64 = 1.06;

/// Finds the least memory between `floor` and `most` with which a run meets all goals; more memory
/// is taken never to make anything worse.
///
/// # Errors
/// [`MemoryError`] if even the most does not.
pub fn least_memory(
    goals: &[Goal],
    floor: u64,
    most: u64,
    probe: &mut dyn Probe,
) -> Result<Least, MemoryError> {
    let mut runs: Vec<(u64, Measured)> = Vec::new();
    let mut missed = |memory: u64, runs: &mut Vec<(u64, Measured)>| {
        let measured = probe.run(memory).ok_or(MemoryError::NoStore { memory })?;
        let at = runs.partition_point(|(other, _)| *other < memory);
        runs.insert(at, (memory, measured));
        let goal = goals.iter().find(|goal| !goal.is_met(&measured, SPARE)).copied();
        Ok(goal.map(|goal| (goal, measured)))
    };
    let floor = floor.max(1);
    if missed(floor, &mut runs)?.is_none() {
        return Ok(Least { memory: floor, runs });
    }
    // Doubling first: what is needed is often far below what may be used.
    let (mut low, mut high) = (floor, floor);
    loop {
        let next = high.saturating_mul(2).min(most.max(floor));
        let miss = missed(next, &mut runs)?;
        (low, high) = if miss.is_some() { (next, next) } else { (low, next) };
        match miss {
            None => break,
            Some((goal, measured)) if next >= most => {
                let best = measured.figure(goal.measure).unwrap_or(0.0);
                return Err(MemoryError::OutOfReach { most, goal, best });
            }
            Some(_) => {}
        }
    }
    while high as f64 > low as f64 * CLOSE {
        let middle = low.midpoint(high);
        if missed(middle, &mut runs)?.is_none() {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(Least { memory: high, runs })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store whose hit ratio is its part of a thousand bytes.
    fn probe(memory: u64) -> Option<Measured> {
        let hit_ratio = (memory as f64 / 1_000.0).min(0.99);
        Some(Measured { completed: true, hit_ratio, ..Measured::default() })
    }

    fn least(goal: &str, floor: u64, most: u64) -> Result<Least, MemoryError> {
        least_memory(&[goal.parse().unwrap()], floor, most, &mut probe)
    }

    #[test]
    fn the_least_memory_is_found_closely() {
        // With 5 % of what is left to 1 to spare: 0.525.
        let found = least("hit-ratio>=0.5", 10, 100_000).unwrap();
        assert!((525..=557).contains(&found.memory), "{}", found.memory);
        assert!(found.runs.is_sorted_by_key(|(memory, _)| *memory));
        assert_eq!(least("hit-ratio>=0.5", 600, 100_000).unwrap().memory, 600);
    }

    #[test]
    fn what_is_out_of_reach_is_said() {
        let error = least("hit-ratio>=0.999", 10, 5_000).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no memory up to 5000 bytes a slot meets hit-ratio>=0.999: the best run reaches 0.99"
        );
    }
}
