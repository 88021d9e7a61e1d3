//! A run: records sorted by the hash of their prefix, in pages, in one log-structured file.

#![expect(
    clippy::indexing_slicing,
    reason = "page numbers and filter blocks are reduced to the run's own sizes"
)]

use std::collections::BTreeMap;

use super::table::Kind;
use crate::simulator::random::mix;
use crate::simulator::{FileNumber, Key, Prefix, StateDescriptor, StateKind, TimeToLive, Value};

/// What a page is filled up to, and what the disk is read in.
pub(super) const PAGE: u64 = 4 << 10;
/// Bytes of a pointer into a value file: file, offset, length.
const POINTER: u64 = 16;
/// Bytes of a record besides key and value: lengths, kind, time of writing.
const RECORD_OVERHEAD: u64 = 8;
/// Bits of filter a record: one lookup in a hundred is answered wrongly "maybe".
const FILTER_BITS: u64 = 10;
/// A page index entry in memory: the offset of the page in its file.
const PAGE_INDEX_ENTRY: u64 = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: Key,
    pub(super) value: Value,
    pub(super) kind: Kind,
    /// The value file that has the value, if it is not in the page.
    pub(super) values: Option<FileNumber>,
}

impl Record {
    fn order(&self) -> (u64, Key) {
        (self.key.prefix().hash(), self.key)
    }
}

/// Pages are the records whose hash has the same leading bits; the page index is one offset for
/// each, in memory, as is the filter.
#[derive(Debug, Clone)]
pub(super) struct Run {
    records: Vec<Record>,
    page_starts: Vec<u32>,
    page_bits: u32,
    filter: Vec<[u64; 8]>,
    bytes: u64,
    value_files: BTreeMap<FileNumber, u64>,
}

/// What a run knows about a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) record: Record,
    /// Bytes of the page that had to be read.
    pub(super) page_bytes: u64,
}

impl Run {
    /// A run of `records`, which are sorted here.
    pub(super) fn new(mut records: Vec<Record>, states: &[StateDescriptor]) -> Self {
        // The hash in it costs more than the sorting.
        records.sort_by_cached_key(Record::order);
        Self::from_sorted(records, states)
    }

