//! Checkpoints against their interval, their timeout and the checkpoint storage.

use super::assessment::Question;
use super::constraint::{Constraint, ConstraintKind, Unit, Weight};
use super::{Range, StateGrowth};
use crate::simulator::{Backend, CheckpointMode};
use crate::workload::CheckpointStyle;

const NANOS: f64 = 1e9;

pub(super) fn constraints(question: &Question<'_>, growth: &StateGrowth) -> Vec<Constraint> {
    let Some(interval) = question.checkpoint_interval() else { return Vec::new() };
    let bandwidth = upload_bandwidth(question);
    let upload = upload(question, growth, interval);
    let sync = question.observation.report.checkpoints.iter().map(|row| row.report.sync.0).max();
    let sync = sync.unwrap_or(0) as f64 / NANOS;
    let [_, latency, ..] = question.hardware.remote.write_latency;
    let latency = latency.0 as f64 / NANOS;
    let duration = upload.times(1.0 / bandwidth).plus(Range::exactly(sync + latency));
    let formula = format!(
        "{} to upload / {:.0} MiB/s + {:.3} s",
        bytes(upload),
        bandwidth / MIB,
        sync + latency
    );
    let against = |kind, limit, weight| Constraint {
        kind,
        need: Some(duration),
        limit: Some(Range::exactly(limit)),
        unit: Unit::Seconds,
        weight,
        formula: formula.clone(),
    };
    let timeout = question.setup.checkpoint.timeout_millis as f64 / 1_000.0;
    vec![
        against(ConstraintKind::CheckpointInterval, interval, Weight::Soft),
        against(ConstraintKind::CheckpointTimeout, timeout, Weight::Hard),
        Constraint {
            kind: ConstraintKind::CheckpointBandwidth,
            need: Some(upload.times(1.0 / interval)),
            limit: Some(Range::exactly(bandwidth)),
            unit: Unit::BytesPerSecond,
            weight: Weight::Soft,
            formula: format!("{} in each interval of {interval} s", bytes(upload)),
        },
    ]
}

const MIB: f64 = 1_048_576.0;

/// Bytes a second that a slot sends to the checkpoint storage.
pub(super) fn upload_bandwidth(question: &Question<'_>) -> f64 {
    MIB * NANOS / (question.hardware.remote.write_per_mib.0.max(1) as f64)
}

/// Bytes a second that the checkpoints of a slot upload, if any are taken.
pub(super) fn upload_rate(question: &Question<'_>, growth: &StateGrowth) -> Option<Range> {
    let interval = question.checkpoint_interval()?;
    Some(upload(question, growth, interval).times(1.0 / interval))
}

/// Bytes that one checkpoint of a slot uploads.
fn upload(question: &Question<'_>, growth: &StateGrowth, interval: f64) -> Range {
    let full = match &question.setup.store {
        Backend::Gemini(options) => options.checkpoints == CheckpointMode::Full,
        Backend::RocksDb(options) => options.checkpoints == CheckpointMode::Full,
        Backend::Heap(_) => true,
    };
    let workload = question.workload.checkpoint.map(|checkpoint| checkpoint.mode);
    if full || workload == Some(CheckpointStyle::Full) {
        return growth.at_horizon;
    }
    // At least what the state has grown by; at most all that was written, files rewritten by
    // compactions included, and never more than all of the state.
    let flow = question.flow();
    let statistics = &question.observation.report.statistics;
    let rewritten =
        statistics.file_bytes_written as f64 / statistics.user_bytes_written.max(1) as f64;
    let grown = flow.low * interval * growth.per_record;
    let written =
        flow.high * interval * question.observation.state.written_per_record * rewritten.max(1.0);
    Range::between(grown.min(growth.at_horizon.high), written.min(growth.at_horizon.high))
}

/// Bytes for a formula.
fn bytes(range: Range) -> String {
    let text = |bytes: f64| format!("{:.1} MiB", bytes / MIB);
    if range.is_exact() {
        text(range.high)
    } else {
        format!("{} to {}", text(range.low), text(range.high))
    }
}
