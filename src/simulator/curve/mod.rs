//! Miss-ratio curves of LRU: the miss ratio at every capacity from one pass over the requests.
//!
//! [`ExactCurve`] counts objects and [`ExactByteCurve`] bytes, both exactly; [`FixedRateShards`] and
//! [`FixedSizeShards`] sample, for more objects than memory holds. An object may be a state entry, a
//! page or a block.
//!
//! Must not import the stores.

mod exact;
mod live_counts;
mod live_sizes;
mod miss_ratio;
mod shards;

pub use exact::{CurveStep, ExactByteCurve, ExactCurve};
pub use miss_ratio::{CurvePoint, MissRatioCurve};
pub use shards::{FixedRateShards, FixedSizeShards, SamplingRate};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::cache::{CachePolicy, Lookup, Lru};
    use crate::simulator::random::{Generator, KeyChooser, Seed};
    use proptest::prelude::*;

    fn size_of(object: u32) -> u32 {
        1 + object * 7 % 11
    }

    fn zipf_trace(object_count: u64, request_count: u64) -> Vec<u32> {
        let chooser = KeyChooser::zipf(object_count, 0.99, Seed(7)).unwrap();
        let mut generator = Generator::new(Seed(42));
        (0..request_count)
            .map(|at| u32::try_from(chooser.draw(&mut generator, at)).unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn the_curve_is_the_lru_cache_at_every_capacity(
            objects in proptest::collection::vec(0_u32..60, 0..1500)
        ) {
            let mut units = ExactCurve::new(CurveStep::ONE);
            let mut bytes = ExactByteCurve::new(CurveStep::ONE);
            units.record(&objects);
            let sized: Vec<(u32, u32)> = objects.iter().map(|&o| (o, size_of(o))).collect();
            bytes.record(&sized);
            let (units, bytes) = (units.curve(), bytes.curve());
            for capacity in 0_u64..80 {
                let mut lru = Lru::new(capacity);
                prop_assert_eq!(units.hits(capacity), lru.request_units(&objects));
            }
            // Below the largest object a cache refuses some, which no curve can know.
            for capacity in 11_u64..420 {
                let mut lru = Lru::new(capacity);
                let hits = sized.iter().filter(|&&(o, s)| lru.request(o, s) == Lookup::Hit).count();
                prop_assert_eq!(bytes.hits(capacity), hits as u64, "at {} bytes", capacity);
            }
        }

        #[test]
        fn a_forgotten_object_misses_next(
            steps in proptest::collection::vec((0_u32..30, any::<bool>()), 0..500)
        ) {
            let mut curve = ExactCurve::new(CurveStep::ONE);
            let mut stack: Vec<u32> = Vec::new();
            let mut hits = [0_u64; 31];
            for &(object, forget) in &steps {
                let at = stack.iter().position(|&o| o == object);
                if let Some(at) = at {
                    stack.remove(at);
                }
                if forget {
                    curve.forget(object);
                } else {
                    curve.record(&[object]);
                    stack.insert(0, object);
                    at.into_iter().for_each(|at| hits[at + 1..].iter_mut().for_each(|h| *h += 1));
                }
            }
            let curve = curve.curve();
            for (capacity, &expected) in hits.iter().enumerate() {
                prop_assert_eq!(curve.hits(capacity as u64), expected);
            }
        }
    }

    #[test]
    fn a_coarse_step_is_exact_at_its_multiples() {
        let trace = zipf_trace(3000, 60_000);
        let curve_by = |step| {
            let mut curve = ExactCurve::new(CurveStep::new(step));
            curve.record(&trace);
            curve.curve()
        };
        let (fine, coarse) = (curve_by(1), curve_by(64));
        for capacity in (0..3200).step_by(64) {
            assert_eq!(fine.hits(capacity), coarse.hits(capacity), "at {capacity}");
        }
    }

    #[test]
    fn sampling_everything_is_exact() {
        let trace = zipf_trace(2000, 50_000);
        let ids: Vec<u64> = trace.iter().map(|&object| u64::from(object)).collect();
        let mut exact = ExactCurve::new(CurveStep::ONE);
        exact.record(&trace);
        let mut shards = FixedRateShards::new(SamplingRate::ALL, Seed(1));
        shards.record(&ids).unwrap();
        let (exact, shards) = (exact.curve(), shards.curve());
        for capacity in 0..2100 {
            assert!((exact.miss_ratio(capacity) - shards.miss_ratio(capacity)).abs() < 1e-9);
        }
    }

    #[test]
    fn samples_come_close() {
        let trace = zipf_trace(100_000, 1_000_000);
        let ids: Vec<u64> = trace.iter().map(|&object| u64::from(object)).collect();
        let mut exact = ExactCurve::new(CurveStep::ONE);
        exact.record(&trace);
        let mut rate = FixedRateShards::new(SamplingRate::new(1, 10), Seed(1));
        rate.record(&ids).unwrap();
        let mut size = FixedSizeShards::new(16_384, Seed(1));
        size.record(&ids).unwrap();
        assert!(size.object_count() <= 16_384);
        let exact = exact.curve();
        for sampled in [rate.curve(), size.curve()] {
            let errors: Vec<f64> = (1..=20)
                .map(|i| (exact.miss_ratio(i * 5000) - sampled.miss_ratio(i * 5000)).abs())
                .collect();
            let mean = errors.iter().sum::<f64>() / 20.0;
            assert!(mean < 0.01, "mean absolute error {mean}: {errors:?}");
        }
    }
}
