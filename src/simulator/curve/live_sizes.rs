/// Sums the sizes at the live slots of a timeline from any slot on, in about a hundred additions.
///
/// Sums are kept for every 64 slots, every 64 of those, and so on.
#[derive(Debug, Clone)]
pub(super) struct LiveSizes {
    /// The size at each slot; 0 at a free one.
    slots: Vec<u32>,
    /// Rows of sums over 64, 64^2 and 64^3 slots.
    sums: [Vec<u64>; 3],
}

const FANOUT: usize = 64;

#[expect(clippy::indexing_slicing, reason = "sums cover all slots, rounded up to whole rows")]
impl LiveSizes {
    pub(super) fn new(sizes: Vec<u32>) -> Self {
        let mut slots = sizes;
        slots.resize(slots.len().div_ceil(FANOUT) * FANOUT, 0);
        let mut rows = slots.len();
        let mut sums = [Vec::new(), Vec::new(), Vec::new()];
        for row in &mut sums {
            rows = rows.div_ceil(FANOUT);
            row.resize(rows.div_ceil(FANOUT) * FANOUT, 0);
        }
        let mut built = Self { slots: vec![0; slots.len()], sums };
        for (slot, &size) in slots.iter().enumerate() {
            if size > 0 {
                built.put(slot, size);
            }
        }
        built
    }

    #[inline]
    fn put(&mut self, slot: usize, size: u32) {
        self.slots[slot] = size;
        let mut at = slot;
        for row in &mut self.sums {
            at /= FANOUT;
            row[at] += u64::from(size);
        }
    }

    #[inline]
    pub(super) fn add(&mut self, slot: u32, size: u32) {
        self.put(slot as usize, size);
    }

    /// Frees `slot` and returns the size that was there.
    #[inline]
    pub(super) fn take(&mut self, slot: u32) -> u32 {
        let size = std::mem::take(&mut self.slots[slot as usize]);
        let mut at = slot as usize;
        for row in &mut self.sums {
            at /= FANOUT;
            row[at] -= u64::from(size);
        }
        size
    }

    /// The sizes from `slot` on, its own included.
    #[inline]
    pub(super) fn sum_from(&self, slot: u32) -> u64 {
        let mut at = slot as usize;
        let row_end = |at: usize| (at / FANOUT + 1) * FANOUT;
        let mut sum: u64 = self.slots[at..row_end(at)].iter().map(|&size| u64::from(size)).sum();
        let [units, rows, regions] = &self.sums;
        for sums in [units, rows] {
            at /= FANOUT;
            sum += sums[at + 1..row_end(at)].iter().sum::<u64>();
        }
        at /= FANOUT;
        sum + regions[at + 1..].iter().sum::<u64>()
    }

    pub(super) fn size_at(&self, slot: u32) -> u32 {
        self.slots[slot as usize]
    }
}
