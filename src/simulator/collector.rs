use super::{Environment, Nanos, StoreError};

/// The part of the Java heap that a store and its garbage share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeapSize(pub u64);

impl Default for HeapSize {
    /// 512 MiB: about the task heap of a 1728 MiB TaskManager, Flink's default process size.
    fn default() -> Self {
        Self(512 << 20)
    }
}

/// The pause of any collection: bringing all threads to a halt, scanning roots.
const FIXED_PAUSE: Nanos = Nanos::from_micros(1_500);
/// A fifth of the heap is young: between G1's bounds of 5 and 60 %.
const YOUNG_SHARE: u64 = 5;
/// G1 starts to mark at 45 % (`InitiatingHeapOccupancyPercent`) and spreads the live objects of
/// the old regions over up to 8 mixed collections (`G1MixedGCCountTarget`).
const MARKING_PERCENT: u64 = 45;
const MIXED_COUNT: u64 = 8;

/// A generational collector in the manner of G1, as far as its pauses go.
///
/// Allocation fills the young generation; each time it is full the task stands still while the
/// survivors are copied. Above the marking threshold pauses copy an eighth of the live old heap
/// as well; above 90 % every collection is a full one.
#[derive(Debug, Clone)]
pub(super) struct Collector {
    heap: u64,
    live: u64,
    eden_used: u64,
    survivors: u64,
    pub(super) pauses: u64,
    pub(super) pause_time: Nanos,
}

impl Collector {
    pub(super) fn new(heap: HeapSize) -> Self {
        Self {
            heap: heap.0.max(1),
            live: 0,
            eden_used: 0,
            survivors: 0,
            pauses: 0,
            pause_time: Nanos::ZERO,
        }
    }

    /// Objects of `bytes` come to life: `kept` of them stay.
    pub(super) fn allocate(
        &mut self,
        env: &mut Environment,
        bytes: u64,
        kept: u64,
    ) -> Result<(), StoreError> {
        self.live += kept;
        self.eden_used += bytes;
        self.survivors += kept;
        if self.live > self.heap {
            return Err(StoreError::OutOfMemory { needed: self.live, budget: self.heap });
        }
        if self.eden_used < self.heap / YOUNG_SHARE {
            return Ok(());
        }
        let copied = if self.live * 10 > self.heap * 9 {
            self.live
        } else if self.live * 100 > self.heap * MARKING_PERCENT {
            self.survivors.min(self.live) + self.live / MIXED_COUNT
        } else {
            self.survivors.min(self.live)
        };
        let pause = FIXED_PAUSE + env.costs().collect_per_mib.scaled(copied, 1 << 20);
        env.pause(pause);
        self.pauses += 1;
        self.pause_time += pause;
        self.eden_used = 0;
        self.survivors = 0;
        Ok(())
    }

    /// Objects of `bytes` that were kept are garbage now.
    pub(super) fn release(&mut self, bytes: u64) {
        self.live = self.live.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::{Faults, Hardware, Seed};

    #[test]
    fn pauses_grow_with_the_live_heap() {
        let pause_time = |live: u64| {
            let mut env = Environment::new(Hardware::local_nvme(), Faults::default(), Seed(1));
            let mut collector = Collector::new(HeapSize(1 << 30));
            collector.allocate(&mut env, 0, live).unwrap();
            for _ in 0..3_000 {
                collector.allocate(&mut env, 1 << 20, 0).unwrap();
            }
            collector.pause_time
        };
        assert!(pause_time(100 << 20) < pause_time(600 << 20));
        assert!(pause_time(600 << 20) < pause_time(1000 << 20));
    }

    #[test]
    fn more_than_the_heap_is_refused() {
        let mut env = Environment::new(Hardware::local_nvme(), Faults::default(), Seed(1));
        let mut collector = Collector::new(HeapSize(1_000));
        assert!(collector.allocate(&mut env, 1_001, 1_001).is_err());
    }
}
