use super::options::{DIRECTORY, STORAGE};
use crate::catalog::Release;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::StateBackend;

pub(in crate::lint::rules) struct CheckpointDirectoryMissing;

static META: RuleMeta = RuleMeta {
    code: "FC001",
    name: "checkpoint-directory-missing",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "FileSystemCheckpointStorage, FsStateBackendFactory, RocksDBStateBackendFactory, \
        Flink 1.10.3 to 2.3.0",
    docs: r"
Checkpoint storage in a file system needs a directory. From Flink 1.13 on the option for the
storage demands it, before that the backends `filesystem` and `rocksdb` do. Without one, every job
that does not bring its own storage fails when it is submitted.
## Bad
execution.checkpointing.interval: 60s
execution.checkpointing.storage: filesystem
## Good
execution.checkpointing.interval: 60s
execution.checkpointing.storage: filesystem
execution.checkpointing.dir: s3://bucket/checkpoints
",
};

impl Rule for CheckpointDirectoryMissing {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(key) = ctx.key_of(&DIRECTORY).filter(|key| ctx.lookup(key).is_none()) else {
            return;
        };
        let is =
            |setting: &Setting<'_>, name: &str| setting.value.text().eq_ignore_ascii_case(name);
        if ctx.release() >= Release::V1_13 {
            let storage = ctx.lookup_renamed(&STORAGE).filter(|it| is(it, "filesystem"));
            findings.extend(storage.map(|storage| storage_without_directory(storage, key)));
        } else if let Some(setting) = ctx.state_backend().setting {
            let name = match ctx.state_backend().backend {
                StateBackend::RocksDb => "RocksDB",
                StateBackend::Heap if is(setting, "filesystem") => "file system",
                _ => return,
            };
            findings.push(backend_without_directory(setting, name, key));
        }
    }
}

fn storage_without_directory(storage: &Setting<'_>, key: &str) -> Finding {
    Finding::new(&META, "checkpoint storage in a file system has no directory")
        .primary(storage.value_span, "needs a directory")
        .help(format!(
            "set `{key}` to a directory that every host reaches, such as oss://bucket/checkpoints"
        ))
        .flink_message(flink_message("file system", key))
}

fn backend_without_directory(backend: &Setting<'_>, name: &str, key: &str) -> Finding {
    Finding::new(&META, format!("the {name} state backend has no directory for checkpoints"))
        .primary(backend.value_span, "needs a directory")
        .help(format!(
            "set `{key}` to a directory that every host reaches, such as oss://bucket/checkpoints"
        ))
        .flink_message(flink_message(name, key))
}

fn flink_message(name: &str, key: &str) -> String {
    format!(
        "Cannot create the {name} state backend: The configuration does not specify the \
         checkpoint directory '{key}'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn file_system_storage_without_a_directory() {
        check(
            &CheckpointDirectoryMissing,
            r"
state.checkpoint-storage: FileSystem
#                         ^^^^^^^^^^ FC001 needs a directory
",
        );
        check(&CheckpointDirectoryMissing, "state.checkpoint-storage: jobmanager\n");
        check(&CheckpointDirectoryMissing, "state.backend: rocksdb\n");
    }

    #[test]
    fn up_to_1_12_the_backend_decides() {
        check(
            &CheckpointDirectoryMissing,
            r"
# target: flink-1.12
state.backend: rocksdb
#              ^^^^^^^ FC001 needs a directory
",
        );
        check(
            &CheckpointDirectoryMissing,
            "# target: flink-1.10\nstate.backend: filesystem\nstate.checkpoints.dir: hdfs:///c\n",
        );
        check(&CheckpointDirectoryMissing, "# target: flink-1.10\nstate.backend: jobmanager\n");
    }

    #[test]
    fn an_old_name_of_the_directory_counts() {
        check(
            &CheckpointDirectoryMissing,
            "state.checkpoint-storage: filesystem\nstate.backend.fs.checkpointdir: hdfs:///c\n",
        );
    }
}
