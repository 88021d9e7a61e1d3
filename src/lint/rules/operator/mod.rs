//! Resources of Flink's Kubernetes operator: what it refuses, drops and overwrites.

mod autoscaler;
mod autoscaler_steps;
mod autotuned_size;
mod cluster_key_in_session_job;
mod forbidden_manifest_key;
mod manifest_incomplete;
mod manifest_key_overwritten;
mod manifest_memory_unit;
mod manifest_value_not_a_string;
mod pod_template_limit_ignored;
mod replicas_hide_parallelism;
mod resource_ignored;
mod rollback_without_ha;
mod standby_without_ha;
mod unknown_manifest_field;
mod unreadable_manifest;
mod upgrade_mode_missing;
mod upgrade_mode_without_directory;

pub(super) use autoscaler_steps::AutoscalerSteps;
pub(super) use autotuned_size::AutotunedSize;
pub(super) use cluster_key_in_session_job::ClusterKeyInSessionJob;
pub(super) use forbidden_manifest_key::ForbiddenManifestKey;
pub(super) use manifest_incomplete::ManifestIncomplete;
pub(super) use manifest_key_overwritten::ManifestKeyOverwritten;
pub(super) use manifest_memory_unit::ManifestMemoryUnit;
pub(super) use manifest_value_not_a_string::ManifestValueNotAString;
pub(super) use pod_template_limit_ignored::PodTemplateLimitIgnored;
pub(super) use replicas_hide_parallelism::ReplicasHideParallelism;
pub(super) use resource_ignored::ResourceIgnored;
pub(super) use rollback_without_ha::RollbackWithoutHa;
pub(super) use standby_without_ha::StandbyWithoutHa;
pub(super) use unknown_manifest_field::UnknownManifestField;
pub(super) use unreadable_manifest::UnreadableManifest;
pub(super) use upgrade_mode_missing::UpgradeModeMissing;
pub(super) use upgrade_mode_without_directory::UpgradeModeWithoutDirectory;

use crate::lint::LintContext;
use crate::manifest::{OperatorSpec, ProcessSpec};

/// The operator's resource that is checked, if it is one.
fn operator<'a>(ctx: &LintContext<'a>) -> Option<&'a OperatorSpec> {
    ctx.deployment()?.operator()
}

/// Both kinds of processes with the names that the operator's messages give them.
fn processes(spec: &OperatorSpec) -> [(&'static str, &ProcessSpec); 2] {
    [("JobManager", &spec.job_manager), ("TaskManager", &spec.task_manager)]
}
