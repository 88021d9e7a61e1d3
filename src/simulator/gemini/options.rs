use crate::simulator::collector::HeapSize;

/// How a Gemini store is set up, after the memory model has spoken: sizes are what the backend
/// of one slot really gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeminiOptions {
    /// All that the store may use: write buffer, cache and indexes.
    pub memory: u64,
    /// The part of `memory` that unwritten entries may fill once memory does not suffice
    /// (`state.backend.gemini.total.writebuffer.size`).
    pub write_buffer: u64,
    /// Where entries live (`state.backend.gemini.use.offheap`).
    pub placement: Placement,
    /// Where timers live (`state.backend.gemini.timer-service.factory`).
    pub timer_service: TimerService,
    /// Which values are kept apart from their keys (`state.backend.gemini.kv.separate.*`).
    pub kv_separation: KvSeparation,
    /// Whether operations start before the files are back (`file.cache.download.type`,
    /// `file.cache.lazy-restore`: the third generation and later).
    pub restore: RestoreMode,
    /// Whether files of the last checkpoint stay on the local disk
    /// (`state.backend.local-recovery`).
    pub local_recovery: LocalRecovery,
    /// Whether a checkpoint uploads only new files (`state.backend.incremental`).
    pub checkpoints: CheckpointMode,
    /// The heap that the task has, for what the store keeps there.
    pub heap: HeapSize,
}

impl GeminiOptions {
    /// Documented defaults for a backend that gets `memory` bytes.
    ///
    /// The write buffer is 128 MB where the user manages memory (`memory.managed` false); how
    /// managed memory is split is not published, so a quarter, at most those 128 MB, is ours.
    pub fn with_memory(memory: u64) -> Self {
        Self {
            memory,
            write_buffer: (memory / 4).min(128 << 20),
            placement: Placement::OffHeap,
            timer_service: TimerService::Heap,
            kv_separation: KvSeparation::Never,
            restore: RestoreMode::Eager,
            local_recovery: LocalRecovery::Off,
            checkpoints: CheckpointMode::Incremental,
            heap: HeapSize::default(),
        }
    }
}

/// Where entries live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// In the store's own allocator; no garbage collection sees them.
    OffHeap,
    /// On the Java heap.
    OnHeap,
}

/// Where timers live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerService {
    /// On the Java heap: quick, outside the store's budget, written whole by each checkpoint.
    Heap,
    /// In the store: within its budget, written as they change.
    Gemini,
}

/// Which values are kept apart from their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KvSeparation {
    /// None.
    Never,
    /// Values above so many bytes (`kv.separate.value.size.threshold`).
    Above(u32),
}

/// When a restored store answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreMode {
    /// When all files are on the local disk.
    Eager,
    /// At once; pages not yet here are read from the checkpoint storage.
    Lazy,
}

/// Whether checkpoints stay on the local disk as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalRecovery {
    /// Only in the checkpoint storage.
    Off,
    /// There and on the local disk.
    On,
}

/// What a checkpoint uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointMode {
    /// Files that the last completed checkpoint does not have.
    Incremental,
    /// Everything, each time.
    Full,
}
