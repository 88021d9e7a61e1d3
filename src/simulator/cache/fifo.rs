use super::{CachePolicy, Lookup, PerObject};
use std::collections::VecDeque;

/// Evicts the object that was admitted first, whatever was used since.
#[derive(Debug, Clone)]
pub struct Fifo {
    capacity: u64,
    used: u64,
    /// Objects and their sizes, oldest first.
    queue: VecDeque<(u32, u32)>,
    resident: PerObject<bool>,
}

impl Fifo {
    /// An empty cache.
    #[must_use]
    pub fn new(capacity: u64) -> Self {
        Self { capacity, used: 0, queue: VecDeque::new(), resident: PerObject::default() }
    }
}

impl CachePolicy for Fifo {
    fn request(&mut self, object: u32, size: u32) -> Lookup {
        if self.resident.get(object) {
            return Lookup::Hit;
        }
        if u64::from(size) > self.capacity {
            return Lookup::Miss;
        }
        while self.used + u64::from(size) > self.capacity {
            let Some((oldest, oldest_size)) = self.queue.pop_front() else { break };
            *self.resident.entry(oldest) = false;
            self.used -= u64::from(oldest_size);
        }
        self.queue.push_back((object, size));
        *self.resident.entry(object) = true;
        self.used += u64::from(size);
        Lookup::Miss
    }

    fn used(&self) -> u64 {
        self.used
    }
}
