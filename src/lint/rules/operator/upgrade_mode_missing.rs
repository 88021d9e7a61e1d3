use super::operator;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct UpgradeModeMissing;

static META: RuleMeta = RuleMeta {
    code: "FO007",
    name: "upgrade-mode-missing",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "JobSpec, operator 1.0 to 1.13",
    docs: r#"
Without `upgradeMode` an upgrade is stateless: the job starts with empty state although it takes
checkpoints.
## Bad
# target: flink-1.20
# file: orders.yaml
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata:
  name: orders
spec:
  image: flink:1.20
  flinkVersion: v1_20
  flinkConfiguration:
    execution.checkpointing.interval: 1 min
    execution.checkpointing.dir: s3://bucket/checkpoints
    execution.checkpointing.savepoint-dir: s3://bucket/savepoints
  jobManager:
    resource:
      memory: 1600m
  taskManager:
    resource:
      memory: 2048m
  job:
    jarURI: local:///opt/flink/usrlib/orders.jar
    parallelism: 2

## Good
# target: flink-1.20
# file: orders.yaml
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata:
  name: orders
spec:
  image: flink:1.20
  flinkVersion: v1_20
  flinkConfiguration:
    execution.checkpointing.interval: 1 min
    execution.checkpointing.dir: s3://bucket/checkpoints
    execution.checkpointing.savepoint-dir: s3://bucket/savepoints
  jobManager:
    resource:
      memory: 1600m
  taskManager:
    resource:
      memory: 2048m
  job:
    jarURI: local:///opt/flink/usrlib/orders.jar
    parallelism: 2
    upgradeMode: savepoint
"#,
};

impl Rule for UpgradeModeMissing {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = operator(ctx) else { return };
        let Some(job) = spec.job.filter(|_| spec.upgrade_mode.is_none()) else { return };
        if let Some(interval) = ctx.lookup("execution.checkpointing.interval") {
            findings.push(missing(job, interval.key_span));
        }
    }
}

fn missing(job: Span, interval: Span) -> Finding {
    Finding::new(&META, "without upgradeMode every upgrade drops the state")
        .primary(job, "upgradeMode is stateless (default)")
        .related(interval, "state that is worth checkpoints")
        .help("set upgradeMode: savepoint or last-state, or say stateless")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn jobs_with_checkpoints() {
        check(
            &UpgradeModeMissing,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  flinkConfiguration:
    execution.checkpointing.interval: 1 min
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ state that is worth checkpoints
  job:
# ^^^ FO007 upgradeMode is stateless (default)
    parallelism: 2
",
        );
        check(
            &UpgradeModeMissing,
            "# file: a.yaml\nkind: FlinkDeployment\nspec:\n  job:\n    parallelism: 2\n",
        );
    }
}
