//! The checkpoint options that rules read: every name over the releases, newest first.

/// Where checkpoints go.
pub(super) const DIRECTORY: [&str; 2] = ["execution.checkpointing.dir", "state.checkpoints.dir"];
/// Where savepoints go by default.
pub(super) const SAVEPOINT_DIRECTORY: [&str; 2] =
    ["execution.checkpointing.savepoint-dir", "state.savepoints.dir"];
/// What keeps checkpoints, from Flink 1.13 on.
pub(super) const STORAGE: [&str; 2] =
    ["execution.checkpointing.storage", "state.checkpoint-storage"];
/// Whether checkpoints hold only what changed.
pub(super) const INCREMENTAL: [&str; 2] =
    ["execution.checkpointing.incremental", "state.backend.incremental"];
/// How often.
pub(super) const INTERVAL: &str = "execution.checkpointing.interval";
/// The least time between two checkpoints.
pub(super) const MIN_PAUSE: &str = "execution.checkpointing.min-pause";
/// When a checkpoint is given up.
pub(super) const TIMEOUT: &str = "execution.checkpointing.timeout";
/// Exactly once or at least once.
pub(super) const MODE: &str = "execution.checkpointing.mode";
/// How many at the same time.
pub(super) const MAX_CONCURRENT: &str = "execution.checkpointing.max-concurrent-checkpoints";
/// Whether barriers overtake records, from Flink 1.11 on.
pub(super) const UNALIGNED: [&str; 2] =
    ["execution.checkpointing.unaligned.enabled", "execution.checkpointing.unaligned"];
/// How long a checkpoint tries to align before it becomes unaligned, from Flink 1.12 on.
pub(super) const ALIGNED_TIMEOUT: [&str; 2] = [
    "execution.checkpointing.aligned-checkpoint-timeout",
    "execution.checkpointing.alignment-timeout",
];
/// RocksDB's local data.
pub(super) const ROCKSDB_LOCAL_DIRECTORIES: [&str; 1] = ["state.backend.rocksdb.localdir"];
/// ForSt's local data.
pub(super) const FORST_LOCAL_DIRECTORIES: [&str; 1] = ["state.backend.forst.local-dir"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::option;

    #[test]
    fn every_name_is_an_option() {
        let single = [[INTERVAL, MIN_PAUSE, TIMEOUT].as_slice(), [MODE, MAX_CONCURRENT].as_slice()];
        let renamed = [
            DIRECTORY.as_slice(),
            &SAVEPOINT_DIRECTORY,
            &STORAGE,
            &INCREMENTAL,
            &UNALIGNED,
            &ALIGNED_TIMEOUT,
            &ROCKSDB_LOCAL_DIRECTORIES,
            &FORST_LOCAL_DIRECTORIES,
        ];
        for key in single.into_iter().chain(renamed).flatten() {
            let known = crate::catalog::Release::ALL.into_iter().any(|release| {
                option(key).is_some_and(|it| it.at(release).is_some())
                    || crate::catalog::options_with_alternate(key, release).next().is_some()
            });
            assert!(known, "{key} is no option");
        }
    }
}
