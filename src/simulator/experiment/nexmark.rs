//! Nexmark: the simulated ratio of throughputs against the published one.

use super::{Setting, gemini, ratio, rocksdb};
use crate::simulator::SimulateError;
use crate::workload::{Workload, shipped};

/// A row of the published table, throughputs in records a second and core.
///
/// Source: Alibaba Cloud's page "GeminiStateBackend" of Realtime Compute for Apache Flink. It
/// names no hardware, versions or state sizes, so that only ratios can be held against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedRow {
    /// The query.
    pub query: &'static str,
    /// With Gemini.
    pub gemini: u64,
    /// With RocksDB.
    pub rocksdb: u64,
}

/// The published table.
pub const PUBLISHED: [PublishedRow; 8] = [
    PublishedRow { query: "q4", gemini: 83_630, rocksdb: 53_260 },
    PublishedRow { query: "q5", gemini: 84_520, rocksdb: 57_860 },
    PublishedRow { query: "q8", gemini: 468_960, rocksdb: 361_370 },
    PublishedRow { query: "q9", gemini: 59_420, rocksdb: 26_560 },
    PublishedRow { query: "q11", gemini: 93_080, rocksdb: 48_820 },
    PublishedRow { query: "q18", gemini: 150_930, rocksdb: 87_370 },
    PublishedRow { query: "q19", gemini: 143_460, rocksdb: 58_500 },
    PublishedRow { query: "q20", gemini: 75_690, rocksdb: 22_440 },
];

/// The simulated table beside the published one.
#[derive(Debug, Clone, PartialEq)]
pub struct NexmarkComparison {
    /// Of each query, the published row and the simulated throughputs.
    pub rows: Vec<(PublishedRow, u64, u64)>,
}

impl NexmarkComparison {
    /// Gemini's throughput over RocksDB's, published and simulated.
    pub fn ratios(&self) -> Vec<(f64, f64)> {
        let ratio = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
        self.rows
            .iter()
            .map(|(row, gemini, rocksdb)| {
                (ratio(row.gemini, row.rocksdb), ratio(*gemini, *rocksdb))
            })
            .collect()
    }

    /// Spearman's rank correlation of the ratios; no two published ones are equal.
    pub fn rank_correlation(&self) -> f64 {
        let ratios = self.ratios();
        let rank = |pick: fn(&(f64, f64)) -> f64| -> Vec<f64> {
            let count = |own: f64| {
                let below = ratios.iter().filter(|other| pick(other) < own).count();
                let equal = ratios.iter().filter(|other| pick(other) == own).count();
                below as f64 + (equal as f64 - 1.0) / 2.0
            };
            ratios.iter().map(|own| count(pick(own))).collect()
        };
        let (published, simulated) = (rank(|r| r.0), rank(|r| r.1));
        let mean = (ratios.len() as f64 - 1.0) / 2.0;
        let dot = |a: &[f64], b: &[f64]| -> f64 {
            a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum()
        };
        let spread = (dot(&published, &published) * dot(&simulated, &simulated)).sqrt();
        if spread == 0.0 { 0.0 } else { dot(&published, &simulated) / spread }
    }

    /// In how many queries the same backend is ahead.
    pub fn same_direction(&self) -> usize {
        let same = |(published, simulated): &&(f64, f64)| (*published > 1.0) == (*simulated > 1.0);
        self.ratios().iter().filter(same).count()
    }

    /// The mean of `|simulated - published| / published`.
    pub fn mean_error(&self) -> f64 {
        let ratios = self.ratios();
        let sum: f64 =
            ratios.iter().map(|(published, own)| (own - published).abs() / published).sum();
        sum / ratios.len().max(1) as f64
    }
}

/// Managed memory of a slot: a TaskManager of one CU (1 core, 4 GiB) with Flink's defaults.
const MANAGED_MIB: u64 = 1_372;

/// Runs the eight queries on both stores, with one set of constants.
///
/// # Errors
/// [`SimulateError`] if a shipped workload cannot be run, which would be a bug.
pub fn compare_nexmark(
    setting: &Setting,
    progress: &mut dyn FnMut(&str),
) -> Result<NexmarkComparison, SimulateError> {
    let mut rows = Vec::new();
    for row in PUBLISHED {
        let name = format!("nexmark-{}", row.query);
        progress(&name);
        let Some(shipped) = shipped(&name) else { continue };
        let Ok(mut workload) = Workload::parse(&name, shipped.text) else { continue };
        // Records alone are scaled: write buffers and files keep their size.
        workload.records /= setting.scale.max(1);
        workload.warm_up_records /= setting.scale.max(1);
        // Gemini has been seen to take 0.8 of its share (an engine's log, process 1 GiB).
        let gemini = setting.run(gemini((MANAGED_MIB << 20) * 8 / 10), &workload)?;
        let rocksdb = setting.run(rocksdb(MANAGED_MIB << 20), &workload)?;
        rows.push((row, gemini.throughput(), rocksdb.throughput()));
    }
    Ok(NexmarkComparison { rows })
}

/// The comparison as a table.
pub(super) fn table(setting: &Setting) -> Result<super::Table, SimulateError> {
    let comparison = compare_nexmark(setting, &mut |_| {})?;
    let rows = comparison.rows.iter().map(|(row, gemini, rocksdb)| {
        super::cells([
            row.query.to_owned(),
            ratio(row.gemini, row.rocksdb),
            ratio(*gemini, *rocksdb),
            gemini.to_string(),
            rocksdb.to_string(),
        ])
    });
    Ok(super::Table {
        columns: vec![
            "query",
            "published Gemini/RocksDB",
            "simulated",
            "Gemini records/s",
            "RocksDB records/s",
        ],
        rows: rows.collect(),
        finding: format!(
            "rank correlation {:.3}, same direction in {} of {}, mean error of the ratio {:.0} %",
            comparison.rank_correlation(),
            comparison.same_direction(),
            comparison.rows.len(),
            comparison.mean_error() * 100.0
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(simulated: [u64; 8]) -> NexmarkComparison {
        let rows = PUBLISHED.into_iter().zip(simulated).map(|(row, ratio)| (row, ratio, 100));
        NexmarkComparison { rows: rows.collect() }
    }

    #[test]
    fn ranks_correlate() {
        let in_order = comparison([157, 146, 129, 223, 190, 172, 245, 337]);
        assert!((in_order.rank_correlation() - 1.0).abs() < 1e-9);
        assert_eq!(in_order.same_direction(), 8);
        assert!(in_order.mean_error() < 0.01);
        let reversed = comparison([5, 6, 7, 3, 4, 4, 2, 1]);
        assert!(reversed.rank_correlation() < -0.95);
        assert_eq!(reversed.same_direction(), 0);
        assert!(comparison([1; 8]).rank_correlation().abs() < 1e-9);
    }
}
