use schemars::JsonSchema;
use serde::Serialize;

use super::step::{StepJson, steps};
use crate::catalog::{Release, Target};
use crate::memory::{
    Backend, BackendMemory, GEMINI_FLOOR, GEMINI_RECOMMENDATION, GeminiMemory, JobManagerMemory,
    JvmArguments, MemoryError, MemoryModel, Process, RocksDbBudget, RocksDbMemory, SlotProfile,
    TaskManagerMemory, TaskManagerProcess,
};
use crate::units::MemorySize;

/// What `slotwise memory --format json` and `jsonl` print for one file; every size is in bytes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemoryJson<'a> {
    /// The file's path as given.
    path: &'a str,
    /// The target that was computed for, such as `flink-1.20`; null if the file cannot be read.
    target: Option<&'a str>,
    /// Why this target.
    target_reason: Option<&'a str>,
    /// The TaskManager's memory; null if Flink refuses the configuration.
    task_manager: Option<TaskManagerJson>,
    /// Why Flink refuses the TaskManager's configuration.
    task_manager_error: Option<MemoryErrorJson>,
    /// Why a TaskManager whose memory was accepted dies when it starts.
    task_manager_start_error: Option<MemoryErrorJson>,
    /// Task slots of the TaskManager; null if it does not start.
    slots: Option<u32>,
    /// What each slot gets, rounded down; null if the TaskManager does not start.
    slot: Option<SlotJson>,
    /// Network buffers of the whole TaskManager; null if it does not start.
    network_buffers: Option<NetworkBuffersJson>,
    /// The memory arguments of the TaskManager's JVM.
    task_manager_jvm_arguments: Option<String>,
    /// What the state backend gets; null if the TaskManager does not start.
    backend: Option<BackendJson<'a>>,
    /// The JobManager's memory; null if Flink refuses the configuration.
    job_manager: Option<JobManagerJson>,
    /// Why Flink refuses the JobManager's configuration.
    job_manager_error: Option<MemoryErrorJson>,
    /// The memory arguments of the JobManager's JVM.
    job_manager_jvm_arguments: Option<String>,
    /// With `--explain`: how Flink comes to each number, as far as it gets; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepJson>>,
}

/// The memory of a TaskManager.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TaskManagerJson {
    framework_heap: u64,
    task_heap: u64,
    framework_off_heap: u64,
    task_off_heap: u64,
    network: u64,
    managed: u64,
    jvm_metaspace: u64,
    jvm_overhead: u64,
    total_flink_memory: u64,
    total_process_memory: u64,
}

/// What a slot gets.
#[derive(Debug, Serialize, JsonSchema)]
struct SlotJson {
    managed: u64,
    task_heap: u64,
    task_off_heap: u64,
    network: u64,
}

/// Network buffers.
#[derive(Debug, Serialize, JsonSchema)]
struct NetworkBuffersJson {
    count: u64,
    /// Of each, in bytes.
    size: u64,
}

/// The memory of a JobManager; Flink 1.10 has `jvm_heap` only, all else is null.
#[derive(Debug, Serialize, JsonSchema)]
struct JobManagerJson {
    jvm_heap: u64,
    off_heap: Option<u64>,
    jvm_metaspace: Option<u64>,
    jvm_overhead: Option<u64>,
    total_flink_memory: Option<u64>,
    total_process_memory: Option<u64>,
}

