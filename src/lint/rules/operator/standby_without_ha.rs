use super::{operator, processes};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::Scalar;

pub(in crate::lint::rules) struct StandbyWithoutHa;

static META: RuleMeta = RuleMeta {
    code: "FO009",
    name: "standby-without-high-availability",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "DefaultValidator, operator 1.0 to 1.13",
    docs: r#"
More than one JobManager needs high availability to agree on a leader; less than one is none.
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
    replicas: 2
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
    high-availability.type: kubernetes
    high-availability.storageDir: s3://bucket/ha
  jobManager:
    replicas: 2
    resource:
      memory: 1600m
  taskManager:
    resource:
      memory: 2048m
"#,
};

impl Rule for StandbyWithoutHa {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = operator(ctx) else { return };
        for (name, process) in processes(spec) {
            let Some(replicas) = &process.replicas else { continue };
            if replicas.text.parse::<i64>().is_ok_and(|count| count < 1) {
                findings.push(none(name, replicas));
            }
        }
        if let Some(replicas) = &spec.job_manager.replicas
            && replicas.text.parse::<i64>().is_ok_and(|count| count > 1)
            && !is_highly_available(ctx)
        {
            findings.push(no_leader(replicas));
        }
    }
}

/// Whether a resource names high availability services of whatever kind.
pub(super) fn is_highly_available(ctx: &LintContext<'_>) -> bool {
    let set =
        ["high-availability.type", "high-availability"].into_iter().find_map(|key| ctx.lookup(key));
    set.is_some_and(|setting| !setting.value.text().eq_ignore_ascii_case("none"))
}

fn no_leader(replicas: &Scalar) -> Finding {
    Finding::new(&META, "several JobManagers need high availability")
        .primary(replicas.span, "standby JobManagers")
        .help("set high-availability.type: kubernetes and high-availability.storageDir, or keep one replica")
        .flink_message(
            "Kubernetes High availability should be enabled when starting standby JobManagers.",
        )
}

fn none(process: &str, replicas: &Scalar) -> Finding {
    Finding::new(&META, format!("{process} replicas must be at least one"))
        .primary(replicas.span, "none at all")
        .help("set it to 1, or leave it out")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn replicas() {
        check(
            &StandbyWithoutHa,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  jobManager:
    replicas: 3
#             ^ FO009 standby JobManagers
  taskManager:
    replicas: 0
#             ^ FO009 none at all
",
        );
    }
}
