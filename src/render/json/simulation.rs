use schemars::JsonSchema;
use serde::Serialize;

use crate::simulator::{Ending, IoCount, Outcome, Purpose, SimulationReport};

/// One run of the simulator.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SimulationJson<'a> {
    /// The workload's name.
    pub workload: &'a str,
    /// `gemini`, `rocksdb` or `heap`.
    pub backend: &'a str,
    /// The hardware profile.
    pub hardware: &'a str,
    /// What the run is reproduced from.
    pub seed: u64,
    /// Why the job would have failed, if it would.
    pub failure: Option<String>,
    /// Source records measured.
    pub records: u64,
    /// State operations measured.
    pub operations: u64,
    /// Virtual nanoseconds measured.
    pub elapsed_ns: u64,
    /// Source records a second.
    pub records_per_second: u64,
    /// Nanoseconds that a record took, at quantiles.
    pub latency_ns: LatencyJson,
    /// Reads of the state, and how they were answered.
    pub reads: ReadsJson,
    /// Where the time went, in nanoseconds.
    pub time_ns: TimeJson,
    /// Bytes by purpose.
    pub io: Vec<IoJson>,
    /// Memory at the end, in bytes.
    pub memory: MemoryUseJson,
    /// Waits of writes for background work.
    pub stalls: PausesJson,
    /// Garbage collections.
    pub garbage_collections: PausesJson,
    /// Checkpoints, in order.
    pub checkpoints: Vec<CheckpointJson>,
    /// How long restoring takes.
    pub recovery: Option<RecoveryJson>,
    /// Parts of the run with equally many records.
    pub timeline: Vec<SliceJson>,
    /// Hits of an LRU cache of single entries, by its size.
    pub hit_ratio_curve: Vec<CurvePointJson>,
}

/// Nanoseconds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LatencyJson {
    pub p50: u64,
    pub p95: u64,
    pub p99: u64,
    pub p999: u64,
    pub max: u64,
}

/// Counts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReadsJson {
    /// All reads.
    pub lookups: u64,
    /// Answered without the disk.
    pub hits: u64,
    /// Of these, by data not written out yet.
    pub write_buffer_hits: u64,
    /// Hits of a million reads.
    pub hits_per_million: u64,
    /// Data blocks or pages read from the disk.
    pub blocks_read: u64,
    /// Index and filter blocks read from the disk.
    pub index_blocks_read: u64,
}

/// Nanoseconds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TimeJson {
    /// The task computed.
    pub cpu: u64,
    /// The task waited for a device.
    pub io: u64,
    /// Background work computed.
    pub background_cpu: u64,
    /// Garbage collections.
    pub paused: u64,
    /// The local disk was occupied.
    pub disk_busy: u64,
}

/// Bytes and requests of one purpose.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IoJson {
    /// What for.
    pub purpose: &'static str,
    /// Bytes read from the local disk.
    pub read: u64,
    /// In so many requests.
    pub reads: u64,
    /// Bytes written to it.
    pub written: u64,
    /// Bytes sent to the checkpoint storage.
    pub uploaded: u64,
    /// Bytes fetched from it.
    pub downloaded: u64,
}

/// Bytes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemoryUseJson {
    /// At most.
    pub budget: u64,
    /// In use.
    pub used: u64,
    /// Unwritten data.
    pub write_buffer: u64,
    /// What could be dropped.
    pub cache: u64,
    /// Indexes and filters.
    pub index: u64,
    /// Held, but holding nothing.
    pub fragmentation: u64,
}

/// How often and how long in all.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PausesJson {
    /// How often.
    pub count: u64,
    /// Nanoseconds in all.
    pub total_ns: u64,
}

/// One checkpoint.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckpointJson {
    /// Its number.
    pub id: u64,
    /// `completed`, `disk_full` or `upload_failed`.
    pub outcome: &'static str,
    /// Virtual nanoseconds since the run began.
    pub started_ns: u64,
    /// How long the task stood still.
    pub sync_ns: u64,
    /// From its start to its end.
    pub duration_ns: u64,
    /// Bytes uploaded.
    pub uploaded: u64,
    /// Bytes it refers to.
    pub full_size: u64,
}

/// Nanoseconds and bytes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecoveryJson {
    /// From the local disk, if checkpoints are kept there.
    pub local_ns: Option<u64>,
    /// From the checkpoint storage.
    pub remote_ns: u64,
    /// The checkpoint's size.
    pub bytes: u64,
    /// How long that checkpoint took, at the end of the run.
    pub checkpoint_ns: u64,
}