/// What the state backend gets; figures that do not apply are null.
#[derive(Debug, Serialize, JsonSchema)]
struct BackendJson<'a> {
    /// `gemini`, `rocksdb`, `forst`, `heap` or `unknown`.
    kind: &'static str,
    /// As configured, or the name of the target's default.
    name: &'a str,
    /// The configuration names no backend.
    is_default: bool,
    /// Where its memory comes from: `managed`, `own-size`, `fixed-per-slot`, `fixed-per-tm`,
    /// `unbounded`, `task-heap` or `unknown`.
    memory: &'static str,
    /// Keyed state backends per slot that were assumed.
    backends_per_slot: u32,
    /// What the backends of one slot get together.
    per_slot: Option<u64>,
    /// What each backend gets.
    per_backend: Option<u64>,
    /// What the backends of one slot get together beside a Python process.
    per_slot_beside_python: Option<u64>,
    /// Gemini: 0.8 of `per_backend` in whole MiB, which fits the one published failure.
    observed_per_backend: Option<u64>,
    /// Gemini: below this it does not start.
    floor: Option<u64>,
    /// Gemini: what the vendor recommends for each backend.
    recommended: Option<u64>,
    /// What all backends of the TaskManager take beside managed memory.
    needed: Option<u64>,
    /// What the process has for that: JVM Overhead, Framework and Task Off-Heap.
    room: Option<u64>,
    /// The same with managed memory, if nobody uses it.
    room_with_managed: Option<u64>,
    /// Managed memory that stays unused.
    idle_managed: u64,
    /// RocksDB: block cache, to which write buffers are charged as well.
    cache_capacity: Option<u64>,
    /// RocksDB: write buffer manager.
    write_buffer_manager_capacity: Option<u64>,
    /// RocksDB: a write buffer grows by this much.
    arena_block_size: Option<u64>,
    /// RocksDB: active write buffers above this are flushed.
    mutable_limit: Option<u64>,
    /// What deserves a warning, worst first.
    warnings: Vec<BackendWarningJson>,
}

/// Something about the backend's memory.
#[derive(Debug, Serialize, JsonSchema)]
struct BackendWarningJson {
    /// A stable name, such as `below-floor`.
    kind: &'static str,
    /// `warning` or `hint`.
    level: &'static str,
    /// What is wrong.
    message: String,
}

/// Why Flink refuses.
#[derive(Debug, Serialize, JsonSchema)]
struct MemoryErrorJson {
    /// A stable name, such as `components-exceed-total-flink-memory`.
    kind: &'static str,
    /// What is wrong, in slotwise's words.
    message: String,
    /// The messages of Flink's exception and its causes, outermost first.
    flink_messages: Vec<String>,
}

impl<'a> MemoryJson<'a> {
    /// The contract's form of what a configuration says about memory.
    pub fn derived(
        path: &'a str,
        target: &'a Target,
        target_reason: &'a str,
        model: &'a MemoryModel<'_>,
    ) -> Self {
        let release = target.release();
        let task_manager = model.task_manager.result.as_ref();
        let job_manager = model.job_manager.result.as_ref();
        let process = model.task_manager_process.as_ref().and_then(|it| it.as_ref().ok());
        let start_error = model.task_manager_process.as_ref().and_then(|it| it.as_ref().err());
        Self {
            task_manager: task_manager.ok().map(TaskManagerJson::new),
            task_manager_error: task_manager
                .err()
                .map(|error| MemoryErrorJson::new(error, Process::TaskManager, release)),
            task_manager_start_error: start_error.map(|error| MemoryErrorJson {
                kind: error.kind(),
                message: error.to_string(),
                flink_messages: error.start_messages(release),
            }),
            slots: process.map(|process| process.slot_count),
            slot: process.map(|process| SlotJson::new(process.slot)),
            network_buffers: process.map(NetworkBuffersJson::new),
            task_manager_jvm_arguments: task_manager
                .ok()
                .and_then(|memory| JvmArguments::of_task_manager(memory).ok())
                .map(|arguments| arguments.to_string()),
            backend: model.backend.as_ref().map(BackendJson::new),
            job_manager: job_manager.ok().map(JobManagerJson::new),
            job_manager_error: job_manager
                .err()
                .map(|error| MemoryErrorJson::new(error, Process::JobManager, release)),
            job_manager_jvm_arguments: job_manager
                .ok()
                .map(|memory| JvmArguments::of_job_manager(memory).to_string()),
            ..Self::empty(path, Some(target), Some(target_reason))
        }
    }

