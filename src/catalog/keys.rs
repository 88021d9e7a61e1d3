//! The options that slotwise itself reads, each written once.

use std::collections::BTreeMap;

use super::OptionKey;
use crate::units::{Fraction, MemorySize};

/// Total Process Memory of a TaskManager.
pub const TASK_MANAGER_PROCESS_SIZE: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.process.size");
/// Total Flink Memory of a TaskManager.
pub const TASK_MANAGER_FLINK_SIZE: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.flink.size");
/// Framework Heap.
pub const FRAMEWORK_HEAP_SIZE: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.framework.heap.size");
/// Task Heap.
pub const TASK_HEAP_SIZE: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.task.heap.size");
/// Framework Off-heap.
pub const FRAMEWORK_OFF_HEAP_SIZE: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.framework.off-heap.size");
/// Part of Framework Off-heap for reading batch shuffles, from Flink 1.13 on.
pub const BATCH_SHUFFLE_SIZE: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.framework.off-heap.batch-shuffle.size");
/// Task Off-heap.
pub const TASK_OFF_HEAP_SIZE: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.task.off-heap.size");
/// Managed Memory as a size.
pub const MANAGED_SIZE: OptionKey<MemorySize> = OptionKey::new("taskmanager.memory.managed.size");
/// Fraction of Total Flink Memory that becomes managed memory.
pub const MANAGED_FRACTION: OptionKey<Fraction> =
    OptionKey::new("taskmanager.memory.managed.fraction");
/// Lower bound of Network Memory.
pub const NETWORK_MIN: OptionKey<MemorySize> = OptionKey::new("taskmanager.memory.network.min");
/// Upper bound of Network Memory.
pub const NETWORK_MAX: OptionKey<MemorySize> = OptionKey::new("taskmanager.memory.network.max");
/// Fraction of Total Flink Memory that becomes Network Memory.
pub const NETWORK_FRACTION: OptionKey<Fraction> =
    OptionKey::new("taskmanager.memory.network.fraction");
/// Network Memory as a number of segments; counts only without the three options above, and not
/// at all from Flink 2.0 on.
pub const NETWORK_BUFFER_COUNT: OptionKey<i32> =
    OptionKey::new("taskmanager.network.numberOfBuffers");
/// Size of a memory segment, which is also that of a network buffer.
pub const SEGMENT_SIZE: OptionKey<MemorySize> = OptionKey::new("taskmanager.memory.segment-size");
/// JVM Metaspace of a TaskManager.
pub const TASK_MANAGER_JVM_METASPACE_SIZE: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.jvm-metaspace.size");
/// Lower bound of a TaskManager's JVM Overhead.
pub const TASK_MANAGER_JVM_OVERHEAD_MIN: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.jvm-overhead.min");
/// Upper bound of a TaskManager's JVM Overhead.
pub const TASK_MANAGER_JVM_OVERHEAD_MAX: OptionKey<MemorySize> =
    OptionKey::new("taskmanager.memory.jvm-overhead.max");
/// Fraction of Total Process Memory that becomes a TaskManager's JVM Overhead.
pub const TASK_MANAGER_JVM_OVERHEAD_FRACTION: OptionKey<Fraction> =
    OptionKey::new("taskmanager.memory.jvm-overhead.fraction");
/// Legacy: heap of a TaskManager, which meant more than the heap; gone in Flink 2.0.
pub const TASK_MANAGER_HEAP_SIZE: OptionKey<MemorySize> = OptionKey::new("taskmanager.heap.size");
/// Legacy: the same in whole mebibytes.
pub const TASK_MANAGER_HEAP_MB: OptionKey<i32> = OptionKey::new("taskmanager.heap.mb");
/// CPU cores of a TaskManager.
pub const CPU_CORES: OptionKey<f64> = OptionKey::new("taskmanager.cpu.cores");
/// Task slots of a TaskManager.
pub const TASK_SLOTS: OptionKey<i32> = OptionKey::new("taskmanager.numberOfTaskSlots");

/// Total Process Memory of a JobManager.
pub const JOB_MANAGER_PROCESS_SIZE: OptionKey<MemorySize> =
    OptionKey::new("jobmanager.memory.process.size");
/// Total Flink Memory of a JobManager.
pub const JOB_MANAGER_FLINK_SIZE: OptionKey<MemorySize> =
    OptionKey::new("jobmanager.memory.flink.size");
/// JVM heap of a JobManager.
pub const JOB_MANAGER_MEMORY_HEAP_SIZE: OptionKey<MemorySize> =
    OptionKey::new("jobmanager.memory.heap.size");
