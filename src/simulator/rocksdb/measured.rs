//! Replays measured runs of real RocksDB, so that the store can be held against them.

use super::{BlockLookups, RocksDb, RocksDbOptions, RocksDbRelease};
use crate::simulator::random::{Generator, KeyChooser, Permutation, Probability, Seed};
use crate::simulator::{
    Environment, Faults, Hardware, IoCount, Key, Nanos, Purpose, StateDescriptor, StateId,
    StateKind, Store, StoreError, TimeToLive, Value,
};

/// What was run: a row of `fixtures/rocksdb/*.json`, as `conformance/rocksdb_measure.py` writes it.
///
/// Sizes are in mebibytes; `managed_mb` of 0 means a block cache of `cache_mb` beside memtables
/// that nothing but their own size bounds.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub struct MeasuredRun {
    /// Keys that were loaded before.
    pub keys: u64,
    /// Bytes of a value; a key has 10.
    pub value: u32,
    /// `uniform`, or `zipf` and the exponent.
    pub dist: String,
    /// The share of reads; all else updates.
    pub read: f64,
    /// The share of reads that ask for keys that are not there.
    pub absent: f64,
    /// The block cache.
    pub cache_mb: f64,
    /// What Flink would call managed memory.
    pub managed_mb: f64,
    /// A write buffer.
    pub wb_mb: f64,
    /// The target size of a file.
    pub file_mb: f64,
    /// The size of level 1.
    pub base_mb: f64,
    /// Bits a key of the Bloom filters.
    pub bloom: u32,
    /// The seed of the requests.
    pub seed: u64,
    /// Operations before counting.
    pub warm: u64,
    /// Operations counted.
    pub ops: u64,
    /// How many operations a second were made: how far the background work gets between them.
    pub ops_per_s: u64,
    /// The share of data-block look-ups that hit, compaction's among them.
    pub data_hit_ratio: f64,
    /// Data blocks read for each get, compaction's among them.
    pub blocks_per_read: Option<f64>,
    /// Bytes written by flushes and compactions for each byte of keys and values written.
    pub write_amp: Option<f64>,
    /// Bytes of all files after loading.
    pub sst_loaded: u64,
    /// Bytes of all files at the end.
    pub sst_bytes: u64,
}

/// The same figures as the store has them.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayedRun {
    /// See [`MeasuredRun::data_hit_ratio`]; 0 without look-ups.
    pub data_hit_ratio: f64,
    /// See [`MeasuredRun::blocks_per_read`].
    pub blocks_per_read: Option<f64>,
    /// See [`MeasuredRun::write_amp`].
    pub write_amp: Option<f64>,
    /// See [`MeasuredRun::sst_loaded`].
    pub sst_loaded: u64,
    /// See [`MeasuredRun::sst_bytes`].
    pub sst_bytes: u64,
    /// Look-ups during the counted operations.
    pub lookups: BlockLookups,
    /// Files and bytes of each level at the end.
    pub levels: Vec<(usize, u64)>,
    /// The same after loading.
    pub levels_loaded: Vec<(usize, u64)>,
    /// Gets during the counted operations.
    pub reads: u64,
    /// Of these, answered by memtables.
    pub memtable_hits: u64,
}

/// Why a run cannot be replayed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReplayError {
    /// The distribution is not one of those known.
    #[error("expected `uniform` or `zipf` and an exponent from 0 to 64, found {0:?}")]
    Distribution(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store answered with a wrong value.
    #[error("operation {operation}: wrong answer for key {key}")]
    WrongAnswer {
        /// Which operation, from 0.
        operation: u64,
        /// Which key.
        key: u64,
    },
}

/// A database as it was loaded, from which several runs can start.
#[derive(Debug, Clone)]
pub struct LoadedDatabase {
    store: RocksDb,
    env: Environment,
    keys: u64,
}

const KEY_SIZE: u32 = 10;

/// Between two puts of a load: Python makes some 250,000 a second.
const LOAD_INTERVAL: Nanos = Nanos(3000);

/// Far above all keys that are there, and still a number that their separators do not reach.
const ABSENT: u64 = 1 << 31;

impl MeasuredRun {
    /// Whether another run starts from the same database.
    #[must_use]
    pub fn same_database(&self, other: &Self) -> bool {
        let shape = |run: &Self| {
            (run.keys, run.value, run.bloom, [run.wb_mb, run.file_mb, run.base_mb].map(mebibytes))
        };
        shape(self) == shape(other)
    }

