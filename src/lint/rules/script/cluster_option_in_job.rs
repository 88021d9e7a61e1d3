use super::script;
use crate::config::Layer;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::manifest::{Language, is_of_cluster};
use crate::source::Span;

pub(in crate::lint::rules) struct ClusterOptionInJob;

static META: RuleMeta = RuleMeta {
    code: "FA002",
    name: "cluster-option-in-job",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "where Flink 1.20 and 2.3 read these options",
    docs: r#"
Memory, slots, network and high availability belong to processes that run already when a script or
program sets them, so nothing changes. A program that starts a cluster of its own, as tests do, is
left alone.
## Bad
-- target: flink-1.20
-- file: orders.sql
SET 'taskmanager.numberOfTaskSlots' = '4';
## Good
-- target: flink-1.20
-- file: orders.sql
SET 'table.exec.state.ttl' = '1 h';
"#,
};

impl Rule for ClusterOptionInJob {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some((deployment, spec)) =
            ctx.deployment().and_then(|it| Some((it, script(ctx).filter(|spec| !spec.is_local)?)))
        else {
            return;
        };
        let what = if spec.language == Language::Sql { "script" } else { "program" };
        for setting in &deployment.settings {
            if setting.layer == Layer::Job && is_of_cluster(&setting.key) {
                findings.push(no_effect(&setting.key, setting.key_span, what));
            }
        }
        for constant in &spec.cluster_constants {
            findings.push(no_effect(&constant.text, constant.span, what));
        }
    }
}

fn no_effect(option: &str, span: Span, what: &str) -> Finding {
    Finding::new(&META, format!("`{option}` is the cluster's and has no effect in a {what}"))
        .primary(span, "read as the processes start")
        .help("set it in the cluster's configuration, or with -D as the cluster starts")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn keys_and_constants() {
        check(
            &ClusterOptionInJob,
            r##"
# target: flink-1.20
# file: Orders.java
config.set(TaskManagerOptions.NUM_TASK_SLOTS, 4);
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FA002 read as the processes start
config.setString("taskmanager.memory.process.size", size);
#                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FA002 read as the processes start
config.setString("pipeline.name", "x");
"##,
        );
        check(
            &ClusterOptionInJob,
            "# file: T.java\ncreateLocalEnvironment(c.set(TaskManagerOptions.CPU_CORES, 1.0));\n",
        );
    }
}
