//! From a Flink configuration to a store's options.

use clap::ValueEnum;

use crate::catalog::Release;
use crate::config::ResolvedConfig;
use crate::memory::{
    Assumptions, BackendMemory, Deployment, GeminiMemory, MemoryModel, TaskManagerMemory,
};
use crate::simulator::rocksdb::{RocksDbOptions, RocksDbRelease, RocksDbTimers};
use crate::simulator::{
    Backend, CheckpointMode, GeminiOptions, HeapOptions, HeapSize, KvSeparation, LocalRecovery,
    Placement, RestoreMode, TimerService,
};
use crate::units::MemorySize;
use crate::workspace::Subject;

/// A state backend by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum BackendArgument {
    /// GeminiStateBackend
    Gemini,
    /// EmbeddedRocksDBStateBackend, as Flink sets it up
    Rocksdb,
    /// State on the Java heap (hashmap)
    Heap,
}

impl BackendArgument {
    /// The backend with documented defaults and this much memory.
    pub(in crate::cli) fn with_memory(self, memory: MemorySize) -> Backend {
        match self {
            Self::Gemini => Backend::Gemini(GeminiOptions::with_memory(memory.bytes())),
            Self::Rocksdb => Backend::RocksDb(RocksDbOptions::managed(memory.bytes(), 500, 100)),
            Self::Heap => Backend::Heap(HeapOptions {
                heap: HeapSize(memory.bytes()),
                local_recovery: LocalRecovery::Off,
            }),
        }
    }
}

/// The backends that a configuration describes: its own, or those asked for with what its memory
/// model gives them.
pub(super) fn from_config(
    subject: &Subject,
    chosen: Vec<BackendArgument>,
) -> Result<Vec<Backend>, String> {
    let (loaded, config) = subject.load();
    if let Some(error) = &loaded.error {
        return Err(format!("{}: {}", subject.path, error.message));
    }
    let assumptions = Assumptions {
        target: &subject.target,
        deployment: Deployment::of(&subject.target),
        backends_per_slot: 1,
    };
    let model = MemoryModel::derive(&config, assumptions);
    let refused = |error: &dyn std::fmt::Display| {
        format!("{}: the TaskManager would not start: {error}", subject.path)
    };
    let memory = model.task_manager.result.as_ref().map_err(|error| refused(error))?;
    let process = match &model.task_manager_process {
        Some(Ok(process)) => process,
        Some(Err(error)) => return Err(refused(error)),
        None => return Err(refused(&"its memory cannot be derived")),
    };
    let heap = HeapSize(process.slot.task_heap.bytes());
    let backend = model.backend.as_ref();
    let gemini = || {
        let memory = match backend.map(|backend| &backend.memory) {
            Some(BackendMemory::Gemini(memory)) => gemini_memory(memory),
            _ => Some((process.slot.managed, None)),
        };
        let Some((size, write_buffer)) = memory else {
            let key = "state.backend.gemini.offheap.size";
            return Err(format!("{}: {key} is needed to know the memory", subject.path));
        };
        let mut options = GeminiOptions::with_memory(size.bytes());
        if let Some(write_buffer) = write_buffer {
            options.write_buffer = write_buffer.bytes().min(size.bytes());
        }
        options.heap = heap;
        apply_options(&mut options, &config);
        Ok(Backend::Gemini(options))
    };
    let local_recovery = local_recovery(&config);
    let rocksdb = || {
        let derived = match backend.map(|backend| &backend.memory) {
            Some(BackendMemory::RocksDb(memory)) => Some(memory),
            _ => None,
        };
        let size = derived.map_or(Some(process.slot.managed), |memory| memory.budget_size);
        let mut options = match (size, derived) {
            (None, _) => RocksDbOptions::unmanaged(),
            (Some(size), None) => RocksDbOptions::managed(size.bytes(), 500, 100),
            (Some(size), Some(memory)) => RocksDbOptions::managed(
                size.bytes(),
                permille(memory.write_buffer_ratio),
                permille(memory.high_prio_pool_ratio),
            ),
        };
        if let Some(memory) = derived {
            options.write_buffer_size = memory.write_buffer_size.bytes();
        }
        if subject.target.release() >= Release::V2_0 {
            options.release = RocksDbRelease::V8;
        }
        if is(&config, "state.backend.rocksdb.timer-service.factory", "HEAP") {
            options.timers = RocksDbTimers::Heap;
        }
        options.checkpoints = checkpoint_mode(&config);
        options.local_recovery = local_recovery;
        Backend::RocksDb(options)
    };
    let on_heap = || Ok(Backend::Heap(HeapOptions { heap, local_recovery }));
    let _: &TaskManagerMemory = memory;
    if chosen.is_empty() {
        return match backend.map(|backend| &backend.memory) {
            Some(BackendMemory::Gemini(_)) => Ok(vec![gemini()?]),
            Some(BackendMemory::RocksDb(_)) => Ok(vec![rocksdb()]),
            Some(BackendMemory::Heap { .. }) => Ok(vec![on_heap()?]),
            _ => Err(format!(
                "{}: its state backend is not simulated; name one with --backend or --compare",
                subject.path
            )),
        };
    }
    let chosen = chosen.into_iter().map(|backend| match backend {
        BackendArgument::Gemini => gemini(),
        BackendArgument::Rocksdb => Ok(rocksdb()),
        BackendArgument::Heap => on_heap(),
    });
    chosen.collect()
}

