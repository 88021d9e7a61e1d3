//! The heap backend (`hashmap`): state as Java objects, snapshots by copy on write.
//!
//! Reads and writes are the quickest of all stores; the price is paid in objects around every
//! entry, in garbage collections that grow with the live heap, in full checkpoints, and in a
//! job that fails when the state outgrows the heap.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::collector::Collector;
use super::{
    CheckpointId, CheckpointReport, Crash, Environment, FileNumber, FileSet, Finished, HeapSize,
    JobId, Key, LocalRecovery, MemoryUse, Nanos, Outcome, Prefix, Purpose, RecoverySource,
    StateDescriptor, Store, StoreError, StoreStatistics, TimeToLive, Timer, Value, Violation, Work,
};

/// `CopyOnWriteStateMap.StateMapEntry`: a header of 12 bytes, four references, three ints; its
/// place in the table, two thirds full.
const MAP_ENTRY: u64 = 40 + 6;
/// A key or value object and the array it holds: two headers, two references, three ints.
const OBJECT: u64 = 40;
/// A timer: the object, its key, its places in the priority queue and the set beside it.
const TIMER: u64 = 96;
/// A timer as it is written.
const TIMER_SIZE: u64 = 32;

/// How a heap store is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeapOptions {
    /// The heap that the task may fill.
    pub heap: HeapSize,
    /// Whether the last snapshot stays on the local disk.
    pub local_recovery: LocalRecovery,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct HeapStore {
    options: HeapOptions,
    states: Vec<StateDescriptor>,
    contents: Contents,
    /// Bytes of all live objects.
    live: u64,
    collector: Collector,
    pending: Vec<Snapshot>,
    manifests: BTreeMap<CheckpointId, FileNumber>,
    local: FileSet<Contents>,
    remote: FileSet<Contents>,
    next_file: u32,
    statistics: StoreStatistics,
}

#[derive(Debug, Clone, Default)]
struct Contents {
    entries: BTreeMap<Key, Value>,
    timers: BTreeSet<Timer>,
}

#[derive(Debug, Clone)]
struct Snapshot {
    id: CheckpointId,
    job: JobId,
    file: FileNumber,
    bytes: u64,
    contents: Rc<Contents>,
    /// The newest version that the snapshot shares with the live map.
    copied: BTreeSet<Key>,
    sync: Nanos,
}

impl HeapStore {
    /// An empty store.
    pub fn new(options: HeapOptions, states: Vec<StateDescriptor>) -> Self {
        Self {
            collector: Collector::new(options.heap),
            options,
            states,
            contents: Contents::default(),
            live: 0,
            pending: Vec::new(),
            manifests: BTreeMap::new(),
            local: FileSet::default(),
            remote: FileSet::default(),
            next_file: 0,
            statistics: StoreStatistics::default(),
        }
    }

    fn key_size(&self, key: Key) -> u64 {
        self.states.get(usize::from(key.state().0)).map_or(0, |state| u64::from(state.key_size))
    }

    fn time_to_live(&self, key: Key) -> TimeToLive {
        let state = self.states.get(usize::from(key.state().0));
        state.map_or(TimeToLive::Never, |state| state.time_to_live)
    }

    fn object_size(&self, key: Key, value: &Value) -> u64 {
        let serialized = self.key_size(key) + u64::from(value.size);
        // Every element of a list is an object of its own.
        MAP_ENTRY + OBJECT * (1 + u64::from(value.elements)) + serialized
    }

    /// The live value; one that has ended is removed on the way.
    fn live_value(&mut self, env: &mut Environment, key: Key) -> Option<Value> {
        env.spend(env.costs().hash_probe + env.costs().heap_access);
        let value = *self.contents.entries.get(&key)?;
        if value.is_expired(self.time_to_live(key), env.operation_ms()) {
            self.remove(key);
            return None;
        }
        Some(value)
    }

    fn remove(&mut self, key: Key) {
        if let Some(value) = self.contents.entries.remove(&key) {
            let size = self.object_size(key, &value);
            self.live -= size;
            self.collector.release(size);
        }
    }

    /// Replaces a value. While a snapshot is being written, the first change of each of its
    /// entries copies the entry.
    fn replace(
        &mut self,
        env: &mut Environment,
        key: Key,
        value: Value,
        allocated: u64,
    ) -> Result<(), StoreError> {
        let size = self.object_size(key, &value);
        let old = self.contents.entries.insert(key, value);
        let mut allocated = allocated;
        if let Some(old) = old {
            let old_size = self.object_size(key, &old);
            for snapshot in &mut self.pending {
                if snapshot.contents.entries.contains_key(&key) && snapshot.copied.insert(key) {
                    env.spend(env.costs().copy_per_kib.scaled(old_size, 1 << 10));
                    allocated += old_size;
                }
            }
            self.live -= old_size;
            self.collector.release(old_size);
        }
        self.live += size;
        self.statistics.user_bytes_written += self.key_size(key) + u64::from(value.size);
        self.collector.allocate(env, allocated, size)
    }

