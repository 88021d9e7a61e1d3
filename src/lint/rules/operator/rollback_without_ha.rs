use super::operator;
use super::standby_without_ha::is_highly_available;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct RollbackWithoutHa;

static META: RuleMeta = RuleMeta {
    code: "FO017",
    name: "rollback-without-high-availability",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "DefaultValidator, operator 1.0 to 1.13",
    docs: r#"
The operator refuses a resource that asks for rollback without high availability: it rolls back to
what the high availability services remember.
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
    kubernetes.operator.deployment.rollback.enabled: "true"
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
    kubernetes.operator.deployment.rollback.enabled: "true"
    high-availability.type: kubernetes
    high-availability.storageDir: s3://bucket/ha
  jobManager:
    resource:
      memory: 1600m
  taskManager:
    resource:
      memory: 2048m
"#,
};

const ROLLBACK: &str = "kubernetes.operator.deployment.rollback.enabled";

impl Rule for RollbackWithoutHa {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if operator(ctx).is_none() || is_highly_available(ctx) {
            return;
        }
        let Some(setting) = ctx.config.setting(ROLLBACK) else { return };
        if setting.value.text().trim().eq_ignore_ascii_case("true") {
            findings.push(
                Finding::new(&META, "rollback needs high availability")
                    .primary(setting.value_span, "rolls back to nothing")
                    .help("set high-availability.type: kubernetes and high-availability.storageDir")
                    .flink_message("HA must be enabled for rollback support."),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn only_where_it_is_on_and_in_a_resource() {
        check(
            &RollbackWithoutHa,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  flinkConfiguration:
    kubernetes.operator.deployment.rollback.enabled: 'true'
#                                                    ^^^^^^ FO017 rolls back to nothing
",
        );
        let off = "# file: orders.yaml\nkind: FlinkDeployment\nspec:\n  flinkConfiguration:\n    kubernetes.operator.deployment.rollback.enabled: 'false'\n";
        assert!(findings(&RollbackWithoutHa, off).is_empty());
        let file = "kubernetes.operator.deployment.rollback.enabled: true\n";
        assert!(findings(&RollbackWithoutHa, file).is_empty());
    }
}