    /// The same with every step of the derivation.
    pub fn explained(self, model: &MemoryModel<'_>) -> Self {
        Self { steps: Some(steps(model)), ..self }
    }

    /// The form of a file that Flink's loader refuses: neither process starts.
    pub fn unloadable(
        path: &'a str,
        target: &'a Target,
        target_reason: &'a str,
        message: &str,
        flink_message: &str,
    ) -> Self {
        let error = || MemoryErrorJson {
            kind: "load",
            message: message.to_owned(),
            flink_messages: vec![flink_message.to_owned()],
        };
        Self {
            task_manager_error: Some(error()),
            job_manager_error: Some(error()),
            ..Self::empty(path, Some(target), Some(target_reason))
        }
    }

    /// The form of a file that could not be read at all.
    pub fn unreadable(path: &'a str, message: &str) -> Self {
        let error = || MemoryErrorJson {
            kind: "io",
            message: message.to_owned(),
            flink_messages: Vec::new(),
        };
        Self {
            task_manager_error: Some(error()),
            job_manager_error: Some(error()),
            ..Self::empty(path, None, None)
        }
    }

    fn empty(path: &'a str, target: Option<&'a Target>, target_reason: Option<&'a str>) -> Self {
        Self {
            path,
            target: target.map(Target::name),
            target_reason,
            task_manager: None,
            task_manager_error: None,
            task_manager_start_error: None,
            slots: None,
            slot: None,
            network_buffers: None,
            task_manager_jvm_arguments: None,
            backend: None,
            job_manager: None,
            job_manager_error: None,
            job_manager_jvm_arguments: None,
            steps: None,
        }
    }
}

impl TaskManagerJson {
    /// The contract's form of a TaskManager's memory.
    pub fn new(memory: &TaskManagerMemory) -> Self {
        Self {
            framework_heap: memory.framework_heap.bytes(),
            task_heap: memory.task_heap.bytes(),
            framework_off_heap: memory.framework_off_heap.bytes(),
            task_off_heap: memory.task_off_heap.bytes(),
            network: memory.network.bytes(),
            managed: memory.managed.bytes(),
            jvm_metaspace: memory.jvm_metaspace.bytes(),
            jvm_overhead: memory.jvm_overhead.bytes(),
            total_flink_memory: memory.total_flink_memory.bytes(),
            total_process_memory: memory.total_process_memory.bytes(),
        }
    }
}

impl<'a> BackendJson<'a> {
    fn new(backend: &'a Backend<'_>) -> Self {
        let json = Self::without_figures(backend);
        match &backend.memory {
            BackendMemory::Gemini(GeminiMemory::Managed(memory)) => Self {
                memory: "managed",
                per_slot: Some(memory.share.alone.bytes()),
                per_backend: Some(memory.per_backend.bytes()),
                per_slot_beside_python: memory.share.beside_python.map(MemorySize::bytes),
                observed_per_backend: Some(memory.observed.bytes()),
                floor: Some(GEMINI_FLOOR.bytes()),
                recommended: Some(GEMINI_RECOMMENDATION.bytes()),
                ..json
            },
            BackendMemory::Gemini(GeminiMemory::OwnSize(memory)) => Self {
                memory: "own-size",
                per_slot: memory
                    .per_backend
                    .and_then(|size| size.checked_mul(backend.backends_per_slot.into()).ok())
                    .map(MemorySize::bytes),
                per_backend: memory.per_backend.map(MemorySize::bytes),
                floor: Some(GEMINI_FLOOR.bytes()),
                recommended: Some(GEMINI_RECOMMENDATION.bytes()),
                needed: memory.needed.map(MemorySize::bytes),
                room: Some(memory.room.bytes()),
                room_with_managed: Some(memory.room_with_managed.bytes()),
                ..json
            },
            BackendMemory::RocksDb(memory) => json.rocksdb(memory),
            BackendMemory::Heap { per_slot } => {
                Self { memory: "task-heap", per_slot: Some(per_slot.bytes()), ..json }
            }
            BackendMemory::Unknown => json,
        }
    }

