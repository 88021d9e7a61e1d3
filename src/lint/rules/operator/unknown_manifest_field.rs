use super::operator;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::UnknownField;

pub(in crate::lint::rules) struct UnknownManifestField;

static META: RuleMeta = RuleMeta {
    code: "FO002",
    name: "unknown-manifest-field",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "CustomResourceDefinitions of the operator, 1.0 to 1.13",
    docs: r#"
The resource has no such field. Kubernetes drops it, with a warning at most, and what it says has no
effect.
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
    paralelism: 2
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

impl Rule for UnknownManifestField {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = operator(ctx) else { return };
        findings.extend(spec.unknown_fields.iter().map(unknown));
    }
}

fn unknown(field: &UnknownField) -> Finding {
    let UnknownField { name, parent, suggestion } = field;
    let finding = Finding::new(&META, format!("`{parent}` has no field `{}`", name.text))
        .primary(name.span, "dropped by Kubernetes");
    match suggestion {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")),
        None => finding.help("remove it, or move it where it belongs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn fields_of_every_part() {
        check(
            &UnknownManifestField,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  flinkversion: v1_20
# ^^^^^^^^^^^^ FO002 dropped by Kubernetes
  taskManager:
    memory: 2g
#   ^^^^^^ FO002 dropped by Kubernetes
    resource:
      memory: 2g
",
        );
    }
}
