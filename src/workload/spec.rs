use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Share, SizeDistribution, Span};

/// What a job does to its state, as `workload.yaml` says it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// A short name, for reports.
    pub name: String,
    /// Where its numbers come from.
    #[serde(default)]
    pub description: String,
    /// How many subtasks share the records; one of them is simulated.
    pub parallelism: u32,
    /// Source records a second for the whole job; left out, as fast as the job can.
    #[serde(default)]
    pub rate: Option<u64>,
    /// Records of event time a second for the whole job: how quickly windows pass.
    pub event_rate: u64,
    /// Source records that the simulated subtask takes before anything is measured.
    #[serde(default)]
    pub warm_up_records: u64,
    /// Source records that are measured, unless the command line says otherwise.
    pub records: u64,
    /// Virtual time after which measuring ends even if records are left.
    #[serde(default)]
    pub duration: Option<Span>,
    /// When and how checkpoints are taken; left out, never.
    #[serde(default)]
    pub checkpoint: Option<Checkpointing>,
    /// The stateful operators, in the order in which a record passes them.
    pub operators: Vec<Operator>,
}

/// When and how checkpoints are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checkpointing {
    /// From the start of one to the start of the next.
    pub interval: Span,
    /// What is uploaded.
    #[serde(default)]
    pub mode: CheckpointStyle,
}

/// What a checkpoint uploads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckpointStyle {
    /// What is new since the last one.
    #[default]
    Incremental,
    /// Everything.
    Full,
}

/// One stateful operator.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Its name, for reports.
    pub name: String,
    /// Which part of the source records reaches it.
    #[serde(default = "all")]
    pub share: Share,
    /// Which keys its records have.
    pub keys: Keys,
    /// Bytes of a serialized key, key group and namespace included.
    pub key_bytes: u32,
    /// Bytes of a serialized value.
    #[serde(with = "serde_yaml::with::singleton_map")]
    #[schemars(with = "SizeDistribution")]
    pub value_bytes: SizeDistribution,
    /// After how long a value that is not written again ends; left out, never.
    #[serde(default)]
    pub ttl: Option<Span>,
    /// Timers that a record registers for its key, besides those that its access needs.
    #[serde(default)]
    pub timers_per_record: u32,
    /// What a record does to the state.
    #[serde(with = "serde_yaml::with::singleton_map")]
    #[schemars(with = "Access")]
    pub access: Access,
}

fn all() -> Share {
    Share::ALL
}

impl Operator {
    /// How long an entry stays that is not written again: until its TTL, or its window's end.
    pub fn lifetime(&self) -> Option<Span> {
        [self.ttl, self.access.lifetime()].into_iter().flatten().min()
    }
}

/// Which keys records have.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Keys of the whole job at the start; the simulated subtask has its part of them.
    pub count: u64,
    /// Whether every key is written once before the first record.
    #[serde(default)]
    pub loaded: bool,
    /// New keys for each record of the operator: how the key space grows.
    #[serde(default)]
    pub growth: f64,
    /// Which of them a record has.
    #[serde(with = "serde_yaml::with::singleton_map")]
    #[schemars(with = "KeyDistribution")]
    pub distribution: KeyDistribution,
}

/// How popular keys are.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum KeyDistribution {
    /// All alike.
    Uniform,
    /// By rank, with this exponent; the popular ones lie anywhere.
    Zipf {
        /// 0 is uniform; 0.99 is YCSB's.
        exponent: f64,
    },
    /// A part of the keys gets a part of the records, and moves on.
    HotSet {
        /// How many keys are hot at a time.
        keys: u64,
        /// Which part of the records they get.
        share: Share,
        /// After how many records the set moves; 0 for never.
        #[serde(default)]
        drift_interval: u64,
        /// By how many keys it moves.
        #[serde(default)]
        drift_step: u64,
    },
    /// The newest keys, as in a stream of things that begin and end.
    Recent {
        /// From how many of the newest keys a record takes its own.
        active: u64,
        /// Which part of the records goes to the one hot key of the moment.
        hot_share: Share,
        /// For how many new keys the hot key stays the same.
        hot_span: u64,
    },
    /// Every record has a key of its own.
    Fresh,
}

/// What a record does to the state.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Access {
    /// Reads the key's value and writes it back: an aggregation.
    ReadModifyWrite,
    /// Reads or writes, by a mix: a key-value store's benchmark.
    Mix {
        /// The part that only reads.
        reads: Share,
        /// The part that deletes.
        #[serde(default = "none")]
        deletes: Share,
    },
    /// Keeps one row a key: reads it, and writes the new one if there is none (the first) or
    /// always (the last).
    Deduplicate {
        /// Whether the newest row is kept.
        keep_last: bool,
    },
    /// Aggregates in windows that follow each other.
    TumblingWindow {
        /// The length of a window.
        size: Span,
    },
    /// Aggregates in slices of windows that overlap; a window's end reads all its slices.
    SlidingWindow {
        /// The length of a window.
        size: Span,
        /// From one start to the next; also the length of a slice.
        slide: Span,
    },
    /// Aggregates in sessions that end after a gap.
    SessionWindow {
        /// How long a key must be silent.
        gap: Span,
    },
    /// Joins two inputs in windows that follow each other, each side a list.
    WindowJoin {
        /// The length of a window.
        size: Span,
        /// Which part of the records is the left side's.
        left_share: Share,
    },
    /// Joins each row with those of the other side within a time around it.
    IntervalJoin {
        /// How long a row is kept for the other side.
        bound: Span,
        /// Which part of the records is the left side's.
        left_share: Share,
    },
    /// Joins each row with all of the other side, for ever (or until the TTL).
    DualStreamJoin {
        /// The side that brings new keys; the other side has the operator's sizes, and the rest
        /// of the records.
        left: JoinSide,
    },
    /// Keeps the best rows of each key, by a sort key.
    TopN {
        /// How many.
        n: u32,
    },
    /// Appends to a list, which is read and cleared once it is long enough.
    ListAppend {
        /// After how many elements.
        flush_every: u32,
    },
    /// Writes an entry of the key's map, and reads the whole map for a part of the records.
    MapScan {
        /// How many entries a map has.
        entries: u32,
        /// The part of the records that reads all entries.
        scans: Share,
    },
}

impl Access {
    /// How long the access itself keeps an entry; `None` if it never ends one.
    fn lifetime(&self) -> Option<Span> {
        match self {
            Self::TumblingWindow { size }
            | Self::SlidingWindow { size, .. }
            | Self::WindowJoin { size, .. } => Some(*size),
            Self::SessionWindow { gap } => Some(*gap),
            Self::IntervalJoin { bound, .. } => Some(*bound),
            Self::ReadModifyWrite
            | Self::Mix { .. }
            | Self::Deduplicate { .. }
            | Self::DualStreamJoin { .. }
            | Self::TopN { .. }
            | Self::ListAppend { .. }
            | Self::MapScan { .. } => None,
        }
    }
}

fn none() -> Share {
    Share::try_from(0.0).unwrap_or(Share::ALL)
}

/// The first side of a join.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinSide {
    /// Which part of the operator's records is this side's.
    pub share: Share,
    /// Which part of the keys has a row here at all: the match rate of the other side.
    pub match_rate: Share,
    /// Bytes of its rows.
    #[serde(with = "serde_yaml::with::singleton_map")]
    #[schemars(with = "SizeDistribution")]
    pub value_bytes: SizeDistribution,
}
