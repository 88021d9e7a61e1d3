use super::{CachePolicy, Lookup, PerObject};
use std::collections::VecDeque;

/// A small queue that sorts out one-hit wonders, a main queue, and a ghost queue that remembers what
/// the small one let go.
///
/// Source: Yang, Zhang, Qiu, Yue and Rashmi, "FIFO Queues are All You Need for Cache Eviction"
/// (SOSP 2023), with the variation of libCacheSim 0.3.5's `S3FIFO`: until the first eviction, what
/// the full small queue cannot take goes to the main queue.
#[derive(Debug, Clone)]
pub struct S3Fifo {
    capacity: u64,
    small: Queue,
    main: Queue,
    ghost: Ghost,
    state: PerObject<State>,
    has_evicted: bool,
}

#[derive(Debug, Clone, Default)]
struct Queue {
    capacity: u64,
    used: u64,
    /// Objects and their sizes, oldest first.
    entries: VecDeque<(u32, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct State {
    place: Place,
    /// Hits since admission to the queue; what counts is at most [`FREQUENCY_MAX`].
    frequency: u8,
    /// The ghost entry of this object, or 0.
    ghost_ticket: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    Absent,
    Small,
    Main,
}

// Source: defaults of libCacheSim 0.3.5's `S3FIFO`: a tenth small, nine tenths ghost, two hits to
// move to the main queue, and a counter of two bits.
const SMALL_PERCENT: u64 = 10;
const GHOST_PERCENT: u64 = 90;
const MOVE_TO_MAIN_THRESHOLD: u8 = 2;
const FREQUENCY_MAX: u8 = 3;

/// Objects let go, oldest first; an entry whose ticket is not its object's any more is dead.
#[derive(Debug, Clone, Default)]
struct Ghost {
    capacity: u64,
    used: u64,
    entries: VecDeque<GhostEntry>,
    live_count: usize,
    next_ticket: u32,
}

#[derive(Debug, Clone, Copy)]
struct GhostEntry {
    object: u32,
    size: u32,
    ticket: u32,
}

impl S3Fifo {
    /// An empty cache.
    #[must_use]
    pub fn new(capacity: u64) -> Self {
        let share = |percent| {
            let share = u128::from(capacity) * u128::from(percent) / 100;
            u64::try_from(share).unwrap_or(capacity)
        };
        let small = Queue { capacity: share(SMALL_PERCENT), ..Queue::default() };
        let main = Queue { capacity: capacity - small.capacity, ..Queue::default() };
        let ghost = Ghost { capacity: share(GHOST_PERCENT), ..Ghost::default() };
        Self { capacity, small, main, ghost, state: PerObject::default(), has_evicted: false }
    }

    fn evict(&mut self) {
        self.has_evicted = true;
        if self.main.used > self.main.capacity || self.small.used == 0 {
            self.evict_main();
        } else {
            self.evict_small();
        }
    }

    fn evict_small(&mut self) {
        while let Some((object, size)) = self.small.pop() {
            let state = self.state.entry(object);
            let frequency = std::mem::take(&mut state.frequency);
            if frequency >= MOVE_TO_MAIN_THRESHOLD {
                state.place = Place::Main;
                self.main.push(object, size);
            } else {
                state.place = Place::Absent;
                self.ghost.remember(object, size, &mut self.state);
                return;
            }
        }
    }

    fn evict_main(&mut self) {
        while let Some((object, size)) = self.main.pop() {
            let state = self.state.entry(object);
            if state.frequency == 0 {
                state.place = Place::Absent;
                return;
            }
            state.frequency = state.frequency.min(FREQUENCY_MAX) - 1;
            self.main.push(object, size);
        }
    }
}

impl Queue {
    fn push(&mut self, object: u32, size: u32) {
        self.entries.push_back((object, size));
        self.used += u64::from(size);
    }

    fn pop(&mut self) -> Option<(u32, u32)> {
        let entry = self.entries.pop_front()?;
        self.used -= u64::from(entry.1);
        Some(entry)
    }
}

impl Ghost {
    fn remember(&mut self, object: u32, size: u32, state: &mut PerObject<State>) {
        if u64::from(size) > self.capacity {
            return;
        }
        while self.used + u64::from(size) > self.capacity {
            let Some(entry) = self.entries.pop_front() else { break };
            let owner = state.entry(entry.object);
            if owner.ghost_ticket == entry.ticket {
                self.forget(&entry, owner);
            }
        }
        if self.entries.len() > 2 * self.live_count + 64 {
            self.entries.retain(|entry| state.get(entry.object).ghost_ticket == entry.ticket);
        }
        // Ticket 0 means none. A wrapped ticket could only meet its namesake after 2^32 evictions
        // during which the entry stayed; dead entries are swept long before.
        self.next_ticket = self.next_ticket.checked_add(1).unwrap_or(1);
        state.entry(object).ghost_ticket = self.next_ticket;
        self.entries.push_back(GhostEntry { object, size, ticket: self.next_ticket });
        self.used += u64::from(size);
        self.live_count += 1;
    }

    fn forget(&mut self, entry: &GhostEntry, owner: &mut State) {
        owner.ghost_ticket = 0;
        self.used -= u64::from(entry.size);
        self.live_count -= 1;
    }
}

impl CachePolicy for S3Fifo {
    fn request(&mut self, object: u32, size: u32) -> Lookup {
        let state = self.state.entry(object);
        if state.place != Place::Absent {
            state.frequency = state.frequency.saturating_add(1);
            return Lookup::Hit;
        }
        let was_ghost = state.ghost_ticket != 0;
        if was_ghost {
            // Sizes do not change, so the size asked for is the one remembered.
            let entry = GhostEntry { object, size, ticket: state.ghost_ticket };
            self.ghost.forget(&entry, state);
        }
        if u64::from(size) > self.small.capacity || u64::from(size) > self.capacity {
            return Lookup::Miss;
        }
        while self.used() + u64::from(size) > self.capacity {
            self.evict();
        }
        let place = if was_ghost {
            Place::Main
        } else if u64::from(size) >= self.small.capacity {
            // It would take the place of everything in the small queue.
            return Lookup::Miss;
        } else if !self.has_evicted && self.small.used >= self.small.capacity {
            Place::Main
        } else {
            Place::Small
        };
        let state = self.state.entry(object);
        state.place = place;
        state.frequency = 0;
        match place {
            Place::Main => self.main.push(object, size),
            _ => self.small.push(object, size),
        }
        Lookup::Miss
    }

    fn used(&self) -> u64 {
        self.small.used + self.main.used
    }
}
