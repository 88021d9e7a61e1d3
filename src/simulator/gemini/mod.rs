//! Gemini: entries in a hash table in memory, over pages of log-structured files.
//!
//! The design is ours, built from what is published: a hash-indexed write buffer, a page index
//! that stays in memory, off-heap memory with an allocator of its own, hot data that stays off
//! the disk while memory suffices, a cache that compaction does not touch, and checkpoints whose
//! synchronous part copies only the index. Sources: EMR's page on VVR-based jobs (2020), the
//! GeminiStateBackend introduction and configuration pages (VVR 4 and later).
//!
//! - `table`: every entry in memory, dirty or clean, under one CLOCK hand.
//! - `allocator`: what those entries really take.
//! - `memory`: making room, and deciding what goes to disk and when.
//! - `read`: what is not in memory; `maps`: what is scanned as a whole.
//! - `run`: one file's pages, page index and filter.
//! - `lane`: flushes and compactions, one after the other.
//! - `checkpoint`: uploads, manifests, restore.
//!
//! **Anti-caching**: while the state fits, memory is where it lives, and nothing is written but
//! by checkpoints; when it no longer fits, the coldest entries are written out in batches.
//! **Caching**: once the files hold more than twice the memory, unwritten entries are kept to
//! the write buffer, and the rest of memory caches single entries.

mod allocator;
mod checkpoint;
mod lane;
mod map_index;
mod maps;
mod memory;
mod options;
mod read;
mod run;
mod table;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

pub use options::{
    CheckpointMode, GeminiOptions, KvSeparation, LocalRecovery, Placement, RestoreMode,
    TimerService,
};

use self::allocator::Allocator;
use self::checkpoint::{Download, Manifest, PendingCheckpoint};
use self::lane::{Compaction, Frozen};
use self::map_index::MapIndex;
use self::run::Run;
use self::table::{Kind, Standing, Table};
use super::collector::Collector;
use super::{
    CheckpointId, Environment, FileNumber, FileSet, Finished, JobId, Key, MemoryUse, Nanos, Prefix,
    RecoverySource, StateDescriptor, StateKind, Store, StoreError, StoreStatistics, TimeToLive,
    Timer, Value, Violation,
};

/// Bytes of an entry in memory besides key and value: length, kind, version of the snapshot.
const ENTRY_HEADER: u64 = 16;
/// Bytes of the hash index for each entry: a slot of 8 bytes, two thirds full on average.
const INDEX_ENTRY: u64 = 12;
/// A timer's size in memory and in a checkpoint: time, key group, key, namespace.
const TIMER_SIZE: u64 = 32;
/// What a timer takes on the Java heap: the object, its key object, its place in the heap array.
const HEAP_TIMER_SIZE: u64 = 96;

/// What is in a local or remote file.
#[derive(Debug, Clone)]
enum Content {
    Run(Run),
    Values,
    Timers(Vec<Timer>),
}

/// A run that is part of the current state.
#[derive(Debug, Clone)]
struct LiveRun {
    file: FileNumber,
    content: Rc<Content>,
}

impl LiveRun {
    fn run(&self) -> Option<&Run> {
        match self.content.as_ref() {
            Content::Run(run) => Some(run),
            Content::Values | Content::Timers(_) => None,
        }
    }
}

/// Which way memory is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    AntiCaching,
    Caching,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct GeminiStore {
    options: GeminiOptions,
    states: Vec<StateDescriptor>,
    table: Table,
    allocator: Allocator,
    map_index: MapIndex,
    mode: Mode,
    /// Bytes of entries that are dirty and not yet frozen.
    dirty_bytes: u64,
    deletion_count: u32,
    /// What is waiting to be written or being written, oldest first.
    frozen: VecDeque<Frozen>,
    flushing: Option<JobId>,
    compacting: Option<Compaction>,
    /// Newest first.
    runs: Vec<LiveRun>,
    run_index_bytes: u64,
    value_file_bytes: BTreeMap<FileNumber, u64>,
    timers: BTreeSet<Timer>,
    timers_changed: u64,
    /// The timers of checkpoints whose flush has not ended, and their bytes to upload.
    frozen_timers: BTreeMap<CheckpointId, (Vec<Timer>, u64)>,
    collector: Collector,
    next_file: u32,
    local: FileSet<Content>,
    remote: FileSet<Content>,
    manifests: BTreeMap<CheckpointId, Manifest>,
    pending: Vec<PendingCheckpoint>,
    downloads: Vec<Download>,
    statistics: StoreStatistics,
}

