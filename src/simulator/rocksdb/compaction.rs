use super::ColumnFamily;
use super::levels::{Compaction, LEVEL_COUNT, LiveTable, compaction_bytes_max};
use super::record::{KeyLayout, OrderedKey, Record, RecordKind};
use super::table::{Table, TableBuilder};
use super::{RocksDbOptions, RocksDbRelease};
use crate::simulator::FileNumber;
use crate::simulator::TimeToLive;
use std::rc::Rc;

/// What a flush or compaction must know of its column family.
#[derive(Debug, Clone, Copy)]
pub(super) struct MergeContext<'a> {
    pub(super) options: &'a RocksDbOptions,
    pub(super) layout: KeyLayout,
    pub(super) ttl: TimeToLive,
    pub(super) now_ms: u32,
}

/// A run of a merge: tables one after another, in the order of their keys.
struct Run<'a> {
    tables: std::slice::Iter<'a, Rc<Table>>,
    keys: &'a [OrderedKey],
    records: &'a [Record],
}

impl Run<'_> {
    fn peek(&mut self) -> Option<OrderedKey> {
        while self.keys.is_empty() {
            let table = self.tables.next()?;
            (self.keys, self.records) = (&table.keys, &table.records);
        }
        self.keys.first().copied()
    }

    fn next(&mut self) -> Option<Record> {
        let (_, keys) = self.keys.split_first()?;
        let (&record, records) = self.records.split_first()?;
        (self.keys, self.records) = (keys, records);
        Some(record)
    }
}

/// Merges the inputs of a compaction into new tables and says how many records were read.
pub(super) fn merge(
    compaction: &Compaction,
    column: &ColumnFamily,
    ctx: MergeContext<'_>,
    mut number: impl FnMut() -> FileNumber,
) -> (Vec<Table>, u64) {
    let overlapped = compaction.overlapped.as_slice();
    // Level 0 has a run a file, newest first; deeper levels are one run each.
    let newer: Vec<&[Rc<Table>]> = if compaction.level == 0 {
        compaction.inputs.chunks(1).collect()
    } else {
        vec![&compaction.inputs]
    };
    let mut runs: Vec<Run<'_>> = newer
        .into_iter()
        .chain([overlapped])
        .map(|tables| Run { tables: tables.iter(), keys: &[], records: &[] })
        .collect();
    let mut heads: Vec<Option<OrderedKey>> = runs.iter_mut().map(Run::peek).collect();
    let mut output = Output::new(compaction, column, ctx);
    let (mut tables, mut read) = (Vec::new(), 0_u64);
    while let Some(key) = heads.iter().flatten().min().copied() {
        let mut merged: Option<Record> = None;
        for (head, run) in heads.iter_mut().zip(&mut runs) {
            if *head == Some(key) {
                let older = run.next();
                *head = run.peek();
                read += 1;
                merged = match (merged, older) {
                    (Some(newer), Some(older)) => Some(newer.over(older, ctx.ttl)),
                    (newer, older) => newer.or(older),
                };
            }
        }
        if let Some(record) = merged.and_then(|record| output.surviving(key, record)) {
            if output.should_stop_before(key) {
                tables.extend(output.finish(key, &mut number));
            }
            output.add(key, record);
        }
    }
    tables.extend(output.finish(OrderedKey::MIN, &mut number));
    (tables, read)
}

/// The table being written, and what decides where it ends.
struct Output<'a> {
    ctx: MergeContext<'a>,
    compaction: &'a Compaction,
    /// All runs, for keys that are in others than those being merged.
    column: &'a ColumnFamily,
    is_bottom: bool,
    builder: TableBuilder,
    grandparents: &'a [Rc<Table>],
    file_size_max: u64,
    /// The grandparent at or after the present key, and whether the key is before it.
    grandparent: usize,
    is_in_gap: bool,
    overlapped_bytes: u64,
    boundaries: u64,
}

impl<'a> Output<'a> {
    fn new(compaction: &'a Compaction, column: &'a ColumnFamily, ctx: MergeContext<'a>) -> Self {
        let tables = compaction.inputs.iter().chain(&compaction.overlapped);
        let ends = tables.map(|table| (table.smallest(), table.largest()));
        let range = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let is_bottom = column.levels.is_bottom(compaction.output_level, range);
        let target = ctx.options.target_file_size;
        // Source: `Compaction::Compaction`, RocksDB 8.10: files may grow to twice the target
        // where they can be cut at the borders of the next level's.
        let has_grandparents = !compaction.grandparents.is_empty() && !is_bottom;
        let file_size_max = match ctx.options.release {
            RocksDbRelease::V8 if has_grandparents => target * 2,
            _ => target,
        };
        Self {
            ctx,
            compaction,
            column,
            is_bottom,
            builder: TableBuilder::new(ctx.options, ctx.layout),
            grandparents: &compaction.grandparents,
            file_size_max,
            grandparent: 0,
            is_in_gap: true,
            overlapped_bytes: 0,
            boundaries: 0,
        }
    }

