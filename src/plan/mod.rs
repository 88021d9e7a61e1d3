//! The smallest deployment that meets goals, found by search and verified by runs.
//!
//! [`least_memory`] finds what the store of a slot needs, by bisection over runs of the simulator;
//! [`shapes`] derives Flink's memory for thousands of TaskManager shapes and keeps those that give a
//! slot that much; [`pareto`] leaves the ones that no other beats. This room may import `capacity`
//! and the rooms that it may import, never `lint` or `render`.

mod goal;
mod memory;
mod proposal;
mod shape;

pub use goal::{Goal, Measure, Measured, ParseGoalError};
pub use memory::{Least, MemoryError, Probe, least_memory};
pub use proposal::{Plan, Reason, Verification};
pub use shape::{Bounds, Need, Shape, pareto, shapes};
