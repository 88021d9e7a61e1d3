use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct UnreadableManifest;

static META: RuleMeta = RuleMeta {
    code: "FO001",
    name: "unreadable-manifest",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "YAML 1.2; CustomResourceDefinitions of the operator",
    docs: r#"
The text of a manifest stops to be YAML somewhere, so Kubernetes or Compose refuses it. Other findings
tell of its other lines; what the text lacks is not known.
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
        if let Some(fault) = ctx.own_deployment().and_then(|it| it.fault.as_ref()) {
            findings.push(unreadable(fault.span, &fault.message));
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
    use crate::lint;
    use crate::lint::testing::{Scene, check};

    #[test]
    fn other_lines_keep_their_findings() {
        let text = "\
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
spec:
  flinkVersion: v1_20
  flinkConfiguration:
    taskmanager.memory.netwrok.max: 1g
    taskmanager.mem
    taskmanager.memory.manged.size: 1g
";
        let codes = |text: &str| -> Vec<&str> {
            let case = Scene::new(&format!("# file: orders.yaml\n{text}"));
            case.run(lint::check).into_iter().map(|finding| finding.rule.code).collect()
        };
        let found = codes(text);
        assert!(found.contains(&"FO001"), "{found:?}");
        assert_eq!(found.iter().filter(|code| **code == "FK001").count(), 2, "{found:?}");
        let mended = codes(&text.replace("    taskmanager.mem\n", ""));
        assert!(!mended.contains(&"FO001"), "{mended:?}");
        assert!(found.iter().filter(|code| **code != "FO001").all(|code| mended.contains(code)));
    }

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
