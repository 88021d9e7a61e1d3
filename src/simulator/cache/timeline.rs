/// Objects in the order of their last access, oldest first.
///
/// Every access takes the next slot and frees the slot of the object's access before, so the live
/// slots are the recency order itself, and a bitmap of them stays in the processor's caches. At the
/// end of the slots the live ones move together at the start; there are always several times as
/// many slots as live objects, so this costs a fraction of an access and no memory by run length.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    /// The slot of each object, or [`NOWHERE`].
    slot_of: Vec<u32>,
    object_at: Vec<u32>,
    /// One bit a slot.
    live: Vec<u64>,
    head: u32,
    live_count: u32,
}

const NOWHERE: u32 = u32::MAX;

/// Slots to a live object after the live ones moved together.
const SLACK: u32 = 3;

/// Slots come in multiples of 512, so that counts over them have whole rows.
const ROUND_WORDS: usize = 8;

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "slots are issued here and stay below the slot count, which fits 32 bits"
)]
impl Timeline {
    /// An empty timeline of at least `slot_min` slots, rounded up to a multiple of [`ROUND_WORDS`].
    pub(crate) fn new(slot_min: u32) -> Self {
        let words = (slot_min as usize).div_ceil(64).max(1).next_multiple_of(ROUND_WORDS);
        Self {
            slot_of: Vec::new(),
            object_at: vec![0; words * 64],
            live: vec![0; words],
            head: 0,
            live_count: 0,
        }
    }

    pub(crate) fn slot_count(&self) -> usize {
        self.object_at.len()
    }

    pub(crate) const fn live_count(&self) -> u32 {
        self.live_count
    }

    pub(crate) fn live_words(&self) -> &[u64] {
        &self.live
    }

    /// Makes room for objects up to `object`, so that looking it up finds a place.
    #[inline]
    pub(crate) fn reserve(&mut self, object: u32) {
        if object as usize >= self.slot_of.len() {
            self.slot_of.resize((object as usize + 1).next_power_of_two(), NOWHERE);
        }
    }

    /// Where `object` was last put, or `None`.
    #[inline]
    pub(crate) fn slot(&self, object: u32) -> Option<u32> {
        match self.slot_of.get(object as usize) {
            Some(&slot) if slot != NOWHERE => Some(slot),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn object_at(&self, slot: u32) -> u32 {
        self.object_at[slot as usize]
    }

    pub(crate) fn is_full(&self) -> bool {
        self.head as usize == self.object_at.len()
    }

    /// Puts `object`, which must be reserved, at the newest end; the timeline must not be full.
    #[inline]
    pub(crate) fn append(&mut self, object: u32) -> u32 {
        let slot = self.head;
        self.object_at[slot as usize] = object;
        self.slot_of[object as usize] = slot;
        self.live[slot as usize / 64] |= 1 << (slot % 64);
        self.head += 1;
        self.live_count += 1;
        slot
    }

    /// Frees a slot whose object is put again at once, so that its place need not be forgotten.
    #[inline]
    pub(crate) fn vacate(&mut self, slot: u32) {
        self.live[slot as usize / 64] &= !(1 << (slot % 64));
        self.live_count -= 1;
    }

    /// Takes the object at `slot` off the timeline.
    #[inline]
    pub(crate) fn remove(&mut self, slot: u32) {
        self.vacate(slot);
        self.slot_of[self.object_at[slot as usize] as usize] = NOWHERE;
    }

    /// The first live slot from `slot` on, towards newer ones.
    #[inline]
    pub(crate) fn next_live(&self, slot: u32) -> Option<u32> {
        let mut word = slot as usize / 64;
        let mut bits = self.live.get(word)? & (u64::MAX << (slot % 64));
        while bits == 0 {
            word += 1;
            bits = *self.live.get(word)?;
        }
        Some(word as u32 * 64 + bits.trailing_zeros())
    }

    /// Moves the live slots together at the start, oldest first, and tells `moved` each old and new
    /// slot; the slot count grows if live objects fill more than their share.
    pub(crate) fn compact(&mut self, mut moved: impl FnMut(u32, u32)) {
        let mut to = 0;
        for word in 0..self.live.len() {
            let mut bits = self.live[word];
            while bits != 0 {
                let from = word as u32 * 64 + bits.trailing_zeros();
                bits &= bits - 1;
                let object = self.object_at[from as usize];
                self.object_at[to as usize] = object;
                self.slot_of[object as usize] = to;
                moved(from, to);
                to += 1;
            }
        }
        let slot_min = self.live_count.saturating_mul(SLACK) as usize;
        if slot_min > self.object_at.len() {
            let words = slot_min.div_ceil(64).next_multiple_of(ROUND_WORDS);
            self.object_at.resize(words * 64, 0);
            self.live.resize(words, 0);
        }
        self.head = to;
        self.live.fill(0);
        self.live[..to as usize / 64].fill(u64::MAX);
        if !to.is_multiple_of(64) {
            self.live[to as usize / 64] = (1 << (to % 64)) - 1;
        }
    }

    /// Loads what the accesses to `objects` will need, all at once, so that the processor waits for
    /// many of them at a time; returns a number that depends on all of it.
    #[inline]
    pub(crate) fn touch(&self, objects: &[u32]) -> u32 {
        objects.iter().fold(0, |sum, &object| {
            sum ^ self.slot_of.get(object as usize).copied().unwrap_or_default()
        })
    }
}
