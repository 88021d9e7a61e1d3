use super::gemini::{GEMINI_FLOOR, GEMINI_RECOMMENDATION};
use crate::units::MemorySize;

/// Something about a backend's memory that deserves a warning, with the figures behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Concern {
    /// The target is open-source Flink, which has no GeminiStateBackend.
    #[error("this target has no GeminiStateBackend: the job fails when it loads the class")]
    GeminiNotAvailable,
    /// Even all of its share is less than the engine starts with.
    #[error("each backend gets {}, below Gemini's floor of {}: the job fails at start",
        .per_backend.short(), GEMINI_FLOOR.short())]
    BelowFloor {
        /// What each backend gets.
        per_backend: MemorySize,
    },
    /// The share is above the floor, but not the part of it that the engine was seen to use.
    #[error("each backend gets {}, but by the one published failure the engine uses 0.8 of that, \
        {}, which is below its floor of {}: the job is likely to fail at start",
        .per_backend.short(), .observed.short(), GEMINI_FLOOR.short())]
    BelowFloorAsObserved {
        /// What each backend gets.
        per_backend: MemorySize,
        /// 0.8 of it in whole mebibytes.
        observed: MemorySize,
    },
    /// Enough to start, less than the vendor recommends.
    #[error("each backend gets {}; Gemini's own recommendation is {}", .per_backend.short(),
        GEMINI_RECOMMENDATION.short())]
    BelowRecommendation {
        /// What each backend gets.
        per_backend: MemorySize,
    },
    /// The backends' own memory is more than the container has left.
    #[error("the backends of this TaskManager take {}, but the container has only {} for them \
        even if managed memory stays unused: expect it to be killed (exit code 137)",
        .needed.short(), .room.short())]
    OverrunsContainer {
        /// What all backends of the TaskManager take.
        needed: MemorySize,
        /// JVM Overhead, Framework and Task Off-Heap, and the managed memory that nobody uses.
        room: MemorySize,
    },
    /// The backends' own memory fits only because managed memory is not used.
    #[error("the backends of this TaskManager take {}, of which only {} is room outside the heap; \
        the rest lives on managed memory that must stay unused", .needed.short(), .room.short())]
    LivesOnIdleManaged {
        /// What all backends of the TaskManager take.
        needed: MemorySize,
        /// JVM Overhead, Framework and Task Off-Heap.
        room: MemorySize,
    },
    /// `memory.managed` is false and nothing says how much each backend takes.
    #[error(
        "memory.managed is false, but state.backend.gemini.offheap.size is not set and has no \
        default on this engine: what each backend takes is unknown"
    )]
    NoOwnSize,
    /// A value that cannot be used for the figures.
    #[error("{key} is {value:?}: {reason}")]
    BadValue {
        /// The option.
        key: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A size without unit, on engines that read it as GiB.
    #[error("{key} is {value:?} without a unit, read as GiB on this engine")]
    BareNumber {
        /// The option.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// The configured weights leave nothing for state backends.
    #[error(
        "the weight of state backends among managed memory's consumers is 0: jobs with keyed \
        state fail when they reserve it"
    )]
    NoWeight,
    /// There is no managed memory for a backend that lives on it.
    #[error("managed memory is 0, and this backend lives on it")]
    NoManagedMemory,
    /// RocksDB's blocks of memory do not fit its share: it flushes all the time.
    #[error("RocksDB's share of {} is so small that one {} block of a write buffer passes the \
        point where it flushes ({}): it flushes all the time; the least sane share is {}",
        .budget.short(), .arena_block.short(), .mutable_limit.short(), .least.short())]
    ArenaBlockAboveMutableLimit {
        /// What the instances share.
        budget: MemorySize,
        /// A write buffer grows by this much at a time.
        arena_block: MemorySize,
        /// Above this much of memory in use RocksDB flushes.
        mutable_limit: MemorySize,
        /// The smallest share for which the block fits.
        least: MemorySize,
    },
    /// RocksDB's memory is not bounded at all.
    #[error("RocksDB's memory is not bounded: each state of each backend takes up to {} of write \
        buffers and a block cache of {} of its own, outside of managed memory",
        .write_buffers.short(), .block_cache.short())]
    Unbounded {
        /// Write buffers of one column family.
        write_buffers: MemorySize,
        /// Block cache of one column family.
        block_cache: MemorySize,
    },
    /// `fixed-per-tm` counts only where the memory is neither managed nor fixed per slot.
    #[error("{key} has no effect: managed memory or a fixed size per slot comes before it")]
    FixedPerTaskManagerInert {
        /// The option.
        key: &'static str,
    },
    /// Managed memory that nobody uses.
    #[error("{} of managed memory stay unused by this backend", .idle.short())]
    ManagedIdle {
        /// How much.
        idle: MemorySize,
    },
}

impl Concern {
    /// A short stable name for machines, such as `below-floor`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::GeminiNotAvailable => "gemini-not-available",
            Self::BelowFloor { .. } => "below-floor",
            Self::BelowFloorAsObserved { .. } => "below-floor-as-observed",
            Self::BelowRecommendation { .. } => "below-recommendation",
            Self::OverrunsContainer { .. } => "overruns-container",
            Self::LivesOnIdleManaged { .. } => "lives-on-idle-managed",
            Self::NoOwnSize => "no-own-size",
            Self::BadValue { .. } => "bad-value",
            Self::BareNumber { .. } => "bare-number",
            Self::NoWeight => "no-weight",
            Self::NoManagedMemory => "no-managed-memory",
            Self::ArenaBlockAboveMutableLimit { .. } => "arena-block-above-mutable-limit",
            Self::Unbounded { .. } => "unbounded",
            Self::FixedPerTaskManagerInert { .. } => "fixed-per-tm-inert",
            Self::ManagedIdle { .. } => "managed-idle",
        }
    }

    /// Whether it only informs: nothing fails because of it.
    pub fn is_hint(&self) -> bool {
        matches!(
            self,
            Self::BelowRecommendation { .. } | Self::ManagedIdle { .. } | Self::BareNumber { .. }
        )
    }
}
