//! What a state store can do, and the small values that pass through it.

use super::{CheckpointId, Environment, Finished, Nanos};

/// Which of a task's states an entry belongs to; a column family in RocksDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateId(pub u8);

/// One entry's key: the state, the record's key, and within it the user key of a map state or the
/// number of a window.
///
/// Packed as state (4 bits), primary (36 bits), sub (24 bits), so that the entries of one record
/// key are neighbors and in the order of their sub key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Key(u64);

impl Key {
    const SUB_BITS: u32 = 24;
    const PRIMARY_BITS: u32 = 36;

    /// The largest sub key that an entry may have; the one above is the stores' own.
    pub const SUB_MAX: u32 = (1 << Self::SUB_BITS) - 2;

    /// A key; of each part only the bits that fit are kept.
    pub const fn new(state: StateId, primary: u64, sub: u32) -> Self {
        let primary = primary & ((1 << Self::PRIMARY_BITS) - 1);
        let sub = sub as u64 & ((1 << Self::SUB_BITS) - 1);
        let state = (state.0 & 0xf) as u64;
        Self(state << 60 | primary << Self::SUB_BITS | sub)
    }

    /// The state.
    pub const fn state(self) -> StateId {
        StateId((self.0 >> 60) as u8)
    }

    /// The record's key.
    pub const fn primary(self) -> u64 {
        self.0 >> Self::SUB_BITS & ((1 << Self::PRIMARY_BITS) - 1)
    }

    /// The map key or the number of the window.
    pub const fn sub(self) -> u32 {
        (self.0 & ((1 << Self::SUB_BITS) - 1)) as u32
    }

    /// State and record key, without the sub key: what [`Store::scan`] takes.
    pub const fn prefix(self) -> Prefix {
        Prefix(self.0 >> Self::SUB_BITS)
    }

    /// The key of these packed bits.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The packed bits; their order is the keys' order.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

/// A state and a record key: all entries of one map, or all windows of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(u64);

impl Prefix {
    /// The smallest key that has this prefix.
    pub const fn first(self) -> Key {
        Key(self.0 << Key::SUB_BITS)
    }

    /// The largest key that has this prefix.
    pub const fn last(self) -> Key {
        Key(self.0 << Key::SUB_BITS | ((1 << Key::SUB_BITS) - 1))
    }

    /// A one-to-one mix of the prefix's bits: different prefixes have different hashes.
    pub const fn hash(self) -> u64 {
        super::random::mix(self.0)
    }

    /// Flink's key group: keys are sorted by it first, in every store and every checkpoint.
    ///
    /// The state does not count, so that all states of one record key are in one group.
    #[expect(clippy::cast_possible_truncation, reason = "a remainder of a u16 fits it")]
    pub const fn key_group(self, max_parallelism: u16) -> u16 {
        let primary = self.0 & ((1 << Key::PRIMARY_BITS) - 1);
        match super::random::mix(primary).checked_rem(max_parallelism as u64) {
            Some(group) => group as u16,
            None => 0,
        }
    }
}

/// What an entry holds, as far as a simulation needs it: never the bytes, but enough to tell a
/// right answer from a wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Value {
    /// Which write made it; unique within a run.
    pub version: u32,
    /// The serialized size in bytes, without the key.
    pub size: u32,
    /// How many elements a list holds; 1 for all else.
    pub elements: u32,
    /// The virtual millisecond of the last write, from which the TTL counts.
    pub written_ms: u32,
}

impl Value {
    /// Whether the entry is past its TTL at `now_ms` (see [`Environment::operation_ms`]).
    pub const fn is_expired(&self, time_to_live: TimeToLive, now_ms: u32) -> bool {
        match time_to_live {
            TimeToLive::Never => false,
            TimeToLive::AfterWrite { millis } => {
                self.written_ms as u64 + millis as u64 <= now_ms as u64
            }
        }
    }

