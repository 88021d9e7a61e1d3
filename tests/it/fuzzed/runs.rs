//! The simulator: its traces, its recordings and its options. Sizes are as the input says, the number
//! of operations is not, since a long run is no hang.

use slotwise::simulator::rocksdb::{IndexLayout, RocksDbOptions, RocksDbRelease, RocksDbTimers};
use slotwise::simulator::trace::{CsvTrace, OracleGeneralTrace, TraceError, TraceRequest};
use slotwise::simulator::{
    Backend, CheckpointMode, GeminiOptions, Hardware, HeapOptions, HeapSize, KvSeparation,
    LocalRecovery, Observer, Placement, Plan, Recording, RestoreMode, Seed, StoreOptions,
    TimerService, replay, simulate, simulate_trace,
};
use slotwise::workload::{
    Access, CheckpointStyle, Checkpointing, JoinSide, KeyDistribution, Keys, Operator, Share,
    SizeDistribution, Span, WeightedSize, Workload,
};

use super::draw::Draw;

/// Requests or records of a run.
const RUN_LENGTH: usize = 400;

fn local_disk(backend: Backend) -> StoreOptions {
    StoreOptions { hardware: Hardware::local_nvme(), backend }
}

fn small_backends() -> [Backend; 3] {
    [
        Backend::Gemini(GeminiOptions::with_memory(1 << 20)),
        Backend::RocksDb(RocksDbOptions::managed(1 << 20, 500, 100)),
        Backend::Heap(HeapOptions { heap: HeapSize(16 << 20), local_recovery: LocalRecovery::Off }),
    ]
}

fn run_trace(trace: impl Iterator<Item = Result<TraceRequest, TraceError>>) {
    let requests: Vec<_> = trace.take(RUN_LENGTH).collect();
    for backend in small_backends() {
        let plan = Plan::of_trace("trace", requests.len() as u64);
        let trace = requests.iter().cloned();
        let _ = simulate_trace(&local_disk(backend), plan, trace, Seed(1), Observer::default());
    }
}

/// A trace as CSV.
pub(super) fn trace_csv(bytes: &[u8]) {
    run_trace(CsvTrace::new(bytes));
}

/// A trace of libCacheSim's.
pub(super) fn trace_oracle_general(bytes: &[u8]) {
    run_trace(OracleGeneralTrace::new(bytes));
}

/// A recorded run.
pub(super) fn recording(bytes: &[u8]) {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').take(RUN_LENGTH);
    let text: Vec<u8> = lines.flatten().copied().collect();
    for backend in small_backends() {
        let Ok(mut recording) = Recording::open(text.as_slice()) else { return };
        recording.plan.records = recording.plan.records.min(RUN_LENGTH as u64);
        recording.plan.warm_up_records = recording.plan.warm_up_records.min(RUN_LENGTH as u64);
        let seed = recording.seed;
        let _ = replay(&local_disk(backend), recording, seed, Observer::default());
    }
}

/// A store and a workload, drawn field by field.
pub(super) fn simulator(bytes: &[u8]) {
    let mut draw = Draw(bytes);
    let options = StoreOptions {
        hardware: draw.one(&Hardware::all()),
        backend: match draw.below(3) {
            0 => Backend::Gemini(gemini(&mut draw)),
            1 => Backend::RocksDb(rocksdb(&mut draw)),
            _ => Backend::Heap(HeapOptions {
                heap: HeapSize(draw.magnitude()),
                local_recovery: local_recovery(&mut draw),
            }),
        },
    };
    let seed = Seed(u64::from(draw.byte()));
    let workload = workload(&mut draw);
    // What a file may not say, the simulator is never given.
    let text = serde_json::to_string(&workload).unwrap();
    if Workload::parse("drawn", &text).is_ok() {
        let first = simulate(&options, &workload, seed);
        let second = simulate(&options, &workload, seed);
        assert_eq!(first.ok(), second.ok(), "one seed, two reports");
    }
}

fn local_recovery(draw: &mut Draw<'_>) -> LocalRecovery {
    draw.one(&[LocalRecovery::Off, LocalRecovery::On])
}

fn checkpoints(draw: &mut Draw<'_>) -> CheckpointMode {
    draw.one(&[CheckpointMode::Incremental, CheckpointMode::Full])
}

fn gemini(draw: &mut Draw<'_>) -> GeminiOptions {
    GeminiOptions {
        memory: draw.magnitude(),
        write_buffer: draw.magnitude(),
        placement: draw.one(&[Placement::OffHeap, Placement::OnHeap]),
        timer_service: draw.one(&[TimerService::Heap, TimerService::Gemini]),
        kv_separation: draw.one(&[KvSeparation::Never, KvSeparation::Above(200)]),
        restore: draw.one(&[RestoreMode::Eager, RestoreMode::Lazy]),
        local_recovery: local_recovery(draw),
        checkpoints: checkpoints(draw),
        heap: HeapSize(draw.magnitude()),
    }
}

