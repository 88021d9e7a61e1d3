use super::{operator, processes};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::{PodLimit, Scalar};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct ManifestMemoryUnit;

static META: RuleMeta = RuleMeta {
    code: "FO005",
    name: "manifest-memory-unit",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "ResourceConfigUtils.parseResourceMemoryString and MemorySize, operator 1.0 to 1.13; resource units of Kubernetes",
    docs: r#"
`resource.memory` is read in Flink's notation, where `m` is mebibytes and a number without a unit is
bytes; only what that does not know is read as Kubernetes does (`2Gi`), by operators from 1.5 on. In
a pod template it is the other way round: `2048m` is two bytes.
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
      memory: 2048

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

impl Rule for ManifestMemoryUnit {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = operator(ctx) else { return };
        for (name, process) in processes(spec) {
            match (&process.memory, process.memory_size) {
                (Some(text), None) => findings.push(no_size(name, text)),
                (Some(text), Some(size)) if size < LEAST => findings.push(tiny(name, text, size)),
                _ => {}
            }
            let limits = process.pod_limits.iter();
            findings.extend(
                limits.filter(|limit| limit.size.is_some_and(|it| it < LEAST)).map(tiny_limit),
            );
        }
    }
}

/// No process of Flink runs in less; a smaller size has lost its unit.
const LEAST: MemorySize = MemorySize::from_mebibytes(16);

fn no_size(process: &str, text: &Scalar) -> Finding {
    Finding::new(&META, format!("`{}` is no size", text.text))
        .primary(text.span, "a size such as 2048m or 2Gi is expected")
        .help("write mebibytes, such as 2048m")
        .flink_message(format!("{process} resource memory parse error"))
}

fn tiny(process: &str, text: &Scalar, size: MemorySize) -> Finding {
    Finding::new(&META, format!("`{}` gives the {process} {}", text.text, size.human()))
        .primary(text.span, "a number without a unit is bytes")
        .help("add a unit, such as 2048m")
}

fn tiny_limit(limit: &PodLimit) -> Finding {
    let size = limit.size.map(|size| size.human()).unwrap_or_default();
    Finding::new(&META, format!("`{}` is {size} to Kubernetes", limit.text.text))
        .primary(limit.text.span, "`m` is a thousandth here, and a bare number is bytes")
        .help("write 2Gi or 2048Mi")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn units_by_place() {
        check(
            &ManifestMemoryUnit,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  jobManager:
    resource:
      memory: 2Gi
  taskManager:
    resource:
      memory: '4096'
#             ^^^^^^ FO005 a number without a unit is bytes
    podTemplate:
      spec:
        containers:
          - name: flink-main-container
            resources:
              limits:
                memory: 4096m
#                       ^^^^^ FO005 `m` is a thousandth here, and a bare number is bytes
",
        );
        check(
            &ManifestMemoryUnit,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  taskManager:
    resource:
      memory: 2 gigs
#             ^^^^^^ FO005 a size such as 2048m or 2Gi is expected
",
        );
    }
}
