use super::directory::Directory;
use super::options::{DIRECTORY, SAVEPOINT_DIRECTORY};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct DirectoryWithoutScheme;

static META: RuleMeta = RuleMeta {
    code: "FC003",
    name: "directory-without-scheme",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "AbstractFsCheckpointStorageAccess and ExternalizedSnapshotLocation, Flink 1.10.3 to \
        2.3.0",
    docs: r"
Flink takes the directories of checkpoints and savepoints only with a scheme. The default file
system does not fill it in: a job that uses the directory fails when it is submitted.
## Bad
execution.checkpointing.dir: /flink/checkpoints
execution.checkpointing.interval: 60s
## Good
execution.checkpointing.dir: hdfs:///flink/checkpoints
execution.checkpointing.interval: 60s
",
};

impl Rule for DirectoryWithoutScheme {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for keys in [DIRECTORY, SAVEPOINT_DIRECTORY] {
            let Some(setting) = ctx.lookup_renamed(&keys) else { continue };
            if Directory::parse(&setting.value.text()).scheme.is_none() {
                findings.push(no_scheme(setting));
            }
        }
    }
}

fn no_scheme(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("Flink refuses `{}` without a scheme", setting.key))
        .primary(setting.value_span, "no scheme")
        .help("say which file system it is on, such as `hdfs://`, `oss://bucket` or `s3://bucket`")
        .flink_message(
            "The scheme (hdfs://, file://, etc) is null. Please specify the file system scheme \
             explicitly in the URI.",
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn plain_and_relative_paths() {
        check(
            &DirectoryWithoutScheme,
            r"
state.checkpoints.dir: /flink/checkpoints
#                      ^^^^^^^^^^^^^^^^^^ FC003 no scheme
state.savepoints.dir: savepoints
#                     ^^^^^^^^^^ FC003 no scheme
",
        );
        check(
            &DirectoryWithoutScheme,
            "state.checkpoints.dir: hdfs:/c\nstate.savepoints.dir: file:///s\n",
        );
    }
}
