use super::{CachePolicy, Lookup, PerObject};
use std::collections::VecDeque;

/// A queue that gives an object used since its admission a second chance.
///
/// Source: Corbató, "A Paging Experiment with the Multics System" (1968); one reference bit.
#[derive(Debug, Clone)]
pub struct Clock {
    capacity: u64,
    used: u64,
    /// Objects and their sizes, oldest first.
    queue: VecDeque<(u32, u32)>,
    state: PerObject<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Absent,
    Resident,
    Referenced,
}

impl Clock {
    /// An empty cache.
    #[must_use]
    pub fn new(capacity: u64) -> Self {
        Self { capacity, used: 0, queue: VecDeque::new(), state: PerObject::default() }
    }

    fn evict(&mut self) -> bool {
        while let Some((object, size)) = self.queue.pop_front() {
            let state = self.state.entry(object);
            if *state == State::Referenced {
                *state = State::Resident;
                self.queue.push_back((object, size));
            } else {
                *state = State::Absent;
                self.used -= u64::from(size);
                return true;
            }
        }
        false
    }
}

impl CachePolicy for Clock {
    fn request(&mut self, object: u32, size: u32) -> Lookup {
        if self.state.get(object) != State::Absent {
            *self.state.entry(object) = State::Referenced;
            return Lookup::Hit;
        }
        if u64::from(size) > self.capacity {
            return Lookup::Miss;
        }
        while self.used + u64::from(size) > self.capacity && self.evict() {}
        self.queue.push_back((object, size));
        *self.state.entry(object) = State::Resident;
        self.used += u64::from(size);
        Lookup::Miss
    }

    fn used(&self) -> u64 {
        self.used
    }
}
