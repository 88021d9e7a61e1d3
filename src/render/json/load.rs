use schemars::JsonSchema;
use serde::Serialize;

use crate::capacity::Weight;
use crate::plan::LargestLoad;

/// The largest load that a configuration takes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LoadJson<'a> {
    /// Version of this shape.
    pub version: u32,
    /// The version of slotwise.
    pub slotwise: &'static str,
    /// The workload's name.
    pub workload: &'a str,
    /// The job's parallelism.
    pub parallelism: u32,
    /// TaskManagers: given, or as many as the parallelism needs.
    pub task_managers: u32,
    /// Source records a second of the whole job; absent if no load fits.
    pub records_per_second: Option<u64>,
    /// The constraint that breaks beyond it.
    pub binding: Option<&'static str>,
    /// Every constraint that some load breaks.
    pub limits: Vec<LoadLimitJson>,
    /// Constraints that may break whatever the load is.
    pub may_break_at_any: Vec<&'static str>,
}

/// Up to which load a constraint holds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LoadLimitJson {
    /// The constraint.
    pub name: &'static str,
    /// `hard`: the job fails or falls behind; `soft`: it slows down.
    pub weight: &'static str,
    /// Source records a second; 0 if it holds at no load.
    pub records_per_second: u64,
}

impl<'a> LoadJson<'a> {
    /// The shape of a largest load.
    pub fn new(load: &'a LargestLoad) -> Self {
        Self {
            version: 1,
            slotwise: env!("CARGO_PKG_VERSION"),
            workload: &load.assessment.workload,
            parallelism: load.assessment.parallelism,
            task_managers: load.assessment.failover.task_managers,
            records_per_second: load.rate,
            binding: load.binding.map(|kind| kind.name()),
            limits: load
                .limits
                .iter()
                .map(|limit| LoadLimitJson {
                    name: limit.kind.name(),
                    weight: match limit.weight {
                        Weight::Hard => "hard",
                        Weight::Soft => "soft",
                    },
                    records_per_second: limit.rate,
                })
                .collect(),
            may_break_at_any: load.doubtful.iter().map(|kind| kind.name()).collect(),
        }
    }
}
