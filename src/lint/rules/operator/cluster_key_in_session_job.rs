use super::operator;
use crate::config::{Layer, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::{OperatorKind, is_of_cluster};

pub(in crate::lint::rules) struct ClusterKeyInSessionJob;

static META: RuleMeta = RuleMeta {
    code: "FO013",
    name: "cluster-key-in-session-job",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "FlinkSessionJobSpec, operator 1.3 to 1.13",
    docs: r#"
A session job runs on a cluster that has its memory, slots and processes already. Options of the
cluster have no effect in the job's `flinkConfiguration`.
## Bad
# target: flink-1.20
# file: job.yaml
apiVersion: flink.apache.org/v1beta1
kind: FlinkSessionJob
metadata:
  name: counts
spec:
  deploymentName: cluster
  flinkConfiguration:
    taskmanager.numberOfTaskSlots: "4"
  job:
    jarURI: https://repo.example.com/counts.jar
    parallelism: 2
    upgradeMode: stateless
## Good
# target: flink-1.20
# file: job.yaml
apiVersion: flink.apache.org/v1beta1
kind: FlinkSessionJob
metadata:
  name: counts
spec:
  deploymentName: cluster
  flinkConfiguration:
    execution.checkpointing.interval: 1 min
  job:
    jarURI: https://repo.example.com/counts.jar
    parallelism: 2
    upgradeMode: stateless
"#,
};

impl Rule for ClusterKeyInSessionJob {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if operator(ctx).is_none_or(|spec| spec.kind != OperatorKind::SessionJob) {
            return;
        }
        let settings = ctx.config.settings().iter();
        let own = settings.filter(|setting| setting.layer == Layer::Manifest);
        findings.extend(own.filter(|setting| is_of_cluster(&setting.key)).map(no_effect));
    }
}

fn no_effect(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("`{}` is the cluster's and has no effect here", setting.key))
        .primary(setting.key_span, "not read for a session job")
        .help("set it in the FlinkDeployment of the session cluster")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn options_of_cluster_and_job() {
        check(
            &ClusterKeyInSessionJob,
            "# file: job.yaml
kind: FlinkSessionJob
spec:
  flinkConfiguration:
    taskmanager.memory.managed.fraction: '0.5'
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FO013 not read for a session job
    table.exec.state.ttl: 1 h
",
        );
    }
}
