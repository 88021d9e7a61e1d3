//! Every store equals ordered maps under any sequence of operations, and every invariant holds
//! after each of them: what fails shrinks to the shortest sequence that does.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::random::Seed;
use super::rocksdb::{RocksDb, RocksDbOptions, RocksDbTimers};
use super::{
    CheckpointId, CheckpointMode, Environment, Faults, GeminiOptions, GeminiStore, Hardware,
    HeapOptions, HeapSize, HeapStore, Key, KvSeparation, LocalRecovery, Model, Nanos, Outcome,
    RecoverySource, StateDescriptor, StateId, StateKind, Store, TimeToLive, Timer, TimerService,
    Value,
};

const KEYS: u64 = 12;
const SUBS: u32 = 4;

#[derive(Debug, Clone)]
enum Step {
    Get(u8, u64, u32),
    Put(u8, u64, u32, u32),
    Delete(u8, u64, u32),
    Append(u64, u32),
    Scan(u64),
    AddTimer(u64, u64),
    DeleteTimer(u64, u64),
    PopTimers(u64),
    /// Time passes: entries end, and background work does.
    Wait(u64),
    /// Waits until the background has nothing to do.
    Settle,
    Checkpoint,
    Crash(RecoverySource),
}

fn step() -> impl Strategy<Value = Step> {
    let (key, sub, size) = (0..KEYS, 0..SUBS, 0_u32..600);
    prop_oneof![
        6 => (0_u8..3, key.clone(), sub.clone()).prop_map(|(s, k, u)| Step::Get(s, k, u)),
        8 => (0_u8..3, key.clone(), sub.clone(), size.clone())
            .prop_map(|(s, k, u, size)| Step::Put(s, k, u, size)),
        3 => (0_u8..3, key.clone(), sub).prop_map(|(s, k, u)| Step::Delete(s, k, u)),
        5 => (key.clone(), size).prop_map(|(k, size)| Step::Append(k, size)),
        3 => key.clone().prop_map(Step::Scan),
        2 => (0_u64..50, key.clone()).prop_map(|(at, k)| Step::AddTimer(at, k)),
        1 => (0_u64..50, key).prop_map(|(at, k)| Step::DeleteTimer(at, k)),
        1 => (0_u64..50).prop_map(Step::PopTimers),
        3 => (0_u64..30_000_000).prop_map(Step::Wait),
        1 => Just(Step::Settle),
        2 => Just(Step::Checkpoint),
        1 => prop_oneof![Just(RecoverySource::Local), Just(RecoverySource::Remote)]
            .prop_map(Step::Crash),
    ]
}

/// A store, its world, and what it must equal.
struct Machine {
    store: Box<dyn Store>,
    env: Environment,
    model: Model,
    states: Vec<StateDescriptor>,
    snapshots: BTreeMap<CheckpointId, Model>,
    completed: Option<CheckpointId>,
    next_checkpoint: u64,
    version: u32,
}

impl Machine {
    fn new(open: impl FnOnce(Vec<StateDescriptor>) -> Box<dyn Store>, ttl: TimeToLive) -> Self {
        let state = |name: &str, kind| StateDescriptor {
            name: name.to_owned(),
            kind,
            key_size: 12,
            time_to_live: ttl,
        };
        let states = vec![
            state("value", StateKind::Value),
            state("list", StateKind::List),
            state("map", StateKind::Map),
        ];
        Self {
            store: open(states.clone()),
            env: Environment::new(Hardware::local_nvme(), Faults::default(), Seed(1)),
            model: Model::new(states.clone()),
            states,
            snapshots: BTreeMap::new(),
            completed: None,
            next_checkpoint: 0,
            version: 0,
        }
    }

    fn key(state: u8, primary: u64, sub: u32) -> Key {
        Key::new(StateId(state), primary, if state == 2 { sub } else { 0 })
    }

    fn value(&mut self, size: u32) -> Value {
        self.version += 1;
        Value { version: self.version, size, elements: 1, written_ms: self.env.operation_ms() }
    }

    fn attend(&mut self) {
        while let Some(finished) = self.env.poll() {
            self.store.on_finished(&mut self.env, finished).unwrap();
        }
        while let Some(report) = self.env.take_checkpoint() {
            assert_eq!(report.outcome, Outcome::Done);
            if Some(report.id) > self.completed {
                self.completed = Some(report.id);
                self.snapshots.retain(|id, _| *id >= report.id);
                self.store.complete_checkpoint(&mut self.env, report.id);
            } else {
                self.store.abort_checkpoint(&mut self.env, report.id);
            }
        }
    }

