use super::gemini::rooms;
use super::weights::{self, ManagedShare};
use super::{BackendMemory, Concern, Context};
use crate::catalog::{OptionKey, keys};
use crate::config::FromRaw;
use crate::memory::options::Options;
use crate::memory::{Input, MemoryError};
use crate::units::MemorySize;

/// What the RocksDB or ForSt instances of a slot or TaskManager share.
#[derive(Debug, Clone, PartialEq)]
pub struct RocksDbMemory<'c> {
    /// ForSt rather than RocksDB.
    pub is_forst: bool,
    /// Where the memory comes from.
    pub budget: RocksDbBudget<'c>,
    /// What the instances share; `None` if unbounded.
    pub budget_size: Option<MemorySize>,
    /// Part of the budget for write buffers.
    pub write_buffer_ratio: f64,
    /// Part of the cache kept for index and filter blocks.
    pub high_prio_pool_ratio: f64,
    /// Capacity of the block cache, to which write buffers are charged as well.
    pub cache_capacity: Option<MemorySize>,
    /// Capacity of the write buffer manager.
    pub write_buffer_manager_capacity: Option<MemorySize>,
    /// Size of one write buffer.
    pub write_buffer_size: MemorySize,
    /// A write buffer grows by this much at a time, as Flink computes it.
    pub arena_block_size: MemorySize,
    /// Active write buffers above this are flushed.
    pub mutable_limit: Option<MemorySize>,
    /// What all instances of the TaskManager take beside managed memory; `None` if unbounded.
    pub needed: Option<MemorySize>,
    /// What the process has for that: JVM Overhead, Framework Off-Heap and Task Off-Heap.
    pub room: MemorySize,
    /// The same with managed memory, if nobody uses it.
    pub room_with_managed: MemorySize,
}