/// Off-heap memory of a JobManager.
pub const JOB_MANAGER_OFF_HEAP_SIZE: OptionKey<MemorySize> =
    OptionKey::new("jobmanager.memory.off-heap.size");
/// Whether a JobManager's direct memory is limited to its off-heap size.
pub const JOB_MANAGER_DIRECT_MEMORY_LIMIT: OptionKey<bool> =
    OptionKey::new("jobmanager.memory.enable-jvm-direct-memory-limit");
/// JVM Metaspace of a JobManager.
pub const JOB_MANAGER_JVM_METASPACE_SIZE: OptionKey<MemorySize> =
    OptionKey::new("jobmanager.memory.jvm-metaspace.size");
/// Lower bound of a JobManager's JVM Overhead.
pub const JOB_MANAGER_JVM_OVERHEAD_MIN: OptionKey<MemorySize> =
    OptionKey::new("jobmanager.memory.jvm-overhead.min");
/// Upper bound of a JobManager's JVM Overhead.
pub const JOB_MANAGER_JVM_OVERHEAD_MAX: OptionKey<MemorySize> =
    OptionKey::new("jobmanager.memory.jvm-overhead.max");
/// Fraction of Total Process Memory that becomes a JobManager's JVM Overhead.
pub const JOB_MANAGER_JVM_OVERHEAD_FRACTION: OptionKey<Fraction> =
    OptionKey::new("jobmanager.memory.jvm-overhead.fraction");
/// Legacy: heap of a JobManager; all there is in Flink 1.10, gone in Flink 2.0.
pub const JOB_MANAGER_HEAP_SIZE: OptionKey<MemorySize> = OptionKey::new("jobmanager.heap.size");
/// Part of a JobManager's container that YARN's client of Flink 1.10 keeps from its heap.
pub const HEAP_CUTOFF_RATIO: OptionKey<Fraction> =
    OptionKey::new("containerized.heap-cutoff-ratio");
/// The least that it keeps, in whole mebibytes.
pub const HEAP_CUTOFF_MIN: OptionKey<i32> = OptionKey::new("containerized.heap-cutoff-min");
/// Legacy: the same in whole mebibytes.
pub const JOB_MANAGER_HEAP_MB: OptionKey<i32> = OptionKey::new("jobmanager.heap.mb");

/// The state backend, up to Flink 1.16.
pub const STATE_BACKEND: OptionKey<String> = OptionKey::new("state.backend");
/// The state backend, from Flink 1.17 on.
pub const STATE_BACKEND_TYPE: OptionKey<String> = OptionKey::new("state.backend.type");
/// How kinds of consumers divide managed memory; read as a map.
pub const CONSUMER_WEIGHTS: OptionKey<BTreeMap<String, String>> =
    OptionKey::new("taskmanager.memory.managed.consumer-weights");
/// Whether RocksDB lives on managed memory.
pub const ROCKSDB_MEMORY_MANAGED: OptionKey<bool> =
    OptionKey::new("state.backend.rocksdb.memory.managed");
/// A fixed size for the RocksDB instances of a slot.
pub const ROCKSDB_MEMORY_FIXED_PER_SLOT: OptionKey<MemorySize> =
    OptionKey::new("state.backend.rocksdb.memory.fixed-per-slot");
/// A fixed size for the RocksDB instances of a TaskManager.
pub const ROCKSDB_MEMORY_FIXED_PER_TM: OptionKey<MemorySize> =
    OptionKey::new("state.backend.rocksdb.memory.fixed-per-tm");
/// Part of RocksDB's memory for write buffers.
pub const ROCKSDB_WRITE_BUFFER_RATIO: OptionKey<f64> =
    OptionKey::new("state.backend.rocksdb.memory.write-buffer-ratio");
/// Part of RocksDB's cache for index and filter blocks.
pub const ROCKSDB_HIGH_PRIO_POOL_RATIO: OptionKey<f64> =
    OptionKey::new("state.backend.rocksdb.memory.high-prio-pool-ratio");
/// Size of one write buffer of RocksDB.
pub const ROCKSDB_WRITE_BUFFER_SIZE: OptionKey<MemorySize> =
    OptionKey::new("state.backend.rocksdb.writebuffer.size");
/// Write buffers of one state of RocksDB.
pub const ROCKSDB_WRITE_BUFFER_COUNT: OptionKey<i32> =
    OptionKey::new("state.backend.rocksdb.writebuffer.count");
