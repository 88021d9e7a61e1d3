//! RocksDB as Flink runs it: one instance in a task slot, a column family for each state.
//!
//! Memtables share a write-buffer manager that is charged to the block cache; level 0 files are
//! probed newest first, then one file a level; reads take whole blocks, through the cache, and
//! leveled compaction rewrites files in the background. What decides is built as RocksDB builds
//! it, from its sources, and held against measured runs (`fixtures/rocksdb/`): no constant is
//! fitted to them.
//!
//! Entry point: [`RocksDb`]. Must not import the other stores' workings.

mod background;
mod block_cache;
mod checkpoint;
mod compaction;
mod levels;
mod measured;
mod memtable;
mod options;
mod read;
mod record;
mod table;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::{
    CheckpointId, Environment, FileNumber, FileSet, Finished, JobId, Key, MemoryUse, Nanos, Prefix,
    RecoverySource, StateDescriptor, Store, StoreError, StoreStatistics, TimeToLive, Timer, Value,
    Violation,
};
use background::{RunningCompaction, RunningFlush};
use block_cache::BlockCache;
use checkpoint::{Manifest, PendingCheckpoint};
use levels::Levels;
use memtable::{Memtable, WriteBufferManager};
use record::{KeyLayout, Record};
use table::Table;

pub use measured::{LoadedDatabase, MeasuredRun, ReplayError, ReplayedRun};
pub use options::{IndexLayout, RocksDbOptions, RocksDbRelease, RocksDbTimers};

/// See the module.
#[derive(Debug, Clone)]
pub struct RocksDb {
    options: RocksDbOptions,
    arena_block: u64,
    families: Vec<ColumnFamily>,
    cache: BlockCache,
    write_buffers: WriteBufferManager,
    memtable_count: u64,
    running_flush: Option<RunningFlush>,
    running_compaction: Option<RunningCompaction>,
    timers: BTreeSet<Timer>,
    pending: Vec<PendingCheckpoint>,
    manifests: BTreeMap<CheckpointId, Manifest>,
    local: FileSet<Content>,
    remote: FileSet<Content>,
    next_file: u32,
    is_writable: bool,
    lookups: BlockLookups,
    statistics: StoreStatistics,
}

/// What is in a file.
#[derive(Debug, Clone)]
enum Content {
    Table(Rc<Table>),
    Timers(Rc<Vec<Timer>>),
}

/// One state, with its tree.
#[derive(Debug, Clone)]
struct ColumnFamily {
    layout: KeyLayout,
    ttl: TimeToLive,
    memtable: Memtable,
    /// Memtables being flushed or waiting for it, oldest first.
    immutable: VecDeque<Memtable>,
    levels: Levels,
}

/// Look-ups in the block cache, as RocksDB's tickers count them: compaction's are among them there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BlockLookups {
    /// Data blocks of gets and scans found in the cache.
    pub data_hits: u64,
    /// Data blocks of gets and scans read from the disk.
    pub data_misses: u64,
    /// Data blocks that compactions found in the cache.
    pub compaction_hits: u64,
    /// Data blocks that compactions read.
    pub compaction_misses: u64,
    /// Index and filter blocks found in the cache; those that files hold on to are not looked up.
    pub index_hits: u64,
    /// Index and filter blocks read, at the opening of a file or later.
    pub index_misses: u64,
    /// Probes that a Bloom filter saved.
    pub filtered: u64,
}

/// A timer's entry in its column family: key group, time stamp, key and namespace.
// Source: `RocksDBCachingPriorityQueueSet` and `TimerSerializer`, Flink 1.20: 8 bytes of time, and
// the key as in its state.
const TIMER_KEY_SIZE: u32 = 1 + 8 + 16;

impl RocksDb {
    /// An empty store.
    #[must_use]
    pub fn new(options: RocksDbOptions, states: &[StateDescriptor]) -> Self {
        let mut families: Vec<ColumnFamily> = states
            .iter()
            .map(|state| ColumnFamily::new(state.key_size, state.time_to_live, &options))
            .collect();
        if options.timers == RocksDbTimers::RocksDb {
            families.push(ColumnFamily::new(TIMER_KEY_SIZE, TimeToLive::Never, &options));
        }
        let limit = options.write_buffer_manager.unwrap_or(u64::MAX);
        Self {
            arena_block: options.arena_block_size(),
            cache: BlockCache::new(options.block_cache, options.high_priority_permille),
            write_buffers: WriteBufferManager::new(limit),
            families,
            options,
            memtable_count: 0,
            running_flush: None,
            running_compaction: None,
            timers: BTreeSet::new(),
            pending: Vec::new(),
            manifests: BTreeMap::new(),
            local: FileSet::default(),
            remote: FileSet::default(),
            next_file: 0,
            is_writable: true,
            lookups: BlockLookups::default(),
            statistics: StoreStatistics::default(),
        }
    }