    /// A list after `element` was appended to `list`; a list that expired before the append is
    /// gone, and the append starts a new one.
    ///
    /// Fold from the oldest to the newest: with a TTL, merging two elements first and the list
    /// afterwards is not the same.
    #[must_use]
    pub fn appended(list: Option<Self>, element: Self, time_to_live: TimeToLive) -> Self {
        match list {
            Some(list) if !list.is_expired(time_to_live, element.written_ms) => Self {
                size: list.size.saturating_add(element.size),
                elements: list.elements.saturating_add(element.elements),
                ..element
            },
            _ => element,
        }
    }
}

/// When an entry ends by itself. Reads do not prolong it, as in Flink's default
/// (`StateTtlConfig.UpdateType.OnCreateAndWrite`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeToLive {
    /// It stays until it is deleted.
    #[default]
    Never,
    /// It ends this long after it was last written.
    AfterWrite {
        /// Milliseconds of virtual time.
        millis: u32,
    },
}

/// One of the states that a task registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDescriptor {
    /// Its name, for reports.
    pub name: String,
    /// What it holds for each record key.
    pub kind: StateKind,
    /// The serialized size of a whole key in bytes, key group and sub key included.
    pub key_size: u32,
    /// When entries end.
    pub time_to_live: TimeToLive,
}

/// What a state holds for each record key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    /// One value, or one for each window.
    Value,
    /// A list, which grows by [`Store::append`].
    List,
    /// Entries by user key, which [`Store::scan`] visits.
    Map,
}

/// A timer of one key, in event time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// When it fires, in milliseconds of event time.
    pub at_ms: u64,
    /// The key (and window) it belongs to.
    pub key: Key,
}

/// Where a task restores from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoverySource {
    /// The files kept on the local disk; what is missing or damaged there comes from remote.
    Local,
    /// The checkpoint storage alone: another machine took the task over.
    Remote,
}

/// Why a store cannot go on. The job fails, and is restored from its last checkpoint; no error
/// is ever a wrong answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The local disk took no more bytes.
    #[error("the local disk is full")]
    DiskFull,
    /// One entry needs more memory than the store may ever have.
    #[error("an entry needs {needed} bytes, but the store may use {budget}")]
    OutOfMemory {
        /// Bytes that the entry needs.
        needed: u64,
        /// The store's whole budget.
        budget: u64,
    },
    /// The checkpoint to restore from was never completed, or dropped already.
    #[error("checkpoint {0} is not retained")]
    UnknownCheckpoint(CheckpointId),
    /// The checkpoint storage does not answer with what was stored there.
    #[error("the checkpoint storage lost a file")]
    RemoteFileLost,
    /// A wait for background work that nobody does: a bug of the store.
    #[error("the store waits for work that nothing will finish")]
    Stuck,
    /// The process died meanwhile (see [`Environment::crash_at`]).
    #[error("the process died")]
    Crashed,
}

/// A broken invariant, found by [`Store::check`]: always a bug of the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{invariant}: {found}")]
pub struct Violation {
    /// The invariant, as a statement.
    pub invariant: &'static str,
    /// What was found instead.
    pub found: String,
}

impl Violation {
    /// Demands that `holds`, and says what was found if not.
    ///
    /// # Errors
    /// The violation, if it does not hold.
    pub fn unless(
        holds: bool,
        invariant: &'static str,
        found: impl FnOnce() -> String,
    ) -> Result<(), Self> {
        if holds { Ok(()) } else { Err(Self { invariant, found: found() }) }
    }
}

/// What a store uses of its memory budget, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemoryUse {
    /// What it may use at most.
    pub budget: u64,
    /// What it uses: everything below together.
    pub used: u64,
    /// Entries in write buffers, memtables or on the heap.
    pub write_buffer: u64,
    /// Entries, pages or blocks that could be dropped and read again.
    pub cache: u64,
    /// Indexes, filters and bookkeeping.
    pub index: u64,
    /// Bytes held but not holding anything: rounding to size classes, partly filled runs.
    pub fragmentation: u64,
}