    fn rocksdb(self, memory: &RocksDbMemory<'_>) -> Self {
        let (name, per_slot, beside_python) = match &memory.budget {
            RocksDbBudget::FixedPerSlot(input) => ("fixed-per-slot", Some(input.value), None),
            RocksDbBudget::Managed(share) => ("managed", Some(share.alone), share.beside_python),
            RocksDbBudget::FixedPerTaskManager(_) => ("fixed-per-tm", None, None),
            RocksDbBudget::Unbounded => ("unbounded", None, None),
        };
        Self {
            memory: name,
            per_slot: per_slot.map(MemorySize::bytes),
            per_slot_beside_python: beside_python.map(MemorySize::bytes),
            needed: memory.needed.map(MemorySize::bytes),
            room: Some(memory.room.bytes()),
            room_with_managed: Some(memory.room_with_managed.bytes()),
            cache_capacity: memory.cache_capacity.map(MemorySize::bytes),
            write_buffer_manager_capacity: memory
                .write_buffer_manager_capacity
                .map(MemorySize::bytes),
            arena_block_size: Some(memory.arena_block_size.bytes()),
            mutable_limit: memory.mutable_limit.map(MemorySize::bytes),
            ..self
        }
    }

    fn without_figures(backend: &'a Backend<'_>) -> Self {
        Self {
            kind: backend.memory.kind(),
            name: &backend.name,
            is_default: backend.is_default(),
            memory: "unknown",
            backends_per_slot: backend.backends_per_slot,
            per_slot: None,
            per_backend: None,
            per_slot_beside_python: None,
            observed_per_backend: None,
            floor: None,
            recommended: None,
            needed: None,
            room: None,
            room_with_managed: None,
            idle_managed: backend.idle_managed.bytes(),
            cache_capacity: None,
            write_buffer_manager_capacity: None,
            arena_block_size: None,
            mutable_limit: None,
            warnings: backend
                .concerns
                .iter()
                .map(|concern| BackendWarningJson {
                    kind: concern.kind(),
                    level: if concern.is_hint() { "hint" } else { "warning" },
                    message: concern.to_string(),
                })
                .collect(),
        }
    }
}

impl SlotJson {
    fn new(slot: SlotProfile) -> Self {
        Self {
            managed: slot.managed.bytes(),
            task_heap: slot.task_heap.bytes(),
            task_off_heap: slot.task_off_heap.bytes(),
            network: slot.network.bytes(),
        }
    }
}

impl NetworkBuffersJson {
    fn new(process: &TaskManagerProcess<'_>) -> Self {
        Self { count: process.network_buffer_count, size: process.segment_size.value.bytes() }
    }
}

impl JobManagerJson {
    fn new(memory: &JobManagerMemory) -> Self {
        let beyond = memory.beyond_heap;
        Self {
            jvm_heap: memory.jvm_heap.bytes(),
            off_heap: beyond.map(|it| it.off_heap).map(MemorySize::bytes),
            jvm_metaspace: beyond.map(|it| it.jvm_metaspace).map(MemorySize::bytes),
            jvm_overhead: beyond.map(|it| it.jvm_overhead).map(MemorySize::bytes),
            total_flink_memory: beyond.map(|it| it.total_flink_memory).map(MemorySize::bytes),
            total_process_memory: beyond.map(|it| it.total_process_memory).map(MemorySize::bytes),
        }
    }
}

impl MemoryErrorJson {
    fn new(error: &MemoryError, process: Process, release: Release) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
            flink_messages: error.flink_messages(process, release),
        }
    }
}
