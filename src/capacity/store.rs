//! From a Flink configuration to a store's options.

use super::SetupError;
use crate::catalog::{Release, Target};
use crate::config::ResolvedConfig;
use crate::memory::{BackendMemory, GeminiMemory, MemoryModel, RocksDbMemory};
use crate::simulator::rocksdb::{RocksDbOptions, RocksDbRelease, RocksDbTimers};
use crate::simulator::{
    Backend, CheckpointMode, GeminiOptions, HeapOptions, HeapSize, KvSeparation, LocalRecovery,
    Placement, RestoreMode, TimerService,
};
use crate::units::MemorySize;

/// A state backend that can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreKind {
    /// GeminiStateBackend.
    Gemini,
    /// RocksDB, as Flink sets it up.
    RocksDb,
    /// State on the Java heap.
    Heap,
}

impl StoreKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gemini, Self::RocksDb, Self::Heap];

    /// The name, as the command line takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::RocksDb => "rocksdb",
            Self::Heap => "heap",
        }
    }

    /// The kind that a configuration selects, if it can be run.
    pub fn of(memory: &BackendMemory<'_>) -> Option<Self> {
        match memory {
            BackendMemory::Gemini(_) => Some(Self::Gemini),
            BackendMemory::RocksDb(_) => Some(Self::RocksDb),
            BackendMemory::Heap { .. } => Some(Self::Heap),
            BackendMemory::Unknown => None,
        }
    }

    /// A store with documented defaults and this much memory.
    pub fn with_memory(self, memory: MemorySize) -> Backend {
        match self {
            Self::Gemini => Backend::Gemini(GeminiOptions::with_memory(memory.bytes())),
            Self::RocksDb => Backend::RocksDb(RocksDbOptions::managed(memory.bytes(), 500, 100)),
            Self::Heap => Backend::Heap(HeapOptions {
                heap: HeapSize(memory.bytes()),
                local_recovery: LocalRecovery::Off,
            }),
        }
    }
}

/// The store of one slot: the configuration's own backend, or another `kind` with what the memory
/// model gives it.
///
/// # Errors
/// [`SetupError`] if there is none, or if it cannot be run.
pub fn store_of(
    config: &ResolvedConfig<'_>,
    target: &Target,
    model: &MemoryModel<'_>,
    kind: Option<StoreKind>,
) -> Result<Backend, SetupError> {
    let refused = |error: &dyn std::fmt::Display| SetupError::Refused { why: error.to_string() };
    if let Err(error) = &model.task_manager.result {
        return Err(refused(error));
    }
    let process = match &model.task_manager_process {
        Some(Ok(process)) => process,
        Some(Err(error)) => return Err(refused(error)),
        None => return Err(refused(&"its memory cannot be derived")),
    };
    let heap = HeapSize(process.slot.task_heap.bytes());
    let own = model.backend.as_ref().map(|backend| &backend.memory);
    let unknown = || SetupError::UnknownBackend {
        name: model.backend.as_ref().map_or(String::new(), |backend| backend.name.clone()),
    };
    match kind.or_else(|| StoreKind::of(own?)).ok_or_else(unknown)? {
        StoreKind::Gemini => {
            let (size, write_buffer) = match own {
                Some(BackendMemory::Gemini(memory)) => gemini_memory(memory),
                _ => Some((process.slot.managed, None)),
            }
            .ok_or(SetupError::OffHeapSizeMissing)?;
            let mut options = GeminiOptions::with_memory(size.bytes());
            if let Some(write_buffer) = write_buffer {
                options.write_buffer = write_buffer.bytes().min(size.bytes());
            }
            options.heap = heap;
            apply_options(&mut options, config);
            Ok(Backend::Gemini(options))
        }
        StoreKind::RocksDb => {
            let derived = match own {
                Some(BackendMemory::RocksDb(memory)) => Some(memory),
                _ => None,
            };
            let mut options = rocksdb(derived, process.slot.managed);
            if target.release() >= Release::V2_0 {
                options.release = RocksDbRelease::V8;
            }
            if is(config, "state.backend.rocksdb.timer-service.factory", "HEAP") {
                options.timers = RocksDbTimers::Heap;
            }
            options.checkpoints = checkpoint_mode(config);
            options.local_recovery = local_recovery(config);
            Ok(Backend::RocksDb(options))
        }
        StoreKind::Heap => {
            Ok(Backend::Heap(HeapOptions { heap, local_recovery: local_recovery(config) }))
        }
    }
}

fn rocksdb(derived: Option<&RocksDbMemory<'_>>, managed: MemorySize) -> RocksDbOptions {
    let size = derived.map_or(Some(managed), |memory| memory.budget_size);
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
    options
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
