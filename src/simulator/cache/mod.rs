//! Cache replacement policies over numbered objects, exact to the hit.
//!
//! An object is a dense number, as [`Interner`] hands out for arbitrary identifiers, and has a size;
//! a capacity counts in the same unit as sizes, so sizes of 1 make it a number of objects. Every
//! policy makes the decisions of libCacheSim's policy of the same name, which `conformance/` checks
//! request by request.
//!
//! Must not import the stores: a policy knows nothing of what it caches.

mod clock;
mod fifo;
mod interner;
mod lru;
mod s3_fifo;
mod sieve;
mod timeline;

pub use clock::Clock;
pub use fifo::Fifo;
pub use interner::{Interner, TooManyObjects};
pub use lru::Lru;
pub use s3_fifo::S3Fifo;
pub use sieve::Sieve;
pub(crate) use timeline::Timeline;

/// What a cache says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// The object was in the cache.
    Hit,
    /// It was not; it is now, unless it is too large for the cache.
    Miss,
}

/// A cache of bounded capacity that decides what to keep.
pub trait CachePolicy {
    /// Looks `object` up and admits it after a miss, evicting until it fits.
    ///
    /// An object keeps the size that it was admitted with.
    fn request(&mut self, object: u32, size: u32) -> Lookup;

    /// The sizes of all resident objects together; at most the capacity.
    fn used(&self) -> u64;

    /// Requests a batch of objects of size 1 and returns the number of hits.
    fn request_units(&mut self, objects: &[u32]) -> u64 {
        objects.iter().map(|&object| u64::from(self.request(object, 1) == Lookup::Hit)).sum()
    }
}

/// A value per object, as long as the largest object seen.
#[derive(Debug, Clone, Default)]
struct PerObject<T> {
    values: Vec<T>,
}

impl<T: Copy + Default> PerObject<T> {
    #[inline]
    fn get(&self, object: u32) -> T {
        self.values.get(object as usize).copied().unwrap_or_default()
    }

