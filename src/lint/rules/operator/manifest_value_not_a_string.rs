use super::operator;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::UnquotedValue;

pub(in crate::lint::rules) struct ManifestValueNotAString;

static META: RuleMeta = RuleMeta {
    code: "FO014",
    name: "manifest-value-not-a-string",
    severity: Severity::Info,
    fix: FixAvailability::Never,
    source: "CustomResourceDefinitions of the operator, 1.0 to 1.12",
    docs: r#"
Until 1.12 the operator's resources take strings only in `flinkConfiguration`, and Kubernetes refuses
a number or boolean without quotes. Where some of it is nested, which only later operators take, it
is not reported.
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
    taskmanager.numberOfTaskSlots: 2
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
    taskmanager.numberOfTaskSlots: "2"
  jobManager:
    resource:
      memory: 1600m
  taskManager:
    resource:
      memory: 2048m
"#,
};

impl Rule for ManifestValueNotAString {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = operator(ctx).filter(|spec| !spec.is_nested) else { return };
        findings.extend(spec.unquoted.iter().map(not_a_string));
    }
}

fn not_a_string(unquoted: &UnquotedValue) -> Finding {
    Finding::new(&META, format!("the value of `{}` is no string", unquoted.key))
        .primary(unquoted.value.span, "operators before 1.13 take strings only")
        .help(format!("write \"{}\"", unquoted.value.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn numbers_and_booleans() {
        check(
            &ManifestValueNotAString,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  flinkConfiguration:
    a.b: true
#        ^^^^ FO014 operators before 1.13 take strings only
    c: 1g
    d: '2'
",
        );
    }
}
