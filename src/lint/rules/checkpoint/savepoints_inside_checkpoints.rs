use super::options::{DIRECTORY, SAVEPOINT_DIRECTORY};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct SavepointsInsideCheckpoints;

static META: RuleMeta = RuleMeta {
    code: "FC016",
    name: "savepoints-inside-checkpoints",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "1 of 25 public configurations",
    docs: r"
Savepoints lie below the directory of checkpoints. Whoever cleans up old checkpoints, by hand or by
a rule of the bucket, deletes savepoints with them, and those are kept on purpose.
## Bad
execution.checkpointing.dir: oss://bucket/flink
execution.checkpointing.savepoint-dir: oss://bucket/flink/savepoints
execution.checkpointing.interval: 60s
## Good
execution.checkpointing.dir: oss://bucket/flink/checkpoints
execution.checkpointing.savepoint-dir: oss://bucket/flink/savepoints
execution.checkpointing.interval: 60s
",
};

impl Rule for SavepointsInsideCheckpoints {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(savepoints) = ctx.lookup_renamed(&SAVEPOINT_DIRECTORY) else { return };
        let Some(checkpoints) = ctx.lookup_renamed(&DIRECTORY) else { return };
        let (inner, outer) = (savepoints.value.text(), checkpoints.value.text());
        let outer = outer.trim_end_matches('/');
        let rest = inner.trim_end_matches('/').strip_prefix(outer);
        // Equal directories are common and told apart by their subdirectories' names.
        if !outer.is_empty() && rest.is_some_and(|rest| rest.starts_with('/')) {
            findings.push(inside(savepoints, checkpoints));
        }
    }
}

fn inside(savepoints: &Setting<'_>, checkpoints: &Setting<'_>) -> Finding {
    Finding::new(&META, "savepoints lie inside the directory of checkpoints")
        .primary(savepoints.value_span, "cleaned up together with checkpoints")
        .related(checkpoints.value_span, "checkpoints of all jobs")
        .help("give them directories beside each other")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn below_but_not_beside_nor_equal() {
        check(
            &SavepointsInsideCheckpoints,
            r"
state.checkpoints.dir: oss://b/flink/
#                      ^^^^^^^^^^^^^^ checkpoints of all jobs
state.savepoints.dir: oss://b/flink/sp
#                     ^^^^^^^^^^^^^^^^ FC016 cleaned up together with checkpoints
",
        );
        let silent = |savepoints: &str| {
            check(
                &SavepointsInsideCheckpoints,
                &format!(
                    "state.checkpoints.dir: oss://b/flink\nstate.savepoints.dir: {savepoints}\n"
                ),
            );
        };
        silent("oss://b/flink");
        silent("oss://b/flink-savepoints");
        silent("oss://b");
    }
}