/// The sizes that configuration can set are drawn; what it cannot is RocksDB's.
fn rocksdb(draw: &mut Draw<'_>) -> RocksDbOptions {
    let total = draw.magnitude();
    let permille = |draw: &mut Draw<'_>| u32::from(draw.u16() % 1001);
    let managed = RocksDbOptions::managed(total, permille(draw), permille(draw));
    let base = if draw.flag() { managed } else { RocksDbOptions::unmanaged() };
    if draw.flag() {
        return base;
    }
    RocksDbOptions {
        write_buffer_size: draw.magnitude(),
        write_buffer_count: u32::from(draw.byte()),
        target_file_size: draw.magnitude(),
        level_base: draw.magnitude(),
        block_size: draw.u32() >> (draw.byte() % 32),
        bloom_bits: u32::from(draw.below(33)),
        index: draw.one(&[IndexLayout::Whole, IndexLayout::Partitioned]),
        release: draw.one(&[RocksDbRelease::V6, RocksDbRelease::V8]),
        timers: draw.one(&[RocksDbTimers::Heap, RocksDbTimers::RocksDb]),
        local_recovery: local_recovery(draw),
        checkpoints: checkpoints(draw),
        ..base
    }
}

fn share(draw: &mut Draw<'_>) -> Share {
    Share::try_from(f64::from(draw.byte()) / 255.0).unwrap()
}

fn span(draw: &mut Draw<'_>) -> Span {
    Span { millis: draw.magnitude() }
}

fn sizes(draw: &mut Draw<'_>) -> SizeDistribution {
    let size = |draw: &mut Draw<'_>| draw.u32() >> (draw.byte() % 32);
    match draw.below(3) {
        0 => SizeDistribution::Fixed(size(draw)),
        1 => SizeDistribution::Uniform { min: size(draw), max: size(draw) },
        _ => SizeDistribution::Weighted(
            (0..draw.below(4))
                .map(|_| WeightedSize { bytes: size(draw), weight: size(draw) })
                .collect(),
        ),
    }
}

fn keys(draw: &mut Draw<'_>) -> Keys {
    let loaded = draw.flag();
    // Loading writes every key.
    let count = if loaded { u64::from(draw.byte()) } else { draw.magnitude() };
    Keys {
        count,
        loaded,
        growth: f64::from(draw.byte()) / 16.0,
        distribution: match draw.below(5) {
            0 => KeyDistribution::Uniform,
            1 => KeyDistribution::Zipf { exponent: f64::from(draw.byte()) / 50.0 },
            2 => KeyDistribution::HotSet {
                keys: draw.magnitude(),
                share: share(draw),
                drift_interval: draw.magnitude(),
                drift_step: draw.magnitude(),
            },
            3 => KeyDistribution::Recent {
                active: draw.magnitude(),
                hot_share: share(draw),
                hot_span: draw.magnitude(),
            },
            _ => KeyDistribution::Fresh,
        },
    }
}

/// An element of a list or map is an operation each, so their number is bounded.
fn access(draw: &mut Draw<'_>) -> Access {
    match draw.below(12) {
        0 => Access::ReadModifyWrite,
        1 => Access::Mix { reads: share(draw), deletes: share(draw) },
        2 => Access::Deduplicate { keep_last: draw.flag() },
        3 => Access::TumblingWindow { size: span(draw) },
        4 => {
            let slide = span(draw);
            let millis = slide.millis.saturating_mul(u64::from(draw.byte()));
            Access::SlidingWindow { size: Span { millis }, slide }
        }
        5 => Access::SessionWindow { gap: span(draw) },
        6 => Access::WindowJoin { size: span(draw), left_share: share(draw) },
        7 => Access::IntervalJoin { bound: span(draw), left_share: share(draw) },
        8 => Access::DualStreamJoin {
            left: JoinSide {
                share: share(draw),
                match_rate: share(draw),
                value_bytes: sizes(draw),
            },
        },
        9 => Access::TopN { n: u32::from(draw.byte()) },
        10 => Access::ListAppend { flush_every: u32::from(draw.byte()) },
        _ => Access::MapScan { entries: u32::from(draw.byte()), scans: share(draw) },
    }
}

fn workload(draw: &mut Draw<'_>) -> Workload {
    let optional = |draw: &mut Draw<'_>| draw.flag().then(|| span(draw));
    let operators = (0..=draw.below(3))
        .map(|index| Operator {
            name: format!("operator {index}"),
            share: share(draw),
            keys: keys(draw),
            key_bytes: draw.u32() >> (draw.byte() % 32),
            value_bytes: sizes(draw),
            ttl: optional(draw),
            timers_per_record: u32::from(draw.below(4)),
            access: access(draw),
        })
        .collect();
    Workload {
        name: "drawn".to_owned(),
        description: String::new(),
        parallelism: draw.u32() >> (draw.byte() % 32),
        rate: draw.flag().then(|| draw.magnitude()),
        event_rate: draw.magnitude(),
        warm_up_records: u64::from(draw.byte()),
        records: u64::from(draw.byte()),
        duration: optional(draw),
        checkpoint: draw.flag().then(|| Checkpointing {
            interval: span(draw),
            mode: draw.one(&[CheckpointStyle::Incremental, CheckpointStyle::Full]),
        }),
        operators,
    }
}