impl GeminiStore {
    /// An empty store.
    pub fn new(options: GeminiOptions, states: Vec<StateDescriptor>) -> Self {
        Self {
            table: Table::new(),
            allocator: Allocator::new(options.memory),
            map_index: MapIndex::new(),
            mode: Mode::AntiCaching,
            dirty_bytes: 0,
            deletion_count: 0,
            frozen: VecDeque::new(),
            flushing: None,
            compacting: None,
            runs: Vec::new(),
            run_index_bytes: 0,
            value_file_bytes: BTreeMap::new(),
            timers: BTreeSet::new(),
            timers_changed: 0,
            frozen_timers: BTreeMap::new(),
            collector: Collector::new(options.heap),
            next_file: 0,
            local: FileSet::default(),
            remote: FileSet::default(),
            manifests: BTreeMap::new(),
            pending: Vec::new(),
            downloads: Vec::new(),
            statistics: StoreStatistics::default(),
            options,
            states,
        }
    }

    fn state(&self, key: Key) -> Option<&StateDescriptor> {
        self.states.get(usize::from(key.state().0))
    }

    fn key_size(&self, key: Key) -> u64 {
        self.state(key).map_or(0, |state| u64::from(state.key_size))
    }

    fn time_to_live(&self, key: Key) -> TimeToLive {
        self.state(key).map_or(TimeToLive::Never, |state| state.time_to_live)
    }

    fn is_map(&self, key: Key) -> bool {
        self.state(key).is_some_and(|state| state.kind == StateKind::Map)
    }

    fn entry_size(&self, key: Key, kind: Kind, value: &Value) -> u64 {
        let value_size = match kind {
            Kind::Put | Kind::Append => u64::from(value.size),
            Kind::Vacant | Kind::Delete | Kind::Head => 0,
        };
        ENTRY_HEADER + self.key_size(key) + value_size
    }

    fn serialize(env: &mut Environment, bytes: u64) {
        let costs = env.costs();
        let cost = costs.serialize + costs.serialize_per_kib.scaled(bytes, 1 << 10);
        env.spend(cost);
    }
}

impl Store for GeminiStore {
    fn get(&mut self, env: &mut Environment, key: Key) -> Result<Option<Value>, StoreError> {
        Self::serialize(env, self.key_size(key));
        env.spend(env.costs().hash_probe);
        self.statistics.lookups += 1;
        let time_to_live = self.time_to_live(key);
        let now_ms = env.operation_ms();
        let mut waiting = Vec::new();
        if let Some(slot) = self.table.find(key) {
            let entry = self.table.entry_mut(slot);
            entry.referenced = true;
            let (kind, value, standing) = (entry.kind, entry.value, entry.standing);
            if kind != Kind::Append {
                self.statistics.hits += 1;
                self.statistics.write_buffer_hits += u64::from(standing != Standing::Clean);
                let value =
                    (kind == Kind::Put && !value.is_expired(time_to_live, now_ms)).then_some(value);
                Self::serialize(env, value.map_or(0, |value| u64::from(value.size)));
                return Ok(value);
            }
            waiting.push(value);
        } else if self.is_map(key) && self.has_head(key) {
            self.statistics.hits += 1;
            return Ok(None);
        }
        let was_dirty = !waiting.is_empty();
        let resolved = self.resolve(env, key, waiting);
        self.statistics.hits += u64::from(resolved.reads == 0);
        if let Some(value) = resolved.value {
            Self::serialize(env, u64::from(value.size));
            let standing = if was_dirty { Standing::Dirty } else { Standing::Clean };
            self.set(env, key, Kind::Put, value, standing)?;
            self.flush_if_due(env)?;
        }
        Ok(resolved.value)
    }

    fn put(&mut self, env: &mut Environment, key: Key, value: Value) -> Result<(), StoreError> {
        let bytes = self.key_size(key) + u64::from(value.size);
        Self::serialize(env, bytes);
        env.spend(env.costs().hash_probe);
        self.statistics.user_bytes_written += bytes;
        if self.table.find(key).is_none() {
            self.note_new_map(env, key)?;
        }
        self.set(env, key, Kind::Put, value, Standing::Dirty)?;
        self.flush_if_due(env)
    }

