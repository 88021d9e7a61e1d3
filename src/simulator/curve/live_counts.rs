/// Counts the live slots of a timeline from any slot on, in a few dozen additions.
///
/// Blocks of 128 slots have a count, groups of 64 blocks and regions of 64 groups have one each;
/// within a block the bits themselves are counted.
#[derive(Debug, Clone)]
pub(super) struct LiveCounts {
    blocks: Vec<u8>,
    groups: Vec<u32>,
    regions: Vec<u32>,
}

const BLOCK_WORDS: usize = 2;
const BLOCK_SLOTS: usize = BLOCK_WORDS * 64;
const FANOUT: usize = 64;
const GROUP_SLOTS: usize = BLOCK_SLOTS * FANOUT;
const REGION_SLOTS: usize = GROUP_SLOTS * FANOUT;

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "counts cover all slots of the bitmap given, whose number fits 32 bits"
)]
impl LiveCounts {
    /// Counts a bitmap.
    pub(super) fn new(live: &[u64]) -> Self {
        let slots = live.len() * 64;
        let mut counts = Self {
            blocks: vec![0; slots.div_ceil(GROUP_SLOTS) * FANOUT],
            groups: vec![0; slots.div_ceil(REGION_SLOTS) * FANOUT],
            regions: vec![0; slots.div_ceil(REGION_SLOTS)],
        };
        for (block, words) in live.chunks(BLOCK_WORDS).enumerate() {
            let count: u32 = words.iter().map(|word| word.count_ones()).sum();
            counts.blocks[block] = count as u8;
            counts.groups[block / FANOUT] += count;
            counts.regions[block / FANOUT / FANOUT] += count;
        }
        counts
    }

    #[inline]
    pub(super) fn add(&mut self, slot: u32) {
        let slot = slot as usize;
        self.blocks[slot / BLOCK_SLOTS] += 1;
        self.groups[slot / GROUP_SLOTS] += 1;
        self.regions[slot / REGION_SLOTS] += 1;
    }

    #[inline]
    pub(super) fn subtract(&mut self, slot: u32) {
        let slot = slot as usize;
        self.blocks[slot / BLOCK_SLOTS] -= 1;
        self.groups[slot / GROUP_SLOTS] -= 1;
        self.regions[slot / REGION_SLOTS] -= 1;
    }

    /// The live slots from `slot` on, itself included.
    ///
    /// Rows are summed whole and masked: how far a row goes is as good as random, and a wrongly
    /// predicted end of a loop costs more than the additions.
    #[inline]
    pub(super) fn count_from(&self, live: &[u64], slot: u32) -> u32 {
        let slot = slot as usize;
        let (block, group) = (slot / BLOCK_SLOTS, slot / GROUP_SLOTS);
        let region = slot / REGION_SLOTS;
        let (words, _) = live[block * BLOCK_WORDS..].as_chunks::<BLOCK_WORDS>();
        let (blocks, _) = self.blocks[group * FANOUT..].as_chunks::<FANOUT>();
        let (groups, _) = self.groups[region * FANOUT..].as_chunks::<FANOUT>();
        let mut count = 0;
        if let Some(words) = words.first() {
            let (at, bit) = (slot / 64 % BLOCK_WORDS, slot % 64);
            for (i, &word) in words.iter().enumerate() {
                let mask = if i > at { u64::MAX } else { 0 };
                let mask = if i == at { u64::MAX << bit } else { mask };
                count += (word & mask).count_ones();
            }
        }
        if let Some(blocks) = blocks.first() {
            let at = (block % FANOUT) as u8;
            let after = (0_u8..).zip(blocks).map(|(i, &count)| if i > at { count } else { 0 });
            count += after.map(u32::from).sum::<u32>();
        }
        if let Some(groups) = groups.first() {
            let at = (group % FANOUT) as u32;
            let after = (0_u32..).zip(groups).map(|(i, &count)| if i > at { count } else { 0 });
            count += after.sum::<u32>();
        }
        count + self.regions[region + 1..].iter().sum::<u32>()
    }

    /// Loads the counts that a query at `slot` starts from.
    #[inline]
    pub(super) fn touch(&self, slot: u32) -> u32 {
        self.blocks.get(slot as usize / BLOCK_SLOTS).map_or(0, |&count| u32::from(count))
    }
}
