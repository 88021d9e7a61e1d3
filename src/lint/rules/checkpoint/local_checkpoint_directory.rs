use super::directory::{Directory, LocalPlace};
use super::options::{DIRECTORY, SAVEPOINT_DIRECTORY};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct LocalCheckpointDirectory;

static META: RuleMeta = RuleMeta {
    code: "FC005",
    name: "local-checkpoint-directory",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "ops/state/checkpoints, Flink 1.20: the directory must be reachable from all hosts; \
        8 of 25 public configurations",
    docs: r"
Each TaskManager writes its part of a checkpoint, and another host may have to read it. A
directory with `file:` works only where every host and container mounts the same volume there; a
path whose name says so, such as `/mnt/...` or `/nfs/...`, is not reported.
## Bad
execution.checkpointing.dir: file:///opt/flink/checkpoints
execution.checkpointing.interval: 60s
## Good
execution.checkpointing.dir: hdfs:///flink/checkpoints
execution.checkpointing.interval: 60s
",
};

/// Parts of a path that tell of a volume which hosts share.
const SHARED: [&str; 14] = [
    "mnt", "mount", "net", "nfs", "nas", "efs", "pvc", "pv", "share", "shared", "volume",
    "volumes", "ceph", "lustre",
];

impl Rule for LocalCheckpointDirectory {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        for (keys, what) in [(DIRECTORY, "checkpoints"), (SAVEPOINT_DIRECTORY, "savepoints")] {
            let Some(setting) = ctx.lookup_renamed(&keys) else { continue };
            let text = setting.value.text();
            let directory = Directory::parse(&text);
            let shared = directory.path.split(['/', '-', '_']).any(|part| SHARED.contains(&part));
            if directory.scheme.is_some() && directory.is_local() && !directory.is_root() && !shared
            {
                findings.push(match LocalPlace::of(directory.path) {
                    LocalPlace::Memory => in_memory(setting, what),
                    LocalPlace::Tmp => in_tmp(setting, what),
                    LocalPlace::Elsewhere => on_one_host(setting, what),
                });
            }
        }
    }
}

fn on_one_host(setting: &Setting<'_>, what: &str) -> Finding {
    Finding::new(&META, format!("{what} go to each host's own disk"))
        .primary(setting.value_span, "another host cannot read this")
        .help("use a file system that every host reaches, or mount one volume here on all of them")
}

fn in_tmp(setting: &Setting<'_>, what: &str) -> Finding {
    Finding::new(&META, format!("{what} go to a directory that hosts and containers clear"))
        .primary(setting.value_span, "gone after a restart")
        .help("use a file system that every host reaches and that outlives them")
}

fn in_memory(setting: &Setting<'_>, what: &str) -> Finding {
    Finding::new(&META, format!("{what} go to the memory of one host"))
        .primary(setting.value_span, "in memory, gone after a restart")
        .help("use a file system that every host reaches and that outlives them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn local_places() {
        check(
            &LocalCheckpointDirectory,
            r"
state.checkpoints.dir: file:///tmp/checkpoints
#                      ^^^^^^^^^^^^^^^^^^^^^^^ FC005 gone after a restart
state.savepoints.dir: file:///opt/flink/savepoints
#                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ FC005 another host cannot read this
",
        );
        check(
            &LocalCheckpointDirectory,
            r"
# target: emr-3.28.2
state.checkpoints.dir: file:///dev/shm/c
#                      ^^^^^^^^^^^^^^^^^ FC005 in memory, gone after a restart
",
        );
    }

    #[test]
    fn shared_and_remote_places() {
        check(&LocalCheckpointDirectory, "state.checkpoints.dir: file:///mnt/flink/c\n");
        check(&LocalCheckpointDirectory, "state.checkpoints.dir: file:///flink-shared/c\n");
        check(&LocalCheckpointDirectory, "state.checkpoints.dir: oss://tmp/c\n");
        check(&LocalCheckpointDirectory, "state.checkpoints.dir: /tmp/c\n");
    }
}
