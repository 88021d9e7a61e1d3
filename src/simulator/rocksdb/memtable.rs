use super::record::{KeyLayout, OrderedKey, Record, RecordKind, TRAILER};
use crate::simulator::cache::Interner;
use crate::simulator::random::{Generator, Seed};
use crate::simulator::{Key, TimeToLive};
use std::collections::BTreeSet;

/// What was written since the last flush: the newest record of each key.
///
/// RocksDB keeps every version until the flush, so memory follows writes, not keys: each takes a
/// node of a skip list from an arena, which grows by whole blocks.
///
/// Source: `InlineSkipList`, `Arena` and `MemTable::ShouldFlushNow`, RocksDB 6.20 to 9.8.
#[derive(Debug, Clone)]
pub(super) struct Memtable {
    keys: Interner,
    records: Vec<(Key, Record)>,
    /// All keys in order, kept from the first scan on.
    ordered: Option<BTreeSet<OrderedKey>>,
    heights: Generator,
    /// The rising number of the memtable among those of all column families.
    pub(super) creation: u64,
    allocated: u64,
    unused: u64,
    pub(super) write_count: u64,
}

// Source: `Arena::kInlineSize`; `alignof(std::max_align_t)`.
const ARENA_INLINE: u64 = 2048;
const ALIGNMENT: u64 = 16;

// Source: `InlineSkipList`: at most 12 levels, a quarter of the nodes reach the next one.
const HEIGHT_MAX: u64 = 12;

impl Memtable {
    pub(super) fn new(creation: u64) -> Self {
        Self {
            keys: Interner::new(Seed(creation)),
            records: Vec::new(),
            ordered: None,
            heights: Generator::new(Seed(creation)),
            creation,
            allocated: ARENA_INLINE,
            // The head of the list has all levels.
            unused: ARENA_INLINE - 8 * HEIGHT_MAX - 64,
            write_count: 0,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.write_count == 0
    }

    /// Bytes that the arena has taken in blocks; its inline part nobody counts.
    pub(super) const fn charged(&self) -> u64 {
        self.allocated - ARENA_INLINE
    }

    pub(super) fn records(&self) -> &[(Key, Record)] {
        &self.records
    }

    #[inline]
    pub(super) fn get(&self, key: Key) -> Option<Record> {
        let number = self.keys.number(key.bits())?;
        self.records.get(number as usize).map(|&(_, record)| record)
    }

    /// Adds a record; returns the bytes that the arena grew by.
    pub(super) fn add(
        &mut self,
        key: Key,
        record: Record,
        ttl: TimeToLive,
        layout: KeyLayout,
        arena_block: u64,
        max_parallelism: u16,
    ) -> u64 {
        // The record keeps the newest version, combined with the elements that it is appended to.
        if let Ok(number) = self.keys.intern(key.bits()) {
            match self.records.get_mut(number as usize) {
                Some((_, older)) => *older = record.over(*older, ttl),
                None => {
                    self.records.push((key, record));
                    if let Some(ordered) = &mut self.ordered {
                        ordered.insert(OrderedKey::new(key, max_parallelism));
                    }
                }
            }
        }
        self.write_count += 1;
        self.allocate(layout, record, arena_block)
    }

    fn allocate(&mut self, layout: KeyLayout, record: Record, arena_block: u64) -> u64 {
        let value = if record.kind == RecordKind::Delete { 0 } else { record.value.size };
        let key = u64::from(layout.size + TRAILER);
        let lengths = if key < 128 { 1 } else { 2 } + varint_size(value);
        let mut node = 8 + lengths + key + u64::from(value);
        let mut levels = self.heights.next_u64();
        for _ in 1..HEIGHT_MAX {
            if levels & 3 != 0 {
                break;
            }
            levels >>= 2;
            node += 8;
        }
        let node = node.next_multiple_of(ALIGNMENT);
        if node <= self.unused {
            self.unused -= node;
            return 0;
        }
        // What is larger than a quarter of a block gets a block of its own.
        if node > arena_block / 4 {
            self.allocated += node;
            return node;
        }
        self.allocated += arena_block;
        self.unused = arena_block - node;
        arena_block
    }

    /// Whether the memtable is to be flushed for its own size.
    pub(super) const fn is_full(&self, write_buffer_size: u64, arena_block: u64) -> bool {
        // It may go over by 60 % of an arena block, or stay that much under.
        let allowance = arena_block * 6 / 10;
        if self.allocated + arena_block < write_buffer_size + allowance {
            return false;
        }
        if self.allocated > write_buffer_size + allowance {
            return true;
        }
        self.unused < arena_block / 4
    }

    /// The keys from `from` to `to`, in order.
    pub(super) fn scan(
        &mut self,
        from: OrderedKey,
        to: OrderedKey,
        max_parallelism: u16,
    ) -> impl Iterator<Item = OrderedKey> {
        let records = &self.records;
        let ordered = self.ordered.get_or_insert_with(|| {
            records.iter().map(|&(key, _)| OrderedKey::new(key, max_parallelism)).collect()
        });
        ordered.range(from..=to).copied()
    }
}

fn varint_size(value: u32) -> u64 {
    let bits = u32::BITS - (value | 1).leading_zeros();
    u64::from(bits.div_ceil(7))
}

/// The memory of all memtables of a slot together, charged to the block cache.
///
/// Source: `WriteBufferManager`, RocksDB 6.20 to 9.8.
#[derive(Debug, Clone)]
pub(super) struct WriteBufferManager {
    limit: u64,
    used: u64,
    /// The part of it that no flush has been asked for yet.
    active: u64,
}

impl WriteBufferManager {
    pub(super) const fn new(limit: u64) -> Self {
        Self { limit, used: 0, active: 0 }
    }

