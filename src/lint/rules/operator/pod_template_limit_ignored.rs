use super::{operator, processes};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::{PodLimit, ProcessSpec};

pub(in crate::lint::rules) struct PodTemplateLimitIgnored;

static META: RuleMeta = RuleMeta {
    code: "FO006",
    name: "pod-template-limit-ignored",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "InitTaskManagerDecorator and KubernetesUtils.getResourceRequirements, Flink 1.13 to 2.3",
    docs: r#"
Flink writes requests and limits of its main container itself, from `resource`; what a pod template
says of them is overwritten. A limit above the request is `kubernetes.taskmanager.memory.limit-factor`.
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
    podTemplate:
      spec:
        containers:
          - name: flink-main-container
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
    podTemplate:
      spec:
        containers:
          - name: flink-main-container
            env: []
"#,
};

impl Rule for PodTemplateLimitIgnored {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(spec) = operator(ctx) else { return };
        let mut told = Vec::new();
        for (_, process) in processes(spec) {
            for limit in &process.pod_limits {
                // One template of the whole resource serves both processes.
                if process.memory.is_some() && !told.contains(&limit.text.span) {
                    told.push(limit.text.span);
                    findings.push(ignored(limit, process));
                }
            }
        }
    }
}

fn ignored(limit: &PodLimit, process: &ProcessSpec) -> Finding {
    let finding =
        Finding::new(&META, format!("Flink overwrites these {} of the pod template", limit.name))
            .primary(limit.text.span, "not used")
            .help(
                "set resource.memory, and a limit above it with kubernetes.*.memory.limit-factor",
            );
    match &process.memory {
        Some(memory) => finding.related(memory.span, "request and limit of the container"),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn requests_and_limits_of_the_main_container() {
        check(
            &PodTemplateLimitIgnored,
            "# file: orders.yaml
kind: FlinkDeployment
spec:
  podTemplate:
    spec:
      containers:
        - name: flink-main-container
          resources:
            requests:
              memory: 3Gi
#                     ^^^ FO006 not used
        - name: sidecar
          resources:
            limits:
              memory: 64Mi
  taskManager:
    resource:
      memory: 2g
#             ^^ request and limit of the container
",
        );
    }
}
