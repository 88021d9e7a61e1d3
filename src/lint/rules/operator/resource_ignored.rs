use super::{operator, processes};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::source::Span;

pub(in crate::lint::rules) struct ResourceIgnored;

static META: RuleMeta = RuleMeta {
    code: "FO011",
    name: "resource-ignored",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "FlinkConfigBuilder, operator 1.13",
    docs: r#"
`resource` is not read where `resources` is there too.
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
    resources:
      limits:
        memory: 4Gi

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

impl Rule for ResourceIgnored {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = operator(ctx) else { return };
        let both = processes(spec).into_iter().filter_map(|(_, process)| process.ignored_resource);
        findings.extend(both.map(|(ignored, used)| not_read(ignored, used)));
    }
}

fn not_read(ignored: Span, used: Span) -> Finding {
    Finding::new(&META, "`resource` is not read beside `resources`")
        .primary(ignored, "not read")
        .related(used, "this is what counts")
        .help("keep one of the two")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn both_of_one_process() {
        check(
            &ResourceIgnored,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  taskManager:
    resource:
#   ^^^^^^^^ FO011 not read
      memory: 2g
    resources:
#   ^^^^^^^^^ this is what counts
      limits:
        memory: 4Gi
",
        );
    }
}
