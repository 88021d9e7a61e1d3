//! Every rule, one file each. A new rule is one file and two lines here and in its family's
//! `mod.rs`: its `mod` and its entry in [`RULES`].
//!
//! Codes start with `F` and the family's letter: `FI` input, `FK` keys, `FV` values, `FM` memory,
//! `FG` Gemini, `FC` checkpoints and state, `FN` the cluster: high availability, network,
//! restarts, secrets, metrics. A code is never reused and never renumbered.

mod checkpoint;
mod cluster;
pub(super) mod input;
mod keys;
mod memory;

use super::Rule;

/// Every rule, by code.
pub static RULES: &[&dyn Rule] = &[
    &checkpoint::CheckpointDirectoryMissing,
    &checkpoint::CheckpointsInJobManagerMemory,
    &checkpoint::DirectoryWithoutScheme,
    &checkpoint::RootCheckpointDirectory,
    &checkpoint::LocalCheckpointDirectory,
    &checkpoint::CheckpointDirectoryWithoutInterval,
    &checkpoint::CheckpointIntervalTooShort,
    &checkpoint::MinPauseAboveInterval,
    &checkpoint::CheckpointTimeoutBelowInterval,
    &checkpoint::RocksdbWithoutIncremental,
    &checkpoint::IncrementalWithHeapBackend,
    &checkpoint::CheckpointingNotConfigured,
    &checkpoint::UnalignedWithoutExactlyOnce,
    &checkpoint::UnalignedWithConcurrentCheckpoints,
    &checkpoint::AlignedTimeoutWithoutUnaligned,
    &checkpoint::SavepointsInsideCheckpoints,
    &checkpoint::StateDirectoryUnderTmp,
    &checkpoint::RelativeLocalDirectory,
    &checkpoint::UnknownCheckpointStorage,
    &checkpoint::UnknownStateBackend,
    &checkpoint::RocksdbOptionsWithoutRocksdb,
    &input::LineWithoutSeparator,
    &input::ValueCutAtHash,
    &input::EmptyKeyOrValue,
    &input::NestedYaml,
    &input::DuplicateKey,
    &input::FileNeverRead,
    &input::QuotedValue,
    &input::InvalidUtf8,
    &input::ByteOrderMark,
    &input::suppression::UnusedSuppression,
    &input::suppression::UnknownSuppressionCode,
    &input::InvisibleCharacter,
    &keys::UnknownKey,
    &keys::DeprecatedKey,
    &keys::RemovedKey,
    &keys::KeyOfALaterRelease,
    &keys::KeyAndAliasBothSet,
    &keys::LegacyHeapKey,
<<<<<<< HEAD
    &cluster::HighAvailabilityWithoutStorage,
    &cluster::KubernetesHaWithoutClusterId,
    &cluster::LocalHighAvailabilityStorage,
    &cluster::FewRestartAttempts,
    &cluster::UnselectedRestartStrategy,
    &cluster::UnreachableAddress,
    &cluster::FixedTaskManagerHost,
    &cluster::PlaintextSecret,
    &cluster::ReporterClassWithoutFactory,
    &cluster::UnlistedReporter,
    &cluster::ClassloaderWorkaround,
    &cluster::ZookeeperHaWithoutQuorum,
=======
    &memory::TotalMemoryMissing,
    &memory::PoolsExceedTotalFlinkMemory,
    &memory::MetaspaceAndOverheadExceedProcess,
    &memory::NetworkMinAboveMax,
    &memory::OverheadMinAboveMax,
    &memory::FractionOutOfRange,
    &memory::ProcessSmallerThanFlink,
    &memory::OverheadOutOfRange,
    &memory::NetworkRemainderOutOfRange,
    &memory::JobManagerTooSmall,
    &memory::JobManagerSizesContradict,
    &memory::SlotsNotPositive,
    &memory::SegmentSizeInvalid,
    &memory::MemoryRefused,
    &memory::TaskHeapPerSlotSmall,
    &memory::ManagedMemoryIdle,
    &memory::RocksdbSlotShareSmall,
    &memory::RocksdbMemoryUnbounded,
    &memory::RocksdbFixedSizeOverruns,
    &memory::RocksdbFixedPerTaskManagerIgnored,
    &memory::ConsumerWeightMissing,
    &memory::BothTotalsSet,
>>>>>>> 33c02c7 (Judge memory: every refusal of Flink's derivation, and shares that starve a slot)
];
