use super::live_counts::LiveCounts;
use super::live_sizes::LiveSizes;
use super::miss_ratio::{CurvePoint, MissRatioCurve};
use crate::simulator::cache::Timeline;
use std::collections::BTreeMap;

/// How fine a curve is: it is exact at the multiples of its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurveStep(u64);

impl CurveStep {
    /// Exact at every capacity.
    pub const ONE: Self = Self(1);

    /// Exact at the multiples of `step`, between which a curve is flat; 0 counts as 1.
    #[must_use]
    pub const fn new(step: u64) -> Self {
        Self(if step == 0 { 1 } else { step })
    }
}

/// Hits by the capacity, in steps, that they need.
#[derive(Debug, Clone)]
struct DistanceHistogram {
    step: CurveStep,
    /// The low halves of the counts, so that more of them fit the processor's caches.
    counts: Vec<u32>,
    /// How often a count went past its low half.
    carries: BTreeMap<usize, u64>,
    requests: u64,
}

impl DistanceHistogram {
    const fn new(step: CurveStep) -> Self {
        Self { step, counts: Vec::new(), carries: BTreeMap::new(), requests: 0 }
    }

    /// Counts a request that needs a capacity of `distance` to hit; `distance` is at least 1.
    #[inline]
    fn hit(&mut self, distance: u64) {
        let steps = if self.step.0 == 1 { distance } else { distance.div_ceil(self.step.0) };
        // More steps than memory addresses cannot come from objects that are in memory.
        let index = usize::try_from(steps).unwrap_or(usize::MAX);
        if index >= self.counts.len() {
            self.counts.resize((index + 1).next_power_of_two(), 0);
        }
        if let Some(count) = self.counts.get_mut(index) {
            *count = count.wrapping_add(1);
            if *count == 0 {
                *self.carries.entry(index).or_default() += 1;
            }
        }
    }

    fn curve(&self) -> MissRatioCurve {
        let increments = self.counts.iter().enumerate().map(|(index, &low)| {
            let carries = self.carries.get(&index).copied().unwrap_or(0);
            let hits = (carries << 32) + u64::from(low);
            CurvePoint { capacity: index as u64 * self.step.0, hits }
        });
        MissRatioCurve::from_increments(self.requests, increments)
    }
}

// A group of counts; smaller timelines would only be moved more often.
const SLOT_MIN: u32 = 32_768;

/// Requests handled between two rounds of loading ahead; their slots fit the first-level cache.
const BATCH: usize = 64;

/// No stack distance: an object is counted itself.
const MISSED: u32 = 0;

/// The exact miss-ratio curve of LRU over objects of one size.
///
/// Objects lie on a timeline at their last access, so the stack distance of a request is the number
/// of live slots from there on. Memory follows the number of objects, not of requests.
///
/// Source: Mattson et al., "Evaluation Techniques for Storage Hierarchies" (1970), for what the
/// curve is; counting bits on a timeline takes the place of Olken's tree (1981).
#[derive(Debug, Clone)]
pub struct ExactCurve {
    timeline: Timeline,
    counts: LiveCounts,
    histogram: DistanceHistogram,
}

impl ExactCurve {
    /// An empty curve.
    #[must_use]
    pub fn new(step: CurveStep) -> Self {
        let timeline = Timeline::new(SLOT_MIN);
        let counts = LiveCounts::new(timeline.slot_count(), 0);
        Self { timeline, counts, histogram: DistanceHistogram::new(step) }
    }

    /// Records requests in order.
    pub fn record(&mut self, objects: &[u32]) {
        for batch in objects.chunks(BATCH) {
            std::hint::black_box(self.touch(batch));
            // Counted after the batch: the histogram is large and every place in it far from the
            // last, so that one tight loop waits for many of them at a time.
            let mut distances = [0; BATCH];
            for (&object, distance) in batch.iter().zip(&mut distances) {
                self.timeline.reserve(object);
                *distance = self.access(object).unwrap_or(MISSED);
            }
            for distance in distances.into_iter().filter(|&distance| distance != MISSED) {
                self.histogram.hit(u64::from(distance));
            }
            self.histogram.requests += batch.len() as u64;
        }
    }

    /// Takes an object out, as deleting it or its expiry does: its next request misses.
    pub fn forget(&mut self, object: u32) {
        if let Some(slot) = self.timeline.slot(object) {
            self.counts.subtract(slot);
            self.timeline.remove(slot);
        }
    }

