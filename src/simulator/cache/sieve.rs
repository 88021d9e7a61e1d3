use super::{CachePolicy, Lookup, PerObject, Timeline};

/// A queue whose hand evicts the first unvisited object and stays where it is.
///
/// Source: Zhang, Yang, Yue, Vigfusson and Rashmi, "SIEVE is Simpler than LRU" (NSDI 2024).
#[derive(Debug, Clone)]
pub struct Sieve {
    capacity: u64,
    used: u64,
    /// The order of admission; a hit does not move an object.
    timeline: Timeline,
    size_at: Vec<u32>,
    visited: PerObject<bool>,
    hand: Option<u32>,
}

const SLOT_MIN: u32 = 1024;

#[expect(clippy::indexing_slicing, reason = "sizes are as long as the timeline has slots")]
impl Sieve {
    /// An empty cache.
    #[must_use]
    pub fn new(capacity: u64) -> Self {
        let timeline = Timeline::new(SLOT_MIN);
        let size_at = vec![0; timeline.slot_count()];
        Self { capacity, used: 0, timeline, size_at, visited: PerObject::default(), hand: None }
    }

    fn evict(&mut self) -> bool {
        loop {
            let from = self.hand.unwrap_or(0);
            let Some(slot) = self.timeline.next_live(from).or_else(|| self.timeline.next_live(0))
            else {
                return false;
            };
            let visited = self.visited.entry(self.timeline.object_at(slot));
            let was_visited = std::mem::replace(visited, false);
            if !was_visited {
                self.timeline.remove(slot);
                self.used -= u64::from(self.size_at[slot as usize]);
            }
            // Past the newest object the hand has gone round, and starts at the oldest next time,
            // even if newer objects have come by then.
            self.hand = self.timeline.next_live(slot + 1);
            if !was_visited {
                return true;
            }
        }
    }

    fn put(&mut self, object: u32, size: u32) {
        if self.timeline.is_full() {
            let (size_at, hand) = (&mut self.size_at, self.hand);
            let mut hand_after = None;
            self.timeline.compact(|from, to| {
                size_at[to as usize] = size_at[from as usize];
                if Some(from) == hand {
                    hand_after = Some(to);
                }
            });
            self.hand = hand_after;
            self.size_at.resize(self.timeline.slot_count(), 0);
        }
        let slot = self.timeline.append(object);
        self.size_at[slot as usize] = size;
    }
}

impl CachePolicy for Sieve {
    fn request(&mut self, object: u32, size: u32) -> Lookup {
        if self.timeline.slot(object).is_some() {
            *self.visited.entry(object) = true;
            return Lookup::Hit;
        }
        if u64::from(size) > self.capacity {
            return Lookup::Miss;
        }
        while self.used + u64::from(size) > self.capacity && self.evict() {}
        self.timeline.reserve(object);
        self.put(object, size);
        *self.visited.entry(object) = false;
        self.used += u64::from(size);
        Lookup::Miss
    }

    fn used(&self) -> u64 {
        self.used
    }
}
