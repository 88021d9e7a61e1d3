use crate::simulator::{CheckpointMode, LocalRecovery};

/// How RocksDB is set up in a task slot: one instance, one column family a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RocksDbOptions {
    /// Capacity of the block cache that all column families share.
    pub block_cache: u64,
    /// Thousandths of the block cache that the high-priority pool may fill.
    pub high_priority_permille: u32,
    /// The limit of the write-buffer manager, whose memory is charged to the block cache; without
    /// one, memtables are bounded by their own size alone and lie outside of the cache.
    pub write_buffer_manager: Option<u64>,
    /// `state.backend.rocksdb.writebuffer.size`.
    pub write_buffer_size: u64,
    /// `state.backend.rocksdb.writebuffer.count`.
    pub write_buffer_count: u32,
    /// `state.backend.rocksdb.compaction.level.target-file-size-base`.
    pub target_file_size: u64,
    /// `state.backend.rocksdb.compaction.level.max-size-level-base`.
    pub level_base: u64,
    /// How much larger each level is than the one above.
    pub level_multiplier: u64,
    /// Files in level 0 that start a compaction, slow writes down, and stop them.
    pub level0_triggers: [u32; 3],
    /// `state.backend.rocksdb.block.blocksize`.
    pub block_size: u32,
    /// Bits a key in the Bloom filters; 0 for none.
    pub bloom_bits: u32,
    /// `state.backend.rocksdb.memory.partitioned-index-filters`.
    pub index: IndexLayout,
    /// Which RocksDB it is.
    pub release: RocksDbRelease,
    /// The job's number of key groups, by which keys are sorted first.
    pub max_parallelism: u16,
    /// `state.backend.rocksdb.timer-service.factory`.
    pub timers: RocksDbTimers,
    /// Whether files of the last checkpoint stay on the local disk
    /// (`state.backend.local-recovery`).
    pub local_recovery: LocalRecovery,
    /// Whether a checkpoint uploads only new files (`state.backend.incremental`).
    pub checkpoints: CheckpointMode,
}

/// How the index and filter of a file are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexLayout {
    /// One block each, as large as the file demands.
    Whole,
    /// Partitions of about a block, and a small top level that is pinned.
    Partitioned,
}

/// Behavior that differs between the releases that Flink ships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RocksDbRelease {
    /// FRocksDB 5.17 and 6.20, in Flink up to 1.20: arena blocks of an eighth of a write buffer.
    V6,
    /// FRocksDB 8.10, in Flink 2.0 and later: arena blocks of 1 MiB at most, and compaction output
    /// that ends where files of the next level do.
    V8,
}

/// Where timers live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RocksDbTimers {
    /// On the Java heap, written whole by each checkpoint.
    Heap,
    /// In a column family of their own.
    RocksDb,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

impl RocksDbOptions {
    /// Flink's defaults with managed memory: `total` bytes for the slot, `write_buffer_permille`
    /// thousandths of them for memtables and `high_priority_permille` for index and filters.
    ///
    /// Source: `RocksDBMemoryControllerUtils` (Flink 1.10.3 to 2.3.0): the cache may overshoot by
    /// half of the write-buffer manager's limit, so both are cut such that 1.5 times the limit is
    /// the share asked for.
    #[must_use]
    pub fn managed(total: u64, write_buffer_permille: u32, high_priority_permille: u32) -> Self {
        let of_total = |numerator: u64| {
            let share = u128::from(total) * u128::from(numerator) / 3000;
            u64::try_from(share).unwrap_or(u64::MAX)
        };
        let ratio = u64::from(write_buffer_permille.min(1000));
        Self {
            block_cache: of_total(3000 - ratio),
            high_priority_permille,
            write_buffer_manager: Some(of_total(2 * ratio)),
            ..Self::unmanaged()
        }
    }

    /// Flink's defaults without managed memory: a block cache of 8 MiB for each column family,
    /// which the caller multiplies, and memtables beside it.
    ///
    /// Source: `RocksDBConfigurableOptions` and `RocksDBOptions`, Flink 1.20.
    #[must_use]
    pub const fn unmanaged() -> Self {
        Self {
            block_cache: 8 * MIB,
            high_priority_permille: 500,
            write_buffer_manager: None,
            write_buffer_size: 64 * MIB,
            write_buffer_count: 2,
            target_file_size: 64 * MIB,
            level_base: 256 * MIB,
            level_multiplier: 10,
            level0_triggers: [4, 20, 36],
            block_size: 4 << 10,
            bloom_bits: 0,
            index: IndexLayout::Whole,
            release: RocksDbRelease::V6,
            max_parallelism: 128,
            timers: RocksDbTimers::RocksDb,
            local_recovery: LocalRecovery::Off,
            checkpoints: CheckpointMode::Incremental,
        }
    }

    /// Memory is asked of the system, and of the write-buffer manager, in blocks of this size.
    ///
    /// Source: `SanitizeOptions` in RocksDB's `db/column_family.cc`, 6.20 and 8.10.
    #[must_use]
    pub fn arena_block_size(&self) -> u64 {
        let eighth = (self.write_buffer_size / 8).max(4 * KIB);
        let block = match self.release {
            RocksDbRelease::V6 => eighth,
            RocksDbRelease::V8 => eighth.min(MIB),
        };
        block.next_multiple_of(4 * KIB)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: the class itself, called on Flink 1.10.3, 1.20.5 and 2.3.0.
    #[test]
    fn managed_memory_is_cut_as_flink_cuts_it() {
        let options = RocksDbOptions::managed(128 * MIB, 500, 100);
        assert_eq!(options.block_cache, 111_848_106);
        assert_eq!(options.write_buffer_manager, Some(44_739_242));
        assert_eq!(options.arena_block_size(), 8 * MIB);
    }
}
