//! Checkpoints and the state that they save: where they go, how often, and what the backend makes
//! of them.

mod aligned_timeout_without_unaligned;
mod checkpoint_directory_missing;
mod checkpoint_directory_without_interval;
mod checkpoint_interval_too_short;
mod checkpoint_timeout_below_interval;
mod checkpointing_not_configured;
mod checkpoints_in_job_manager_memory;
mod directory;
mod directory_without_scheme;
mod incremental_with_heap_backend;
mod local_checkpoint_directory;
mod min_pause_above_interval;
mod options;
mod relative_local_directory;
mod rocksdb_options_without_rocksdb;
mod rocksdb_without_incremental;
mod root_checkpoint_directory;
mod savepoints_inside_checkpoints;
mod state_directory_under_tmp;
mod unaligned_with_concurrent_checkpoints;
mod unaligned_without_exactly_once;
mod unknown_checkpoint_storage;
mod unknown_state_backend;

pub(super) use aligned_timeout_without_unaligned::AlignedTimeoutWithoutUnaligned;
pub(super) use checkpoint_directory_missing::CheckpointDirectoryMissing;
pub(super) use checkpoint_directory_without_interval::CheckpointDirectoryWithoutInterval;
pub(super) use checkpoint_interval_too_short::CheckpointIntervalTooShort;
pub(super) use checkpoint_timeout_below_interval::CheckpointTimeoutBelowInterval;
pub(super) use checkpointing_not_configured::CheckpointingNotConfigured;
pub(super) use checkpoints_in_job_manager_memory::CheckpointsInJobManagerMemory;
pub(super) use directory::LocalPlace;
pub(super) use directory_without_scheme::DirectoryWithoutScheme;
pub(super) use incremental_with_heap_backend::IncrementalWithHeapBackend;
pub(super) use local_checkpoint_directory::LocalCheckpointDirectory;
pub(super) use min_pause_above_interval::MinPauseAboveInterval;
pub(super) use relative_local_directory::RelativeLocalDirectory;
pub(super) use rocksdb_options_without_rocksdb::RocksdbOptionsWithoutRocksdb;
pub(super) use rocksdb_without_incremental::RocksdbWithoutIncremental;
pub(super) use root_checkpoint_directory::RootCheckpointDirectory;
pub(super) use savepoints_inside_checkpoints::SavepointsInsideCheckpoints;
pub(super) use state_directory_under_tmp::StateDirectoryUnderTmp;
pub(super) use unaligned_with_concurrent_checkpoints::UnalignedWithConcurrentCheckpoints;
pub(super) use unaligned_without_exactly_once::UnalignedWithoutExactlyOnce;
pub(super) use unknown_checkpoint_storage::UnknownCheckpointStorage;
pub(super) use unknown_state_backend::UnknownStateBackend;
