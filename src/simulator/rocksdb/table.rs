use super::record::{KeyLayout, OrderedKey, Record, RecordKind, TRAILER};
use super::{IndexLayout, RocksDbOptions};
use crate::simulator::FileNumber;
use crate::simulator::random::mix;

/// An SST file: sorted records, and where its blocks begin.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) number: FileNumber,
    pub(super) keys: Vec<OrderedKey>,
    pub(super) records: Vec<Record>,
    blocks: Vec<Block>,
    /// The separator after each block, which the index is searched by.
    separators: Vec<OrderedKey>,
    /// Every [`FENCE_DISTANCE`]th separator: few enough to stay in the processor's caches.
    fences: Vec<OrderedKey>,
    pub(super) index_size: u32,
    pub(super) filter_size: u32,
    /// Data blocks that one partition of index and filter covers; 0 if there are none.
    blocks_per_partition: u32,
    pub(super) size: u64,
    pub(super) delete_count: u64,
    /// A filter's hash of a key, out of this many, is a false positive.
    bloom_bits: u32,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    /// The first record.
    first: u32,
    /// Bytes of the block without its trailer.
    size: u32,
}

/// Where a key may be in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Probe {
    /// The first block to read.
    pub(super) block: u32,
    /// Whether the next block must be read as well: the key lies after the first one's last.
    pub(super) reads_next: bool,
    /// The record, if it is there.
    pub(super) record: Option<Record>,
}

// Source: `kBlockTrailerSize`; restart interval and block-size deviation of
// `BlockBasedTableOptions`; RocksDB 6.20 to 9.8.
const BLOCK_TRAILER: u32 = 5;
const RESTART_INTERVAL: u32 = 16;
const DEVIATION_PERCENT: u32 = 10;

/// Twice what Flink can put into a block, with room for what the disk and the cache add to it.
const BLOCK_BYTES_MAX: u32 = u32::MAX - (1 << 20);

// Source: `metadata_block_size` of `BlockBasedTableOptions`, as Flink sets it.
const PARTITION_SIZE: u32 = 4096;

/// Footer, properties and meta index; measured with rocksdict 0.3.29 on a file of one entry.
const FILE_OVERHEAD: u64 = 1100;

const FENCE_DISTANCE: usize = 32;

const fn varint_size(value: u32) -> u32 {
    let bits = u32::BITS - (value | 1).leading_zeros();
    bits.div_ceil(7)
}

/// Writes records in rising order of their keys into a table.
#[derive(Debug)]
pub(super) struct TableBuilder {
    layout: KeyLayout,
    block_size: u32,
    bloom_bits: u32,
    index: IndexLayout,
    keys: Vec<OrderedKey>,
    records: Vec<Record>,
    blocks: Vec<Block>,
    separators: Vec<OrderedKey>,
    entries_size: u32,
    restarts: u32,
    since_restart: u32,
    data_size: u64,
    index_size: u32,
    delete_count: u64,
}

