use super::task::CheckpointRow;
use super::{IoCount, MemoryUse, Nanos, Purpose, Seed, StoreError, StoreStatistics};

/// What a run showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulationReport {
    /// The workload's name.
    pub workload: String,
    /// The store's name.
    pub backend: &'static str,
    /// The hardware profile's name.
    pub hardware: &'static str,
    /// What the run is reproduced from.
    pub seed: Seed,
    /// How it ended.
    pub ending: Ending,
    /// Source records that were measured.
    pub records: u64,
    /// Operations on the state that were measured.
    pub operations: u64,
    /// Virtual time that they took.
    pub elapsed: Nanos,
    /// How long a record took.
    pub latency: Latency,
    /// Counters of the store over the measured records.
    pub statistics: StoreStatistics,
    /// Bytes and requests by purpose, over the measured records.
    pub io: Vec<(Purpose, IoCount)>,
    /// Where the time went.
    pub time: TimeSpent,
    /// Memory at the end.
    pub memory: MemoryUse,
    /// Checkpoints of the whole run, warm-up included.
    pub checkpoints: Vec<CheckpointRow>,
    /// Equal parts of the measured records, in order.
    pub timeline: Vec<TimelineSlice>,
    /// How many state accesses an LRU cache of single entries answers, by its size.
    pub curve: Vec<CurveRow>,
    /// How long restoring takes, from a checkpoint at the end of the run.
    pub recovery: Option<Recovery>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All records were processed.
    Completed,
    /// The job would have failed, after so many of the measured records.
    Failed(StoreError),
}

/// How long a record took, from its arrival until it was processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Latency {
    /// Half of them took at most this.
    pub p50: Nanos,
    /// 95 of 100.
    pub p95: Nanos,
    /// 99 of 100.
    pub p99: Nanos,
    /// 999 of 1000.
    pub p999: Nanos,
    /// All of them.
    pub max: Nanos,
}

/// Where the time of the task and of the background went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeSpent {
    /// The task computed.
    pub cpu: Nanos,
    /// The task waited for a device.
    pub io: Nanos,
    /// Background work computed.
    pub background_cpu: Nanos,
    /// The task stood still for garbage collections.
    pub paused: Nanos,
    /// The local disk was occupied.
    pub disk_busy: Nanos,
}

impl TimeSpent {
    /// What was added since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            cpu: self.cpu.since(earlier.cpu),
            io: self.io.since(earlier.io),
            background_cpu: self.background_cpu.since(earlier.background_cpu),
            paused: self.paused.since(earlier.paused),
            disk_busy: self.disk_busy.since(earlier.disk_busy),
        }
    }
}

/// A part of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimelineSlice {
    /// Virtual time at its start, counted from the start of the measurement.
    pub start: Nanos,
    /// Its length.
    pub elapsed: Nanos,
    /// Records in it.
    pub records: u64,
    /// The 99 % quantile of the latency in it.
    pub p99: Nanos,
    /// Reads of the state in it.
    pub lookups: u64,
    /// Of these, answered without the disk.
    pub hits: u64,
    /// Bytes written to the local disk in it.
    pub disk_written: u64,
    /// Of these, by compactions.
    pub compaction_written: u64,
    /// Checkpoints that began in it.
    pub checkpoints: u64,
}

/// A point of the hit-ratio curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurveRow {
    /// The cache's size in bytes.
    pub memory: u64,
    /// Hits, of a million accesses.
    pub hits_per_million: u64,
}

/// How long restoring takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// From the local disk, if the store keeps checkpoints there.
    pub local: Option<Nanos>,
    /// From the checkpoint storage.
    pub remote: Nanos,
    /// Bytes of the checkpoint.
    pub bytes: u64,
    /// How long that checkpoint took: what was new since the one before, or all where none fell due.
    pub checkpoint: Nanos,
}

impl SimulationReport {
    /// Source records a second of virtual time.
    pub fn throughput(&self) -> u64 {
        per_second(self.records, self.elapsed)
    }

    /// Of a million reads of the state, those answered without the disk.
    pub fn hits_per_million(&self) -> u64 {
        per_million(self.statistics.hits, self.statistics.lookups)
    }

    /// What was done for `purpose`.
    pub fn io_for(&self, purpose: Purpose) -> IoCount {
        let found = self.io.iter().find(|(other, _)| *other == purpose);
        found.map(|(_, count)| *count).unwrap_or_default()
    }

    /// Bytes written to the local disk, for whatever purpose.
    pub fn disk_written(&self) -> u64 {
        self.io.iter().map(|(_, count)| count.written).sum()
    }

    /// Bytes read from the local disk, for whatever purpose.
    pub fn disk_read(&self) -> u64 {
        self.io.iter().map(|(_, count)| count.read).sum()
    }
}

/// `count` in `elapsed`, by the second.
pub fn per_second(count: u64, elapsed: Nanos) -> u64 {
    let scaled = u128::from(count) * 1_000_000_000;
    let quotient = scaled.checked_div(u128::from(elapsed.0)).unwrap_or(0);
    u64::try_from(quotient).unwrap_or(u64::MAX)
}

/// `part` of `whole`, by the million; 0 of nothing.
pub fn per_million(part: u64, whole: u64) -> u64 {
    let scaled = u128::from(part) * 1_000_000;
    u64::try_from(scaled.checked_div(u128::from(whole)).unwrap_or(0)).unwrap_or(u64::MAX)
}