    fn delete(&mut self, env: &mut Environment, key: Key) -> Result<(), StoreError> {
        Self::serialize(env, self.key_size(key));
        env.spend(env.costs().hash_probe);
        self.statistics.user_bytes_written += self.key_size(key);
        if self.may_be_below(env, key) {
            self.deletion_count = self.deletion_count.wrapping_add(1);
            let value = Value { version: self.deletion_count, ..Value::default() };
            self.set(env, key, Kind::Delete, value, Standing::Dirty)?;
            return self.flush_if_due(env);
        }
        if let Some(slot) = self.table.find(key) {
            self.forget(slot);
        }
        Ok(())
    }

    fn append(
        &mut self,
        env: &mut Environment,
        key: Key,
        element: Value,
    ) -> Result<(), StoreError> {
        let bytes = self.key_size(key) + u64::from(element.size);
        Self::serialize(env, bytes);
        env.spend(env.costs().hash_probe);
        self.statistics.user_bytes_written += bytes;
        let time_to_live = self.time_to_live(key);
        if time_to_live != TimeToLive::Never {
            // Whether the list has ended must be known before it grows, so that it is read.
            let list = self.get(env, key)?;
            let value = Value::appended(list, element, time_to_live);
            self.set(env, key, Kind::Put, value, Standing::Dirty)?;
            return self.flush_if_due(env);
        }
        loop {
            let present = self.table.find(key).map(|slot| {
                let entry = self.table.entry(slot);
                (entry.kind, entry.value)
            });
            let (kind, value) = match present {
                Some((kind @ (Kind::Put | Kind::Append), list)) => {
                    (kind, Value::appended(Some(list), element, time_to_live))
                }
                None if self.may_be_below(env, key) => (Kind::Append, element),
                _ => (Kind::Put, element),
            };
            let size = self.entry_size(key, kind, &value);
            if self.allocator.has_room(size, self.allocator_limit()) {
                self.set(env, key, kind, value, Standing::Dirty)?;
                return self.flush_if_due(env);
            }
            // Making room may write out or drop the list, so it is looked up again.
            self.make_room(env, size)?;
        }
    }

    fn scan(
        &mut self,
        env: &mut Environment,
        prefix: Prefix,
        found: &mut Vec<(Key, Value)>,
    ) -> Result<(), StoreError> {
        Self::serialize(env, self.key_size(prefix.first()));
        env.spend(env.costs().hash_probe);
        self.statistics.lookups += 1;
        let before = found.len();
        let first = prefix.first();
        let time_to_live = self.time_to_live(first);
        let now_ms = env.operation_ms();
        let is_live = |value: &Value| !value.is_expired(time_to_live, now_ms);
        if self.has_head(first) {
            self.statistics.hits += 1;
            for entry in self.map_in_memory(prefix) {
                if entry.kind == Kind::Put && is_live(&entry.value) {
                    found.push((entry.key, entry.value));
                }
            }
            if let Some(added) = found.get_mut(before..) {
                added.sort_unstable_by_key(|(key, _)| *key);
            }
            self.touch_map(prefix);
        } else {
            let entries = self.load_map(env, prefix)?;
            found.extend(entries.into_iter().filter(|(_, value)| is_live(value)));
        }
        let read: u64 = found
            .iter()
            .skip(before)
            .map(|(key, value)| self.key_size(*key) + u64::from(value.size))
            .sum();
        let count = (found.len() - before) as u64;
        env.spend((env.costs().hash_probe + env.costs().serialize).times(count));
        Self::serialize(env, read);
        self.flush_if_due(env)
    }

    fn add_timer(&mut self, env: &mut Environment, timer: Timer) -> Result<(), StoreError> {
        self.charge_timer(env);
        if !self.timers.insert(timer) {
            return Ok(());
        }
        self.timers_changed += 1;
        match self.options.timer_service {
            TimerService::Heap => self.collector.allocate(env, HEAP_TIMER_SIZE, HEAP_TIMER_SIZE),
            TimerService::Gemini => {
                Self::serialize(env, TIMER_SIZE);
                self.make_room(env, TIMER_SIZE)?;
                self.allocator.allocate(TIMER_SIZE, self.options.memory);
                Ok(())
            }
        }
    }

