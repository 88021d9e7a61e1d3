//! Operations a second of the RocksDB store, half reads and half updates, memory short and ample.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use slotwise::simulator::random::{Generator, KeyChooser, Seed};
use slotwise::simulator::rocksdb::{RocksDb, RocksDbOptions};
use slotwise::simulator::{
    Environment, Faults, Hardware, Key, StateDescriptor, StateId, StateKind, Store, StoreError,
    TimeToLive, Value,
};

const KEYS: u64 = 500_000;
const OPERATIONS: u64 = 500_000;

fn open(memory: u64) -> (RocksDb, Environment) {
    let state = StateDescriptor {
        name: "state".to_owned(),
        kind: StateKind::Value,
        key_size: 10,
        time_to_live: TimeToLive::Never,
    };
    let store = RocksDb::new(RocksDbOptions::managed(memory, 500, 100), &[state]);
    (store, Environment::new(Hardware::local_nvme(), Faults::default(), Seed(1)))
}

fn operate(
    store: &mut RocksDb,
    env: &mut Environment,
    chooser: &KeyChooser,
) -> Result<u64, StoreError> {
    let mut generator = Generator::new(Seed(2));
    let mut found = 0;
    for operation in 0..OPERATIONS {
        while let Some(finished) = env.poll() {
            store.on_finished(env, finished)?;
        }
        env.begin_operation();
        let key = Key::new(StateId(0), chooser.draw(&mut generator, operation), 0);
        if operation % 2 == 0 {
            let version = u32::try_from(operation).unwrap_or(0);
            let value = Value { version, size: 100, elements: 1, written_ms: 0 };
            store.put(env, key, value)?;
        } else {
            found += u64::from(store.get(env, key)?.is_some());
        }
    }
    Ok(found)
}

fn rocksdb(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rocksdb");
    group.throughput(Throughput::Elements(OPERATIONS)).sample_size(10);
    let Ok(zipf) = KeyChooser::zipf(KEYS, 0.99, Seed(7)) else { return };
    for (name, chooser) in [("zipf", zipf), ("uniform", KeyChooser::uniform(KEYS))] {
        for mebibytes in [64_u64, 512] {
            let (mut store, mut env) = open(mebibytes << 20);
            if operate(&mut store, &mut env, &chooser).is_err() {
                return;
            }
            group.bench_function(format!("{name}, {mebibytes} MiB"), |bencher| {
                bencher.iter_batched_ref(
                    || (store.clone(), env.clone()),
                    |(store, env)| operate(store, env, &chooser),
                    criterion::BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, rocksdb);
criterion_main!(benches);