/// All that a backend gets, and the part of it that is its write buffer where that is set.
fn gemini_memory(memory: &GeminiMemory<'_>) -> Option<(MemorySize, Option<MemorySize>)> {
    match memory {
        GeminiMemory::Managed(managed) => Some((managed.per_backend, None)),
        GeminiMemory::OwnSize(own) => {
            Some((own.per_backend?, own.write_buffer.as_ref().map(|size| size.value)))
        }
    }
}

fn is(config: &ResolvedConfig<'_>, key: &str, expected: &str) -> bool {
    text(config, key).is_some_and(|text| text.eq_ignore_ascii_case(expected))
}

fn text(config: &ResolvedConfig<'_>, key: &str) -> Option<String> {
    config.setting(key).map(|setting| setting.value.text().trim().to_owned())
}

fn local_recovery(config: &ResolvedConfig<'_>) -> LocalRecovery {
    let keys = ["state.backend.local-recovery", "execution.state-recovery.from-local"];
    if keys.iter().any(|key| is(config, key, "true")) {
        LocalRecovery::On
    } else {
        LocalRecovery::Off
    }
}

/// What the other options say.
fn apply_options(options: &mut GeminiOptions, config: &ResolvedConfig<'_>) {
    const GEMINI: &str = "state.backend.gemini.";
    let gemini = |key: &str, value: &str| is(config, &format!("{GEMINI}{key}"), value);
    if gemini("timer-service.factory", "GEMINI") {
        options.timer_service = TimerService::Gemini;
    }
    if gemini("use.offheap", "false") {
        options.placement = Placement::OnHeap;
    }
    if gemini("file.cache.download.type", "LazyDownloadOnRestore")
        || gemini("file.cache.lazy-restore", "ON")
    {
        options.restore = RestoreMode::Lazy;
    }
    let threshold = text(config, &format!("{GEMINI}kv.separate.value.size.threshold"))
        .and_then(|text| text.trim_matches(['\'', '"']).parse().ok());
    if gemini("kv.separate.mode", "GLOBAL_ENABLE") {
        // The one value ever seen in public is 500; its unit is taken to be bytes.
        options.kv_separation = KvSeparation::Above(threshold.unwrap_or(500));
    }
    options.local_recovery = local_recovery(config);
    options.checkpoints = checkpoint_mode(config);
}

/// Incremental, unless switched off: Gemini's default, and what RocksDB is run with in practice
/// although Flink's own default is full.
fn checkpoint_mode(config: &ResolvedConfig<'_>) -> CheckpointMode {
    let keys = ["state.backend.incremental", "execution.checkpointing.incremental"];
    if keys.iter().any(|key| is(config, key, "false")) {
        CheckpointMode::Full
    } else {
        CheckpointMode::Incremental
    }
}

/// Thousandths of a ratio from 0 to 1.
fn permille(ratio: f64) -> u32 {
    (0..=1_000).min_by(|a, b| distance(*a, ratio).total_cmp(&distance(*b, ratio))).unwrap_or(0)
}

fn distance(permille: u32, ratio: f64) -> f64 {
    (f64::from(permille) - ratio * 1_000.0).abs()
}