    pub(super) const fn used(&self) -> u64 {
        self.used
    }

    pub(super) const fn allocate(&mut self, bytes: u64) {
        self.used += bytes;
        self.active += bytes;
    }

    /// A memtable of this size became immutable.
    pub(super) const fn seal(&mut self, bytes: u64) {
        self.active -= bytes;
    }

    /// A sealed memtable of this size was flushed.
    pub(super) const fn free(&mut self, bytes: u64) {
        self.used -= bytes;
    }

    /// Active memtables above seven eighths, or everything above the limit and half of it active.
    pub(super) const fn should_flush(&self) -> bool {
        self.active > self.limit / 8 * 7
            || (self.used >= self.limit && self.active >= self.limit / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::{StateId, Value};

    /// Measured with rocksdict 0.3.29 (RocksDB 9.8.4): mebibytes that the arena of a memtable had
    /// after so many puts of 10-byte keys in random order.
    #[test]
    fn the_arena_grows_as_rocksdbs_does() {
        for (value_size, puts, mebibytes) in [
            (20, 500_000, 25),
            (50, 285_714, 23),
            (100, 166_666, 22),
            (104, 161_290, 23),
            (112, 151_515, 22),
            (120, 142_857, 22),
            (300, 62_500, 21),
            (1000, 19_607, 20),
        ] {
            let layout = KeyLayout::new(10, 128);
            let mut memtable = Memtable::new(1);
            for version in 0..puts {
                let key = Key::new(StateId(0), version.into(), 0);
                let value = Value { version, size: value_size, elements: 1, written_ms: 0 };
                memtable.add(key, Record::put(value), TimeToLive::Never, layout, 1 << 20, 128);
            }
            assert_eq!(memtable.charged() >> 20, mebibytes, "values of {value_size} bytes");
        }
    }

    #[test]
    fn a_full_write_buffer_manager_asks_for_a_flush() {
        let mut manager = WriteBufferManager::new(800);
        manager.allocate(700);
        assert!(!manager.should_flush());
        manager.allocate(1);
        assert!(manager.should_flush());
        manager.seal(701);
        manager.allocate(399);
        assert!(!manager.should_flush());
        manager.allocate(1);
        assert!(manager.should_flush());
        manager.free(701);
        assert!(!manager.should_flush());
    }
}
