use super::{CachePolicy, Lookup, Timeline};

/// Evicts the object that was used longest ago.
#[derive(Debug, Clone)]
pub struct Lru {
    capacity: u64,
    used: u64,
    timeline: Timeline,
    /// The size of the object at each slot.
    size_at: Vec<u32>,
    /// No live slot is below this one.
    oldest: u32,
}

// Small enough that a store may have one a shard, large enough to move live slots rarely.
const SLOT_MIN: u32 = 1024;

#[expect(clippy::indexing_slicing, reason = "sizes are as long as the timeline has slots")]
impl Lru {
    /// An empty cache.
    #[must_use]
    pub fn new(capacity: u64) -> Self {
        let timeline = Timeline::new(SLOT_MIN);
        let size_at = vec![0; timeline.slot_count()];
        Self { capacity, used: 0, timeline, size_at, oldest: 0 }
    }

    #[inline]
    fn put(&mut self, object: u32, size: u32) {
        if self.timeline.is_full() {
            let size_at = &mut self.size_at;
            self.timeline.compact(|from, to| size_at[to as usize] = size_at[from as usize]);
            self.size_at.resize(self.timeline.slot_count(), 0);
            self.oldest = 0;
        }
        let slot = self.timeline.append(object);
        self.size_at[slot as usize] = size;
    }

    fn evict(&mut self) -> bool {
        let Some(slot) = self.timeline.next_live(self.oldest) else { return false };
        self.timeline.remove(slot);
        self.used -= u64::from(self.size_at[slot as usize]);
        self.oldest = slot;
        true
    }

    #[inline]
    fn access(&mut self, object: u32, size: u32) -> Lookup {
        if let Some(slot) = self.timeline.slot(object) {
            self.timeline.vacate(slot);
            let size = self.size_at[slot as usize];
            self.put(object, size);
            return Lookup::Hit;
        }
        if u64::from(size) > self.capacity {
            return Lookup::Miss;
        }
        while self.used + u64::from(size) > self.capacity && self.evict() {}
        self.timeline.reserve(object);
        self.put(object, size);
        self.used += u64::from(size);
        Lookup::Miss
    }

    /// How many slots the timeline holds, for checking that memory follows the live objects.
    #[cfg(test)]
    pub(super) fn slot_count(&self) -> usize {
        self.timeline.slot_count()
    }
}

impl CachePolicy for Lru {
    fn request(&mut self, object: u32, size: u32) -> Lookup {
        self.access(object, size)
    }

    fn used(&self) -> u64 {
        self.used
    }

    fn request_units(&mut self, objects: &[u32]) -> u64 {
        let mut hit_count = 0;
        // Batches of a few dozen keep enough loads under way and fit the first-level cache.
        for batch in objects.chunks(64) {
            std::hint::black_box(self.timeline.touch(batch));
            for &object in batch {
                hit_count += u64::from(self.access(object, 1) == Lookup::Hit);
            }
        }
        hit_count
    }
}