    /// Closes the store, all memtables being flushed, and opens its files with other options.
    ///
    /// The shape of the files stays as it is; options that decide it should not change.
    pub fn reopen(&mut self, options: RocksDbOptions) {
        self.arena_block = options.arena_block_size();
        self.cache = BlockCache::new(options.block_cache, options.high_priority_permille);
        let limit = options.write_buffer_manager.unwrap_or(u64::MAX);
        self.write_buffers = WriteBufferManager::new(limit);
        self.options = options;
        for family in 0..self.families.len() {
            for level in 0..levels::LEVEL_COUNT {
                let tables =
                    self.families.get_mut(family).and_then(|c| c.levels.levels.get_mut(level));
                let tables = tables.map(std::mem::take).unwrap_or_default();
                for live in tables.into_iter().rev() {
                    let opened = self.open_table(live.table, level);
                    if let Some(column) = self.families.get_mut(family) {
                        column.levels.add(level, [opened]);
                    }
                }
            }
        }
    }

    /// Look-ups in the block cache since the store was opened.
    #[must_use]
    pub const fn block_lookups(&self) -> BlockLookups {
        self.lookups
    }

    /// Files and bytes of each level of a state.
    #[must_use]
    pub fn level_sizes(&self, state: usize) -> Vec<(usize, u64)> {
        let levels = self.families.get(state).map(|family| &family.levels);
        levels.map_or_else(Vec::new, |levels| {
            let level = |level| (levels.level(level).len(), levels.level_bytes(level));
            (0..levels::LEVEL_COUNT).map(level).collect()
        })
    }

    fn write(
        &mut self,
        env: &mut Environment,
        family: usize,
        key: Key,
        record: Record,
    ) -> Result<(), StoreError> {
        let key_size = self.families.get(family).map_or(0, |column| column.layout.size);
        let size = u64::from(key_size) + u64::from(record.value.size);
        self.make_room(env, family, size)?;
        let Some(column) = self.families.get_mut(family) else { return Ok(()) };
        let entries = column.memtable.records().len() as u64;
        let costs = env.costs();
        let cpu = costs.jni_call
            + costs.serialize.times(2)
            + (costs.serialize_per_kib + costs.jni_copy_per_kib).scaled(size, 1 << 10)
            + costs.ordered_probe_step.times(u64::from((entries + 2).ilog2()));
        env.spend(cpu);
        let grown = column.memtable.add(
            key,
            record,
            column.ttl,
            column.layout,
            self.arena_block,
            self.options.max_parallelism,
        );
        if grown > 0 {
            self.write_buffers.allocate(grown);
            self.charge_write_buffers();
        }
        self.statistics.user_bytes_written += size;
        Ok(())
    }

    /// RocksDB does not keep to its capacity at any price: memtables and the indexes of level 0
    /// may be over it, and then nothing else is cached.
    fn check_memory(&self) -> Result<(), Violation> {
        self.cache.check()?;
        let memtables = |column: &ColumnFamily| column.memtables().map(Memtable::charged).sum();
        let charged: u64 = self.families.iter().map::<u64, _>(memtables).sum();
        let counted = self.write_buffers.used();
        Violation::unless(
            charged == counted,
            "the write-buffer manager has all memtables",
            || format!("{charged} != {counted}"),
        )?;
        let reserved = self.cache.reserved();
        let is_managed = self.options.write_buffer_manager.is_some();
        Violation::unless(
            !is_managed || reserved >= counted,
            "memtables are charged to the block cache",
            || format!("{reserved} < {counted}"),
        )
    }

    fn charge_write_buffers(&mut self) {
        if self.options.write_buffer_manager.is_some() {
            self.cache.reserve(self.write_buffers.used());
        }
    }

    /// The column family and key of a timer's entry: in the order of time.
    #[expect(clippy::cast_possible_truncation, reason = "a hash is cut on purpose")]
    fn timer_entry(&self, timer: Timer) -> (usize, Key) {
        let sub = timer.key.prefix().hash() as u32 ^ timer.key.sub();
        (self.families.len() - 1, Key::new(timer.key.state(), timer.at_ms, sub))
    }

    fn write_timer(
        &mut self,
        env: &mut Environment,
        timer: Timer,
        record: Record,
    ) -> Result<(), StoreError> {
        match self.options.timers {
            RocksDbTimers::Heap => {
                env.spend(env.costs().hash_probe);
                Ok(())
            }
            RocksDbTimers::RocksDb => {
                let (family, key) = self.timer_entry(timer);
                self.write(env, family, key, record)
            }
        }
    }
}

impl ColumnFamily {
    fn new(key_size: u32, ttl: TimeToLive, options: &RocksDbOptions) -> Self {
        Self {
            layout: KeyLayout::new(key_size, options.max_parallelism),
            ttl,
            memtable: Memtable::new(0),
            immutable: VecDeque::new(),
            levels: Levels::default(),
        }
    }

    /// The memtable that takes writes and those that were sealed, newest first.
    fn memtables(&self) -> impl Iterator<Item = &Memtable> {
        std::iter::once(&self.memtable).chain(self.immutable.iter().rev())
    }
}

impl Store for RocksDb {
    fn get(&mut self, env: &mut Environment, key: Key) -> Result<Option<Value>, StoreError> {
        Ok(self.look_up(env, key))
    }

