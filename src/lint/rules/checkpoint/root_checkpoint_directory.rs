use super::directory::Directory;
use super::options::{DIRECTORY, SAVEPOINT_DIRECTORY};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct RootCheckpointDirectory;

static META: RuleMeta = RuleMeta {
    code: "FC004",
    name: "root-checkpoint-directory",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "AbstractFsCheckpointStorageAccess and ExternalizedSnapshotLocation, Flink 1.10.3 to \
        2.3.0",
    docs: r"
Flink does not write checkpoints or savepoints to the root of a file system or bucket. A job that
uses the directory fails when it is submitted.
## Bad
execution.checkpointing.dir: oss://bucket
execution.checkpointing.interval: 60s
## Good
execution.checkpointing.dir: oss://bucket/checkpoints
execution.checkpointing.interval: 60s
",
};

impl Rule for RootCheckpointDirectory {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for keys in [DIRECTORY, SAVEPOINT_DIRECTORY] {
            let Some(setting) = ctx.lookup_renamed(&keys) else { continue };
            let text = setting.value.text();
            let directory = Directory::parse(&text);
            if directory.scheme.is_some() && directory.is_root() {
                findings.push(root(setting));
            }
        }
    }
}

fn root(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("Flink refuses a root directory for `{}`", setting.key))
        .primary(setting.value_span, "no directory below the root")
        .help("add a directory, such as `/checkpoints`")
        .flink_message("Cannot use the root directory for checkpoints.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn buckets_and_roots() {
        check(
            &RootCheckpointDirectory,
            r"
state.checkpoints.dir: oss://bucket/
#                      ^^^^^^^^^^^^^ FC004 no directory below the root
state.savepoints.dir: hdfs:///
#                     ^^^^^^^^ FC004 no directory below the root
",
        );
        check(&RootCheckpointDirectory, "state.checkpoints.dir: oss://bucket/a\n");
        check(&RootCheckpointDirectory, "state.checkpoints.dir: /\n");
    }
}
