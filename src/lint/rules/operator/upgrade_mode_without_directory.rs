use super::operator;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::OperatorKind;
use crate::source::Span;

pub(in crate::lint::rules) struct UpgradeModeWithoutDirectory;

static META: RuleMeta = RuleMeta {
    code: "FO008",
    name: "upgrade-mode-without-directory",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "DefaultValidator, operator 1.1 to 1.13",
    docs: r#"
To carry state over an upgrade the operator needs to know where it is: `last-state` and `savepoint`
need a directory for checkpoints, `savepoint` and `savepointTriggerNonce` one for savepoints too,
and `last-state` needs high availability. The operator refuses the resource otherwise, unless its own
defaults set them.
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

impl Rule for UpgradeModeWithoutDirectory {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = operator(ctx) else { return };
        // What the session cluster sets counts for its jobs, and it stands elsewhere.
        if spec.kind == OperatorKind::SessionJob {
            return;
        }
        let mode = spec.upgrade_mode.as_ref();
        let is = |name: &str| mode.is_some_and(|mode| mode.text.eq_ignore_ascii_case(name));
        let has = |keys: [&str; 2]| keys.iter().any(|key| ctx.lookup(key).is_some());
        let has_checkpoints = has(["execution.checkpointing.dir", "state.checkpoints.dir"]);
        let has_savepoints = has(["execution.checkpointing.savepoint-dir", "state.savepoints.dir"]);
        let Some(place) = mode.map(|mode| mode.span) else { return };
        if (is("savepoint") || is("last-state")) && !has_checkpoints {
            findings.push(no_checkpoints(place));
        } else if is("savepoint") && !has_savepoints {
            findings.push(no_savepoints(place, "upgrades take savepoints"));
        } else if is("last-state") && !has(["high-availability.type", "high-availability"]) {
            findings.push(no_high_availability(place));
        }
        if let Some(trigger) =
            spec.savepoint_trigger.as_ref().filter(|_| !has_savepoints && !is("savepoint"))
        {
            findings.push(no_savepoints(trigger.span, "this takes a savepoint"));
        }
    }
}

fn no_checkpoints(mode: Span) -> Finding {
    Finding::new(&META, "the upgrade mode needs a directory for checkpoints")
        .primary(mode, "state is carried over in checkpoints")
        .help("set state.checkpoints.dir (execution.checkpointing.dir from Flink 1.20 on)")
        .flink_message(
            "Checkpoint directory[state.checkpoints.dir] must be defined for last-state and savepoint upgrade modes",
        )
}

fn no_savepoints(place: Span, why: &str) -> Finding {
    Finding::new(&META, "there is no directory for savepoints")
        .primary(place, why)
        .help("set state.savepoints.dir (execution.checkpointing.savepoint-dir from Flink 1.20 on)")
        .flink_message(
            "Job could not be upgraded with savepoint while config key[state.savepoints.dir] is not set",
        )
}

fn no_high_availability(mode: Span) -> Finding {
    Finding::new(&META, "last-state needs high availability to find the last checkpoint")
        .severity(Severity::Warning)
        .primary(mode, "operators before 1.10 refuse this")
        .help("set high-availability.type: kubernetes and high-availability.storageDir")
        .flink_message("Job could not be upgraded with last-state while HA disabled")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn each_mode_needs_its_directories() {
        check(
            &UpgradeModeWithoutDirectory,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  flinkConfiguration:
    state.checkpoints.dir: s3://b/c
  job:
    upgradeMode: savepoint
#                ^^^^^^^^^ FO008 upgrades take savepoints
",
        );
        check(
            &UpgradeModeWithoutDirectory,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  flinkConfiguration:
    state.checkpoints.dir: s3://b/c
  job:
    savepointTriggerNonce: 1
    upgradeMode: last-state
#                ^^^^^^^^^^ FO008 operators before 1.10 refuse this
"
            .replace("    savepointTriggerNonce: 1\n", "")
            .as_str(),
        );
    }

    #[test]
    fn a_session_job_has_what_its_cluster_has() {
        check(
            &UpgradeModeWithoutDirectory,
            "# file: orders.yaml
kind: FlinkSessionJob
spec:
  deploymentName: session
  job:
    upgradeMode: savepoint
",
        );
    }
}
