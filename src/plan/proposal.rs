use super::{Goal, Least, Measured, Platform, Prices, Reason, Settings, Shape};
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
    /// Source records of each run of that search.
    pub search_records: u64,
    /// The least that the backend may have, whatever the goals.
    pub floor: u64,
    /// How many shapes were derived.
    pub candidates: usize,
    /// How many of them give a slot what it needs.
    pub feasible: usize,
    /// The least memory in all.
    pub pick: Shape,
    /// The pick and what costs more but loses less with a TaskManager.
    pub alternatives: Vec<Shape>,
    /// Where it runs, if that is known, and what that costs.
    pub platform: Option<(Platform, Prices)>,
    /// What the pick sets in a configuration, and what it takes out of it.
    pub settings: Settings,
    /// What of this changes the configuration, and why.
    pub changes: Vec<Reason>,
    /// A fresh run of the pick.
    pub verification: Verification,
    /// What becomes of it with four fifths of its memory.
    pub less: Less,
    /// The assessment of the configuration as the pick changes it.
    pub assessment: Assessment,
}

/// A run of the pick with another seed than those that planned it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verification {
    /// The seed.
    pub seed: u64,
    /// Source records that were run, the warm-up included.
    pub records: u64,
    /// Source records that the workload has.
    pub of_records: u64,
    /// What it showed.
    pub measured: Measured,
}

/// What becomes of a plan whose TaskManagers have four fifths of their memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Less {
    /// Mebibytes of Total Process Memory.
    pub process_mebibytes: u64,
    /// Why it does not do; `None` if it does.
    pub breaks: Option<Breaks>,
}

/// Why less memory does not do.
#[derive(Debug, Clone, PartialEq)]
pub enum Breaks {
    /// The configuration gives no store.
    Refused {
        /// The reason.
        why: String,
    },
    /// A slot gets too little of something besides its state.
    Short {
        /// Of what.
        title: &'static str,
    },
    /// The store starts with no less.
    BelowFloor {
        /// Bytes it would have.
        memory: u64,
    },
    /// `check` reports a problem.
    Reported {
        /// The rule's code.
        code: &'static str,
    },
    /// A run misses a goal.
    Missed {
        /// The goal.
        goal: Goal,
        /// What the run showed.
        measured: Measured,
    },
}