    /// Moves a reserved object to the newest end and returns its stack distance, 1 at the least.
    #[inline]
    pub(super) fn access(&mut self, object: u32) -> Option<u32> {
        let distance = self.timeline.slot(object).map(|slot| {
            let distance = self.counts.count_from(self.timeline.live_words(), slot);
            self.counts.subtract(slot);
            self.timeline.vacate(slot);
            distance
        });
        if self.timeline.is_full() {
            // An object taken off for a moment would be left behind, so it lies outside for this.
            self.timeline.compact(|_, _| ());
            let live_count = self.timeline.live_count();
            self.counts = LiveCounts::new(self.timeline.slot_count(), live_count);
        }
        let slot = self.timeline.append(object);
        self.counts.add(slot);
        distance
    }

    pub(super) fn reserve(&mut self, object: u32) {
        self.timeline.reserve(object);
    }

    /// Loads what the accesses to a batch will need.
    #[inline]
    pub(super) fn touch(&self, batch: &[u32]) -> u32 {
        // Two rounds: the slots of the batch first, then the counts at those slots.
        let loaded = self.timeline.touch(batch);
        batch.iter().fold(loaded, |sum, &object| {
            sum ^ self.timeline.slot(object).map_or(0, |slot| self.counts.touch(slot))
        })
    }

    /// The curve of all requests so far.
    #[must_use]
    pub fn curve(&self) -> MissRatioCurve {
        self.histogram.curve()
    }
}

/// The exact miss-ratio curve of LRU over objects with sizes, against the capacity in bytes.
///
/// It is the cache's own at every capacity that holds the largest object: what a cache refuses as
/// too large is not part of any one curve. An object keeps the size it was first seen with until it
/// is forgotten.
#[derive(Debug, Clone)]
pub struct ExactByteCurve {
    timeline: Timeline,
    sizes: LiveSizes,
    histogram: DistanceHistogram,
}

impl ExactByteCurve {
    /// An empty curve; `step` is in bytes.
    #[must_use]
    pub fn new(step: CurveStep) -> Self {
        let timeline = Timeline::new(SLOT_MIN);
        let sizes = LiveSizes::new(timeline.slot_count());
        Self { timeline, sizes, histogram: DistanceHistogram::new(step) }
    }

    /// Records requests of `(object, size)` in order.
    pub fn record(&mut self, requests: &[(u32, u32)]) {
        for batch in requests.chunks(BATCH) {
            std::hint::black_box(self.touch(batch));
            let mut distances = [None; BATCH];
            for (&(object, size), distance) in batch.iter().zip(&mut distances) {
                *distance = self.access(object, size);
            }
            for distance in distances.into_iter().flatten() {
                self.histogram.hit(distance);
            }
            self.histogram.requests += batch.len() as u64;
        }
    }

    #[inline]
    fn touch(&self, batch: &[(u32, u32)]) -> u32 {
        // Two rounds: the slots of the batch first, then the sizes at those slots.
        let slots = || batch.iter().filter_map(|&(object, _)| self.timeline.slot(object));
        let loaded = slots().fold(0, |sum, slot| sum ^ slot);
        slots().fold(loaded, |sum, slot| sum ^ self.sizes.touch(slot))
    }

    /// Takes an object out, as deleting it or its expiry does: its next request misses.
    pub fn forget(&mut self, object: u32) {
        if let Some(slot) = self.timeline.slot(object) {
            self.sizes.take(slot);
            self.timeline.remove(slot);
        }
    }

    /// Moves an object to the newest end and returns its stack distance in bytes.
    #[inline]
    fn access(&mut self, object: u32, size: u32) -> Option<u64> {
        self.timeline.reserve(object);
        let mut size = size;
        let distance = self.timeline.slot(object).map(|slot| {
            let distance = self.sizes.sum_from(slot);
            size = self.sizes.take(slot);
            self.timeline.vacate(slot);
            distance
        });
        if self.timeline.is_full() {
            self.make_slots();
        }
        let slot = self.timeline.append(object);
        self.sizes.add(slot, size);
        distance
    }

    #[cold]
    fn make_slots(&mut self) {
        let mut moved = Vec::new();
        self.timeline.compact(|from, _| moved.push(self.sizes.size_at(from)));
        self.sizes = LiveSizes::new(self.timeline.slot_count());
        for (slot, size) in (0..).zip(moved) {
            self.sizes.add(slot, size);
        }
    }

    /// The curve of all requests so far.
    #[must_use]
    pub fn curve(&self) -> MissRatioCurve {
        self.histogram.curve()
    }
}
