/// Sums the sizes at the live slots of a timeline from any slot on, in a few dozen additions.
///
/// Units of 16 slots have a sum, rows of 16 units, regions of 32 rows and fields of 32 regions have
/// one each. What is summed is the older side, and the rest follows from the total: so the sums
/// around the newest slot, where every access writes, are read by hardly any.
#[derive(Debug, Clone)]
pub(super) struct LiveSizes {
    /// The size at each slot; 0 at a free one.
    slots: Vec<u32>,
    /// Sums modulo 2^64: a unit gets what was added to it when it is full, and is below zero if
    /// sizes were taken from it before.
    units: Vec<u64>,
    rows: Vec<u64>,
    regions: Vec<u64>,
    fields: Vec<u64>,
    /// All that the units have together, modulo 2^64.
    summed: u64,
    /// What was added to the newest unit, which no sum has yet.
    unsummed: u64,
}

const UNIT: usize = 16;
const UNITS: usize = 16;
const ROWS: usize = 32;
const REGIONS: usize = 32;
const ROW_SLOTS: usize = UNIT * UNITS;
const REGION_SLOTS: usize = ROW_SLOTS * ROWS;
const FIELD_SLOTS: usize = REGION_SLOTS * REGIONS;

/// As many ones as zeros: a window of it masks all places of a row from any one on.
static BEFORE: [u64; 64] = {
    let mut masks = [0; 64];
    let mut at = 0;
    while at < 32 {
        #[expect(clippy::indexing_slicing, reason = "evaluated when compiling")]
        {
            masks[at] = u64::MAX;
        }
        at += 1;
    }
    masks
};

#[expect(clippy::indexing_slicing, reason = "sums cover all slots, rounded up to whole rows")]
impl LiveSizes {
    /// No sizes at so many slots.
    pub(super) fn new(slot_count: usize) -> Self {
        let fields = slot_count.div_ceil(FIELD_SLOTS);
        Self {
            slots: vec![0; fields * FIELD_SLOTS],
            units: vec![0; fields * FIELD_SLOTS / UNIT],
            rows: vec![0; fields * FIELD_SLOTS / ROW_SLOTS],
            regions: vec![0; fields * REGIONS],
            fields: vec![0; fields],
            summed: 0,
            unsummed: 0,
        }
    }

    /// Puts a size at `slot`, which must be the one after the last.
    #[inline]
    pub(super) fn add(&mut self, slot: u32, size: u32) {
        let slot = slot as usize;
        self.slots[slot] = size;
        self.unsummed += u64::from(size);
        if slot % UNIT == UNIT - 1 {
            let added = std::mem::take(&mut self.unsummed);
            self.summed = self.summed.wrapping_add(added);
            for sum in self.sums(slot) {
                *sum = sum.wrapping_add(added);
            }
        }
    }

    /// Frees `slot` and returns the size that was there.
    #[inline]
    pub(super) fn take(&mut self, slot: u32) -> u32 {
        let slot = slot as usize;
        let size = std::mem::take(&mut self.slots[slot]);
        self.summed = self.summed.wrapping_sub(u64::from(size));
        for sum in self.sums(slot) {
            *sum = sum.wrapping_sub(u64::from(size));
        }
        size
    }

    #[inline]
    fn sums(&mut self, slot: usize) -> [&mut u64; 4] {
        [
            &mut self.units[slot / UNIT],
            &mut self.rows[slot / ROW_SLOTS],
            &mut self.regions[slot / REGION_SLOTS],
            &mut self.fields[slot / FIELD_SLOTS],
        ]
    }

    /// The sizes from `slot` on, its own included.
    ///
    /// Rows are summed whole and masked: how far a row goes is as good as random, and a wrongly
    /// predicted end of a loop costs more than the additions.
    #[inline]
    pub(super) fn sum_from(&self, slot: u32) -> u64 {
        let slot = slot as usize;
        let (slots, _) = self.slots[slot / UNIT * UNIT..].as_chunks::<UNIT>();
        let within = slots.first().map_or(0, |slots| {
            let masks = &BEFORE[32 - slot % UNIT..];
            slots.iter().zip(masks).map(|(&size, mask)| u64::from(size) & mask).sum()
        });
        let before = before::<UNITS>(&self.units, slot / UNIT)
            .wrapping_add(before::<ROWS>(&self.rows, slot / ROW_SLOTS))
            .wrapping_add(before::<REGIONS>(&self.regions, slot / REGION_SLOTS));
        let fields = self.fields[..slot / FIELD_SLOTS].iter();
        let before = fields.fold(before, |before, sum| before.wrapping_add(*sum));
        let total = self.summed.wrapping_add(self.unsummed);
        total.wrapping_sub(before.wrapping_add(within))
    }

    pub(super) fn size_at(&self, slot: u32) -> u32 {
        self.slots[slot as usize]
    }

    /// Loads the sums that a query at `slot` starts from.
    #[inline]
    pub(super) fn touch(&self, slot: u32) -> u32 {
        let unit = slot as usize / UNIT;
        let sum = self.units.get(unit).copied().unwrap_or_default();
        self.slots.get(slot as usize).copied().unwrap_or_default() ^ u32::from(sum == 0)
    }
}

/// The sums in the row of `at` that are before it.
#[inline]
#[expect(
    clippy::indexing_slicing,
    reason = "rows are whole and a place in one is below its length"
)]
fn before<const LEN: usize>(sums: &[u64], at: usize) -> u64 {
    let (row, _) = sums[at / LEN * LEN..].as_chunks::<LEN>();
    let (masks, _) = BEFORE[32 - at % LEN..].as_chunks::<LEN>();
    match (row.first(), masks.first()) {
        (Some(row), Some(masks)) => row
            .iter()
            .zip(masks)
            .fold(0, |before: u64, (sum, mask)| before.wrapping_add(sum & mask)),
        _ => 0,
    }
}
