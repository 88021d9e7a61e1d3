//! In-process speed of deriving the shapes that a plan chooses from, once a run has said what a slot
//! needs.
//!
//! `cargo bench --bench plan` prints times and shapes a second, which stay the same as the bounds of
//! the search grow. 10,000 shapes are to take less than 2 s.

#![allow(missing_docs, reason = "criterion's macros write undocumented functions")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use slotwise::capacity::{Question, Setup, StoreKind, observe, shortened};
use slotwise::catalog::Target;
use slotwise::config::{Dialect, ResolvedConfig, load};
use slotwise::plan::{Bounds, Need, candidates};
use slotwise::simulator::{Hardware, Seed};
use slotwise::source::FileId;
use slotwise::units::MemorySize;
use slotwise::workload::{Workload, shipped};

const TEXT: &str = include_str!("../fixtures/examples/emr-ytm-2048-slots-2/flink-conf.yaml");

fn benches(criterion: &mut Criterion) {
    let Ok(target) = "emr-3.28.2".parse::<Target>() else { return };
    let loaded = load(FileId::NOWHERE, TEXT, Dialect::Legacy);
    let config = ResolvedConfig::new(target.release(), loaded.settings);
    let Some(text) = shipped("nexmark-q20") else { return };
    let Ok(workload) = Workload::parse(text.name, text.text) else { return };
    // As many subtasks as the widest search has slots.
    let workload = Workload { parallelism: 64, ..shortened(&workload, 20_000) };
    let Ok(setup) = Setup::of(&config, &target, 1, None) else { return };
    let hardware = Hardware::local_nvme();
    let Ok(observation) = observe(&setup.store, &hardware, &workload, Seed(1), &mut |_, _| ())
    else {
        return;
    };
    let question = Question {
        setup: &setup,
        workload: &workload,
        hardware: &hardware,
        observation: &observation,
        rate: None,
        horizon_seconds: None,
        task_managers: None,
        disk: None,
        recovery_seconds: None,
    };
    let need = Need { store_memory: 320 << 20, question: &question, kind: StoreKind::Gemini };
    let mut group = criterion.benchmark_group("plan");
    for slots_most in [8, 16, 32] {
        let process_most = MemorySize::from_mebibytes(65_536);
        let bounds = Bounds { process_most, slots_most, task_managers_most: None };
        let derived = candidates(&config, &target, &need, &bounds).derived;
        group.throughput(Throughput::Elements(derived as u64));
        group.bench_function(BenchmarkId::new("shapes", derived), |bencher| {
            bencher.iter(|| candidates(&config, &target, black_box(&need), black_box(&bounds)));
        });
    }
    group.finish();
}

criterion_group!(plan, benches);
criterion_main!(plan);
