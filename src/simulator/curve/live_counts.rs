/// Counts the live slots of a timeline from any slot on, in a few dozen additions.
///
/// Blocks of 64 slots have a count, groups of 64 blocks, regions of 32 groups and fields of 32
/// regions have one each; within a block the bits themselves are counted. What is counted is the
/// older side, and the rest follows from the total: so the counts around the newest slot, where
/// every access writes, are read by hardly any.
#[derive(Debug, Clone)]
pub(super) struct LiveCounts {
    /// Counts modulo 2^8: a block gets what was added to it when it is full, and is below zero if
    /// slots were freed in it before.
    blocks: Vec<u8>,
    groups: Vec<u32>,
    regions: Vec<u32>,
    fields: Vec<u32>,
    /// All that the blocks have together, modulo 2^32.
    counted: u32,
    /// What was added to the newest block, which no count has yet.
    uncounted: u32,
}

const BLOCK: usize = 64;
const BLOCKS: usize = 64;
const GROUPS: usize = 32;
const REGIONS: usize = 32;
const GROUP_SLOTS: usize = BLOCK * BLOCKS;
const REGION_SLOTS: usize = GROUP_SLOTS * GROUPS;
const FIELD_SLOTS: usize = REGION_SLOTS * REGIONS;

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "counts cover all slots, whose number fits 32 bits"
)]
impl LiveCounts {
    /// Of so many slots the first `live_count` are live.
    pub(super) fn new(slot_count: usize, live_count: u32) -> Self {
        let fields = slot_count.div_ceil(FIELD_SLOTS);
        let mut counts = Self {
            blocks: vec![0; slot_count.div_ceil(GROUP_SLOTS) * BLOCKS],
            groups: vec![0; slot_count.div_ceil(REGION_SLOTS) * GROUPS],
            regions: vec![0; fields * REGIONS],
            fields: vec![0; fields],
            counted: 0,
            uncounted: 0,
        };
        for slot in 0..live_count {
            counts.add(slot);
        }
        counts
    }

    /// Counts `slot`, which must be the one after the last.
    #[inline]
    pub(super) fn add(&mut self, slot: u32) {
        let slot = slot as usize;
        self.uncounted += 1;
        if slot % BLOCK == BLOCK - 1 {
            let added = std::mem::take(&mut self.uncounted);
            self.counted = self.counted.wrapping_add(added);
            let block = &mut self.blocks[slot / BLOCK];
            *block = block.wrapping_add(added as u8);
            for count in self.counts(slot) {
                *count = count.wrapping_add(added);
            }
        }
    }

    /// `slot` is free.
    #[inline]
    pub(super) fn subtract(&mut self, slot: u32) {
        let slot = slot as usize;
        self.counted = self.counted.wrapping_sub(1);
        let block = &mut self.blocks[slot / BLOCK];
        *block = block.wrapping_sub(1);
        for count in self.counts(slot) {
            *count = count.wrapping_sub(1);
        }
    }

    #[inline]
    fn counts(&mut self, slot: usize) -> [&mut u32; 3] {
        [
            &mut self.groups[slot / GROUP_SLOTS],
            &mut self.regions[slot / REGION_SLOTS],
            &mut self.fields[slot / FIELD_SLOTS],
        ]
    }

    /// The live slots from `slot` on, itself included.
    ///
    /// Rows are summed whole and masked: how far a row goes is as good as random, and a wrongly
    /// predicted end of a loop costs more than the additions.
    #[inline]
    pub(super) fn count_from(&self, live: &[u64], slot: u32) -> u32 {
        let slot = slot as usize;
        let within = (live[slot / 64] & ((1 << (slot % 64)) - 1)).count_ones();
        let block = slot / BLOCK;
        let (blocks, _) = self.blocks[block / BLOCKS * BLOCKS..].as_chunks::<BLOCKS>();
        let blocks = blocks.first().map_or(0, |blocks| {
            let at = (block % BLOCKS) as u8;
            let before = (0_u8..).zip(blocks).map(|(i, &count)| if i < at { count } else { 0 });
            // A group has 4096 slots, which 16 bits count.
            before.map(u16::from).sum::<u16>()
        });
        let before = u32::from(blocks)
            + before::<GROUPS>(&self.groups, slot / GROUP_SLOTS)
            + before::<REGIONS>(&self.regions, slot / REGION_SLOTS)
            + self.fields[..slot / FIELD_SLOTS].iter().sum::<u32>();
        let total = self.counted.wrapping_add(self.uncounted);
        total - before - within
    }

    /// Loads the counts that a query at `slot` starts from.
    #[inline]
    pub(super) fn touch(&self, slot: u32) -> u32 {
        self.blocks.get(slot as usize / BLOCK).map_or(0, |&count| u32::from(count))
    }
}

/// The counts in the row of `at` that are before it.
#[inline]
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "rows are whole, and short"
)]
fn before<const LEN: usize>(counts: &[u32], at: usize) -> u32 {
    let (row, _) = counts[at / LEN * LEN..].as_chunks::<LEN>();
    row.first().map_or(0, |row| {
        let at = (at % LEN) as u32;
        (0_u32..).zip(row).map(|(i, &count)| if i < at { count } else { 0 }).sum()
    })
}
