//! What a running Flink cluster says of itself: the answers of its REST API as values, and what
//! they let one conclude about a job.
//!
//! [`answers`] are the documents; [`Observation`] is a window of them; [`estimate`] turns one into
//! a [`Profile`], a workload whose every figure says where it comes from. Nothing here reaches for
//! a network, a clock or a file: that is the command line's part. This room may import `units`
//! and `workload`.

mod access;
pub mod answers;
mod deployed;
mod estimate;
mod observation;
mod profile;

pub use deployed::Deployed;
pub use estimate::{EstimateError, WINDOW_MIN, estimate, preflight};
pub use observation::{CheckpointSample, MetricValue, Observation, Sample, VertexCheckpoint};
pub use profile::{Figure, Noted, OperatorProfile, Profile, Source};