    fn options(&self) -> RocksDbOptions {
        // The binding that was measured has RocksDB's own high-priority ratio of one half.
        let memory = if self.managed_mb > 0.0 {
            RocksDbOptions::managed(mebibytes(self.managed_mb), 500, 500)
        } else {
            let block_cache = mebibytes(self.cache_mb);
            RocksDbOptions { block_cache, ..RocksDbOptions::unmanaged() }
        };
        RocksDbOptions {
            write_buffer_size: mebibytes(self.wb_mb),
            target_file_size: mebibytes(self.file_mb),
            level_base: mebibytes(self.base_mb),
            bloom_bits: self.bloom,
            release: RocksDbRelease::V8,
            ..memory
        }
    }

    fn chooser(&self) -> Result<KeyChooser, ReplayError> {
        let unknown = || ReplayError::Distribution(self.dist.clone());
        if self.dist == "uniform" {
            return Ok(KeyChooser::uniform(self.keys));
        }
        let exponent = self.dist.strip_prefix("zipf").and_then(|text| text.parse().ok());
        let exponent = exponent.ok_or_else(unknown)?;
        KeyChooser::zipf(self.keys, exponent, Seed(7)).map_err(|_| unknown())
    }

    /// Puts all keys in random order and compacts them fully.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn load(&self) -> Result<LoadedDatabase, ReplayError> {
        let options = Self { managed_mb: 0.0, cache_mb: 64.0, ..self.clone() }.options();
        let state = StateDescriptor {
            name: "state".to_owned(),
            kind: StateKind::Value,
            key_size: KEY_SIZE,
            time_to_live: TimeToLive::Never,
        };
        let hardware = Hardware { millicores: 2000, ..Hardware::local_nvme() };
        let mut env = Environment::new(hardware, Faults::default(), Seed(self.seed));
        let mut store = RocksDb::new(options, &[state]);
        let order = Permutation::new(self.keys, Seed(1));
        for index in 0..self.keys {
            env.idle(env.now() + LOAD_INTERVAL);
            step(&mut store, &mut env)?;
            store.put(&mut env, key(order.apply(index)), self.version(0))?;
        }
        store.compact_all(&mut env)?;
        Ok(LoadedDatabase { store, env, keys: self.keys })
    }

    const fn version(&self, version: u32) -> Value {
        Value { version, size: self.value, elements: 1, written_ms: 0 }
    }

    /// Runs the operations on a database that was loaded with the same shape.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn replay(&self, loaded: &LoadedDatabase) -> Result<ReplayedRun, ReplayError> {
        let LoadedDatabase { mut store, mut env, keys } = loaded.clone();
        let sst_loaded = store.statistics().disk_bytes;
        let levels_loaded = store.level_sizes(0);
        store.reopen(self.options());
        let mut requests = Requests {
            chooser: self.chooser()?,
            generator: Generator::new(Seed(self.seed)),
            read: Probability::from_f64(self.read),
            absent: Probability::from_f64(self.absent),
            versions: vec![0; usize::try_from(keys).unwrap_or(0)],
            interval: Nanos(1_000_000_000 / self.ops_per_s.max(1)),
            next: env.now(),
        };
        for operation in 0..self.warm {
            requests.step(self, operation, &mut store, &mut env)?;
        }
        let before = Counters::of(&store, &env);
        for operation in self.warm..self.warm + self.ops {
            requests.step(self, operation, &mut store, &mut env)?;
        }
        let after = Counters::of(&store, &env);
        Ok(after.since(&before, &store, sst_loaded, levels_loaded))
    }
}

fn mebibytes(count: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates"
    )]
    let bytes = (count * 1_048_576.0) as u64;
    bytes
}

const fn key(id: u64) -> Key {
    Key::new(StateId(0), id, 0)
}

fn step(store: &mut RocksDb, env: &mut Environment) -> Result<(), StoreError> {
    while let Some(finished) = env.poll() {
        store.on_finished(env, finished)?;
    }
    env.begin_operation();
    Ok(())
}

struct Requests {
    chooser: KeyChooser,
    generator: Generator,
    read: Probability,
    absent: Probability,
    /// The newest version of each key: what a get must answer.
    versions: Vec<u32>,
    /// Operations come at the rate of the run.
    interval: Nanos,
    next: Nanos,
}

impl Requests {
    fn step(
        &mut self,
        run: &MeasuredRun,
        operation: u64,
        store: &mut RocksDb,
        env: &mut Environment,
    ) -> Result<(), ReplayError> {
        env.idle(self.next);
        self.next += self.interval;
        step(store, env)?;
        let id = self.chooser.draw(&mut self.generator, operation);
        let version = usize::try_from(id).ok().and_then(|at| self.versions.get_mut(at));
        let wrong = || ReplayError::WrongAnswer { operation, key: id };
        let version = version.ok_or_else(wrong)?;
        if !self.generator.chance(self.read) {
            *version += 1;
            store.put(env, key(id), run.version(*version))?;
        } else if self.generator.chance(self.absent) {
            if store.get(env, key(id + ABSENT))?.is_some() {
                return Err(wrong());
            }
        } else if store.get(env, key(id))? != Some(run.version(*version)) {
            return Err(wrong());
        }
        Ok(())
    }
}