    fn run(&mut self, step: &Step) {
        self.attend();
        self.env.begin_operation();
        let (store, env) = (&mut self.store, &mut self.env);
        let now_ms = env.operation_ms();
        match *step {
            Step::Get(state, primary, sub) => {
                let key = Self::key(state, primary, sub);
                assert_eq!(store.get(env, key).unwrap(), self.model.get(key, now_ms));
            }
            Step::Put(state, primary, sub, size) => {
                let (key, value) = (Self::key(state, primary, sub), self.value(size));
                self.model.put(key, value);
                self.store.put(&mut self.env, key, value).unwrap();
            }
            Step::Delete(state, primary, sub) => {
                let key = Self::key(state, primary, sub);
                self.model.delete(key);
                store.delete(env, key).unwrap();
            }
            Step::Append(primary, size) => {
                let (key, element) = (Self::key(1, primary, 0), self.value(size));
                self.model.append(key, element);
                self.store.append(&mut self.env, key, element).unwrap();
            }
            Step::Scan(primary) => {
                let prefix = Self::key(2, primary, 0).prefix();
                let mut found = Vec::new();
                store.scan(env, prefix, &mut found).unwrap();
                assert_eq!(found, self.model.scan(prefix, now_ms));
            }
            Step::AddTimer(at_ms, primary) => {
                let timer = Timer { at_ms, key: Self::key(0, primary, 0) };
                self.model.add_timer(timer);
                store.add_timer(env, timer).unwrap();
            }
            Step::DeleteTimer(at_ms, primary) => {
                let timer = Timer { at_ms, key: Self::key(0, primary, 0) };
                self.model.delete_timer(timer);
                store.delete_timer(env, timer).unwrap();
            }
            Step::PopTimers(until_ms) => {
                let mut due = Vec::new();
                store.pop_timers(env, until_ms, &mut due).unwrap();
                assert_eq!(due, self.model.pop_timers(until_ms));
            }
            Step::Wait(nanos) => env.idle(env.now() + Nanos(nanos)),
            Step::Settle => {
                while env.next_event() < Nanos::MAX {
                    let finished = env.wait().unwrap();
                    store.on_finished(env, finished).unwrap();
                }
            }
            Step::Checkpoint => {
                self.next_checkpoint += 1;
                let id = CheckpointId(self.next_checkpoint);
                self.snapshots.insert(id, self.model.clone());
                store.begin_checkpoint(env, id).unwrap();
            }
            Step::Crash(source) => {
                store.crash(env);
                store.restore(env, self.completed, source).unwrap();
                let snapshot = self.completed.and_then(|id| self.snapshots.get(&id)).cloned();
                self.model = snapshot.unwrap_or_else(|| Model::new(self.states.clone()));
                self.snapshots.retain(|id, _| Some(*id) == self.completed);
            }
        }
        self.store.check(&self.env).unwrap();
    }

    /// All there is, at the end.
    fn compare(&mut self) {
        for primary in 0..KEYS {
            for state in 0..2 {
                self.run(&Step::Get(state, primary, 0));
            }
            self.run(&Step::Scan(primary));
        }
        self.run(&Step::PopTimers(u64::MAX));
    }
}

fn check(
    open: impl FnOnce(Vec<StateDescriptor>) -> Box<dyn Store>,
    ttl_millis: Option<u32>,
    steps: &[Step],
) {
    let ttl = ttl_millis.map_or(TimeToLive::Never, |millis| TimeToLive::AfterWrite { millis });
    let mut machine = Machine::new(open, ttl);
    for step in steps {
        machine.run(step);
    }
    machine.compare();
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..250)
}

fn recovery() -> impl Strategy<Value = LocalRecovery> {
    prop_oneof![Just(LocalRecovery::On), Just(LocalRecovery::Off)]
}

fn mode() -> impl Strategy<Value = CheckpointMode> {
    prop_oneof![Just(CheckpointMode::Incremental), Just(CheckpointMode::Full)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn gemini_equals_its_model(
        steps in steps(),
        ttl in proptest::option::of(1_u32..60),
        local_recovery in recovery(),
        checkpoints in mode(),
        timer_service in prop_oneof![Just(TimerService::Heap), Just(TimerService::Gemini)],
        kv_separation in prop_oneof![Just(KvSeparation::Never), Just(KvSeparation::Above(200))],
        kibibytes in 16_u64..64,
    ) {
        let memory = kibibytes << 10;
        let options = GeminiOptions {
            write_buffer: memory / 4,
            local_recovery,
            checkpoints,
            timer_service,
            kv_separation,
            ..GeminiOptions::with_memory(memory)
        };
        check(|states| Box::new(GeminiStore::new(options, states)), ttl, &steps);
    }

    #[test]
    fn rocksdb_equals_its_model(
        steps in steps(),
        ttl in proptest::option::of(1_u32..60),
        local_recovery in recovery(),
        checkpoints in mode(),
        timers in prop_oneof![Just(RocksDbTimers::Heap), Just(RocksDbTimers::RocksDb)],
        write_buffer_size in 2_u64 << 10..16 << 10,
        managed in proptest::option::of(32_u64 << 10..256 << 10),
    ) {
        let memory = match managed {
            Some(memory) => RocksDbOptions::managed(memory, 500, 100),
            None => RocksDbOptions { block_cache: 64 << 10, ..RocksDbOptions::unmanaged() },
        };
        let options = RocksDbOptions {
            write_buffer_size,
            target_file_size: write_buffer_size,
            level_base: 2 * write_buffer_size,
            level_multiplier: 2,
            level0_triggers: [2, 4, 6],
            block_size: 512,
            local_recovery,
            checkpoints,
            timers,
            ..memory
        };
        check(|states| Box::new(RocksDb::new(options, &states)), ttl, &steps);
    }

    #[test]
    fn the_heap_equals_its_model(
        steps in steps(),
        ttl in proptest::option::of(1_u32..60),
        local_recovery in recovery(),
    ) {
        let options = HeapOptions { heap: HeapSize(16 << 20), local_recovery };
        check(|states| Box::new(HeapStore::new(options, states)), ttl, &steps);
    }
}
