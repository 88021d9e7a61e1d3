use super::operator;
use crate::config::{Layer, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct ManifestKeyOverwritten;

static META: RuleMeta = RuleMeta {
    code: "FO004",
    name: "manifest-key-overwritten",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "FlinkConfigBuilder, operator 1.0 to 1.13",
    docs: r#"
The operator lays what the specification says over `flinkConfiguration`: memory of the processes,
parallelism, the jar. The same setting there has no effect.
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
    taskmanager.memory.process.size: 4096m
  jobManager:
    resource:
      memory: 1600m
  taskManager:
    resource:
      memory: 2048m

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
"#,
};

impl Rule for ManifestKeyOverwritten {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if operator(ctx).is_none() {
            return;
        }
        let lost =
            ctx.config.overridden().iter().filter(|setting| setting.layer == Layer::Manifest);
        for loser in lost {
            let winner = ctx.config.setting(&loser.key);
            if let Some(winner) = winner.filter(|winner| winner.layer == Layer::Derived)
                && winner.key != "kubernetes.cluster-id"
            {
                findings.push(overwritten(loser, winner));
            }
        }
    }
}

fn overwritten(loser: &Setting<'_>, winner: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("`{}` is overwritten by the specification", loser.key))
        .primary(loser.value_span, "not used")
        .related(winner.value_span, "this is what Flink gets")
        .help("remove it from flinkConfiguration")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn memory_and_parallelism() {
        check(
            &ManifestKeyOverwritten,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  flinkConfiguration:
    parallelism.default: '4'
#                        ^^^ FO004 not used
    taskmanager.memory.process.size: 4g
  job:
    parallelism: 2
#                ^ this is what Flink gets
",
        );
    }
}
