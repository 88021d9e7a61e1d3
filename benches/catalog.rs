//! In-process speed of the option catalog: lookup, classification, suggestions, inference.
//!
//! `cargo bench --bench catalog` prints times; compare within one run, machines are noisy.

#![allow(missing_docs, reason = "criterion's macros write undocumented functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use slotwise::catalog::{Target, classify, infer_target, option, suggestions};

const TYPICAL: &str = include_str!("../fixtures/speed/flink-conf.yaml");

fn benches(criterion: &mut Criterion) {
    let target: Target = "flink-1.20".parse().unwrap_or_else(|error| unreachable!("{error}"));
    let known = "taskmanager.memory.network.fraction";
    let mut group = criterion.benchmark_group("catalog");
    group.bench_function("look up a key", |bencher| bencher.iter(|| option(black_box(known))));
    for (name, key) in [
        ("classify a known key", known),
        ("classify a reporter's key", "metrics.reporter.prom.port"),
        ("classify an unknown key", "kafka.producer.transaction-timeout"),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| classify(black_box(key), &target)));
    }
    for (name, key) in [
        ("suggest for a typing error", "taskmanager.memory.proces.size"),
        ("suggest for an extra segment", "state.backend.rocksdb.options.write_buffer_size"),
        ("suggest for nothing alike", "kafka.producer.transaction-timeout"),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| suggestions(black_box(key), &target));
        });
    }
    let settings: Vec<_> = TYPICAL.lines().filter_map(|line| line.split_once(": ")).collect();
    group.bench_function("infer the target of a typical file", |bencher| {
        bencher.iter(|| infer_target("flink-conf.yaml", black_box(&settings).iter().copied()));
    });
    group.finish();
}

criterion_group!(catalog, benches);
criterion_main!(catalog);
