//! What a job does to its state: operators, their keys, sizes and access patterns.
//!
//! [`Workload::parse`] reads a `workload.yaml`; [`shipped`] has the Nexmark queries. This room
//! describes and never runs anything; the simulator does.

mod parse;
mod shipped;
mod size;
mod spec;

pub use parse::WorkloadError;
pub use shipped::{SHIPPED, ShippedWorkload, shipped};
pub use size::{Share, SizeDistribution, Span, WeightedSize};
pub use spec::{
    Access, CheckpointStyle, Checkpointing, JoinSide, KeyDistribution, Keys, Operator, Workload,
};