impl TableBuilder {
    pub(super) fn new(options: &RocksDbOptions, layout: KeyLayout) -> Self {
        Self {
            layout,
            block_size: options.block_size,
            bloom_bits: options.bloom_bits,
            index: options.index,
            keys: Vec::new(),
            records: Vec::new(),
            blocks: Vec::new(),
            separators: Vec::new(),
            entries_size: 0,
            restarts: 0,
            since_restart: 0,
            data_size: 0,
            index_size: 0,
            delete_count: 0,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What is written of the file so far, the open block included.
    ///
    /// Finished blocks alone count in RocksDB's decision to end a file.
    pub(super) const fn file_size(&self) -> u64 {
        self.data_size
    }

    const fn block_bytes(&self) -> u64 {
        self.entries_size as u64 + 4 * self.restarts as u64 + 4
    }

    /// Ends the open block if the next entry would not fit.
    ///
    /// Source: `FlushBlockBySizePolicy` and `BlockBuilder::EstimateSizeAfterKV`, RocksDB 9.8.
    fn block_is_full(&self, value_size: u32) -> bool {
        let (current, block_size) = (self.block_bytes(), u64::from(self.block_size));
        if current >= block_size {
            return true;
        }
        let key_size = self.layout.size + TRAILER;
        let restart = if self.since_restart >= RESTART_INTERVAL { 4 } else { 0 };
        let lengths = 4 + varint_size(key_size) + varint_size(value_size);
        let entry = u64::from(value_size) + u64::from(key_size + restart + lengths);
        let limit = (block_size * u64::from(100 - DEVIATION_PERCENT)).div_ceil(100);
        current + entry > block_size && current > limit
    }

    pub(super) fn add(&mut self, key: OrderedKey, record: Record) {
        let value_size = match record.kind {
            RecordKind::Delete => 0,
            RecordKind::Put | RecordKind::Merge => record.value.size,
        };
        if self.restarts > 0 && self.block_is_full(value_size) {
            self.end_block(Some(key));
        }
        let first = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        if self.restarts == 0 {
            self.blocks.push(Block { first, size: 0 });
            self.restarts = 1;
            self.since_restart = 0;
        } else if self.since_restart >= RESTART_INTERVAL {
            self.restarts += 1;
            self.since_restart = 0;
        }
        let unshared = match self.keys.last() {
            Some(&previous) if self.since_restart > 0 => self.layout.unshared(previous, key),
            _ => self.layout.size + TRAILER,
        };
        let shared = self.layout.size + TRAILER - unshared;
        let lengths = varint_size(shared) + varint_size(unshared) + varint_size(value_size);
        self.entries_size =
            self.entries_size.saturating_add(lengths + unshared).saturating_add(value_size);
        self.since_restart += 1;
        self.delete_count += u64::from(record.kind == RecordKind::Delete);
        self.keys.push(key);
        self.records.push(record);
    }

    fn end_block(&mut self, next: Option<OrderedKey>) {
        let size = u32::try_from(self.block_bytes()).unwrap_or(u32::MAX).min(BLOCK_BYTES_MAX);
        if let Some(block) = self.blocks.last_mut() {
            block.size = size;
        }
        let last = self.keys.last().copied().unwrap_or(OrderedKey::MIN);
        let (separator, length) = match next {
            Some(next) => self.layout.separator(last, next),
            // Source: `FindShortSuccessor` is applied to internal keys, which keeps the user key
            // short; a file's last separator is one entry of thousands.
            None => (OrderedKey::after_last(last), self.layout.size),
        };
        self.separators.push(separator);
        // Index entries restart each time, share nothing, and hold the block's offset and size.
        // Source: `IndexBlockIter` and format version 4 and later, RocksDB 6.20 to 9.8.
        let offset = u32::try_from(self.data_size).unwrap_or(u32::MAX);
        let entry = 4 + 2 + length + varint_size(offset) + varint_size(size);
        self.index_size = self.index_size.saturating_add(entry);
        self.data_size += u64::from(size) + u64::from(BLOCK_TRAILER);
        (self.entries_size, self.restarts, self.since_restart) = (0, 0, 0);
    }

    /// The finished table.
    pub(super) fn finish(mut self, number: FileNumber) -> Table {
        if self.restarts > 0 {
            self.end_block(None);
        }
        let key_count = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        // Source: `FastLocalBloomBitsBuilder`: a trailer of 5 bytes.
        let filter_size = match self.bloom_bits {
            0 => 0,
            bits => key_count.saturating_mul(bits) / 8 + 5,
        };
        let block_count = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX).max(1);
        let blocks_per_partition = match self.index {
            IndexLayout::Whole => 0,
            IndexLayout::Partitioned => {
                let partitions = self.index_size.max(filter_size).div_ceil(PARTITION_SIZE).max(1);
                block_count.div_ceil(partitions)
            }
        };
        let size =
            self.data_size + u64::from(self.index_size) + u64::from(filter_size) + FILE_OVERHEAD;
        Table {
            number,
            keys: self.keys,
            records: self.records,
            blocks: self.blocks,
            fences: self
                .separators
                .iter()
                .copied()
                .skip(FENCE_DISTANCE - 1)
                .step_by(FENCE_DISTANCE)
                .collect(),
            separators: self.separators,
            index_size: self.index_size,
            filter_size,
            blocks_per_partition,
            size,
            delete_count: self.delete_count,
            bloom_bits: self.bloom_bits,
        }
    }
}

impl Table {
    pub(super) fn smallest(&self) -> OrderedKey {
        self.keys.first().copied().unwrap_or(OrderedKey::MIN)
    }

    pub(super) fn largest(&self) -> OrderedKey {
        self.keys.last().copied().unwrap_or(OrderedKey::MIN)
    }

    pub(super) fn block_count(&self) -> u32 {
        u32::try_from(self.blocks.len()).unwrap_or(u32::MAX)
    }

    /// Entries that the cache keeps for this table: data blocks, then index, then filter; of
    /// either as many as there are partitions.
    pub(super) fn cached_count(&self) -> usize {
        self.blocks.len() + 2 * self.partition_count() as usize
    }