/// Block cache of RocksDB where its memory is unbounded.
pub const ROCKSDB_BLOCK_CACHE_SIZE: OptionKey<MemorySize> =
    OptionKey::new("state.backend.rocksdb.block.cache-size");
/// Whether ForSt lives on managed memory.
pub const FORST_MEMORY_MANAGED: OptionKey<bool> =
    OptionKey::new("state.backend.forst.memory.managed");
/// A fixed size for the ForSt instances of a slot.
pub const FORST_MEMORY_FIXED_PER_SLOT: OptionKey<MemorySize> =
    OptionKey::new("state.backend.forst.memory.fixed-per-slot");
/// A fixed size for the ForSt instances of a TaskManager.
pub const FORST_MEMORY_FIXED_PER_TM: OptionKey<MemorySize> =
    OptionKey::new("state.backend.forst.memory.fixed-per-tm");
/// Part of ForSt's memory for write buffers.
pub const FORST_WRITE_BUFFER_RATIO: OptionKey<f64> =
    OptionKey::new("state.backend.forst.memory.write-buffer-ratio");
/// Part of ForSt's cache for index and filter blocks.
pub const FORST_HIGH_PRIO_POOL_RATIO: OptionKey<f64> =
    OptionKey::new("state.backend.forst.memory.high-prio-pool-ratio");
/// Size of one write buffer of ForSt.
pub const FORST_WRITE_BUFFER_SIZE: OptionKey<MemorySize> =
    OptionKey::new("state.backend.forst.writebuffer.size");
/// Write buffers of one state of ForSt.
pub const FORST_WRITE_BUFFER_COUNT: OptionKey<i32> =
    OptionKey::new("state.backend.forst.writebuffer.count");
/// Block cache of ForSt where its memory is unbounded.
pub const FORST_BLOCK_CACHE_SIZE: OptionKey<MemorySize> =
    OptionKey::new("state.backend.forst.block.cache-size");
/// Whether Gemini lives on managed memory; no option of Flink.
pub const GEMINI_MEMORY_MANAGED: OptionKey<bool> =
    OptionKey::new("state.backend.gemini.memory.managed");
/// Memory of each Gemini backend otherwise; no option of Flink.
pub const GEMINI_OFF_HEAP_SIZE: OptionKey<MemorySize> =
    OptionKey::new("state.backend.gemini.offheap.size");
/// Write buffers of each Gemini backend; no option of Flink.
pub const GEMINI_WRITE_BUFFER_SIZE: OptionKey<MemorySize> =
    OptionKey::new("state.backend.gemini.total.writebuffer.size");

#[cfg(test)]
mod tests {
    use crate::catalog::{ValueType, gemini_option, option};

    /// Reads the handles out of this very file, so that none can be forgotten in a list.
    fn handles() -> Vec<(String, String)> {
        let source = include_str!("keys.rs").split("#[cfg(test)]").next().unwrap();
        let declarations = source.split("OptionKey<").skip(1);
        declarations
            .map(|text| {
                let (value, rest) = text.split_once("> =").unwrap();
                let key = rest.split('"').nth(1).unwrap();
                (value.to_owned(), key.to_owned())
            })
            .collect()
    }

    fn fits(rust: &str, flink: ValueType) -> bool {
        match flink {
            ValueType::Boolean => rust == "bool",
            ValueType::Int => rust == "i32",
            ValueType::Long => rust == "i64",
            ValueType::Float | ValueType::Double => rust == "Fraction" || rust == "f64",
            ValueType::MemorySize => rust == "MemorySize",
            ValueType::Duration => rust == "Duration" || rust == "FlinkDuration",
            ValueType::List(_) => rust.starts_with("Vec<"),
            ValueType::Map => rust.contains("Map"),
            // Constants and texts may be read into a type of their own, but into no quantity.
            ValueType::Enum(_) | ValueType::String => {
                !["bool", "i32", "i64", "f64", "Fraction", "MemorySize", "Duration"].contains(&rust)
            }
        }
    }

    #[test]
    fn every_handle_has_the_type_of_its_option_in_the_newest_release_that_has_it() {
        let handles = handles();
        assert!(handles.len() >= 4);
        for (rust, key) in handles {
            let flink = match option(&key) {
                Some(option) => option.entries.last().unwrap().value_type,
                None => {
                    gemini_option(&key).unwrap_or_else(|| panic!("{key}: no option")).value_type
                }
            };
            assert!(fits(&rust, flink), "{key} is {flink}, its handle reads {rust}");
        }
    }
}
