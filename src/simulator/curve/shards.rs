use super::exact::{CurveStep, ExactCurve};
use super::miss_ratio::{CurvePoint, MissRatioCurve};
use crate::simulator::cache::{Interner, TooManyObjects};
use crate::simulator::random::{Seed, mix};

/// The share of objects that a sampled curve follows, in units of 2 to the power of -32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplingRate(u64);

const RATE_ONE: u64 = 1 << 32;

impl SamplingRate {
    /// Every object.
    pub const ALL: Self = Self(RATE_ONE);

    /// One object in four: mean absolute errors of about 0.2 points on a million skewed objects, at
    /// small capacities too, where a tenth is off by up to 0.6 and a hundredth by more than 1.
    pub const QUARTER: Self = Self(RATE_ONE / 4);

    /// `numerator / denominator`, more than zero and at most one.
    #[must_use]
    pub fn new(numerator: u32, denominator: u32) -> Self {
        let rate = (u64::from(numerator) << 32).checked_div(u64::from(denominator));
        Self(rate.unwrap_or(RATE_ONE).clamp(1, RATE_ONE))
    }

    /// A number of samples as the number of all that they stand for.
    const fn scale(self, count: u32) -> u64 {
        ((count as u64) << 32) / self.0
    }

    /// How many one sample stands for, in units of 2 to the power of -16.
    const fn weight(self) -> u64 {
        (RATE_ONE << WEIGHT_BITS) / self.0
    }

    /// How many of `count` a sample of this rate has on average.
    fn share(self, count: u64) -> u64 {
        let share = (u128::from(count) * u128::from(self.0)) >> 32;
        u64::try_from(share).unwrap_or(u64::MAX)
    }
}

/// Whether an object is in the sample is a function of its identifier alone.
#[inline]
const fn hash32(id: u64, seed: Seed) -> u64 {
    mix(id ^ seed.0) >> 32
}

/// Requests that are sampled before any of them is recorded.
const CHUNK: usize = 1024;

/// Sampled requests that are loaded ahead together.
const BATCH: usize = 32;

/// The requests of a chunk that are in the sample, in order.
struct Sample {
    ids: [u64; CHUNK],
    count: usize,
}

impl Sample {
    /// Writes every identifier and goes on from there if it counts: whether it does is as good as
    /// random, and a wrongly predicted branch costs more than the writing.
    #[inline]
    fn of(chunk: &[u64], rate: SamplingRate, seed: Seed) -> Self {
        let mut sample = Self { ids: [0; CHUNK], count: 0 };
        for &id in chunk.iter().take(CHUNK) {
            if let Some(place) = sample.ids.get_mut(sample.count) {
                *place = id;
            }
            sample.count += usize::from(hash32(id, seed) < rate.0);
        }
        sample
    }

    fn ids(&self) -> &[u64] {
        self.ids.get(..self.count).unwrap_or_default()
    }
}

/// A miss-ratio curve from a fixed share of the objects; memory follows their number.
///
/// Source: Waldspurger, Park, Garthwaite and Ahmad, "Efficient MRC Construction with SHARDS"
/// (FAST 2015), with its adjustment of the first bucket for the requests that the sample lacks.
#[derive(Debug, Clone)]
pub struct FixedRateShards {
    rate: SamplingRate,
    seed: Seed,
    requests: u64,
    sampled: u64,
    objects: Interner,
    curve: ExactCurve,
    /// Sampled objects waiting to be recorded together.
    batch: Vec<u32>,
}

impl FixedRateShards {
    /// An empty curve.
    #[must_use]
    pub fn new(rate: SamplingRate, seed: Seed) -> Self {
        Self {
            rate,
            seed,
            requests: 0,
            sampled: 0,
            objects: Interner::new(seed.split(1)),
            curve: ExactCurve::new(CurveStep::ONE),
            batch: Vec::new(),
        }
    }