/// Where RocksDB's memory comes from; the first that applies.
#[derive(Debug, Clone, PartialEq)]
pub enum RocksDbBudget<'c> {
    /// A size for each slot, beside managed memory.
    FixedPerSlot(Input<'c, MemorySize>),
    /// The slot's managed memory.
    Managed(ManagedShare<'c>),
    /// A size for the TaskManager, beside managed memory.
    FixedPerTaskManager(Input<'c, MemorySize>),
    /// Each instance and state for itself.
    Unbounded,
}

/// RocksDB's and ForSt's options differ in their prefix only.
pub(super) struct RocksDbOptions {
    is_forst: bool,
    managed: OptionKey<bool>,
    fixed_per_slot: OptionKey<MemorySize>,
    fixed_per_tm: OptionKey<MemorySize>,
    write_buffer_ratio: OptionKey<f64>,
    high_prio_pool_ratio: OptionKey<f64>,
    write_buffer_size: OptionKey<MemorySize>,
    write_buffer_count: OptionKey<i32>,
    block_cache_size: OptionKey<MemorySize>,
}

pub(super) static ROCKSDB: RocksDbOptions = RocksDbOptions {
    is_forst: false,
    managed: keys::ROCKSDB_MEMORY_MANAGED,
    fixed_per_slot: keys::ROCKSDB_MEMORY_FIXED_PER_SLOT,
    fixed_per_tm: keys::ROCKSDB_MEMORY_FIXED_PER_TM,
    write_buffer_ratio: keys::ROCKSDB_WRITE_BUFFER_RATIO,
    high_prio_pool_ratio: keys::ROCKSDB_HIGH_PRIO_POOL_RATIO,
    write_buffer_size: keys::ROCKSDB_WRITE_BUFFER_SIZE,
    write_buffer_count: keys::ROCKSDB_WRITE_BUFFER_COUNT,
    block_cache_size: keys::ROCKSDB_BLOCK_CACHE_SIZE,
};

pub(super) static FORST: RocksDbOptions = RocksDbOptions {
    is_forst: true,
    managed: keys::FORST_MEMORY_MANAGED,
    fixed_per_slot: keys::FORST_MEMORY_FIXED_PER_SLOT,
    fixed_per_tm: keys::FORST_MEMORY_FIXED_PER_TM,
    write_buffer_ratio: keys::FORST_WRITE_BUFFER_RATIO,
    high_prio_pool_ratio: keys::FORST_HIGH_PRIO_POOL_RATIO,
    write_buffer_size: keys::FORST_WRITE_BUFFER_SIZE,
    write_buffer_count: keys::FORST_WRITE_BUFFER_COUNT,
    block_cache_size: keys::FORST_BLOCK_CACHE_SIZE,
};

/// RocksDB's own default where Flink sets none (1.10 to 1.14): 64 MiB, two of them.
///
/// Source: `AdvancedColumnFamilyOptions` of RocksDB 5.17 and 6.20.
const WRITE_BUFFER_SIZE: MemorySize = MemorySize::from_mebibytes(64);
const WRITE_BUFFER_COUNT: u64 = 2;
/// Source: `BlockBasedTableOptions` of RocksDB 5.17 and 6.20.
const BLOCK_CACHE_SIZE: MemorySize = MemorySize::from_mebibytes(8);

pub(super) fn derive<'c>(
    options: &Options<'c>,
    keys: &'static RocksDbOptions,
    context: Context<'_>,
    concerns: &mut Vec<Concern>,
) -> (BackendMemory<'c>, MemorySize) {
    let budget = budget(options, keys, context, concerns);
    let ratio = |key, otherwise| {
        read(options, key).ok().flatten().map_or(otherwise, |input: Input<'_, f64>| input.value)
    };
    let write_buffer_ratio = ratio(&keys.write_buffer_ratio, 0.5);
    let high_prio_pool_ratio = ratio(&keys.high_prio_pool_ratio, 0.1);
    let write_buffer_size = noted(read(options, &keys.write_buffer_size), concerns)
        .map_or(WRITE_BUFFER_SIZE, |input| input.value);
    let arena_block_size = arena_block_size(write_buffer_size);
    let budget_size = match &budget {
        RocksDbBudget::FixedPerSlot(input) | RocksDbBudget::FixedPerTaskManager(input) => {
            Some(input.value)
        }
        RocksDbBudget::Managed(share) => Some(share.alone),
        RocksDbBudget::Unbounded => None,
    };
    let write_buffer_manager_capacity =
        budget_size.map(|size| write_buffer_manager_capacity(size, write_buffer_ratio));
    let needed = match &budget {
        RocksDbBudget::FixedPerSlot(input) => {
            let slots = u64::from(context.slot_count);
            Some(input.value.checked_mul(slots).unwrap_or(MemorySize::MAX))
        }
        RocksDbBudget::FixedPerTaskManager(input) => Some(input.value),
        RocksDbBudget::Managed(_) => Some(MemorySize::ZERO),
        RocksDbBudget::Unbounded => None,
    };
    let (room, room_with_managed) = rooms(context);
    let memory = RocksDbMemory {
        is_forst: keys.is_forst,
        budget_size,
        write_buffer_ratio,
        high_prio_pool_ratio,
        cache_capacity: budget_size.map(|size| cache_capacity(size, write_buffer_ratio)),
        write_buffer_manager_capacity,
        write_buffer_size,
        arena_block_size,
        mutable_limit: write_buffer_manager_capacity.map(mutable_limit),
        needed,
        room,
        room_with_managed,
        budget,
    };
    judge(&memory, options, keys, concerns);
    let idle = match memory.budget {
        RocksDbBudget::Managed(_) => MemorySize::ZERO,
        _ => context.memory.managed,
    };
    (BackendMemory::RocksDb(memory), idle)
}

/// Source: `RocksDBSharedResourcesFactory.from`, Flink 1.17 to 2.3;
/// `RocksDBOperationUtils.allocateSharedCachesIfConfigured` before.
fn budget<'c>(
    options: &Options<'c>,
    keys: &'static RocksDbOptions,
    context: Context<'_>,
    concerns: &mut Vec<Concern>,
) -> RocksDbBudget<'c> {
    let fixed_per_tm = noted(read(options, &keys.fixed_per_tm), concerns);
    let mut warn_inert = || {
        if fixed_per_tm.is_some_and(|input| input.is_set()) {
            concerns.push(Concern::FixedPerTaskManagerInert { key: keys.fixed_per_tm.key() });
        }
    };
    if let Some(fixed) = read(options, &keys.fixed_per_slot).ok().flatten() {
        warn_inert();
        return RocksDbBudget::FixedPerSlot(fixed);
    }
    let managed = read(options, &keys.managed).ok().flatten();
    if managed.is_none_or(|managed| managed.value) {
        warn_inert();
        return RocksDbBudget::Managed(weights::share(options, context.slot_managed, concerns));
    }
    match fixed_per_tm {
        Some(fixed) => RocksDbBudget::FixedPerTaskManager(fixed),
        None => RocksDbBudget::Unbounded,
    }
}