    fn from_sorted(records: Vec<Record>, states: &[StateDescriptor]) -> Self {
        let bytes = records.iter().map(|record| record_size(record, states)).sum::<u64>();
        let page_count = bytes.div_ceil(PAGE).next_power_of_two();
        let page_bits = page_count.trailing_zeros();
        let block_count = (records.len() as u64 * FILTER_BITS).div_ceil(512).max(1);
        let mut run = Self {
            page_starts: Vec::new(),
            page_bits,
            filter: vec![[0; 8]; usize::try_from(block_count).unwrap_or(1)],
            bytes,
            value_files: BTreeMap::new(),
            records: Vec::new(),
        };
        run.page_starts.reserve(usize::try_from(page_count).unwrap_or(0) + 1);
        for (position, record) in (0_u32..).zip(&records) {
            let page = run.page_of(record.key.prefix());
            while run.page_starts.len() <= page {
                run.page_starts.push(position);
            }
            let (block, bits) = run.filter_bits(FilterKey::new(record.key, states));
            for (word, bit) in bits {
                run.filter[block][word] |= bit;
            }
            if let Some(file) = record.values {
                *run.value_files.entry(file).or_default() += u64::from(record.value.size);
            }
        }
        let end = u32::try_from(records.len()).unwrap_or(u32::MAX);
        run.page_starts.resize(usize::try_from(page_count).unwrap_or(0) + 1, end);
        run.records = records;
        run
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// The value files that this run refers to, each with the bytes that it refers to there.
    pub(super) fn value_files(&self) -> &BTreeMap<FileNumber, u64> {
        &self.value_files
    }

    /// Bytes of page index and filter, which stay in memory.
    pub(super) fn index_bytes(&self) -> u64 {
        self.page_index_bytes() + self.filter.len() as u64 * 64
    }

    pub(super) fn page_index_bytes(&self) -> u64 {
        (1 << self.page_bits) * PAGE_INDEX_ENTRY
    }

    /// Whether the filter lets `key` pass; if not, it is certainly not here.
    #[inline]
    pub(super) fn may_contain(&self, key: FilterKey) -> bool {
        let (block, bits) = self.filter_bits(key);
        bits.into_iter().all(|(word, bit)| self.filter[block][word] & bit != 0)
    }

    /// The record of `key`, and the bytes of the page in which it was looked for.
    pub(super) fn find(&self, key: Key, states: &[StateDescriptor]) -> Result<Found, u64> {
        let page = self.page(key.prefix());
        let page_bytes = page.iter().map(|record| record_size(record, states)).sum::<u64>();
        // A page beyond its size has a directory of its own in its first block.
        let page_bytes = page_bytes.min(2 * PAGE);
        let order = (key.prefix().hash(), key);
        match page.binary_search_by_key(&order, Record::order) {
            Ok(position) => {
                let record = page[position];
                let page_bytes = page_bytes.max(record_size(&record, states));
                Ok(Found { record, page_bytes })
            }
            Err(_) => Err(page_bytes),
        }
    }

    /// All records of a prefix, and the bytes of the pages read for them.
    pub(super) fn find_all(&self, prefix: Prefix, states: &[StateDescriptor]) -> (&[Record], u64) {
        let page = self.page(prefix);
        let hash = prefix.hash();
        let start = page.partition_point(|record| record.key.prefix().hash() < hash);
        let end = page.partition_point(|record| record.key.prefix().hash() <= hash);
        let found = &page[start..end];
        let bytes = found.iter().map(|record| record_size(record, states)).sum::<u64>();
        (found, bytes.max(PAGE))
    }

    fn page(&self, prefix: Prefix) -> &[Record] {
        let page = self.page_of(prefix);
        let start = self.page_starts[page] as usize;
        let end = self.page_starts[page + 1] as usize;
        &self.records[start..end]
    }

    fn page_of(&self, prefix: Prefix) -> usize {
        match self.page_bits {
            0 => 0,
            bits => usize::try_from(prefix.hash() >> (64 - bits)).unwrap_or(0),
        }
    }

    /// Six bits within one cache line, from one hash.
    #[inline]
    fn filter_bits(&self, key: FilterKey) -> (usize, [(usize, u64); 6]) {
        let block = (u128::from(key.hash) * self.filter.len() as u128) >> 64;
        let at = |turn: u32| {
            let bit = key.bits >> (turn * 9) & 511;
            (usize::try_from(bit >> 6).unwrap_or(0), 1 << (bit & 63))
        };
        (usize::try_from(block).unwrap_or(0), [at(0), at(1), at(2), at(3), at(4), at(5)])
    }
}

/// A key as filters know it; the same for the filters of all runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct FilterKey {
    hash: u64,
    bits: u64,
}

impl FilterKey {
    /// Maps are looked up as a whole, so their filter has prefixes; all else has whole keys.
    pub(super) fn new(key: Key, states: &[StateDescriptor]) -> Self {
        let kind = states.get(usize::from(key.state().0)).map(|state| state.kind);
        let key = if kind == Some(StateKind::Map) { key.prefix().first() } else { key };
        let hash = mix(key.bits() ^ 0x5eed);
        Self { hash, bits: mix(hash) }
    }
}

/// Bytes of a record in its page.
pub(super) fn record_size(record: &Record, states: &[StateDescriptor]) -> u64 {
    let key = states.get(usize::from(record.key.state().0)).map_or(0, |state| state.key_size);
    let value = match (record.kind, record.values) {
        (Kind::Delete | Kind::Head | Kind::Vacant, _) => 0,
        (_, Some(_)) => POINTER,
        (_, None) => u64::from(record.value.size),
    };
    RECORD_OVERHEAD + u64::from(key) + value
}

/// What a merge starts from.
pub(super) struct Merge<'a> {
    /// Adjacent runs, newest first.
    pub(super) runs: &'a [&'a Run],
    pub(super) states: &'a [StateDescriptor],
    /// Whether nothing older remains below, so that deletions and expired entries end here.
    pub(super) is_oldest: bool,
    pub(super) now_ms: u32,
}

