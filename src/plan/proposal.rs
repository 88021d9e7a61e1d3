use super::{Goal, Least, Measured, Shape};
use crate::capacity::{Assessment, StoreKind};

/// A plan: the pick, the others, and the runs behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The workload's name.
    pub workload: String,
    /// The job's parallelism.
    pub parallelism: u32,
    /// The state backend.
    pub kind: StoreKind,
    /// What was to be reached.
    pub goals: Vec<Goal>,
    /// What the store of a slot needs for it.
    pub least: Least,
    /// The least that the backend may have, whatever the goals.
    pub floor: u64,
    /// How many shapes were looked at.
    pub candidates: usize,
    /// How many of them give a slot what it needs.
    pub feasible: usize,
    /// The least memory in all.
    pub pick: Shape,
    /// The pick and what costs more but loses less with a TaskManager.
    pub alternatives: Vec<Shape>,
    /// What the pick changes in the configuration: key, value before, value after.
    pub changes: Vec<Reason>,
    /// A fresh run of the pick.
    pub verification: Verification,
    /// Why it cannot do with four fifths of its memory.
    pub minimal: String,
    /// The assessment of the configuration as the pick changes it.
    pub assessment: Assessment,
}

/// One option that a plan changes, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The option.
    pub key: &'static str,
    /// Its value now; `None` if it is not set.
    pub current: Option<String>,
    /// Its value in the plan; `None` if it is taken out.
    pub proposed: Option<String>,
    /// Why, with numbers.
    pub why: String,
}

/// A run of the pick with another seed than those that planned it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verification {
    /// The seed.
    pub seed: u64,
    /// Source records that were run.
    pub records: u64,
    /// What it showed.
    pub measured: Measured,
}
