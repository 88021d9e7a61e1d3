use super::operator;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::{OperatorKind, Scalar};
use crate::source::Span;

pub(in crate::lint::rules) struct ManifestIncomplete;

static META: RuleMeta = RuleMeta {
    code: "FO012",
    name: "manifest-incomplete",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "DefaultValidator, operator 1.0 to 1.13",
    docs: r#"
The operator refuses a resource that does not say its Flink version, a session job without a cluster
(`deploymentName`) or without a `job`, and a job whose parallelism is below one.
## Bad
# target: flink-1.20
# file: orders.yaml
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata:
  name: orders
spec:
  image: flink:1.20
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

impl Rule for ManifestIncomplete {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = operator(ctx) else { return };
        match spec.kind {
            OperatorKind::SessionJob => {
                if spec.deployment_name.is_none() {
                    findings.push(missing(
                        "deploymentName",
                        spec.span,
                        "The deployment name is missing",
                    ));
                }
                if spec.job.is_none() {
                    findings.push(missing("job", spec.span, "The job spec should not be empty"));
                }
            }
            OperatorKind::Deployment | OperatorKind::BlueGreen => {
                if let Some(version) = &spec.flink_version {
                    findings.extend(no_version(version));
                } else {
                    findings.push(missing(
                        "flinkVersion",
                        spec.span,
                        "Flink Version must be defined.",
                    ));
                }
            }
        }
        if let Some(parallelism) = &spec.parallelism
            && parallelism.text.parse::<i64>().is_ok_and(|count| count < 1)
            && spec.task_manager.replicas.is_none()
        {
            findings.push(
                Finding::new(&META, "the parallelism of a job is at least one")
                    .primary(parallelism.span, "no task runs")
                    .help("set it to 1 or more")
                    .flink_message("Job parallelism must be larger than 0"),
            );
        }
    }
}

/// `flinkVersion` is one of the operator's constants.
fn no_version(version: &Scalar) -> Option<Finding> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let parts = version.text.strip_prefix('v').and_then(|text| text.split_once('_'));
    if parts.is_some_and(|(major, minor)| is_number(major) && is_number(minor)) {
        return None;
    }
    Some(
        Finding::new(&META, format!("`{}` is no version to the operator", version.text))
            .primary(version.span, "a constant such as v1_20 is expected")
            .help("write v, the major version, _ and the minor version"),
    )
}

fn missing(field: &str, span: Span, flink: &str) -> Finding {
    Finding::new(&META, format!("`{field}` is missing"))
        .primary(span, format!("`{field}` is expected in here"))
        .help(format!("set `{field}`"))
        .flink_message(flink)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn kinds_and_their_fields() {
        check(
            &ManifestIncomplete,
            "# file: orders.yaml
kind: FlinkSessionJob
spec:
#^^^^ FO012 `deploymentName` is expected in here
  job:
    parallelism: 0
#                ^ FO012 no task runs
"
            .replace("#^^^^ FO", "#^^^ FO")
            .as_str(),
        );
    }
}