/// Counters since the store was opened. A ratio is always `hits / lookups`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreStatistics {
    /// Reads of the state, by get or as part of a read-modify-write.
    pub lookups: u64,
    /// Of these, answered without touching the disk.
    pub hits: u64,
    /// Of the hits, answered by data that was not yet written out (write buffer, memtables).
    pub write_buffer_hits: u64,
    /// Data blocks or pages looked up in a cache.
    pub block_lookups: u64,
    /// Of these, found there.
    pub block_hits: u64,
    /// Data blocks or pages read from the disk by lookups and scans.
    pub blocks_read: u64,
    /// Index and filter blocks read from the disk.
    pub index_blocks_read: u64,
    /// Bytes of keys and values that the task wrote.
    pub user_bytes_written: u64,
    /// Bytes of all local files that the store completed, for whatever purpose.
    pub file_bytes_written: u64,
    /// How often a write had to wait for background work.
    pub stalls: u64,
    /// How long it waited in all.
    pub stall_time: Nanos,
    /// Bytes on the local disk now.
    pub disk_bytes: u64,
    /// Entries that the store holds now, as far as it knows.
    pub entries: u64,
    /// Garbage collections and how long they stopped the task.
    pub pauses: u64,
    /// How long they stopped the task in all.
    pub pause_time: Nanos,
}

impl StoreStatistics {
    /// What was added since `earlier`; levels (bytes on disk, entries) stay as they are.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            lookups: self.lookups - earlier.lookups,
            hits: self.hits - earlier.hits,
            write_buffer_hits: self.write_buffer_hits - earlier.write_buffer_hits,
            block_lookups: self.block_lookups - earlier.block_lookups,
            block_hits: self.block_hits - earlier.block_hits,
            blocks_read: self.blocks_read - earlier.blocks_read,
            index_blocks_read: self.index_blocks_read - earlier.index_blocks_read,
            user_bytes_written: self.user_bytes_written - earlier.user_bytes_written,
            file_bytes_written: self.file_bytes_written - earlier.file_bytes_written,
            stalls: self.stalls - earlier.stalls,
            stall_time: self.stall_time.since(earlier.stall_time),
            pauses: self.pauses - earlier.pauses,
            pause_time: self.pause_time.since(earlier.pause_time),
            disk_bytes: self.disk_bytes,
            entries: self.entries,
        }
    }
}

/// A state store under virtual time.
///
/// Every call charges what it costs to `env`: CPU by [`Environment::spend`], the disk by
/// [`Environment::read`], background work by [`Environment::start`], whose completion comes back
/// through [`Store::on_finished`]. The driver calls [`Environment::begin_operation`] before and
/// hands over finished work between operations; a store that must wait calls
/// [`Environment::wait`] and passes what it gets to its own `on_finished`.
///
/// A store holds real entries: what it answers is compared with a `BTreeMap`.
pub trait Store {
    /// The value of a key, unless absent or expired.
    ///
    /// # Errors
    /// [`StoreError`]; the job fails.
    fn get(&mut self, env: &mut Environment, key: Key) -> Result<Option<Value>, StoreError>;

    /// Replaces the value of a key.
    ///
    /// # Errors
    /// [`StoreError`]; the job fails.
    fn put(&mut self, env: &mut Environment, key: Key, value: Value) -> Result<(), StoreError>;

    /// Removes a key; nothing happens if it is absent.
    ///
    /// # Errors
    /// [`StoreError`]; the job fails.
    fn delete(&mut self, env: &mut Environment, key: Key) -> Result<(), StoreError>;

    /// Appends to a list, blindly where the store can (see [`Value::appended`]).
    ///
    /// # Errors
    /// [`StoreError`]; the job fails.
    fn append(&mut self, env: &mut Environment, key: Key, element: Value)
    -> Result<(), StoreError>;

    /// Adds all live entries of `prefix` to `found`, in the order of their keys.
    ///
    /// # Errors
    /// [`StoreError`]; the job fails.
    fn scan(
        &mut self,
        env: &mut Environment,
        prefix: Prefix,
        found: &mut Vec<(Key, Value)>,
    ) -> Result<(), StoreError>;

    /// Registers a timer; registering it twice is registering it once.
    ///
    /// # Errors
    /// [`StoreError`]; the job fails.
    fn add_timer(&mut self, env: &mut Environment, timer: Timer) -> Result<(), StoreError>;

