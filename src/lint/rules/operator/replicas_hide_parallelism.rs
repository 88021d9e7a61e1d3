use super::operator;
use crate::catalog::keys;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::Scalar;

pub(in crate::lint::rules) struct ReplicasHideParallelism;

static META: RuleMeta = RuleMeta {
    code: "FO010",
    name: "replicas-hide-parallelism",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "FlinkConfigBuilder, operator 1.0 to 1.13",
    docs: r#"
With `taskManager.replicas` the parallelism is replicas times slots, and `job.parallelism` is not
read.
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
    replicas: 3
  job:
    jarURI: local:///opt/flink/usrlib/orders.jar
    parallelism: 2
    upgradeMode: stateless

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
  jobManager:
    resource:
      memory: 1600m
  taskManager:
    resource:
      memory: 2048m
  job:
    jarURI: local:///opt/flink/usrlib/orders.jar
    parallelism: 2
    upgradeMode: stateless
"#,
};

impl Rule for ReplicasHideParallelism {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = operator(ctx) else { return };
        let (Some(parallelism), Some(replicas)) = (&spec.parallelism, &spec.task_manager.replicas)
        else {
            return;
        };
        let slots =
            ctx.config.option(&keys::TASK_SLOTS).ok().flatten().map_or(1, |it| it.value.max(1));
        let Ok(count) = replicas.text.parse::<i64>() else { return };
        let total = count.saturating_mul(i64::from(slots));
        if parallelism.text.parse() != Ok(total) {
            findings.push(hidden(parallelism, replicas, total, slots));
        }
    }
}

fn hidden(parallelism: &Scalar, replicas: &Scalar, total: i64, slots: i32) -> Finding {
    Finding::new(&META, format!("the job runs with parallelism {total}, not {}", parallelism.text))
        .primary(parallelism.span, "not read")
        .related(replicas.span, format!("times {slots} slots a TaskManager"))
        .help("keep one of the two")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn equal_numbers_are_fine() {
        let text = "# file: orders.yaml
kind: FlinkDeployment
spec:
  flinkConfiguration:
    taskmanager.numberOfTaskSlots: '2'
  taskManager:
    replicas: 2
#             ^ times 2 slots a TaskManager
  job:
    parallelism: 3
#                ^ FO010 not read
";
        check(&ReplicasHideParallelism, text);
        let equal: String = text
            .replace("parallelism: 3", "parallelism: 4")
            .lines()
            .filter(|line| !line.contains('^'))
            .map(|line| format!("{line}\n"))
            .collect();
        check(&ReplicasHideParallelism, &equal);
    }
}
