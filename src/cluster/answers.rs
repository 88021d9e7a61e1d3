//! The documents of Flink's REST API, as far as they are read here.
//!
//! Fields that a release leaves out have defaults, fields that are not read are skipped, so that
//! one set of types does for all releases. Source: Flink 1.20 and 2.3 by their answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// `GET /config`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ClusterConfig {
    /// Such as `1.20.5`.
    #[serde(rename = "flink-version")]
    pub flink_version: String,
}

/// An entry of `GET /jobmanager/config`; Flink itself masks the secrets that it knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ConfigEntry {
    /// The option's key.
    pub key: String,
    /// Its value as text.
    pub value: String,
}

/// `GET /jobs/overview`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct JobsOverview {
    /// Jobs of any state.
    pub jobs: Vec<JobSummary>,
}

/// A job of `GET /jobs/overview`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct JobSummary {
    /// Its id.
    pub jid: String,
    /// Its name.
    pub name: String,
    /// Such as `RUNNING`.
    pub state: String,
}

/// `GET /jobs/:id`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Job {
    /// Its id.
    pub jid: String,
    /// Its name.
    pub name: String,
    /// Such as `RUNNING`.
    pub state: String,
    /// The JobManager's clock, in ms since 1970.
    pub now: u64,
    /// When the job reached a state, in ms since 1970; 0 for never.
    #[serde(default)]
    pub timestamps: BTreeMap<String, u64>,
    /// The tasks of the running job.
    pub vertices: Vec<Vertex>,
    /// What they do, and how they are connected.
    pub plan: Plan,
}

/// A vertex of `GET /jobs/:id`: operators that are chained into one task.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Vertex {
    /// Its id.
    pub id: String,
    /// Its operators, joined by arrows.
    pub name: String,
    /// How many subtasks it has.
    pub parallelism: u32,
}

/// The plan within `GET /jobs/:id`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Plan {
    /// One for each vertex.
    pub nodes: Vec<PlanNode>,
}

/// A vertex in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlanNode {
    /// The vertex.
    pub id: String,
    /// What its operators do, with HTML between them.
    #[serde(default)]
    pub description: String,
    /// Where its records come from; empty for a source.
    #[serde(default)]
    pub inputs: Vec<PlanInput>,
}

/// An input of a vertex.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlanInput {
    /// The vertex before it.
    pub id: String,
    /// `HASH` where records are parted by key.
    #[serde(default)]
    pub ship_strategy: String,
}

/// A name of `GET /jobs/:id/vertices/:id/subtasks/metrics`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MetricName {
    /// The metric.
    pub id: String,
}

/// A metric over all subtasks of a vertex.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct MetricAggregate {
    /// The metric.
    pub id: String,
    /// The smallest value; none where it is no number, which Flink writes as `"NaN"`.
    #[serde(default, deserialize_with = "number")]
    pub min: Option<f64>,
    /// The largest value.
    #[serde(default, deserialize_with = "number")]
    pub max: Option<f64>,
    /// All values together.
    #[serde(default, deserialize_with = "number")]
    pub sum: Option<f64>,
}

fn number<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_f64().filter(|number| number.is_finite()))
}

/// `GET /jobs/:id/checkpoints/config`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CheckpointConfig {
    /// In ms; Java's largest long if none are taken.
    pub interval: u64,
    /// In ms.
    #[serde(default)]
    pub timeout: u64,
    /// The class of the state backend, without its package.
    #[serde(default)]
    pub state_backend: String,
}

/// `GET /jobs/:id/checkpoints`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Checkpoints {
    /// The last ones, the newest first.
    pub history: Vec<CheckpointSummary>,
}

/// A checkpoint of the history.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CheckpointSummary {
    /// Its number.
    pub id: u64,
    /// `COMPLETED`, `FAILED` or `IN_PROGRESS`.
    pub status: String,
    /// Savepoints hold everything, whatever the job's checkpoints do.
    #[serde(default)]
    pub is_savepoint: bool,
    /// When it was triggered, in ms since 1970.
    #[serde(default)]
    pub trigger_timestamp: u64,
}

/// `GET /jobs/:id/checkpoints/details/:id`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CheckpointDetails {
    /// Its number.
    pub id: u64,
    /// When it was triggered, in ms since 1970.
    pub trigger_timestamp: u64,
    /// From its trigger to its end, in ms.
    #[serde(default)]
    pub end_to_end_duration: i64,
    /// What each vertex wrote.
    #[serde(default)]
    pub tasks: BTreeMap<String, CheckpointTask>,
}

/// A vertex's part of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CheckpointTask {
    /// Bytes that restoring it reads.
    pub state_size: i64,
    /// Bytes that were uploaded for it. Source: Flink 1.15 and later.
    #[serde(default)]
    pub checkpointed_size: Option<i64>,
}

/// `GET /taskmanagers`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TaskManagers {
    /// Those that are registered.
    pub taskmanagers: Vec<TaskManager>,
}

/// A TaskManager of `GET /taskmanagers` and `GET /taskmanagers/:id`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TaskManager {
    /// Its id.
    pub id: String,
    /// How many slots it offers.
    #[serde(rename = "slotsNumber")]
    pub slot_count: u32,
    /// Its pools. Source: Flink 1.11 and later.
    #[serde(default, rename = "memoryConfiguration")]
    pub memory: Option<MemoryConfiguration>,
}

/// The pools that a TaskManager was started with, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryConfiguration {
    /// Framework Heap.
    pub framework_heap: Option<u64>,
    /// Task Heap.
    pub task_heap: Option<u64>,
    /// Framework Off-heap.
    pub framework_off_heap: Option<u64>,
    /// Task Off-heap.
    pub task_off_heap: Option<u64>,
    /// Network Memory.
    pub network_memory: Option<u64>,
    /// Managed Memory.
    pub managed_memory: Option<u64>,
    /// JVM Metaspace.
    pub jvm_metaspace: Option<u64>,
    /// JVM Overhead.
    pub jvm_overhead: Option<u64>,
    /// Total Flink Memory.
    pub total_flink_memory: Option<u64>,
    /// Total Process Memory.
    pub total_process_memory: Option<u64>,
}