    /// Records requests in order.
    ///
    /// # Errors
    /// [`TooManyObjects`] if the sample outgrows 32 bits.
    pub fn record(&mut self, ids: &[u64]) -> Result<(), TooManyObjects> {
        for chunk in ids.chunks(CHUNK) {
            let sample = Sample::of(chunk, self.rate, self.seed);
            self.batch.clear();
            self.objects.intern_all(sample.ids(), &mut self.batch)?;
            self.curve.record(&self.batch);
            self.sampled += self.batch.len() as u64;
        }
        self.requests += ids.len() as u64;
        Ok(())
    }

    /// The estimated curve of all requests so far, in sampled requests against objects.
    #[must_use]
    pub fn curve(&self) -> MissRatioCurve {
        let expected = self.rate.share(self.requests);
        let sampled = self.curve.curve();
        let mut increments = Vec::with_capacity(sampled.points().len());
        let mut hits_before = 0;
        for point in sampled.points() {
            let hits = point.hits - hits_before;
            hits_before = point.hits;
            increments.push(CurvePoint { capacity: self.rate.scale(cut(point.capacity)), hits });
        }
        adjust(&mut increments, expected, self.sampled);
        MissRatioCurve::from_increments(expected, increments)
    }
}

/// A distance in the sample, whose objects have numbers of 32 bits.
fn cut(distance: u64) -> u32 {
    u32::try_from(distance).unwrap_or(u32::MAX)
}

/// Counts the requests that the sample lacks as hits at the smallest distance, and takes away those
/// that it has too many of: what is missing or excessive is mostly the few most popular objects.
fn adjust(increments: &mut Vec<CurvePoint>, expected: u64, sampled: u64) {
    if expected >= sampled {
        increments.insert(0, CurvePoint { capacity: 1, hits: expected - sampled });
        return;
    }
    let mut excess = sampled - expected;
    for point in increments {
        let taken = point.hits.min(excess);
        point.hits -= taken;
        excess -= taken;
    }
}

/// A miss-ratio curve from a fixed number of objects: bounded memory for any number of objects.
///
/// The sampling rate falls as more objects appear. A request counts as many as it stands for at the
/// rate of its time, which is what rescaling older counts at each fall comes to.
///
/// Source: the fixed-size variant of the same paper.
#[derive(Debug, Clone)]
pub struct FixedSizeShards {
    object_max: u32,
    seed: Seed,
    rate: SamplingRate,
    requests: u64,
    /// Sampled requests by what they stand for, in units of 2 to the power of -16 requests.
    represented: u64,
    objects: Interner,
    curve: ExactCurve,
    /// Represented hits by [`bucket`] of distance.
    hits: Vec<u64>,
}

const WEIGHT_BITS: u32 = 16;

/// Distances keep this many bits below the leading one, so a bucket spans a tenth of a percent.
const DISTANCE_BITS: u32 = 10;

impl FixedSizeShards {
    /// Mean absolute errors of 0.1 to 0.3 points on a million skewed objects, in some 10 MB.
    pub const OBJECT_MAX_DEFAULT: u32 = 5 << 15;

    /// Follows at most `object_max` objects, at least one.
    #[must_use]
    pub fn new(object_max: u32, seed: Seed) -> Self {
        Self {
            object_max: object_max.max(1),
            seed,
            rate: SamplingRate::ALL,
            requests: 0,
            represented: 0,
            objects: Interner::new(seed.split(1)),
            curve: ExactCurve::new(CurveStep::ONE),
            hits: Vec::new(),
        }
    }

    /// How many objects are followed now.
    #[must_use]
    pub const fn object_count(&self) -> u32 {
        self.objects.len()
    }

    /// Records requests in order.
    ///
    /// # Errors
    /// [`TooManyObjects`] if the sample is larger than 32 bits can number.
    pub fn record(&mut self, ids: &[u64]) -> Result<(), TooManyObjects> {
        for chunk in ids.chunks(CHUNK) {
            let sample = Sample::of(chunk, self.rate, self.seed);
            for batch in sample.ids().chunks(BATCH) {
                self.touch(batch);
                for &id in batch {
                    // The rate may have fallen since the chunk was sampled.
                    if hash32(id, self.seed) < self.rate.0 {
                        self.sample(id)?;
                    }
                }
            }
        }
        self.requests += ids.len() as u64;
        Ok(())
    }

