use super::operator;
use crate::config::{Layer, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct ForbiddenManifestKey;

static META: RuleMeta = RuleMeta {
    code: "FO003",
    name: "forbidden-manifest-key",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "DefaultValidator, operator 1.0 to 1.13",
    docs: r#"
The operator takes namespace and cluster id from the resource itself, and refuses a resource whose
configuration sets them.
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
    kubernetes.cluster-id: orders
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
  flinkConfiguration:
    parallelism.default: "2"
  jobManager:
    resource:
      memory: 1600m
  taskManager:
    resource:
      memory: 2048m
"#,
};

impl Rule for ForbiddenManifestKey {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if operator(ctx).is_none() {
            return;
        }
        let own = ctx.loaded.settings.iter().filter(|setting| setting.layer == Layer::Manifest);
        findings.extend(own.filter(|it| FORBIDDEN.contains(&&*it.key)).map(forbidden));
    }
}

const FORBIDDEN: [&str; 3] =
    ["kubernetes.namespace", "kubernetes.cluster-id", "high-availability.cluster-id"];

fn forbidden(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("the operator refuses `{}` in a resource", setting.key))
        .primary(setting.key_span, "taken from the resource's own name and namespace")
        .help("remove it")
        .flink_message(format!("Forbidden Flink config key: {}", setting.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn flat_and_nested() {
        check(
            &ForbiddenManifestKey,
            "# file: orders.yaml
kind: FlinkDeployment
metadata:
  name: orders
spec:
  flinkConfiguration:
    kubernetes.namespace: x
#   ^^^^^^^^^^^^^^^^^^^^ FO003 taken from the resource's own name and namespace
    high-availability:
      cluster-id: y
#     ^^^^^^^^^^ FO003 taken from the resource's own name and namespace
",
        );
    }
}