fn judge(
    memory: &RocksDbMemory<'_>,
    options: &Options<'_>,
    keys: &'static RocksDbOptions,
    concerns: &mut Vec<Concern>,
) {
    let &RocksDbMemory { room, room_with_managed, .. } = memory;
    match &memory.budget {
        RocksDbBudget::Managed(share) if share.slot == MemorySize::ZERO => {
            concerns.push(Concern::NoManagedMemory);
        }
        RocksDbBudget::Unbounded => {
            let count = read(options, &keys.write_buffer_count).ok().flatten();
            let count = count.and_then(|input| u64::try_from(input.value).ok());
            let cache = read(options, &keys.block_cache_size).ok().flatten();
            let each = memory.write_buffer_size;
            concerns.push(Concern::Unbounded {
                write_buffers: each
                    .checked_mul(count.unwrap_or(WRITE_BUFFER_COUNT))
                    .unwrap_or(MemorySize::MAX),
                block_cache: cache.map_or(BLOCK_CACHE_SIZE, |input| input.value),
            });
        }
        _ => {}
    }
    match memory.needed {
        Some(needed) if needed > room_with_managed => {
            concerns.insert(0, Concern::OverrunsContainer { needed, room: room_with_managed });
        }
        Some(needed) if needed > room => {
            concerns.push(Concern::LivesOnIdleManaged { needed, room });
        }
        _ => {}
    }
    if let (Some(budget), Some(mutable_limit)) = (memory.budget_size, memory.mutable_limit)
        && memory.arena_block_size > mutable_limit
        && budget > MemorySize::ZERO
    {
        concerns.push(Concern::ArenaBlockAboveMutableLimit {
            budget,
            arena_block: memory.arena_block_size,
            mutable_limit,
            least: least_budget(memory.arena_block_size, memory.write_buffer_ratio),
        });
    }
}

/// An option that may be absent: not of this release, or without default.
fn read<'c, T: FromRaw>(
    options: &Options<'c>,
    key: &'static OptionKey<T>,
) -> Result<Option<Input<'c, T>>, MemoryError> {
    match options.value(key) {
        Ok(input) => Ok(Some(input).filter(|_| options.has(key))),
        Err(MemoryError::NoValue { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The value, or `None` and a concern if it cannot be read.
fn noted<'c, T>(
    result: Result<Option<Input<'c, T>>, MemoryError>,
    concerns: &mut Vec<Concern>,
) -> Option<Input<'c, T>> {
    match result {
        Ok(input) => input,
        Err(MemoryError::Value { error, .. }) => {
            concerns.push(Concern::BadValue {
                key: error.key,
                value: error.value,
                reason: error.reason,
            });
            None
        }
        Err(_) => None,
    }
}

/// Source: `RocksDBMemoryControllerUtils.calculateActualCacheCapacity`, Flink 1.10 to 2.3.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "Flink computes this in doubles"
)]
fn cache_capacity(budget: MemorySize, write_buffer_ratio: f64) -> MemorySize {
    let bytes = ((3.0 - write_buffer_ratio) * budget.bytes() as f64 / 3.0) as u64;
    MemorySize::from_bytes(bytes).unwrap_or(MemorySize::MAX)
}

/// Source: `RocksDBMemoryControllerUtils.calculateWriteBufferManagerCapacity`, Flink 1.10 to 2.3.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "Flink computes this in doubles"
)]
fn write_buffer_manager_capacity(budget: MemorySize, write_buffer_ratio: f64) -> MemorySize {
    let bytes = (2.0 * budget.bytes() as f64 * write_buffer_ratio / 3.0) as u64;
    MemorySize::from_bytes(bytes).unwrap_or(MemorySize::MAX)
}

/// An eighth of a write buffer, in whole pages of 4 KiB.
///
/// Source: `RocksDBMemoryControllerUtils.calculateRocksDBDefaultArenaBlockSize`, Flink 1.12 to 2.3.
/// The engines behind Flink 2.x cap this at 1 MiB, which Flink's own check does not know.
fn arena_block_size(write_buffer_size: MemorySize) -> MemorySize {
    const PAGE: u64 = 4096;
    let pages = (write_buffer_size.bytes() / 8).div_ceil(PAGE);
    MemorySize::from_bytes(pages * PAGE).unwrap_or(MemorySize::MAX)
}

/// Source: `RocksDBMemoryControllerUtils.calculateRocksDBMutableLimit`, Flink 1.12 to 2.3.
fn mutable_limit(write_buffer_manager_capacity: MemorySize) -> MemorySize {
    let eighths = u128::from(write_buffer_manager_capacity.bytes()) * 7 / 8;
    u64::try_from(eighths)
        .ok()
        .and_then(|bytes| MemorySize::from_bytes(bytes).ok())
        .unwrap_or(MemorySize::MAX)
}

/// The smallest budget whose mutable limit holds an arena block: the two formulas above, inverted.
fn least_budget(arena_block_size: MemorySize, write_buffer_ratio: f64) -> MemorySize {
    let fits = |bytes: u64| {
        let budget = MemorySize::from_bytes(bytes).unwrap_or(MemorySize::MAX);
        mutable_limit(write_buffer_manager_capacity(budget, write_buffer_ratio)) >= arena_block_size
    };
    let (mut low, mut high) = (0, MemorySize::MAX.bytes());
    while low < high {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    MemorySize::from_bytes(low).unwrap_or(MemorySize::MAX)
}