    /// Loads what a batch will need, in rounds, so that the processor waits for many at a time.
    fn touch(&self, batch: &[u64]) {
        let loaded = self.objects.touch(batch);
        let mut numbers = [0; BATCH];
        for (&id, number) in batch.iter().zip(&mut numbers) {
            *number = self.objects.number(id).unwrap_or(0);
        }
        std::hint::black_box(loaded ^ self.curve.touch(&numbers));
    }

    fn sample(&mut self, id: u64) -> Result<(), TooManyObjects> {
        let object = self.objects.intern(id)?;
        let weight = self.rate.weight();
        self.represented += weight;
        self.curve.reserve(object);
        if let Some(distance) = self.curve.access(object) {
            let scaled = (u128::from(distance) * u128::from(weight)) >> WEIGHT_BITS;
            let bucket = bucket(u64::try_from(scaled).unwrap_or(u64::MAX));
            if bucket >= self.hits.len() {
                self.hits.resize(bucket + 1, 0);
            }
            if let Some(hits) = self.hits.get_mut(bucket) {
                *hits += weight;
            }
        }
        if self.objects.len() > self.object_max {
            self.lower_rate();
        }
        Ok(())
    }

    /// Leaves out the objects of the largest hashes, and with them all hashes from there on.
    ///
    /// A sixteenth goes at a time, which costs less than keeping the objects in order for taking
    /// out one by one.
    fn lower_rate(&mut self) {
        let kept = self.object_max - self.object_max / 16;
        let hash = |id| (hash32(id, self.seed), id);
        let mut by_hash: Vec<(u64, u64)> = self.objects.ids().map(hash).collect();
        let kept = usize::try_from(kept).unwrap_or(usize::MAX);
        if kept >= by_hash.len() {
            return;
        }
        let (_, &mut (rate, _), _) = by_hash.select_nth_unstable(kept);
        self.rate = SamplingRate(rate.max(1));
        for &(_, id) in by_hash.iter().filter(|(hash, _)| *hash >= self.rate.0) {
            if let Some(object) = self.objects.remove(id) {
                self.curve.forget(object);
            }
        }
    }

    /// The estimated curve of all requests so far, in fractions of requests against objects.
    #[must_use]
    pub fn curve(&self) -> MissRatioCurve {
        let requests = self.requests << WEIGHT_BITS;
        let mut increments: Vec<CurvePoint> = (0..)
            .zip(&self.hits)
            .map(|(b, &hits)| CurvePoint { capacity: bucket_end(b), hits })
            .collect();
        adjust(&mut increments, requests, self.represented);
        MissRatioCurve::from_increments(requests, increments)
    }
}

/// Buckets hold one distance each up to 2^11, and a power of two has 2^10 of them from there on.
fn bucket(distance: u64) -> usize {
    let bits = u64::BITS - distance.leading_zeros();
    let dropped = bits.saturating_sub(DISTANCE_BITS + 1);
    let bucket = u64::from(dropped << DISTANCE_BITS) + (distance >> dropped);
    usize::try_from(bucket).unwrap_or(usize::MAX)
}

/// The largest distance of a bucket, which is the capacity that all of it hits at.
const fn bucket_end(bucket: u64) -> u64 {
    let dropped = (bucket >> DISTANCE_BITS).saturating_sub(1);
    let leading = bucket - (dropped << DISTANCE_BITS);
    (leading << dropped) + ((1 << dropped) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bucket_spans_a_tenth_of_a_percent(distance in 0_u64..1 << 62) {
            let end = bucket_end(bucket(distance) as u64);
            prop_assert!(end >= distance && end - distance <= distance / 1024);
            prop_assert_eq!(bucket(end), bucket(distance));
            prop_assert_eq!(bucket(end + 1), bucket(distance) + 1);
        }
    }
}
