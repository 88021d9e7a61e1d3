use std::collections::BTreeMap;

use super::answers::{CheckpointConfig, CheckpointDetails, Job, MetricAggregate};

/// One job over a window of time, as the cluster told it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Such as `1.20.5`.
    pub flink_version: String,
    /// Key and value of the effective configuration.
    pub settings: Vec<(String, String)>,
    /// The job at the start of the window.
    pub job: Job,
    /// How it takes checkpoints.
    pub checkpointing: CheckpointConfig,
    /// In order of time.
    pub samples: Vec<Sample>,
    /// Completed during the window or shortly before, in order.
    pub checkpoints: Vec<CheckpointSample>,
}

/// Every metric that was asked for, at one time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    /// The JobManager's clock, in ms since 1970.
    pub at: u64,
    /// By vertex and metric.
    pub vertices: BTreeMap<String, BTreeMap<String, MetricValue>>,
}

/// A metric over all subtasks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MetricValue {
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// All together.
    pub sum: f64,
}

/// A completed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointSample {
    /// Its number.
    pub id: u64,
    /// When it was triggered, in ms since 1970.
    pub at: u64,
    /// From its trigger to its end, in ms.
    pub duration: u64,
    /// By vertex.
    pub vertices: BTreeMap<String, VertexCheckpoint>,
}

/// A vertex's part of a checkpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VertexCheckpoint {
    /// Bytes that restoring it reads.
    pub state_size: u64,
    /// Bytes that were uploaded, where Flink tells.
    pub uploaded: Option<u64>,
}

impl Sample {
    /// Adds what was answered for a vertex; values that are no numbers are left out.
    pub fn add(&mut self, vertex: &str, answer: &[MetricAggregate]) {
        let values = answer.iter().filter_map(|metric| {
            let value = MetricValue { min: metric.min?, max: metric.max?, sum: metric.sum? };
            Some((metric.id.clone(), value))
        });
        self.vertices.entry(vertex.to_owned()).or_default().extend(values);
    }

    /// A metric of a vertex.
    pub fn metric(&self, vertex: &str, name: &str) -> Option<MetricValue> {
        self.vertices.get(vertex)?.get(name).copied()
    }
}

impl From<&CheckpointDetails> for CheckpointSample {
    fn from(details: &CheckpointDetails) -> Self {
        let size = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
        Self {
            id: details.id,
            at: details.trigger_timestamp,
            duration: size(details.end_to_end_duration),
            vertices: details
                .tasks
                .iter()
                .map(|(vertex, task)| {
                    let part = VertexCheckpoint {
                        state_size: size(task.state_size),
                        uploaded: task.checkpointed_size.map(size),
                    };
                    (vertex.clone(), part)
                })
                .collect(),
        }
    }
}

impl Observation {
    /// The metrics of a vertex that [`estimate`](super::estimate()) can use, of those that it has.
    ///
    /// Names with a comma cannot be asked for: Flink parts its list of names there.
    pub fn wanted_metrics(names: &[String]) -> Vec<String> {
        /// A job with more operators than this in a chain is asked for the first of them.
        const COUNT_MAX: usize = 150;
        const OF_TASK: [&str; 7] = [
            "numRecordsIn",
            "numRecordsOut",
            "numBytesIn",
            "currentInputWatermark",
            "backPressuredTimeMsPerSecond",
            "busyTimeMsPerSecond",
            "numFiredTimers",
        ];
        let is_wanted = |name: &str| {
            let (operator, last) = name.rsplit_once('.').unwrap_or(("", name));
            OF_TASK.contains(&name)
                || (matches!(last, "numRecordsIn" | "numRecordsOut")
                    && !operator.starts_with("Shuffle."))
                || is_rocksdb(last, "estimate-num-keys")
                || is_rocksdb(last, "estimate-live-data-size")
                || is_rocksdb(last, "block-cache-hit")
                || is_rocksdb(last, "block-cache-miss")
        };
        let wanted = names.iter().filter(|name| !name.contains(',') && is_wanted(name));
        wanted.take(COUNT_MAX).cloned().collect()
    }
}

/// Whether the last part of a metric's name is this property of RocksDB's.
///
/// Flink writes `rocksdb_estimate-num-keys` and, for tickers, `rocksdb_block_cache_hit`; before
/// 1.18 the first had a dot. Source: `RocksDBNativeMetricMonitor`, Flink 1.20.
pub(super) fn is_rocksdb(last: &str, property: &str) -> bool {
    let last = last.strip_prefix("rocksdb_").unwrap_or(last);
    last == property || last == property.replace('-', "_")
}