    /// Removes a timer; nothing happens if it is absent.
    ///
    /// # Errors
    /// [`StoreError`]; the job fails.
    fn delete_timer(&mut self, env: &mut Environment, timer: Timer) -> Result<(), StoreError>;

    /// Removes all timers up to and including `until_ms` and adds them to `due`, in order.
    ///
    /// # Errors
    /// [`StoreError`]; the job fails.
    fn pop_timers(
        &mut self,
        env: &mut Environment,
        until_ms: u64,
        due: &mut Vec<Timer>,
    ) -> Result<(), StoreError>;

    /// Takes note that background work ended: installs a flushed file, starts the next part.
    ///
    /// # Errors
    /// [`StoreError`] where the outcome leaves no way on.
    fn on_finished(&mut self, env: &mut Environment, finished: Finished) -> Result<(), StoreError>;

    /// The synchronous part of a checkpoint: when it returns, the checkpoint's contents are
    /// fixed. The rest runs in the background and ends with
    /// [`Environment::report_checkpoint`].
    ///
    /// # Errors
    /// [`StoreError`]; the job fails.
    fn begin_checkpoint(
        &mut self,
        env: &mut Environment,
        id: CheckpointId,
    ) -> Result<(), StoreError>;

    /// The coordinator has completed `id`: earlier checkpoints are not needed any more.
    fn complete_checkpoint(&mut self, env: &mut Environment, id: CheckpointId);

    /// The coordinator has given up `id`; its files are not needed, unless shared.
    fn abort_checkpoint(&mut self, env: &mut Environment, id: CheckpointId);

    /// The process is gone: all memory is lost, files being written are gone. The store calls
    /// [`Environment::crash`], which drops all background work and says what became of the files.
    fn crash(&mut self, env: &mut Environment);

    /// Comes up with the contents of `id`, or empty for `None`; blocks until operations can be
    /// served.
    ///
    /// # Errors
    /// [`StoreError`]: the checkpoint is unknown, or a device refuses.
    fn restore(
        &mut self,
        env: &mut Environment,
        id: Option<CheckpointId>,
        source: RecoverySource,
    ) -> Result<(), StoreError>;

    /// What the store uses of its budget now.
    fn memory(&self) -> MemoryUse;

    /// Counters since the store was opened.
    fn statistics(&self) -> StoreStatistics;

    /// Checks every invariant that can be checked between two operations: memory within the
    /// budget, files on disk and in the checkpoint storage exactly those that are referenced.
    ///
    /// # Errors
    /// The first [`Violation`].
    fn check(&self, env: &Environment) -> Result<(), Violation>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_parts() {
        let key = Key::new(StateId(3), 0x9_8765_4321, 0xabcdef);
        assert_eq!((key.state(), key.primary(), key.sub()), (StateId(3), 0x9_8765_4321, 0xabcdef));
        assert_eq!(key.prefix().first(), Key::new(StateId(3), 0x9_8765_4321, 0));
        assert_eq!(key.prefix().last(), Key::new(StateId(3), 0x9_8765_4321, 0xff_ffff));
    }

    #[test]
    fn an_entry_ends_when_its_time_to_live_is_over() {
        let value = Value { written_ms: 100, ..Value::default() };
        let ttl = TimeToLive::AfterWrite { millis: 50 };
        assert!(!value.is_expired(ttl, 149));
        assert!(value.is_expired(ttl, 150));
        assert!(!value.is_expired(TimeToLive::Never, u32::MAX));
    }

    #[test]
    fn an_append_to_an_expired_list_starts_a_new_one() {
        let ttl = TimeToLive::AfterWrite { millis: 50 };
        let list = Value { version: 1, size: 10, elements: 2, written_ms: 0 };
        let element = |written_ms| Value { version: 2, size: 5, elements: 1, written_ms };
        assert_eq!(Value::appended(Some(list), element(49), ttl).elements, 3);
        assert_eq!(Value::appended(Some(list), element(50), ttl), element(50));
        assert_eq!(Value::appended(None, element(50), ttl), element(50));
    }
}
