//! What a seed draws before a crash test begins: a store so small that everything happens often.

use super::CrashedStore;
use crate::simulator::random::Generator;
use crate::simulator::rocksdb::{
    IndexLayout, RocksDb, RocksDbOptions, RocksDbRelease, RocksDbTimers,
};
use crate::simulator::{
    CheckpointMode, GeminiOptions, GeminiStore, Hardware, HeapOptions, HeapSize, HeapStore,
    KvSeparation, LocalRecovery, RestoreMode, StateDescriptor, StateKind, Store, TimeToLive,
    TimerService,
};

/// A value, a list and a map state, each with a time to live or without.
pub(super) fn states(draw: &mut Generator) -> Vec<StateDescriptor> {
    vec![
        state("value", StateKind::Value, draw),
        state("list", StateKind::List, draw),
        state("map", StateKind::Map, draw),
    ]
}

/// A machine.
pub(super) fn hardware(draw: &mut Generator) -> Hardware {
    let [first, ..] = Hardware::all();
    let hardware = Hardware::all().into_iter().nth(pick(draw, 6)).unwrap_or(first);
    // A checkpoint storage as quick as the disk lets checkpoints complete between crashes.
    let remote = either(draw, hardware.remote, hardware.disk);
    Hardware { millicores: 500 << draw.below(3), remote, ..hardware }
}

/// The store under test, with options of its own.
pub(super) fn store(
    store: CrashedStore,
    states: &[StateDescriptor],
    draw: &mut Generator,
) -> Box<dyn Store> {
    let local_recovery = either(draw, LocalRecovery::Off, LocalRecovery::On);
    match store {
        CrashedStore::Gemini => {
            Box::new(GeminiStore::new(small_gemini(draw, local_recovery), states.to_vec()))
        }
        CrashedStore::Heap => {
            let options = HeapOptions { heap: HeapSize(64 << 20), local_recovery };
            Box::new(HeapStore::new(options, states.to_vec()))
        }
        CrashedStore::RocksDb => {
            Box::new(RocksDb::new(small_rocksdb(draw, local_recovery), states))
        }
    }
}

fn small_gemini(draw: &mut Generator, local_recovery: LocalRecovery) -> GeminiOptions {
    let memory = (48 << 10) << draw.below(4);
    GeminiOptions {
        write_buffer: memory >> (1 + draw.below(4)),
        timer_service: either(draw, TimerService::Heap, TimerService::Gemini),
        kv_separation: match draw.below(3) {
            0 => KvSeparation::Never,
            1 => KvSeparation::Above(64),
            _ => KvSeparation::Above(500),
        },
        restore: either(draw, RestoreMode::Eager, RestoreMode::Lazy),
        local_recovery,
        checkpoints: either(draw, CheckpointMode::Incremental, CheckpointMode::Full),
        ..GeminiOptions::with_memory(memory)
    }
}

fn state(name: &str, kind: StateKind, generator: &mut Generator) -> StateDescriptor {
    let time_to_live = match generator.below(3) {
        0 => TimeToLive::AfterWrite { millis: 1 << generator.below(10) },
        _ => TimeToLive::Never,
    };
    StateDescriptor { name: name.to_owned(), kind, key_size: 16, time_to_live }
}

pub(super) fn pick(generator: &mut Generator, count: u64) -> usize {
    usize::try_from(generator.below(count)).unwrap_or(0)
}

pub(super) fn either<T>(generator: &mut Generator, one: T, other: T) -> T {
    if generator.below(2) == 0 { one } else { other }
}

/// Options so small that flushes and compactions of several levels come between two crashes.
fn small_rocksdb(draw: &mut Generator, local_recovery: LocalRecovery) -> RocksDbOptions {
    let memory = (64 << 10) << draw.below(4);
    let memory = match draw.below(2) {
        0 => RocksDbOptions::managed(memory, 500, 100),
        _ => RocksDbOptions { block_cache: memory, ..RocksDbOptions::unmanaged() },
    };
    let write_buffer_size = (8 << 10) << draw.below(4);
    RocksDbOptions {
        write_buffer_size,
        target_file_size: write_buffer_size,
        // A level 1 that holds everything, or that keeps spilling.
        level_base: either(draw, 8 << 20, write_buffer_size << 1),
        level_multiplier: 2,
        level0_triggers: either(draw, [4, 20, 36], [2, 3, 4]),
        block_size: 512 << draw.below(4),
        bloom_bits: either(draw, 0, 10),
        index: either(draw, IndexLayout::Whole, IndexLayout::Partitioned),
        release: either(draw, RocksDbRelease::V6, RocksDbRelease::V8),
        timers: either(draw, RocksDbTimers::Heap, RocksDbTimers::RocksDb),
        local_recovery,
        checkpoints: either(draw, CheckpointMode::Incremental, CheckpointMode::Full),
        ..memory
    }
}