/// A part of the run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SliceJson {
    /// Virtual nanoseconds since the measurement began.
    pub start_ns: u64,
    /// Its length.
    pub elapsed_ns: u64,
    /// Records in it.
    pub records: u64,
    /// The 99 % quantile of the latency.
    pub p99_ns: u64,
    /// Reads of the state.
    pub lookups: u64,
    /// Answered without the disk.
    pub hits: u64,
    /// Bytes written to the local disk.
    pub disk_written: u64,
    /// Of these, by compactions.
    pub compaction_written: u64,
    /// Checkpoints that began.
    pub checkpoints: u64,
}

/// A point of the curve.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CurvePointJson {
    /// The cache's size in bytes.
    pub memory: u64,
    /// Hits of a million accesses.
    pub hits_per_million: u64,
}

impl<'a> SimulationJson<'a> {
    /// A report's machine form.
    pub fn new(report: &'a SimulationReport) -> Self {
        let statistics = &report.statistics;
        Self {
            workload: &report.workload,
            backend: report.backend,
            hardware: report.hardware,
            seed: report.seed.0,
            failure: match report.ending {
                Ending::Completed => None,
                Ending::Failed(error) => Some(error.to_string()),
            },
            records: report.records,
            operations: report.operations,
            elapsed_ns: report.elapsed.0,
            records_per_second: report.throughput(),
            latency_ns: LatencyJson {
                p50: report.latency.p50.0,
                p95: report.latency.p95.0,
                p99: report.latency.p99.0,
                p999: report.latency.p999.0,
                max: report.latency.max.0,
            },
            reads: ReadsJson {
                lookups: statistics.lookups,
                hits: statistics.hits,
                write_buffer_hits: statistics.write_buffer_hits,
                hits_per_million: report.hits_per_million(),
                blocks_read: statistics.blocks_read,
                index_blocks_read: statistics.index_blocks_read,
            },
            time_ns: TimeJson {
                cpu: report.time.cpu.0,
                io: report.time.io.0,
                background_cpu: report.time.background_cpu.0,
                paused: report.time.paused.0,
                disk_busy: report.time.disk_busy.0,
            },
            io: report.io.iter().map(|(purpose, count)| io_json(*purpose, count)).collect(),
            memory: MemoryUseJson {
                budget: report.memory.budget,
                used: report.memory.used,
                write_buffer: report.memory.write_buffer,
                cache: report.memory.cache,
                index: report.memory.index,
                fragmentation: report.memory.fragmentation,
            },
            stalls: PausesJson { count: statistics.stalls, total_ns: statistics.stall_time.0 },
            garbage_collections: PausesJson {
                count: statistics.pauses,
                total_ns: statistics.pause_time.0,
            },
            checkpoints: checkpoints(report),
            recovery: report.recovery.map(|recovery| RecoveryJson {
                local_ns: recovery.local.map(|span| span.0),
                remote_ns: recovery.remote.0,
                bytes: recovery.bytes,
                checkpoint_ns: recovery.checkpoint.0,
            }),
            timeline: timeline(report),
            hit_ratio_curve: report
                .curve
                .iter()
                .map(|row| CurvePointJson {
                    memory: row.memory,
                    hits_per_million: row.hits_per_million,
                })
                .collect(),
        }
    }
}

fn checkpoints(report: &SimulationReport) -> Vec<CheckpointJson> {
    let rows = report.checkpoints.iter();
    rows.map(|row| CheckpointJson {
        id: row.report.id.0,
        outcome: match row.report.outcome {
            Outcome::Done => "completed",
            Outcome::DiskFull => "disk_full",
            Outcome::UploadFailed => "upload_failed",
        },
        started_ns: row.started.0,
        sync_ns: row.report.sync.0,
        duration_ns: row.report.at.since(row.started).0,
        uploaded: row.report.uploaded,
        full_size: row.report.full_size,
    })
    .collect()
}

fn timeline(report: &SimulationReport) -> Vec<SliceJson> {
    let slices = report.timeline.iter();
    slices
        .map(|slice| SliceJson {
            start_ns: slice.start.0,
            elapsed_ns: slice.elapsed.0,
            records: slice.records,
            p99_ns: slice.p99.0,
            lookups: slice.lookups,
            hits: slice.hits,
            disk_written: slice.disk_written,
            compaction_written: slice.compaction_written,
            checkpoints: slice.checkpoints,
        })
        .collect()
}

fn io_json(purpose: Purpose, count: &IoCount) -> IoJson {
    IoJson {
        purpose: match purpose {
            Purpose::Foreground => "foreground",
            Purpose::Flush => "flush",
            Purpose::Compaction => "compaction",
            Purpose::Checkpoint => "checkpoint",
            Purpose::Restore => "restore",
        },
        read: count.read,
        reads: count.reads,
        written: count.written,
        uploaded: count.uploaded,
        downloaded: count.downloaded,
    }
}
