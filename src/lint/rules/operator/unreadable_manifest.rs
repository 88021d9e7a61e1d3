use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::Facts;
use crate::source::Span;

pub(in crate::lint::rules) struct UnreadableManifest;

static META: RuleMeta = RuleMeta {
    code: "FO001",
    name: "unreadable-manifest",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "YAML 1.2; CustomResourceDefinitions of the operator",
    docs: r#"
The text of a FlinkDeployment or its like stops to be YAML somewhere, so Kubernetes refuses it.
## Bad
# file: orders.yaml
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata:
  name: orders
spec:
  image: flink: 1.20
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

impl Rule for UnreadableManifest {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if let Some(Facts::Unreadable { span, message }) = ctx.deployment().map(|it| &it.facts) {
            findings.push(unreadable(*span, message));
        }
    }
}

fn unreadable(span: Span, message: &str) -> Finding {
    Finding::new(&META, format!("the manifest is no YAML: {message}"))
        .primary(span, "unexpected here")
        .help("quote the value, or correct the indentation")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_place_is_in_the_whole_file() {
        check(
            &UnreadableManifest,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  image: a: b
#         ^ FO001 unexpected here
",
        );
    }
}
