//! Requests a second of the cache engines and the miss-ratio curves, on Zipf 0.99 over 1 M objects.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use slotwise::simulator::cache::{CachePolicy, Clock, Fifo, Lru, S3Fifo, Sieve};
use slotwise::simulator::curve::{
    CurveStep, ExactByteCurve, ExactCurve, FixedRateShards, FixedSizeShards, SamplingRate,
};
use slotwise::simulator::random::{Generator, KeyChooser, Seed};

const OBJECTS: u64 = 1_000_000;
const REQUESTS: u64 = 2_000_000;
const CAPACITY: u64 = 100_000;

type OpenPolicy = fn() -> Box<dyn CachePolicy>;

fn trace() -> Vec<u64> {
    let Ok(chooser) = KeyChooser::zipf(OBJECTS, 0.99, Seed(7)) else { return Vec::new() };
    let mut generator = Generator::new(Seed(42));
    (0..REQUESTS).map(|at| chooser.draw(&mut generator, at)).collect()
}

fn cache(criterion: &mut Criterion) {
    let ids = trace();
    let objects: Vec<u32> = ids.iter().filter_map(|&id| u32::try_from(id).ok()).collect();
    let sized: Vec<(u32, u32)> = objects.iter().map(|&object| (object, 100)).collect();
    let mut group = criterion.benchmark_group("cache");
    group.throughput(Throughput::Elements(REQUESTS)).sample_size(10);
    let policies: [(&str, OpenPolicy); 5] = [
        ("lru", || Box::new(Lru::new(CAPACITY))),
        ("fifo", || Box::new(Fifo::new(CAPACITY))),
        ("clock", || Box::new(Clock::new(CAPACITY))),
        ("sieve", || Box::new(Sieve::new(CAPACITY))),
        ("s3-fifo", || Box::new(S3Fifo::new(CAPACITY))),
    ];
    for (name, policy) in policies {
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                policy,
                |policy| policy.request_units(&objects),
                criterion::BatchSize::PerIteration,
            );
        });
    }
    group.bench_function("exact curve", |bencher| {
        bencher.iter(|| ExactCurve::new(CurveStep::ONE).record(&objects));
    });
    group.bench_function("exact byte curve", |bencher| {
        bencher.iter(|| ExactByteCurve::new(CurveStep::new(4096)).record(&sized));
    });
    group.bench_function("shards, fixed rate", |bencher| {
        bencher.iter(|| FixedRateShards::new(SamplingRate::QUARTER, Seed(1)).record(&ids));
    });
    group.bench_function("shards, fixed size", |bencher| {
        let object_max = FixedSizeShards::OBJECT_MAX_DEFAULT;
        bencher.iter(|| FixedSizeShards::new(object_max, Seed(1)).record(&ids));
    });
    group.finish();
}

criterion_group!(benches, cache);
criterion_main!(benches);
