//! The off-heap allocator: size classes over runs of one size, every byte of them counted.

/// The classes between two powers of two; four waste less than a quarter, an eighth on average.
const CLASSES_PER_DOUBLING: u64 = 4;
/// Doublings up to the largest number, and their classes.
const CLASS_COUNT: usize = 64 * 4;
/// The smallest class; below it the header dominates.
const SMALLEST: u64 = 32;

/// An allocator that hands out slots of size classes, each class from runs of its own.
///
/// Runs are what it holds and what counts against the budget. Its fragmentation is what the runs
/// hold beyond the sizes asked for: rounding up to a class, and runs that are partly free.
/// A class that has freed a whole run's worth of slots gives one run back: its entries are moved
/// together, which costs a copy of at most one run.
#[derive(Debug, Clone)]
pub(super) struct Allocator {
    run_size: u64,
    /// By [`Class::index`], so rising in size.
    classes: Vec<Class>,
    held: u64,
    requested: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Class {
    /// The size of its slots; 0 if it never had any.
    size: u64,
    live: u64,
    capacity: u64,
}

impl Class {
    /// The place of the class of this slot size: four for each power of two.
    fn index(size: u64) -> usize {
        let power = size.max(4).ilog2();
        let quarter = (size >> (power - 2)) & (CLASSES_PER_DOUBLING - 1);
        usize::try_from(u64::from(power) * CLASSES_PER_DOUBLING + quarter).unwrap_or(0)
    }
}

impl Allocator {
    pub(super) fn new(budget: u64) -> Self {
        // Runs of 64 KiB, or a 1024th of a budget that is small.
        let run_size = (budget / 1024).next_power_of_two().clamp(1 << 10, 64 << 10);
        Self { run_size, classes: vec![Class::default(); CLASS_COUNT], held: 0, requested: 0 }
    }

    /// The slot size that `size` bytes are rounded up to.
    pub(super) fn class_of(size: u64) -> u64 {
        let size = size.max(SMALLEST);
        let step = (size.next_power_of_two() / 2 / CLASSES_PER_DOUBLING).max(8);
        size.next_multiple_of(step)
    }

    /// What one run of a class takes: as many common runs as one slot needs.
    fn run_bytes(&self, class: u64) -> u64 {
        class.next_multiple_of(self.run_size)
    }

    /// Takes a slot; `false` if that would hold more than `limit` bytes.
    pub(super) fn allocate(&mut self, size: u64, limit: u64) -> bool {
        if !self.has_room(size, limit) {
            return false;
        }
        let class = Self::class_of(size);
        let run_bytes = self.run_bytes(class);
        let Some(entry) = self.classes.get_mut(Class::index(class)) else { return false };
        entry.size = class;
        if entry.live == entry.capacity {
            entry.capacity += run_bytes / class;
            self.held += run_bytes;
        }
        entry.live += 1;
        self.requested += size;
        true
    }

    /// Whether a slot can be had within `limit`; gives back runs that can be emptied if not.
    pub(super) fn has_room(&mut self, size: u64, limit: u64) -> bool {
        let class = Self::class_of(size);
        if self.held + self.needed(class) <= limit {
            return true;
        }
        self.give_back();
        self.held + self.needed(class) <= limit
    }

    /// What a slot of a class takes beyond the runs that are held.
    fn needed(&self, class: u64) -> u64 {
        let found = self.classes.get(Class::index(class));
        let has_slot = found.is_some_and(|class| class.live < class.capacity);
        if has_slot { 0 } else { self.run_bytes(class) }
    }

    /// Returns a slot that was allocated for `size`.
    pub(super) fn free(&mut self, size: u64) {
        if let Some(class) = self.classes.get_mut(Class::index(Self::class_of(size))) {
            class.live -= 1;
            self.requested -= size;
        }
    }

    /// Bytes held in runs.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// Bytes that were asked for and not yet freed.
    pub(super) fn requested(&self) -> u64 {
        self.requested
    }

    fn give_back(&mut self) {
        let run_size = self.run_size;
        for class in self.classes.iter_mut().filter(|class| class.size > 0) {
            let run_bytes = class.size.next_multiple_of(run_size);
            let per_run = run_bytes / class.size;
            let spare = (class.capacity - class.live) / per_run;
            class.capacity -= spare * per_run;
            self.held -= spare * run_bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_round_up_by_less_than_a_quarter() {
        for size in 40..100_000 {
            let class = Allocator::class_of(size);
            assert!(class >= size && (class - size) * 4 < size, "{size} -> {class}");
        }
    }

    #[test]
    fn freed_runs_serve_another_class() {
        let mut allocator = Allocator::new(1 << 20);
        let mut count = 0;
        while allocator.allocate(100, 1 << 20) {
            count += 1;
        }
        assert!(allocator.held() <= 1 << 20 && count > 8_000);
        assert!(!allocator.allocate(1_000, 1 << 20));
        for _ in 0..count / 2 {
            allocator.free(100);
        }
        assert!(allocator.allocate(1_000, 1 << 20));
    }

    proptest! {
        #[test]
        fn every_byte_is_counted(sizes in proptest::collection::vec(1_u64..5_000, 1..200)) {
            let limit = 200 << 10;
            let mut allocator = Allocator::new(limit);
            let mut live = Vec::new();
            for (turn, size) in sizes.into_iter().enumerate() {
                if turn % 3 == 2 {
                    if let Some(size) = live.pop() {
                        allocator.free(size);
                    }
                } else if allocator.allocate(size, limit) {
                    live.push(size);
                }
                prop_assert_eq!(allocator.requested(), live.iter().sum::<u64>());
                prop_assert!(allocator.held() <= limit);
                prop_assert!(allocator.held() >= allocator.requested());
            }
        }
    }
}
