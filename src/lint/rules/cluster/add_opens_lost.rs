use super::java::{Java, java};
use crate::catalog::Release;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct AddOpensLost;

static META: RuleMeta = RuleMeta {
    code: "FN014",
    name: "add-opens-lost",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "conf/flink-conf.yaml of Flink 1.18.1, conf/config.yaml of Flink 1.20.5 and 2.0.2; JEP 403",
    docs: r#"
From Flink 1.18 on the file that Flink ships opens parts of Java's own packages with
`env.java.opts.all`, which Java 17 keeps closed otherwise. A value of one's own takes the place of
that one: serializers and connectors then fail with `InaccessibleObjectException`. Reported where the
tag of the image names Java 17 or later.
## Bad
# file: compose.yaml
services:
  taskmanager:
    image: flink:1.20-java17
    command: taskmanager
    environment:
      FLINK_PROPERTIES: |
        env.java.opts.all: -XX:+UseG1GC
## Good
# file: compose.yaml
services:
  taskmanager:
    image: flink:1.20-java17
    command: taskmanager
    environment:
      FLINK_PROPERTIES: |
        env.java.opts.taskmanager: -XX:+UseG1GC
"#,
};

impl Rule for AddOpensLost {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Java::Known(java @ 17..) = java(ctx) else { return };
        let Some(setting) = ctx.lookup("env.java.opts.all") else { return };
        if ctx.release() < Release::V1_18 || setting.value.text().contains("--add-opens") {
            return;
        }
        let message = format!("Java {java} keeps packages closed that Flink's own value opens");
        findings.push(
            Finding::new(&META, message)
                .primary(setting.value_span, "takes the place of Flink's --add-opens")
                .help("use env.java.opts.taskmanager and env.java.opts.jobmanager instead"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::findings;

    #[test]
    fn java_and_release_decide() {
        let count = |image: &str, value: &str| {
            let text = format!(
                "# target: flink-{}\n# file: compose.yaml\nservices:\n  tm:\n    image: flink:{image}\n    command: taskmanager\n    environment:\n      FLINK_PROPERTIES: |\n        env.java.opts.all: {value}\n",
                image.split('-').next().unwrap()
            );
            findings(&AddOpensLost, &text).len()
        };
        assert_eq!(count("1.20-java17", "-Xx"), 1);
        assert_eq!(count("1.20-java17", "--add-opens=java.base/java.lang=ALL-UNNAMED"), 0);
        assert_eq!(count("1.20-java11", "-Xx"), 0);
        assert_eq!(count("1.17-java17", "-Xx"), 0);
        assert_eq!(count("1.20", "-Xx"), 0);
    }
}
