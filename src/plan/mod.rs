//! The smallest deployment that meets goals, found by search and verified by runs.
//!
//! [`least_memory`] finds what the store of a slot needs, by runs of the simulator; [`candidates`]
//! derives Flink's memory for thousands of TaskManager shapes and keeps those that give a slot that
//! much; [`pareto`] leaves the ones that no other beats, and a [`Platform`] says what they take of it.
//! The other way round, [`largest_load`] says what a given cluster takes. This room may import `capacity` and the
//! rooms that it may import, never `lint` or `render`.

mod candidates;
mod goal;
mod load;
mod memory;
mod platform;
mod proposal;
mod reason;
mod shape;

pub use candidates::{Bounds, Candidates, Need, candidates, is_short};
pub use goal::{Goal, Measure, Measured, ParseGoalError};
pub use load::{LargestLoad, LoadLimit, largest_load};
pub use memory::{Least, MARGIN, MemoryError, Probe, Within, least_memory};
pub use platform::{Footprint, Platform, Prices};
pub use proposal::{Breaks, Less, Plan, Verification};
pub use reason::{Confidence, Grounds, Reason, reasons, same_value};
pub use shape::{Settings, Shape, StateMemory, pareto};
