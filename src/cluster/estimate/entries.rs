//! How many keys there are, and how large each entry is.

use super::series::{bytes, whole};
use super::state::StateSize;
use crate::cluster::observation::is_rocksdb;
use crate::cluster::{Figure, Observation, Source};

/// The operator whose keys a metric counts. Timers are counted by the operator's records.
pub(super) fn counted_state(name: &str) -> Option<&str> {
    let (operator, last) = name.rsplit_once('.')?;
    let is_state = is_rocksdb(last, "estimate-num-keys") && !operator.contains("_timer_state");
    is_state.then(|| operator.split_once('.').map_or(operator, |(operator, _)| operator))
}

/// How many keys RocksDB says that there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    /// Of the operator's largest state.
    pub(super) low: f64,
    pub(super) high: f64,
    /// Entries of all its states.
    pub(super) all_states: f64,
}

/// Keys of an operator by RocksDB's estimate, which counts a key once in every file that holds it
/// and every write since the last checkpoint, when memory was written out. The least value of the
/// window, after a compaction and without those writes, is nearest.
pub(super) fn key_count(
    observation: &Observation,
    vertex: &str,
    operator: &str,
    counters: &[String],
) -> Option<Spread> {
    let own: Vec<&String> = counters
        .iter()
        .filter(|name| name.strip_prefix(operator).is_some_and(|rest| rest.starts_with('.')))
        .collect();
    let records = [format!("{operator}.numRecordsIn")];
    let rate = observation.series(vertex, &records).rate().map_or(0.0, |rate| rate.mean);
    // A record writes to one of the states, as far as one can tell.
    let rate = rate / own.len().max(1) as f64 / 1e3;
    // What a sample shows was counted shortly before the one before it asked.
    let lag = observation.window().millis / (observation.samples.len().max(2) as u64 - 1);
    let unwritten = |at: u64| {
        let at = at.saturating_sub(lag);
        let before = observation.checkpoints.iter().map(|checkpoint| checkpoint.at);
        let last = before.filter(|checkpoint| *checkpoint <= at).max();
        last.map_or(0.0, |last| at.saturating_sub(last) as f64 * rate)
    };
    let mut all = Spread { low: 0.0, high: 0.0, all_states: 0.0 };
    for name in own {
        let points = observation.series(vertex, std::slice::from_ref(name)).points;
        // The older half would hide that the state grows.
        let recent = points.get(points.len() / 2..).unwrap_or_default();
        let recent = recent.iter().filter(|(_, keys)| *keys > 0.0);
        // Records may write less often than that.
        let corrected = recent.clone().map(|(at, keys)| (keys - unwritten(*at)).max(keys / 2.0));
        let low = corrected.fold(f64::INFINITY, f64::min);
        if low.is_finite() {
            let high = recent.map(|(_, keys)| *keys).fold(0.0, f64::max);
            all.all_states += low;
            if low > all.low {
                (all.low, all.high) = (low, high);
            }
        }
    }
    (all.low >= 1.0).then_some(all)
}

/// Keys and the bytes of an entry, so that together they are the state.
pub(super) fn entry(
    state: &StateSize,
    keys: Option<&Spread>,
    record: Option<f64>,
) -> (Figure<u64>, Figure<u32>, Figure<u32>) {
    /// A key group, a namespace and a number or a short text.
    const KEY_BYTES: u32 = 16;
    /// Where nothing is known of rows.
    const VALUE_BYTES: f64 = 100.0;
    // An entry has a key and a value of a byte at least.
    let per_key = match keys {
        Some(keys) => state.size / keys.low,
        None => f64::from(KEY_BYTES) + record.unwrap_or(VALUE_BYTES),
    };
    let entry = u32::try_from(whole(per_key)).unwrap_or(u32::MAX).max(2);
    let key = KEY_BYTES.min(entry / 2).max(1);
    let value = entry.saturating_sub(key).max(1);
    let product = |count: f64| count * f64::from(entry);
    let by_size = (state.size / f64::from(entry)).round().max(1.0);
    let count = match keys {
        // Whole bytes per entry move small entries away from the size that was measured.
        Some(keys) if (product(keys.low) - state.size).abs() > state.size * 0.05 => Figure::new(
            Source::Derived,
            whole(by_size),
            format!(
                "the state by {entry} bytes an entry; RocksDB estimates {} to {} keys",
                whole(keys.low),
                whole(keys.high)
            ),
        ),
        Some(keys) => Figure::new(
            Source::Measured,
            whole(keys.low).max(1),
            format!(
                "the least of RocksDB's estimates, without the writes since a checkpoint; they \
                 reach {}, as a key counts again in every file that holds it",
                whole(keys.high)
            ),
        ),
        None => Figure::new(
            Source::Derived,
            whole(by_size),
            "the state by the bytes of an entry; may be off by 10 times either way, which \
             `state.backend.rocksdb.metrics.estimate-num-keys: true` would tell",
        ),
    };
    let key_figure = Figure::new(
        Source::Assumed,
        key,
        "Flink does not tell; 16 is a key group, a namespace and a number or short text",
    );
    let value_figure = match (keys, record) {
        (Some(_), _) => Figure::new(
            Source::Derived,
            value,
            "what the state has for each key, less the key; as large as RocksDB's estimate of \
             keys is small",
        ),
        (None, Some(record)) => Figure::new(
            Source::Derived,
            value,
            format!(
                "the bytes of an incoming record, {record:.0} (measured); a row that is kept may \
                 be smaller, an accumulator larger"
            ),
        ),
        (None, None) => Figure::new(Source::Assumed, value, "no record's bytes were counted"),
    };
    (count, key_figure, value_figure)
}

pub(super) fn growth(state: &StateSize, entry: u32, rate: f64) -> Figure<f64> {
    match state.growth {
        Some(slope) if rate > 0.0 && entry > 0 => {
            let growth = (slope / f64::from(entry) / rate).clamp(0.0, 1.0);
            // Six digits, so that the file does not pretend to more.
            let growth = (growth * 1e6).round() / 1e6;
            let note = format!(
                "checkpoints grew by {} a second along a line over {} of them",
                bytes(slope),
                state.count
            );
            Figure::new(Source::Measured, growth, note)
        }
        _ => Figure::new(
            Source::Assumed,
            0.0,
            format!(
                "the sizes of {} checkpoints show no steady trend, and none is extrapolated",
                state.count
            ),
        ),
    }
}
