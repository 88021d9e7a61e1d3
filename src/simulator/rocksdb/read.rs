use super::block_cache::Entering;
use super::levels::{LEVEL_COUNT, LiveTable};
use super::record::{OrderedKey, Record, RecordKind};
use super::table::Table;
use super::{ColumnFamily, RocksDb, RocksDbOptions};
use crate::simulator::{Environment, Key, Nanos, Prefix, Purpose, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the cache holds besides the bytes of a block: the block's object and the cache's handle.
///
/// Measured with rocksdict 0.3.29 (RocksDB 9.8.4) as usage after reading everything once, for
/// blocks of 2 to 120 entries: 174.5 to 174.9 bytes a block, whatever their size.
const BLOCK_OVERHEAD: u32 = 175;

/// How far a read has got.
struct Reading {
    merged: Option<Record>,
}

impl Reading {
    /// Adds what an older run has; says whether nothing below matters any more.
    fn is_settled_by(&mut self, older: Option<Record>, column: &ColumnFamily) -> bool {
        if let Some(older) = older {
            self.merged = Some(self.merged.map_or(older, |newer| newer.over(older, column.ttl)));
        }
        self.merged.is_some_and(|record| record.kind != RecordKind::Merge)
    }
}

impl RocksDb {
    pub(super) fn look_up(&mut self, env: &mut Environment, key: Key) -> Option<Value> {
        let family = usize::from(key.state().0);
        let column = self.families.get(family)?;
        self.statistics.lookups += 1;
        let costs = env.costs();
        let mut cpu = costs.jni_call + costs.serialize;
        let mut reading = Reading { merged: None };
        let mut settled = false;
        for memtable in column.memtables() {
            let steps = u64::from((memtable.records().len() as u64 + 2).ilog2());
            cpu += costs.ordered_probe_step.times(steps);
            settled = reading.is_settled_by(memtable.get(key), column);
            if settled {
                break;
            }
        }
        env.spend(cpu);
        let blocks_before = self.lookups.data_misses;
        if settled {
            self.statistics.write_buffer_hits += 1;
        } else {
            let ordered = OrderedKey::new(key, self.options.max_parallelism);
            self.look_up_tables(env, family, ordered, &mut reading);
        }
        self.statistics.hits += u64::from(self.lookups.data_misses == blocks_before);
        let ttl = self.families.get(family)?.ttl;
        let value = reading.merged.and_then(|record| record.visible(ttl, env.operation_ms()));
        let size = value.map_or(0, |value| u64::from(value.size));
        let costs = env.costs();
        let per_kib = costs.serialize_per_kib + costs.jni_copy_per_kib;
        env.spend(costs.serialize + per_kib.scaled(size, 1 << 10));
        value
    }

    fn look_up_tables(
        &mut self,
        env: &mut Environment,
        family: usize,
        key: OrderedKey,
        reading: &mut Reading,
    ) {
        let Some(column) = self.families.get(family) else { return };
        let mut reader = BlockReader {
            cache: &mut self.cache,
            lookups: &mut self.lookups,
            options: &self.options,
        };
        for live in column.levels.level(0).iter().filter(|live| live.table.covers(key)) {
            if reading.is_settled_by(reader.get(env, live, key), column) {
                return;
            }
        }
        for level in 1..LEVEL_COUNT {
            if let Some(live) = column.levels.find(level, key)
                && reading.is_settled_by(reader.get(env, live, key), column)
            {
                return;
            }
        }
    }

    pub(super) fn scan_prefix(
        &mut self,
        env: &mut Environment,
        prefix: Prefix,
        found: &mut Vec<(Key, Value)>,
    ) {
        let family = usize::from(prefix.first().state().0);
        let parallelism = self.options.max_parallelism;
        let from = OrderedKey::new(prefix.first(), parallelism);
        let to = OrderedKey::new(prefix.last(), parallelism);
        let Some(column) = self.families.get_mut(family) else { return };
        self.statistics.lookups += 1;
        let blocks_before = self.lookups.data_misses;
        let ttl = column.ttl;
        // Newest first; what is older goes under what is there already.
        let mut merged: BTreeMap<OrderedKey, (Key, Record)> = BTreeMap::new();
        let mut add = |ordered: OrderedKey, key: Key, older: Record| {
            let entry = merged.entry(ordered);
            entry.and_modify(|(_, newer)| *newer = newer.over(older, ttl)).or_insert((key, older));
        };
        let mut cpu = env.costs().jni_call.times(2);
        let memtables =
            std::iter::once(&mut column.memtable).chain(column.immutable.iter_mut().rev());
        for memtable in memtables {
            let steps = u64::from((memtable.records().len() as u64 + 2).ilog2());
            cpu += env.costs().ordered_probe_step.times(steps);
            let keys: Vec<OrderedKey> = memtable.scan(from, to, parallelism).collect();
            for ordered in keys {
                let key = ordered.key();
                if let Some(record) = memtable.get(key) {
                    add(ordered, key, record);
                }
            }
        }
        env.spend(cpu);
        let mut reader = BlockReader {
            cache: &mut self.cache,
            lookups: &mut self.lookups,
            options: &self.options,
        };
        for live in column.levels.tables() {
            // An iterator seeks in every run that may have the range, whether it does or not.
            if live.table.smallest() > to || live.table.largest() < from {
                continue;
            }
            let (records, blocks) = live.table.scan(from, to);
            for block in blocks {
                reader.open_index(env, live, block);
                reader.read(env, live, block);
            }
            for (&ordered, &record) in live
                .table
                .keys
                .iter()
                .zip(&live.table.records)
                .skip(records.start)
                .take(records.len())
            {
                add(ordered, ordered.key(), record);
            }
        }
        self.statistics.hits += u64::from(self.lookups.data_misses == blocks_before);
        let now_ms = env.operation_ms();
        let costs = env.costs();
        // Each entry is fetched through JNI: key, value, and the step to the next.
        let step = costs.jni_call + costs.serialize.times(2);
        let mut cpu = Nanos::ZERO;
        for (key, record) in merged.into_values() {
            cpu += step;
            if let Some(value) = record.visible(ttl, now_ms) {
                cpu += costs.serialize_per_kib.scaled(value.size.into(), 1 << 10);
                found.push((key, value));
            }
        }
        env.spend(cpu);
    }

    /// Brings the index and filter of a new file into the cache, as opening it does.
    pub(super) fn open_table(&mut self, table: Rc<Table>, level: usize) -> LiveTable {
        let cached = self.cache.open_file(table.number.0, table.cached_count());
        let live = LiveTable { table, cached, pinned: level == 0 };
        let mut reader = BlockReader {
            cache: &mut self.cache,
            lookups: &mut self.lookups,
            options: &self.options,
        };
        reader.prefetch(&live);
        live
    }

    /// Looks up all blocks that a compaction reads: through the cache, but without filling it.
    pub(super) fn look_up_for_compaction(&mut self, family: usize, tables: &[Rc<Table>]) {
        let Some(column) = self.families.get(family) else { return };
        let is_read = |live: &&LiveTable| tables.iter().any(|table| Rc::ptr_eq(table, &live.table));
        for live in column.levels.tables().filter(is_read) {
            for block in 0..live.table.block_count() {
                if self.cache.lookup(live.cached, block) {
                    self.lookups.compaction_hits += 1;
                } else {
                    self.lookups.compaction_misses += 1;
                }
            }
        }
    }
}

/// Reads blocks through the cache.
struct BlockReader<'a> {
    cache: &'a mut super::BlockCache,
    lookups: &'a mut super::BlockLookups,
    options: &'a RocksDbOptions,
}