impl Merge<'_> {
    /// One run that answers as the merged ones did.
    pub(super) fn merged(&self) -> Vec<Record> {
        let mut cursors: Vec<Cursor<'_>> = self.runs.iter().map(|run| Cursor::of(run)).collect();
        let mut merged = Vec::new();
        loop {
            let Some(order) = cursors.iter().filter_map(|cursor| cursor.order).min() else {
                return merged;
            };
            // Newest first: elements wait until a value, a deletion or the end is below them.
            let mut waiting: Vec<Record> = Vec::new();
            let mut base: Option<Record> = None;
            for cursor in &mut cursors {
                let Some(record) = cursor.next_if(order) else { continue };
                if base.is_some() {
                    continue;
                }
                match record.kind {
                    Kind::Append => waiting.push(record),
                    _ => base = Some(record),
                }
            }
            merged.extend(self.folded(&waiting, base));
        }
    }

    fn folded(&self, newest_first: &[Record], base: Option<Record>) -> Option<Record> {
        let key = base.or(newest_first.first().copied())?.key;
        let state = self.states.get(usize::from(key.state().0));
        let time_to_live = state.map_or(TimeToLive::Never, |state| state.time_to_live);
        let Some(newest) = newest_first.first() else {
            let base = base?;
            let ended = match base.kind {
                Kind::Delete => true,
                _ => base.value.is_expired(time_to_live, self.now_ms),
            };
            return match (ended, self.is_oldest) {
                (false, _) => Some(base),
                (true, true) => None,
                // Something older may lie below, so the end must stay visible.
                (true, false) => Some(Record { kind: Kind::Delete, values: None, ..base }),
            };
        };
        let start = base.filter(|base| base.kind == Kind::Put).map(|base| base.value);
        let value = newest_first
            .iter()
            .rev()
            .fold(start, |list, record| Some(Value::appended(list, record.value, time_to_live)))?;
        let is_whole = base.is_some() || self.is_oldest;
        let kind = if is_whole { Kind::Put } else { Kind::Append };
        Some(Record { value, kind, values: None, ..*newest })
    }
}

/// How far a merge has got in a run.
struct Cursor<'a> {
    records: std::slice::Iter<'a, Record>,
    /// The place of the next record, unless it was the last.
    order: Option<(u64, Key)>,
}

impl<'a> Cursor<'a> {
    fn of(run: &'a Run) -> Self {
        let records = run.records.iter();
        Self { order: records.as_slice().first().map(Record::order), records }
    }

    fn next_if(&mut self, order: (u64, Key)) -> Option<Record> {
        if self.order != Some(order) {
            return None;
        }
        let record = self.records.next().copied();
        self.order = self.records.as_slice().first().map(Record::order);
        record
    }
}

impl Run {
    /// A run of what a merge left, which is sorted already.
    pub(super) fn from_merged(records: Vec<Record>, states: &[StateDescriptor]) -> Self {
        Self::from_sorted(records, states)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::StateId;

    fn states() -> Vec<StateDescriptor> {
        vec![StateDescriptor {
            name: "list".to_owned(),
            kind: StateKind::List,
            key_size: 10,
            time_to_live: TimeToLive::Never,
        }]
    }

    fn record(primary: u64, kind: Kind, version: u32) -> Record {
        let value = Value { version, size: 100, elements: 1, written_ms: 0 };
        Record { key: Key::new(StateId(0), primary, 0), value, kind, values: None }
    }

    #[test]
    fn every_record_is_found_in_its_page() {
        let states = states();
        let run = Run::new((0..5_000).map(|key| record(key, Kind::Put, 1)).collect(), &states);
        for key in 0..5_000 {
            let key = Key::new(StateId(0), key, 0);
            assert!(run.may_contain(FilterKey::new(key, &states)));
            assert!(run.find(key, &states).is_ok());
        }
        let absent = (5_000..105_000).map(|key| Key::new(StateId(0), key, 0));
        let passed = absent.filter(|key| run.may_contain(FilterKey::new(*key, &states))).count();
        assert!(passed < 3_000, "{passed} of 100000 absent keys pass the filter");
    }

    #[test]
    fn a_merge_keeps_the_newest_and_adds_up_lists() {
        let states = states();
        let new = Run::new(vec![record(1, Kind::Append, 3), record(2, Kind::Delete, 4)], &states);
        let old = Run::new(vec![record(1, Kind::Put, 1), record(2, Kind::Put, 2)], &states);
        let merge = |is_oldest| {
            Merge { runs: &[&new, &old], states: &states, is_oldest, now_ms: 0 }.merged()
        };
        let mut merged = merge(true);
        assert_eq!(merged.len(), 1);
        let list = merged.pop().unwrap();
        assert_eq!((list.kind, list.value.version, list.value.elements), (Kind::Put, 3, 2));
        assert_eq!(merge(false).len(), 2);
    }
}
