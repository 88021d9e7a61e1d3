//! The state stores under virtual time and a seeded generator.
//!
//! A [`Store`] is a functioning store whose every step charges virtual time to an
//! [`Environment`]: CPU, local disk, checkpoint storage and background work that contends with
//! the task for all three. Same inputs, same bytes out, on every machine; nothing here reads a
//! clock, a file or an unordered map.

pub mod cache;
mod clock;
mod collector;
mod crash_test;
pub mod curve;
mod device;
mod driver;
mod engine;
pub mod experiment;
mod fault;
mod files;
mod gemini;
mod heap;
mod histogram;
mod keys;
mod model;
mod operation;
mod operator;
mod plan;
mod profile;
pub mod random;
mod recording;
mod report;
pub mod rocksdb;
mod run;
mod simulate;
mod store;
#[cfg(test)]
mod store_properties;
mod task;
pub mod trace;
mod work;

pub use clock::Nanos;
pub use collector::HeapSize;
pub use crash_test::{CrashSummary, CrashedStore, Difference, FaultInjection, crash_test};
pub use device::{Device, DeviceLaw, Direction};
pub use driver::SimulateError;
pub use engine::{Crash, Environment};
pub use fault::Faults;
pub use files::{FileNumber, FileSet, StoredFile};
pub use gemini::{
    CheckpointMode, GeminiOptions, GeminiStore, KvSeparation, LocalRecovery, Placement,
    RestoreMode, TimerService,
};
pub use heap::{HeapOptions, HeapStore};
pub use model::Model;
pub use operation::{Arrival, Operation, ParseOperationError};
pub use plan::{CheckpointPlan, Plan};
pub use profile::{CpuCosts, Hardware};
pub use random::{Generator, Seed};
pub use recording::{Recording, RecordingError, recording_head};
pub use report::{
    CurveRow, Ending, Latency, Recovery, SimulationReport, TimeSpent, TimelineSlice, per_million,
    per_second,
};
pub use simulate::{
    Backend, Observer, StoreOptions, replay, simulate, simulate_observed, simulate_trace,
};
pub use store::{
    Key, MemoryUse, Prefix, RecoverySource, StateDescriptor, StateId, StateKind, Store, StoreError,
    StoreStatistics, TimeToLive, Timer, Value, Violation,
};
pub use task::CheckpointRow;
pub use work::{CheckpointId, CheckpointReport, Finished, IoCount, JobId, Outcome, Purpose, Work};