    fn collect_files(&mut self, env: &mut Environment) {
        let listed: BTreeSet<_> = self.manifests.values().copied().collect();
        self.remote.retain(&listed);
        env.release_disk(self.local.retain(&listed));
    }
}

impl Store for HeapStore {
    fn get(&mut self, env: &mut Environment, key: Key) -> Result<Option<Value>, StoreError> {
        self.statistics.lookups += 1;
        self.statistics.hits += 1;
        Ok(self.live_value(env, key))
    }

    fn put(&mut self, env: &mut Environment, key: Key, value: Value) -> Result<(), StoreError> {
        env.spend(env.costs().hash_probe + env.costs().heap_access);
        self.replace(env, key, value, OBJECT + u64::from(value.size))
    }

    fn delete(&mut self, env: &mut Environment, key: Key) -> Result<(), StoreError> {
        env.spend(env.costs().hash_probe + env.costs().heap_access);
        self.remove(key);
        Ok(())
    }

    fn append(
        &mut self,
        env: &mut Environment,
        key: Key,
        element: Value,
    ) -> Result<(), StoreError> {
        let list = self.live_value(env, key);
        let value = Value::appended(list, element, self.time_to_live(key));
        self.replace(env, key, value, OBJECT + u64::from(element.size))
    }

    fn scan(
        &mut self,
        env: &mut Environment,
        prefix: Prefix,
        found: &mut Vec<(Key, Value)>,
    ) -> Result<(), StoreError> {
        self.statistics.lookups += 1;
        self.statistics.hits += 1;
        let time_to_live = self.time_to_live(prefix.first());
        let before = found.len();
        let entries = self.contents.entries.range(prefix.first()..=prefix.last());
        let now_ms = env.operation_ms();
        found.extend(
            entries
                .filter(|(_, value)| !value.is_expired(time_to_live, now_ms))
                .map(|(key, value)| (*key, *value)),
        );
        let count = (found.len() - before) as u64;
        env.spend(env.costs().hash_probe + env.costs().heap_access.times(1 + count));
        Ok(())
    }

    fn add_timer(&mut self, env: &mut Environment, timer: Timer) -> Result<(), StoreError> {
        env.spend(env.costs().hash_probe + env.costs().heap_access);
        if !self.contents.timers.insert(timer) {
            return Ok(());
        }
        self.live += TIMER;
        self.collector.allocate(env, TIMER, TIMER)
    }

    fn delete_timer(&mut self, env: &mut Environment, timer: Timer) -> Result<(), StoreError> {
        env.spend(env.costs().hash_probe + env.costs().heap_access);
        if self.contents.timers.remove(&timer) {
            self.live -= TIMER;
            self.collector.release(TIMER);
        }
        Ok(())
    }

    fn pop_timers(
        &mut self,
        env: &mut Environment,
        until_ms: u64,
        due: &mut Vec<Timer>,
    ) -> Result<(), StoreError> {
        while self.contents.timers.first().is_some_and(|timer| timer.at_ms <= until_ms) {
            env.spend(env.costs().hash_probe + env.costs().heap_access);
            due.extend(self.contents.timers.pop_first());
            self.live -= TIMER;
            self.collector.release(TIMER);
        }
        Ok(())
    }

    fn on_finished(&mut self, env: &mut Environment, finished: Finished) -> Result<(), StoreError> {
        let Some(at) = self.pending.iter().position(|pending| pending.job == finished.job) else {
            return Ok(());
        };
        let snapshot = self.pending.remove(at);
        if finished.outcome == Outcome::Done {
            self.remote.insert(snapshot.file, snapshot.bytes, Rc::clone(&snapshot.contents));
            if self.options.local_recovery == LocalRecovery::On {
                self.statistics.file_bytes_written += snapshot.bytes;
                self.local.insert(snapshot.file, snapshot.bytes, snapshot.contents);
            }
            self.manifests.insert(snapshot.id, snapshot.file);
        }
        env.report_checkpoint(CheckpointReport {
            id: snapshot.id,
            outcome: finished.outcome,
            at: env.now(),
            sync: snapshot.sync,
            uploaded: snapshot.bytes,
            full_size: snapshot.bytes,
        });
        Ok(())
    }