    /// The record as it is written, unless nothing is left of it.
    fn surviving(&self, key: OrderedKey, record: Record) -> Option<Record> {
        let mut record = record;
        // The TTL compaction filter removes what has ended; elements to be merged it leaves, and
        // so it does with a list that lives on because elements were appended before it ended.
        if record.kind == RecordKind::Put
            && record.value.is_expired(self.ctx.ttl, self.ctx.now_ms)
            && !self.is_appended_to(key)
        {
            record = Record::delete(record.value.version);
        }
        let is_last = || {
            self.is_bottom
                || (self.compaction.output_level + 1..LEVEL_COUNT)
                    .all(|level| self.column.levels.find(level, key).is_none())
        };
        match record.kind {
            RecordKind::Delete if is_last() => None,
            RecordKind::Merge if self.is_bottom => Some(Record { kind: RecordKind::Put, ..record }),
            _ => Some(record),
        }
    }

    /// Whether a run newer than those being merged has elements to be appended to the record.
    fn is_appended_to(&self, key: OrderedKey) -> bool {
        let is_merge = |record: Option<Record>| record.is_some_and(|r| r.kind == RecordKind::Merge);
        let of_table = |live: &LiveTable| {
            let is_input =
                self.compaction.inputs.iter().any(|table| Rc::ptr_eq(table, &live.table));
            !is_input
                && live.table.covers(key)
                && is_merge(live.table.probe(key).and_then(|probe| probe.record))
        };
        // The level of the inputs counts as well: what they overlap below reaches further than
        // they do.
        let levels = &self.column.levels;
        self.column.memtables().any(|memtable| is_merge(memtable.get(key.key())))
            || levels.level(0).iter().any(of_table)
            || (1..=self.compaction.level).filter_map(|level| levels.find(level, key)).any(of_table)
    }

    /// Whether the table ends before `key`.
    ///
    /// Source: `CompactionOutputs::ShouldStopBefore`, RocksDB 8.10; before, only the size of the
    /// file and of what it overlaps in the next level but one counted.
    fn should_stop_before(&mut self, key: OrderedKey) -> bool {
        let overlapped_before = self.overlapped_bytes;
        let crossed = self.cross_boundaries(key);
        if self.builder.is_empty() {
            return false;
        }
        let size = self.builder.file_size();
        if size >= self.file_size_max {
            return true;
        }
        if crossed == 0 {
            return false;
        }
        if self.overlapped_bytes + size > compaction_bytes_max(self.ctx.options) {
            return true;
        }
        if self.ctx.options.release == RocksDbRelease::V6 {
            return false;
        }
        let target = self.ctx.options.target_file_size;
        let skipped = if self.is_in_gap { 2 } else { 3 };
        if crossed >= skipped && self.overlapped_bytes - overlapped_before > target / 8 {
            return true;
        }
        // Close enough to its size, a file ends where one of the next level but one does.
        size >= target.div_ceil(100) * (50 + (self.boundaries * 5).min(40))
    }

    /// Follows the grandparents up to `key`; returns how many of their ends were passed.
    fn cross_boundaries(&mut self, key: OrderedKey) -> u64 {
        let mut crossed = 0;
        while let Some(table) = self.grandparents.get(self.grandparent) {
            if self.is_in_gap {
                if key < table.smallest() {
                    break;
                }
                self.overlapped_bytes += table.size;
                self.is_in_gap = false;
            } else {
                if key <= table.largest() {
                    break;
                }
                self.is_in_gap = true;
                self.grandparent += 1;
            }
            crossed += 1;
        }
        if self.builder.is_empty() {
            return 0;
        }
        self.boundaries += crossed;
        crossed
    }

    fn add(&mut self, key: OrderedKey, record: Record) {
        self.builder.add(key, record);
    }

    /// Ends the table, if it has anything; the next begins with `key`.
    fn finish(
        &mut self,
        key: OrderedKey,
        number: &mut impl FnMut() -> FileNumber,
    ) -> Option<Table> {
        let next = TableBuilder::new(self.ctx.options, self.ctx.layout);
        let builder = std::mem::replace(&mut self.builder, next);
        let here = self.grandparents.get(self.grandparent).filter(|table| table.covers(key));
        self.overlapped_bytes = here.map_or(0, |table| table.size);
        self.boundaries = 0;
        if builder.is_empty() { None } else { Some(builder.finish(number())) }
    }
}

/// Writes memtables, as one sorted run, into a table of level 0.
pub(super) fn flush(
    mut entries: Vec<(OrderedKey, Record)>,
    ctx: MergeContext<'_>,
    number: FileNumber,
) -> Table {
    // Newest memtable first, so that a stable sort keeps newer records before older ones.
    entries.sort_by_key(|&(key, _)| key);
    let mut builder = TableBuilder::new(ctx.options, ctx.layout);
    let mut pending: Option<(OrderedKey, Record)> = None;
    for (key, record) in entries {
        pending = match pending {
            Some((same, newer)) if same == key => Some((key, newer.over(record, ctx.ttl))),
            Some((before, done)) => {
                builder.add(before, done);
                Some((key, record))
            }
            None => Some((key, record)),
        };
    }
    if let Some((key, record)) = pending {
        builder.add(key, record);
    }
    builder.finish(number)
}
