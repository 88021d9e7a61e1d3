//! TaskManager and JobManager memory, derived exactly as Flink does.
//!
//! [`derive_task_manager`] and [`derive_job_manager`] are pure: a resolved configuration in, a
//! [`Derivation`] out, which holds the numbers *and* how each came about, or the error with which
//! Flink would refuse. [`derive_task_manager_process`] adds what the started process makes of
//! them: slots, segments, buffers. `backend` says what a slot and a state backend then get.
//! Whoever shows or judges a number reads these results; no formula exists twice.
//!
//! This room may import `units`, `catalog` and `config` (through `options`), never `source`,
//! `lint` or `simulator`.

mod backend;
mod derivation;
mod error;
mod job_manager;
mod jvm;
mod model;
mod options;
mod pool;
mod process;
mod task_manager;
mod task_manager_process;

pub use backend::{
    Backend, BackendMemory, Concern, ConsumerWeights, GEMINI_FLOOR, GEMINI_RECOMMENDATION,
    GeminiManaged, GeminiMemory, GeminiOwnSize, GeminiSize, ManagedShare, RocksDbBudget,
    RocksDbMemory, SelectedStateBackend, StateBackend, derive_backend,
};
pub use derivation::{Capped, Clamp, Derivation, Formula, Input, Range, Step};
pub use error::{MemoryError, RangeProblem, SegmentSizeProblem, ValueCheck};
pub use job_manager::{
    JobManagerBeyondHeap, JobManagerMemory, derive_job_manager, yarn_job_manager_heap,
};
pub use jvm::{JvmArguments, dynamic_properties};
pub use model::{Assumptions, MemoryModel};
pub use options::Deployment;
pub use pool::{Pool, Process};
pub use task_manager::{TaskManagerMemory, derive_task_manager};
pub use task_manager_process::{SlotProfile, TaskManagerProcess, derive_task_manager_process};