    fn begin_checkpoint(
        &mut self,
        env: &mut Environment,
        id: CheckpointId,
    ) -> Result<(), StoreError> {
        let start = env.now();
        // The table's array of references is copied, the entries are shared.
        let table = self.contents.entries.len() as u64 * 6;
        env.spend(env.costs().copy_per_kib.scaled(table, 1 << 10));
        let sync = env.now().since(start);
        let entries = &self.contents.entries;
        let sizes = entries.iter().map(|(key, value)| self.key_size(*key) + u64::from(value.size));
        let bytes = sizes.sum::<u64>() + self.contents.timers.len() as u64 * TIMER_SIZE;
        let count = (entries.len() + self.contents.timers.len()) as u64;
        let costs = env.costs();
        let job = env.start(Work {
            cpu: costs.serialize.times(2 * count) + costs.serialize_per_kib.scaled(bytes, 1 << 10),
            write: if self.options.local_recovery == LocalRecovery::On { bytes } else { 0 },
            upload: bytes.max(1),
            ..Work::of(Purpose::Checkpoint)
        });
        let file = FileNumber(self.next_file);
        self.next_file += 1;
        let contents = Rc::new(self.contents.clone());
        let copied = BTreeSet::new();
        self.pending.push(Snapshot { id, job, file, bytes, contents, copied, sync });
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
        if env.crash() == Crash::TornWrites {
            self.local.tear_newest(1);
        }
        self.collector.release(self.live);
        self.live = 0;
        self.contents = Contents::default();
        self.pending.clear();
    }

    fn restore(
        &mut self,
        env: &mut Environment,
        id: Option<CheckpointId>,
        source: RecoverySource,
    ) -> Result<(), StoreError> {
        self.manifests.retain(|other, _| Some(*other) <= id);
        self.collect_files(env);
        if source == RecoverySource::Remote {
            env.release_disk(self.local.bytes());
            self.local = FileSet::default();
        }
        let Some(id) = id else { return Ok(()) };
        let file = self.manifests.get(&id).ok_or(StoreError::UnknownCheckpoint(id))?;
        let stored = if let Some(stored) = self.local.whole(*file) {
            env.read(Purpose::Restore, stored.bytes);
            stored
        } else {
            let stored = self.remote.whole(*file).ok_or(StoreError::RemoteFileLost)?;
            env.fetch(Purpose::Restore, stored.bytes);
            stored
        };
        let bytes = stored.bytes;
        self.contents = stored.content.as_ref().clone();
        let costs = env.costs();
        let count = self.contents.entries.len() as u64;
        let cpu = (costs.serialize.times(2) + costs.hash_probe).times(count)
            + costs.serialize_per_kib.scaled(bytes, 1 << 10);
        env.spend(cpu);
        let entries = self.contents.entries.iter();
        self.live = entries.map(|(key, value)| self.object_size(*key, value)).sum::<u64>()
            + self.contents.timers.len() as u64 * TIMER;
        self.collector.allocate(env, self.live, self.live)
    }

    fn memory(&self) -> MemoryUse {
        let serialized: u64 = self
            .contents
            .entries
            .iter()
            .map(|(key, value)| self.key_size(*key) + u64::from(value.size))
            .sum();
        MemoryUse {
            budget: self.options.heap.0,
            used: self.live,
            write_buffer: serialized,
            cache: 0,
            index: 0,
            fragmentation: self.live - serialized,
        }
    }

    fn statistics(&self) -> StoreStatistics {
        StoreStatistics {
            disk_bytes: self.local.bytes(),
            entries: self.contents.entries.len() as u64,
            pauses: self.collector.pauses,
            pause_time: self.collector.pause_time,
            ..self.statistics
        }
    }

    fn check(&self, env: &Environment) -> Result<(), Violation> {
        Violation::unless(self.live <= self.options.heap.0, "memory is within its budget", || {
            format!("{} > {}", self.live, self.options.heap.0)
        })?;
        let entries = self.contents.entries.iter();
        let live = entries.map(|(key, value)| self.object_size(*key, value)).sum::<u64>()
            + self.contents.timers.len() as u64 * TIMER;
        Violation::unless(live == self.live, "live bytes are those of the objects", || {
            format!("{live} != {}", self.live)
        })?;
        let listed: BTreeSet<_> = self.manifests.values().copied().collect();
        Violation::unless(
            listed == self.remote.numbers(),
            "remote files are those of the retained checkpoints",
            || format!("{listed:?} != {:?}", self.remote.numbers()),
        )?;
        Violation::unless(
            self.local.numbers().is_subset(&listed),
            "every local file is referenced",
            || format!("{:?} beyond {listed:?}", self.local.numbers()),
        )?;
        let used = self.local.bytes() + env.disk_reserved();
        Violation::unless(
            used == env.disk_used(),
            "the disk holds the local files and what is being written",
            || format!("{used} != {}", env.disk_used()),
        )?;
        let written =
            self.statistics.file_bytes_written + env.disk_abandoned() + env.disk_reserved();
        Violation::unless(
            written == env.disk_written(),
            "bytes written are those of checkpoints",
            || format!("{written} != {}", env.disk_written()),
        )
    }
}
