//! What a workload gets and needs under a configuration: the evidence for "does this job fit?".
//!
//! [`Setup::of`] reads what a configuration gives a slot, [`observe`] runs the workload on the store
//! that it describes, and [`assess`] holds one against the other: an [`Assessment`] with every
//! constraint, its figures and the formula behind them, and the one that binds. Where an input is
//! unknown the figure is a [`Range`], never an invented value.
//!
//! Rules and reports read an assessment and compute nothing. This room never imports `lint` or
//! `render`.

mod assessment;
mod brief;
mod budget;
mod change;
mod checkpoint;
mod constraint;
mod failover;
mod input;
mod observation;
mod range;
mod sensitivity;
mod setup;
mod slot;
mod state;
mod store;
mod words;

pub use assessment::{Assessment, Question, Verdict, assess};
pub use brief::{Asked, assess_briefly};
pub use budget::{Budget, Traffic, Way};
pub use change::Change;
pub use constraint::{Constraint, ConstraintKind, Standing, Unit, Weight};
pub use failover::Failover;
pub use input::{Input, Provenance};
pub use observation::{Observation, ObservedState, observe, shortened};
pub use range::Range;
pub use sensitivity::{FURTHEST, Sensitivity, sensitivity};
pub use setup::{CheckpointSetup, NetworkSetup, Setup, SetupError};
pub use slot::slot_constraints;
pub use state::{StateGrowth, working_set};
pub use store::{StoreKind, store_of};
pub use words::{figure, headroom, range_text};