    fn put(&mut self, env: &mut Environment, key: Key, value: Value) -> Result<(), StoreError> {
        self.write(env, usize::from(key.state().0), key, Record::put(value))
    }

    fn delete(&mut self, env: &mut Environment, key: Key) -> Result<(), StoreError> {
        self.write(env, usize::from(key.state().0), key, Record::delete(0))
    }

    fn append(
        &mut self,
        env: &mut Environment,
        key: Key,
        element: Value,
    ) -> Result<(), StoreError> {
        self.write(env, usize::from(key.state().0), key, Record::merge(element))
    }

    fn scan(
        &mut self,
        env: &mut Environment,
        prefix: Prefix,
        found: &mut Vec<(Key, Value)>,
    ) -> Result<(), StoreError> {
        self.scan_prefix(env, prefix, found);
        Ok(())
    }

    fn add_timer(&mut self, env: &mut Environment, timer: Timer) -> Result<(), StoreError> {
        if self.timers.insert(timer) {
            return self.write_timer(env, timer, Record::put(Value::default()));
        }
        Ok(())
    }

    fn delete_timer(&mut self, env: &mut Environment, timer: Timer) -> Result<(), StoreError> {
        if self.timers.remove(&timer) {
            return self.write_timer(env, timer, Record::delete(0));
        }
        Ok(())
    }

    fn pop_timers(
        &mut self,
        env: &mut Environment,
        until_ms: u64,
        due: &mut Vec<Timer>,
    ) -> Result<(), StoreError> {
        // Flink keeps the next 128 timers of each key group in memory, so finding them is cheap
        // and only their deletion is written.
        while let Some(&timer) = self.timers.first().filter(|timer| timer.at_ms <= until_ms) {
            self.timers.remove(&timer);
            due.push(timer);
            self.write_timer(env, timer, Record::delete(0))?;
        }
        Ok(())
    }

    fn on_finished(&mut self, env: &mut Environment, finished: Finished) -> Result<(), StoreError> {
        self.background_finished(env, finished)
    }

    fn begin_checkpoint(
        &mut self,
        env: &mut Environment,
        id: CheckpointId,
    ) -> Result<(), StoreError> {
        self.freeze(env, id)
    }

    fn complete_checkpoint(&mut self, env: &mut Environment, id: CheckpointId) {
        self.completed(env, id);
    }

    fn abort_checkpoint(&mut self, env: &mut Environment, id: CheckpointId) {
        self.aborted(env, id);
    }

    fn crash(&mut self, env: &mut Environment) {
        self.lose_memory(env);
    }

    fn restore(
        &mut self,
        env: &mut Environment,
        id: Option<CheckpointId>,
        source: RecoverySource,
    ) -> Result<(), StoreError> {
        self.come_up(env, id, source)
    }

    fn memory(&self) -> MemoryUse {
        let managed = self.options.write_buffer_manager.is_some();
        let write_buffer = self.write_buffers.used();
        let (cache, beside) = (self.cache.used() - self.cache.reserved(), self.cache.reserved());
        // Flink's formulas let the cache be over its capacity by half of the manager's limit.
        let budget = match self.options.write_buffer_manager {
            Some(limit) => self.options.block_cache + limit / 2,
            None => u64::MAX,
        };
        let fragmentation = if managed { beside.saturating_sub(write_buffer) } else { 0 };
        let used = cache + write_buffer + fragmentation;
        MemoryUse { budget, used, write_buffer, cache, index: 0, fragmentation }
    }

    fn statistics(&self) -> StoreStatistics {
        let tables = || self.families.iter().flat_map(|family| family.levels.tables());
        let in_memory = |family: &ColumnFamily| {
            let immutable: usize = family.immutable.iter().map(|m| m.records().len()).sum();
            family.memtable.records().len() + immutable
        };
        let in_memory: usize = self.families.iter().map(in_memory).sum();
        let on_disk: usize = tables().map(|live| live.table.keys.len()).sum();
        StoreStatistics {
            block_lookups: self.lookups.data_hits + self.lookups.data_misses,
            block_hits: self.lookups.data_hits,
            blocks_read: self.lookups.data_misses,
            index_blocks_read: self.lookups.index_misses,
            disk_bytes: self.local.bytes(),
            entries: (in_memory + on_disk) as u64,
            ..self.statistics
        }
    }

    fn check(&self, env: &Environment) -> Result<(), Violation> {
        self.check_memory()?;
        self.check_files(env)
    }
}

/// How long a wait for background work took.
fn waited(env: &mut Environment, statistics: &mut StoreStatistics, from: Nanos) {
    statistics.stalls += 1;
    statistics.stall_time += env.now().since(from);
}

/// Whether a job is this one.
fn is_job(job: Option<JobId>, finished: Finished) -> bool {
    job == Some(finished.job)
}

/// Gives out the numbers of files.
fn next_number(next_file: &mut u32) -> FileNumber {
    *next_file += 1;
    FileNumber(*next_file)
}
