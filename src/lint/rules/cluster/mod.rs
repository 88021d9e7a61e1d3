//! The cluster around the job: high availability, addresses, restarts, secrets, metrics.

mod add_opens_lost;
mod classloader_workaround;
mod few_restart_attempts;
mod fixed_task_manager_host;
mod high_availability_without_storage;
mod java;
mod jvm_flag_unknown;
mod kubernetes_ha_without_cluster_id;
mod local_high_availability_storage;
mod plaintext_secret;
mod reporter_class_without_factory;
mod slots_below_parallelism;
mod unlisted_reporter;
mod unreachable_address;
mod unselected_restart_strategy;
mod zookeeper_ha_without_quorum;

pub(super) use add_opens_lost::AddOpensLost;
pub(super) use classloader_workaround::ClassloaderWorkaround;
pub(super) use few_restart_attempts::FewRestartAttempts;
pub(super) use fixed_task_manager_host::FixedTaskManagerHost;
pub(super) use high_availability_without_storage::HighAvailabilityWithoutStorage;
pub(super) use jvm_flag_unknown::JvmFlagUnknown;
pub(super) use kubernetes_ha_without_cluster_id::KubernetesHaWithoutClusterId;
pub(super) use local_high_availability_storage::LocalHighAvailabilityStorage;
pub(super) use plaintext_secret::PlaintextSecret;
pub(super) use reporter_class_without_factory::ReporterClassWithoutFactory;
pub(super) use slots_below_parallelism::SlotsBelowParallelism;
pub(super) use unlisted_reporter::UnlistedReporter;
pub(super) use unreachable_address::UnreachableAddress;
pub(super) use unselected_restart_strategy::UnselectedRestartStrategy;
pub(super) use zookeeper_ha_without_quorum::ZookeeperHaWithoutQuorum;

use crate::config::Setting;
use crate::lint::LintContext;
use crate::lint::placeholder::is_placeholder;

/// Which services keep the cluster highly available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HighAvailability {
    ZooKeeper,
    Kubernetes,
}

/// The high availability services, if the configuration names one of Flink's own.
fn high_availability<'c, 'a>(
    ctx: &'c LintContext<'a>,
) -> Option<(HighAvailability, &'c Setting<'a>)> {
    let setting = ctx.lookup_renamed(&["high-availability.type", "high-availability"])?;
    let kind = match setting.value.text().to_ascii_lowercase().as_str() {
        "zookeeper" => HighAvailability::ZooKeeper,
        "kubernetes"
        | "org.apache.flink.kubernetes.highavailability.kuberneteshaservicesfactory" => {
            HighAvailability::Kubernetes
        }
        _ => return None,
    };
    Some((kind, setting))
}

/// The selected restart strategy, under the name that its options have.
fn restart_strategy<'c, 'a>(
    ctx: &'c LintContext<'a>,
) -> Option<(Option<&'static str>, &'c Setting<'a>)> {
    let setting = ctx.lookup_renamed(&["restart-strategy.type", "restart-strategy"])?;
    let name = match setting.value.text().to_ascii_lowercase().as_str() {
        "none" | "off" | "disable" | "false" => Some("none"),
        "fixeddelay" | "fixed-delay" => Some("fixed-delay"),
        "failurerate" | "failure-rate" => Some("failure-rate"),
        "exponentialdelay" | "exponential-delay" => Some("exponential-delay"),
        _ => None, // A factory of the user's own.
    };
    Some((name, setting))
}

/// What a host name or address says about who can reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    /// `localhost` and the like: this machine only.
    Loopback,
    /// `0.0.0.0` and the like: every interface to listen on, none to call.
    Any,
    /// A name or address.
    Named,
    /// Not known yet.
    Placeholder,
}

pub(super) fn host(value: &str) -> Host {
    let name = value.trim().trim_matches(['[', ']']);
    if is_placeholder(name) {
        Host::Placeholder
    } else if name.eq_ignore_ascii_case("localhost") || name.starts_with("127.") || name == "::1" {
        Host::Loopback
    } else if matches!(name, "0.0.0.0" | "::" | "0") {
        Host::Any
    } else {
        Host::Named
    }
}
