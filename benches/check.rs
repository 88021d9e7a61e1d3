//! In-process speed of reading, resolving and checking one configuration.
//!
//! `cargo bench` prints times; compare within one run, machines are noisy.

#![allow(missing_docs, reason = "criterion's macros write undocumented functions")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use slotwise::catalog::{Release, Target};
use slotwise::config::{Dialect, ResolvedConfig, load};
use slotwise::lint::{self, Facts, LintContext};
use slotwise::source::{SourceFile, Sources};

const TYPICAL: &str = include_str!("../fixtures/speed/flink-conf.yaml");

/// The typical file, and as many of its lines as make 3,000 distinct keys.
fn inputs() -> [(&'static str, String); 2] {
    let statements: Vec<&str> = TYPICAL.lines().filter(|line| line.contains(": ")).collect();
    let large = (0..3000)
        .zip(statements.iter().cycle())
        .map(|(i, line)| format!("metrics.reporter.r{i}.{line}\n"));
    [("60 lines", TYPICAL.to_owned()), ("3000 lines", large.collect())]
}

fn benches(criterion: &mut Criterion) {
    let target = Target::flink(Release::V1_20);
    for (name, text) in inputs() {
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::decode("flink-conf.yaml", text.clone().into_bytes()));
        let mut group = criterion.benchmark_group("check");
        group.throughput(Throughput::Bytes(text.len() as u64));
        for (dialect_name, dialect) in [("legacy", Dialect::Legacy), ("yaml", Dialect::Yaml)] {
            group.bench_function(
                BenchmarkId::new(format!("load {dialect_name}"), name),
                |bencher| {
                    bencher.iter(|| load(file, black_box(&text), dialect));
                },
            );
        }
        let loaded = load(file, &text, Dialect::Legacy);
        group.bench_function(BenchmarkId::new("resolve", name), |bencher| {
            bencher.iter(|| {
                ResolvedConfig::new(target.release(), black_box(&loaded).settings.clone())
            });
        });
        let config = ResolvedConfig::new(target.release(), loaded.settings.clone());
        group.bench_function(BenchmarkId::new("rules", name), |bencher| {
            bencher.iter(|| {
                lint::check(black_box(&LintContext {
                    target: &target,
                    sources: &sources,
                    file,
                    dialect: Dialect::Legacy,
                    loaded: &loaded,
                    config: &config,
                    has_sibling: false,
                    backends_per_slot: 1,
                    facts: Facts::default(),
                }))
            });
        });
        group.finish();
    }
}

criterion_group!(check, benches);
criterion_main!(check);