    #[inline]
    fn entry(&mut self, object: u32) -> &mut T {
        let index = object as usize;
        if index >= self.values.len() {
            self.values.resize((index + 1).next_power_of_two(), T::default());
        }
        #[expect(clippy::indexing_slicing, reason = "the vector was just made long enough")]
        &mut self.values[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::random::{Generator, KeyChooser, Seed};
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// The plainest cache: one queue, newest last, and what a hit does to it.
    struct NaiveQueue {
        capacity: u64,
        queue: VecDeque<(u32, u32, bool)>,
        on_hit: fn(&mut VecDeque<(u32, u32, bool)>, usize),
        reinsert_visited: bool,
    }

    impl NaiveQueue {
        fn request(&mut self, object: u32, size: u32) -> Lookup {
            if let Some(at) = self.queue.iter().position(|&(o, _, _)| o == object) {
                (self.on_hit)(&mut self.queue, at);
                return Lookup::Hit;
            }
            if u64::from(size) > self.capacity {
                return Lookup::Miss;
            }
            while self.used() + u64::from(size) > self.capacity {
                let (object, size, visited) = self.queue.pop_front().unwrap();
                if visited && self.reinsert_visited {
                    self.queue.push_back((object, size, false));
                }
            }
            self.queue.push_back((object, size, false));
            Lookup::Miss
        }

        fn used(&self) -> u64 {
            self.queue.iter().map(|&(_, size, _)| u64::from(size)).sum()
        }
    }

    fn naive(policy: &str, capacity: u64) -> NaiveQueue {
        let on_hit: fn(&mut VecDeque<(u32, u32, bool)>, usize) = match policy {
            "lru" => |queue, at| {
                let entry = queue.remove(at).unwrap();
                queue.push_back(entry);
            },
            "clock" => |queue, at| queue[at].2 = true,
            _ => |_, _| (),
        };
        NaiveQueue { capacity, queue: VecDeque::new(), on_hit, reinsert_visited: policy == "clock" }
    }

    /// SIEVE over a vector, newest last; the hand is an index that walks towards the newest.
    struct NaiveSieve {
        capacity: u64,
        queue: Vec<(u32, u32, bool)>,
        hand: usize,
    }

    impl NaiveSieve {
        fn request(&mut self, object: u32, size: u32) -> Lookup {
            if let Some(entry) = self.queue.iter_mut().find(|entry| entry.0 == object) {
                entry.2 = true;
                return Lookup::Hit;
            }
            if u64::from(size) > self.capacity {
                return Lookup::Miss;
            }
            let used =
                |queue: &[(u32, u32, bool)]| queue.iter().map(|e| u64::from(e.1)).sum::<u64>();
            while used(&self.queue) + u64::from(size) > self.capacity {
                if self.hand >= self.queue.len() {
                    self.hand = 0;
                }
                if self.queue[self.hand].2 {
                    self.queue[self.hand].2 = false;
                    self.hand += 1;
                } else {
                    self.queue.remove(self.hand);
                    // Having evicted the newest, the hand starts over before anything newer comes.
                    if self.hand == self.queue.len() {
                        self.hand = 0;
                    }
                }
            }
            self.queue.push((object, size, false));
            Lookup::Miss
        }
    }

    fn sized_requests() -> impl Strategy<Value = Vec<u32>> {
        proptest::collection::vec(0_u32..40, 0..600)
    }

    /// The size of an object, as a function of its number so that it never changes.
    fn size_of(object: u32) -> u32 {
        1 + object * 7 % 11
    }

    proptest! {
        #[test]
        fn queue_policies_equal_their_naive_models(
            objects in sized_requests(), capacity in 0_u64..80, unit: bool
        ) {
            let policies: [(&str, Box<dyn CachePolicy>); 3] = [
                ("lru", Box::new(Lru::new(capacity))),
                ("clock", Box::new(Clock::new(capacity))),
                ("fifo", Box::new(Fifo::new(capacity))),
            ];
            for (name, mut policy) in policies {
                let mut model = naive(name, capacity);
                for (at, &object) in objects.iter().enumerate() {
                    let size = if unit { 1 } else { size_of(object) };
                    prop_assert_eq!(
                        policy.request(object, size), model.request(object, size), "{} at {}", name, at
                    );
                    prop_assert_eq!(policy.used(), model.used());
                    prop_assert!(policy.used() <= capacity);
                }
            }
        }

        #[test]
        fn sieve_equals_its_naive_model(objects in sized_requests(), capacity in 0_u64..80) {
            let mut policy = Sieve::new(capacity);
            let mut model = NaiveSieve { capacity, queue: Vec::new(), hand: 0 };
            for (at, &object) in objects.iter().enumerate() {
                let size = size_of(object);
                prop_assert_eq!(policy.request(object, size), model.request(object, size), "at {}", at);
            }
        }

        #[test]
        fn s3_fifo_stays_within_its_capacity(objects in sized_requests(), capacity in 0_u64..400) {
            let mut policy = S3Fifo::new(capacity);
            for &object in &objects {
                policy.request(object, size_of(object));
                prop_assert!(policy.used() <= capacity);
            }
        }
    }

    #[test]
    fn long_runs_keep_their_memory() {
        let chooser = KeyChooser::zipf(2000, 0.9, Seed(1)).unwrap();
        let mut generator = Generator::new(Seed(2));
        let mut lru = Lru::new(300);
        let mut model = naive("lru", 300);
        for at in 0..60_000 {
            let object = u32::try_from(chooser.draw(&mut generator, at)).unwrap();
            assert_eq!(lru.request(object, 1), model.request(object, 1), "at {at}");
        }
        assert!(lru.slot_count() <= 4 * 1024, "{} slots for 300 objects", lru.slot_count());
    }
}
