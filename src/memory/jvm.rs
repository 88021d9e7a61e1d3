use std::fmt;

use super::{JobManagerMemory, TaskManagerMemory};
use crate::catalog::{Release, keys};
use crate::units::{MemorySize, Overflow, java_double_to_string};

/// The memory arguments with which the start scripts call the JVM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JvmArguments {
    /// `-Xmx` and `-Xms`, which Flink always sets alike.
    pub heap: MemorySize,
    /// `-XX:MaxDirectMemorySize`; `None` if the JVM is not told.
    pub direct: Option<MemorySize>,
    /// `-XX:MaxMetaspaceSize`; `None` if the JVM is not told.
    pub metaspace: Option<MemorySize>,
}

impl JvmArguments {
    /// Heap is Framework and Task Heap; direct memory is what Flink allocates off-heap by itself,
    /// which leaves managed memory out.
    ///
    /// # Errors
    /// [`Overflow`] above `i64::MAX` bytes, which no derived memory reaches.
    ///
    /// Source: `ProcessMemoryUtils.generateJvmParametersStr`, Flink 1.10 to 2.3.
    pub fn of_task_manager(memory: &TaskManagerMemory) -> Result<Self, Overflow> {
        let off_heap = memory.framework_off_heap.checked_add(memory.task_off_heap)?;
        Ok(Self {
            heap: memory.framework_heap.checked_add(memory.task_heap)?,
            direct: Some(off_heap.checked_add(memory.network)?),
            metaspace: Some(memory.jvm_metaspace),
        })
    }

    /// Direct memory only where the configuration asks for that limit.
    ///
    /// Source: `JobManagerProcessUtils.generateJvmParametersStr`, Flink 1.11 to 2.3.
    pub fn of_job_manager(memory: &JobManagerMemory) -> Self {
        let beyond = memory.beyond_heap;
        Self {
            heap: memory.jvm_heap,
            direct: beyond.filter(|it| it.limits_direct_memory).map(|it| it.off_heap),
            metaspace: beyond.map(|it| it.jvm_metaspace),
        }
    }
}

impl fmt::Display for JvmArguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heap = self.heap.bytes();
        write!(f, "-Xmx{heap} -Xms{heap}")?;
        if let Some(direct) = self.direct {
            write!(f, " -XX:MaxDirectMemorySize={}", direct.bytes())?;
        }
        if let Some(metaspace) = self.metaspace {
            write!(f, " -XX:MaxMetaspaceSize={}", metaspace.bytes())?;
        }
        Ok(())
    }
}

/// The options that the start scripts pass to the TaskManager as `-D`, by key; those for external
/// resources left out.
///
/// Source: `TaskExecutorProcessUtils.generateDynamicConfigsStr`, Flink 1.10 to 2.3.
pub fn dynamic_properties(
    memory: &TaskManagerMemory,
    slots: i32,
    release: Release,
) -> Vec<(&'static str, String)> {
    let mut properties = vec![
        (keys::CPU_CORES.key(), java_double_to_string(memory.cpu_cores)),
        (keys::FRAMEWORK_HEAP_SIZE.key(), in_bytes(memory.framework_heap)),
        (keys::FRAMEWORK_OFF_HEAP_SIZE.key(), in_bytes(memory.framework_off_heap)),
        (keys::MANAGED_SIZE.key(), in_bytes(memory.managed)),
        (keys::NETWORK_MAX.key(), in_bytes(memory.network)),
        (keys::NETWORK_MIN.key(), in_bytes(memory.network)),
        (keys::TASK_HEAP_SIZE.key(), in_bytes(memory.task_heap)),
        (keys::TASK_OFF_HEAP_SIZE.key(), in_bytes(memory.task_off_heap)),
    ];
    if release >= Release::V1_12 {
        properties.extend([
            (keys::TASK_MANAGER_JVM_METASPACE_SIZE.key(), in_bytes(memory.jvm_metaspace)),
            (keys::TASK_MANAGER_JVM_OVERHEAD_MAX.key(), in_bytes(memory.jvm_overhead)),
            (keys::TASK_MANAGER_JVM_OVERHEAD_MIN.key(), in_bytes(memory.jvm_overhead)),
        ]);
    }
    if release >= Release::V1_13 {
        properties.push((keys::TASK_SLOTS.key(), slots.to_string()));
    }
    properties.sort();
    properties
}

fn in_bytes(size: MemorySize) -> String {
    format!("{}b", size.bytes())
}