impl BlockReader<'_> {
    fn get(&mut self, env: &mut Environment, live: &LiveTable, key: OrderedKey) -> Option<Record> {
        let probe = live.table.probe(key)?;
        if self.options.bloom_bits > 0 {
            self.open_filter(env, live, probe.block);
            if !live.table.filter_passes(key, probe.record.is_some()) {
                self.lookups.filtered += 1;
                return None;
            }
        }
        self.open_index(env, live, probe.block);
        self.read(env, live, probe.block);
        if probe.reads_next {
            self.read(env, live, probe.block + 1);
        }
        probe.record
    }

    fn read(&mut self, env: &mut Environment, live: &LiveTable, block: u32) {
        let costs = env.costs();
        let (search, decode) = (costs.block_search, costs.block_decode_per_kib);
        if self.cache.lookup(live.cached, block) {
            self.lookups.data_hits += 1;
            env.spend(search);
            return;
        }
        self.lookups.data_misses += 1;
        let size = live.table.block_size(block);
        env.read(Purpose::Foreground, live.table.stored_size(block));
        env.spend(search + decode.scaled(size.into(), 1 << 10));
        self.cache.insert(live.cached, block, size + BLOCK_OVERHEAD, Entering::Low);
    }

    /// Searches the index; reads it, or its partition for `block`, if it is not in the cache.
    fn open_index(&mut self, env: &mut Environment, live: &LiveTable, block: u32) {
        let table = &live.table;
        let steps = u64::from((table.block_count() + 2).ilog2());
        env.spend(env.costs().ordered_probe_step.times(steps));
        let partition = table.partition_of(block);
        let size = table.partition_size(table.index_size);
        self.open(env, live, table.index_entry(partition), size);
    }

    fn open_filter(&mut self, env: &mut Environment, live: &LiveTable, block: u32) {
        let table = &live.table;
        env.spend(env.costs().hash_probe);
        let partition = table.partition_of(block);
        let size = table.partition_size(table.filter_size);
        self.open(env, live, table.filter_entry(partition), size);
    }

    fn open(&mut self, env: &mut Environment, live: &LiveTable, entry: u32, size: u32) {
        if live.pinned {
            return;
        }
        if self.cache.lookup(live.cached, entry) {
            self.lookups.index_hits += 1;
            return;
        }
        self.lookups.index_misses += 1;
        env.read(Purpose::Foreground, size.into());
        env.spend(env.costs().block_decode_per_kib.scaled(size.into(), 1 << 10));
        self.cache.insert(live.cached, entry, size + BLOCK_OVERHEAD, Entering::High);
    }

    /// What was just written is still at hand, so this takes no reading.
    fn prefetch(&mut self, live: &LiveTable) {
        let table = &live.table;
        let entering = if live.pinned { Entering::Pinned } else { Entering::High };
        for partition in 0..table.partition_count() {
            let index = table.partition_size(table.index_size) + BLOCK_OVERHEAD;
            self.cache.insert(live.cached, table.index_entry(partition), index, entering);
            self.lookups.index_misses += 1;
            if table.filter_size > 0 {
                let filter = table.partition_size(table.filter_size) + BLOCK_OVERHEAD;
                self.cache.insert(live.cached, table.filter_entry(partition), filter, entering);
            }
        }
    }
}