    fn delete_timer(&mut self, env: &mut Environment, timer: Timer) -> Result<(), StoreError> {
        self.charge_timer(env);
        if self.timers.remove(&timer) {
            self.release_timer();
        }
        Ok(())
    }

    fn pop_timers(
        &mut self,
        env: &mut Environment,
        until_ms: u64,
        due: &mut Vec<Timer>,
    ) -> Result<(), StoreError> {
        while self.timers.first().is_some_and(|timer| timer.at_ms <= until_ms) {
            self.charge_timer(env);
            due.extend(self.timers.pop_first());
            self.release_timer();
        }
        Ok(())
    }

    fn on_finished(&mut self, env: &mut Environment, finished: Finished) -> Result<(), StoreError> {
        if self.flushing == Some(finished.job) {
            return self.flush_finished(env, finished.outcome);
        }
        if self.compacting.as_ref().is_some_and(|compaction| compaction.job() == finished.job) {
            self.compaction_finished(env, finished.outcome);
        } else {
            self.transfer_finished(env, finished);
        }
        Ok(())
    }

    fn begin_checkpoint(
        &mut self,
        env: &mut Environment,
        id: CheckpointId,
    ) -> Result<(), StoreError> {
        self.freeze_timers(id);
        self.freeze_checkpoint(env, id);
        Ok(())
    }

    fn complete_checkpoint(&mut self, env: &mut Environment, id: CheckpointId) {
        self.manifests.retain(|other, _| *other >= id);
        self.collect_files(env);
    }

    fn abort_checkpoint(&mut self, env: &mut Environment, id: CheckpointId) {
        self.manifests.remove(&id);
        self.collect_files(env);
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
        let index = self.index_bytes();
        let held = self.allocator.held();
        let frozen: u64 = self.frozen.iter().map(|frozen| frozen.bytes).sum();
        let write_buffer = self.dirty_bytes + frozen;
        MemoryUse {
            budget: self.options.memory,
            used: held + index,
            write_buffer,
            cache: self.allocator.requested().saturating_sub(write_buffer),
            index,
            fragmentation: held - self.allocator.requested(),
        }
    }

    fn statistics(&self) -> StoreStatistics {
        StoreStatistics {
            disk_bytes: self.local.bytes(),
            entries: self.table.len() as u64,
            pauses: self.collector.pauses,
            pause_time: self.collector.pause_time,
            ..self.statistics
        }
    }

    fn check(&self, env: &Environment) -> Result<(), Violation> {
        let memory = self.memory();
        Violation::unless(memory.used <= memory.budget, "memory is within its budget", || {
            format!("{memory:?}")
        })?;
        let entries: u64 = self
            .table
            .entries()
            .map(|entry| self.entry_size(entry.key, entry.kind, &entry.value))
            .sum();
        let moved: u64 = self.frozen.iter().map(|frozen| frozen.moved_bytes).sum();
        let timers = match self.options.timer_service {
            TimerService::Heap => 0,
            TimerService::Gemini => self.timers.len() as u64 * TIMER_SIZE,
        };
        Violation::unless(
            entries + moved + timers == self.allocator.requested(),
            "the allocator holds the entries and nothing else",
            || format!("{entries} + {moved} + {timers} != {}", self.allocator.requested()),
        )?;
        self.check_files(env)
    }
}

impl GeminiStore {
    fn charge_timer(&self, env: &mut Environment) {
        let steps = u64::from((self.timers.len() as u64 + 1).ilog2()) + 1;
        let probe = match self.options.timer_service {
            // A binary heap and a hash set of objects, mostly in the CPU's caches.
            TimerService::Heap => env.costs().ordered_probe_step.times(steps) + Nanos(100),
            TimerService::Gemini => {
                env.costs().ordered_probe_step.times(steps) + env.costs().hash_probe
            }
        };
        env.spend(probe);
    }

    fn release_timer(&mut self) {
        self.timers_changed += 1;
        match self.options.timer_service {
            TimerService::Heap => self.collector.release(HEAP_TIMER_SIZE),
            TimerService::Gemini => self.allocator.free(TIMER_SIZE),
        }
    }
}
