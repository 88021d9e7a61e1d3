use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::{MemoryLimit, Role};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct ContainerLimit;

static META: RuleMeta = RuleMeta {
    code: "FD002",
    name: "container-limit-below-process",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/memory/mem_trouble/; cgroups",
    docs: r#"
The container may use less memory than Total Process Memory: it is killed (exit code 137) as soon as
Flink uses what it was given. A limit far above it is memory that nobody uses.
## Bad
# target: flink-1.20
# file: compose.yaml
services:
  taskmanager:
    image: flink:1.20
    command: taskmanager
    environment:
      FLINK_PROPERTIES: |
        taskmanager.memory.process.size: 2g
    deploy:
      resources:
        limits:
          memory: 1536m
## Good
# target: flink-1.20
# file: compose.yaml
services:
  taskmanager:
    image: flink:1.20
    command: taskmanager
    environment:
      FLINK_PROPERTIES: |
        taskmanager.memory.process.size: 2g
    deploy:
      resources:
        limits:
          memory: 2g
"#,
};

impl Rule for ContainerLimit {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(deployment) = ctx.deployment() else { return };
        let limit = deployment.container().and_then(|container| container.memory_limit.as_ref());
        let Some((limit, size)) = limit.and_then(|limit| Some((limit, limit.size?))) else {
            return;
        };
        let (total, key) = match deployment.role {
            Role::TaskManager => (
                ctx.memory().task_manager.result.as_ref().ok().map(|it| it.total_process_memory),
                "taskmanager.memory.process.size",
            ),
            Role::JobManager => (
                ctx.memory()
                    .job_manager
                    .result
                    .as_ref()
                    .ok()
                    .and_then(|it| it.beyond_heap)
                    .map(|it| it.total_process_memory),
                "jobmanager.memory.process.size",
            ),
            Role::Cluster | Role::Part => return,
        };
        let Some(total) = total else { return };
        let setting = ctx.lookup(key).filter(|it| it.value_span != limit.text.span);
        if size < total {
            findings.push(too_small(limit, size, total, setting));
        } else if size.bytes() / 13 > total.bytes() / 10 {
            findings.push(wasted(limit, size, total, setting));
        }
    }
}

fn too_small(
    limit: &MemoryLimit,
    size: MemorySize,
    total: MemorySize,
    setting: Option<&Setting<'_>>,
) -> Finding {
    let finding = Finding::new(
        &META,
        format!("the container may use {}, and Flink takes {}", size.short(), total.short()),
    )
    .primary(limit.text.span, "killed above this (exit code 137)")
    .help("raise the limit to Total Process Memory, or lower process.size");
    with_total(finding, total, setting)
}

fn wasted(
    limit: &MemoryLimit,
    size: MemorySize,
    total: MemorySize,
    setting: Option<&Setting<'_>>,
) -> Finding {
    let finding = Finding::new(&META, format!("of {} Flink uses {}", size.short(), total.short()))
        .severity(Severity::Info)
        .primary(limit.text.span, "paid for and not used")
        .help("raise process.size to the limit, or lower the limit");
    with_total(finding, total, setting)
}

fn with_total(finding: Finding, total: MemorySize, setting: Option<&Setting<'_>>) -> Finding {
    match setting {
        Some(setting) => finding
            .related(setting.value_span, format!("Total Process Memory is {}", total.human())),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn limits_of_compose_and_kubernetes() {
        check(
            &ContainerLimit,
            "# target: flink-1.20
# file: tm.yaml
kind: Deployment
metadata: {name: tm}
spec:
  template:
    spec:
      containers:
        - image: flink:1.20
          args: [taskmanager, -Dtaskmanager.memory.process.size=2g]
#                                                               ^^ Total Process Memory is 2.000gb (2147483648 bytes)
          resources:
            limits:
              memory: 2G
#                     ^^ FD002 killed above this (exit code 137)
",
        );
    }
}