    pub(super) fn partition_count(&self) -> u32 {
        match self.blocks_per_partition {
            0 => 1,
            per_partition => self.block_count().div_ceil(per_partition).max(1),
        }
    }

    pub(super) fn partition_of(&self, block: u32) -> u32 {
        block.checked_div(self.blocks_per_partition).unwrap_or(0)
    }

    /// The cache's number for the index partition that covers `block`.
    pub(super) fn index_entry(&self, partition: u32) -> u32 {
        self.block_count() + partition
    }

    pub(super) fn filter_entry(&self, partition: u32) -> u32 {
        self.block_count() + self.partition_count() + partition
    }

    /// Bytes of one partition, or of the whole.
    pub(super) fn partition_size(&self, whole: u32) -> u32 {
        whole / self.partition_count()
    }

    pub(super) fn block_size(&self, block: u32) -> u32 {
        self.blocks.get(block as usize).map_or(0, |block| block.size)
    }

    /// Bytes that reading a block takes from the device.
    pub(super) fn stored_size(&self, block: u32) -> u64 {
        u64::from(self.block_size(block)) + u64::from(BLOCK_TRAILER)
    }

    #[inline]
    pub(super) fn covers(&self, key: OrderedKey) -> bool {
        self.smallest() <= key && key <= self.largest()
    }

    /// Looks a key up; `None` if it is beyond the last block.
    #[inline]
    pub(super) fn probe(&self, key: OrderedKey) -> Option<Probe> {
        let block = self.block_of(key);
        let range = self.block_range(block)?;
        let keys = self.keys.get(range.clone())?;
        let within = keys.partition_point(|&other| other < key);
        let found = keys.get(within) == Some(&key);
        let record = if found { self.records.get(range.start + within).copied() } else { None };
        let reads_next = within == keys.len() && block + 1 < self.blocks.len();
        Some(Probe { block: u32::try_from(block).unwrap_or(u32::MAX), reads_next, record })
    }

    /// The first block whose separator is after `key`.
    #[inline]
    fn block_of(&self, key: OrderedKey) -> usize {
        let passed = self.fences.partition_point(|&fence| fence <= key) * FENCE_DISTANCE;
        let rest = self.separators.get(passed..).unwrap_or(&[]);
        let near = rest.get(..FENCE_DISTANCE).unwrap_or(rest);
        passed + near.partition_point(|&separator| separator <= key)
    }

    fn block_range(&self, block: usize) -> Option<std::ops::Range<usize>> {
        let first = self.blocks.get(block)?.first as usize;
        let end = self.blocks.get(block + 1).map_or(self.keys.len(), |next| next.first as usize);
        Some(first..end)
    }

    /// The records with keys from `from` to `to`, and the blocks that a scan of them reads.
    pub(super) fn scan(
        &self,
        from: OrderedKey,
        to: OrderedKey,
    ) -> (std::ops::Range<usize>, std::ops::Range<u32>) {
        let first = self.keys.partition_point(|&key| key < from);
        let end = first + self.keys.iter().skip(first).take_while(|&&key| key <= to).count();
        let from_block = self.block_of(from);
        // The scan stops at the first key beyond, which it must have read.
        let last = end.min(self.keys.len().saturating_sub(1));
        let to_block = self.blocks.partition_point(|block| block.first as usize <= last);
        let to_block = if first >= self.keys.len() { from_block } else { to_block.max(from_block) };
        let cut = |block: usize| u32::try_from(block.min(self.blocks.len())).unwrap_or(u32::MAX);
        (first..end, cut(from_block)..cut(to_block))
    }

    /// Whether the filter lets a key through: if it is there, and by mistake now and then.
    ///
    /// Source: the false-positive rate of `FastLocalBloom` in RocksDB's `util/bloom_impl.h`: near
    /// 0.6185 to the power of the bits; 0.95 % at 10.
    pub(super) fn filter_passes(&self, key: OrderedKey, is_there: bool) -> bool {
        if is_there || self.bloom_bits == 0 {
            return true;
        }
        let mut rate = 1_u64 << 32;
        for _ in 0..self.bloom_bits.min(40) {
            rate = rate * 6185 / 10_000;
        }
        // Cache-local filters of 64 bytes do slightly worse than the formula.
        let rate = rate + rate / 6;
        mix(key.bits() ^ u64::from(self.number.0) << 40) >> 32 < rate
    }
}
