use super::{HighAvailability, high_availability};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct KubernetesHaWithoutClusterId;

static META: RuleMeta = RuleMeta {
    code: "FN002",
    name: "kubernetes-ha-without-cluster-id",
    severity: Severity::Warning,
    fix: FixAvailability::Never, // Only the user knows the name.
    source: "KubernetesHaServicesFactory, seen in a Flink 1.20 cluster; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/ha/kubernetes_ha/",
    docs: r"
High availability on Kubernetes keeps its records under the name of the cluster. A standalone
JobManager does not start without `kubernetes.cluster-id`; a native session makes up a new name each
time, and finds nothing of the last one. Only the Kubernetes operator sets it by itself.
## Bad
# target: flink-1.20
high-availability.type: kubernetes
high-availability.storageDir: s3://flink/recovery
## Good
# target: flink-1.20
kubernetes.cluster-id: orders
high-availability.type: kubernetes
high-availability.storageDir: s3://flink/recovery
",
};

impl Rule for KubernetesHaWithoutClusterId {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if let Some((HighAvailability::Kubernetes, setting)) = high_availability(ctx)
            && ctx.lookup("kubernetes.cluster-id").is_none()
            && !is_for_the_operator(ctx)
        {
            findings.push(no_cluster_id(setting));
        }
    }
}

/// Whether the file holds options of the Kubernetes operator, which names the cluster.
fn is_for_the_operator(ctx: &LintContext<'_>) -> bool {
    ctx.config.settings().iter().any(|setting| {
        setting.key.starts_with("kubernetes.operator.")
            || setting.key.starts_with("job.autoscaler.")
    })
}

fn no_cluster_id(kind: &Setting<'_>) -> Finding {
    Finding::new(&META, "high availability on Kubernetes needs `kubernetes.cluster-id`")
        .primary(kind.value_span, "its records are kept under the cluster's name")
        .help("set `kubernetes.cluster-id` to a name that stays the same over restarts")
        .flink_message("Configuration option 'kubernetes.cluster-id' is not set.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_operator_sets_it_by_itself() {
        check(
            &KubernetesHaWithoutClusterId,
            "high-availability.type: kubernetes\n#                       ^^^^^^^^^^ FN002 its records are kept under the cluster's name\n",
        );
        for quiet in [
            "high-availability.type: kubernetes\nkubernetes.cluster-id: a\n",
            "high-availability.type: kubernetes\njob.autoscaler.enabled: true\n",
            "high-availability.type: zookeeper\n",
        ] {
            check(&KubernetesHaWithoutClusterId, quiet);
        }
    }
}