struct Counters {
    lookups: BlockLookups,
    reads: u64,
    memtable_hits: u64,
    user_bytes: u64,
    written: u64,
}

impl Counters {
    fn of(store: &RocksDb, env: &Environment) -> Self {
        let statistics = store.statistics();
        let written = |purpose| {
            let IoCount { written, .. } = env.io(purpose);
            written
        };
        Self {
            lookups: store.block_lookups(),
            reads: statistics.lookups,
            memtable_hits: statistics.write_buffer_hits,
            user_bytes: statistics.user_bytes_written,
            written: written(Purpose::Flush) + written(Purpose::Compaction),
        }
    }

    fn since(
        &self,
        before: &Self,
        store: &RocksDb,
        sst_loaded: u64,
        levels_loaded: Vec<(usize, u64)>,
    ) -> ReplayedRun {
        let (now, then) = (self.lookups, before.lookups);
        let lookups = BlockLookups {
            data_hits: now.data_hits - then.data_hits,
            data_misses: now.data_misses - then.data_misses,
            compaction_hits: now.compaction_hits - then.compaction_hits,
            compaction_misses: now.compaction_misses - then.compaction_misses,
            index_hits: now.index_hits - then.index_hits,
            index_misses: now.index_misses - then.index_misses,
            filtered: now.filtered - then.filtered,
        };
        let hits = lookups.data_hits + lookups.compaction_hits;
        let misses = lookups.data_misses + lookups.compaction_misses;
        let reads = self.reads - before.reads;
        let ratio = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        ReplayedRun {
            data_hit_ratio: ratio(hits, hits + misses).unwrap_or(0.0),
            blocks_per_read: ratio(misses, reads),
            write_amp: ratio(self.written - before.written, self.user_bytes - before.user_bytes),
            sst_loaded,
            sst_bytes: store.statistics().disk_bytes,
            lookups,
            levels: store.level_sizes(0),
            levels_loaded,
            reads,
            memtable_hits: self.memtable_hits - before.memtable_hits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(document: &str) -> Vec<MeasuredRun> {
        let document: serde_json::Value = serde_json::from_str(document).unwrap();
        let rows = document["rows"].as_array().unwrap();
        rows.iter().map(|row| serde_json::from_value(row.clone()).unwrap()).collect()
    }

    /// The bounds are those that the whole calibration and the held-out runs keep to; see
    /// `fixtures/rocksdb/PROVENANCE.md` for how to compare with those.
    #[test]
    fn the_store_does_what_rocksdb_did() {
        let runs = rows(include_str!("../../../fixtures/rocksdb/small.json"));
        assert_eq!(runs.len(), 5);
        let mut loaded: Option<(MeasuredRun, LoadedDatabase)> = None;
        let (mut hits, mut blocks, mut amplification) = (Vec::new(), Vec::new(), Vec::new());
        for run in runs {
            let database = match loaded.take() {
                Some((other, database)) if other.same_database(&run) => database,
                _ => run.load().unwrap(),
            };
            let replayed = run.replay(&database).unwrap();
            hits.push((replayed.data_hit_ratio - run.data_hit_ratio).abs());
            let relative = |a: Option<f64>, b: Option<f64>| Some((a? - b?).abs() / b?);
            blocks.extend(relative(replayed.blocks_per_read, run.blocks_per_read));
            amplification.extend(relative(replayed.write_amp, run.write_amp));
            let size = replayed.sst_loaded as f64 / run.sst_loaded as f64;
            assert!((0.98..1.02).contains(&size), "{size} of the bytes measured");
            loaded = Some((run, database));
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let worst = hits.iter().fold(0.0_f64, |worst, &hit| worst.max(hit));
        assert!(mean(&hits) <= 0.03 && worst <= 0.08, "hit ratio off by {hits:?}");
        assert!(mean(&blocks) <= 0.10, "blocks per read off by {blocks:?}");
        assert!(mean(&amplification) <= 0.15, "write amplification off by {amplification:?}");
    }

    #[test]
    fn unknown_distributions_are_refused() {
        let mut run = rows(include_str!("../../../fixtures/rocksdb/small.json")).remove(0);
        for dist in ["", "zipf", "zipfx", "zipf-1", "normal"] {
            run.dist = dist.to_owned();
            assert_eq!(run.chooser().map(|_| ()), Err(ReplayError::Distribution(dist.to_owned())));
        }
    }
}
