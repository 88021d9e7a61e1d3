use super::directories::{LocalDirectory, local_directories, state_disk};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::host::Space;
use crate::lint::rules::memory::point;
use crate::lint::{LintContext, Rule};
use crate::memory::{BackendMemory, GeminiMemory};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct LocalDiskSpace;

static META: RuleMeta = RuleMeta {
    code: "FH007",
    name: "local-disk-space",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "statvfs(3); LSM trees hold what has left their memory on disk",
    docs: r"
This machine has less free space where the state backend keeps its files than the backend has memory:
the disk is full before the state has outgrown memory. Or a directory for temporary files has less
than 512 MiB: job jars, native libraries and spilled records go there. How much the state of a
workload needs is another question: `check --host --workload FILE` answers it with the free space
that it finds. Reported with `check --host` only.
## Bad
# host: memory=64g cores=8
# host-dir: /data/rocksdb writable ext4 1g
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /data/rocksdb
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 8g
## Good
# host: memory=64g cores=8
# host-dir: /data/rocksdb writable ext4 100g
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /data/rocksdb
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 8g
",
};

/// What a TaskManager puts into its temporary directories before any record: the job's jar, often
/// 100 MiB and more, and RocksDB's native library.
const LEAST: MemorySize = MemorySize::from_mebibytes(512);

impl Rule for LocalDiskSpace {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(host) = ctx.host() else { return };
        let directories = local_directories(ctx);
        if let (Some(free), Some(memory)) = (state_disk(ctx), backend_memory(ctx))
            && free < memory
            && let Some(state) = directories.iter().find(|it| it.holds_state)
        {
            findings.push(less_than_memory(state, free, memory));
            return;
        }
        for directory in directories {
            let space = host.directory(&directory.path).and_then(|found| found.space);
            if let Some(space) = space.filter(|space| space.free < LEAST) {
                findings.push(hardly_any(&directory, space));
            }
        }
    }
}

/// The memory of all backends of a TaskManager that keep state on disk.
fn backend_memory(ctx: &LintContext<'_>) -> Option<MemorySize> {
    let memory = ctx.memory();
    match &memory.backend.as_ref()?.memory {
        BackendMemory::Gemini(GeminiMemory::OwnSize(own)) => own.needed,
        BackendMemory::Gemini(GeminiMemory::Managed(_)) | BackendMemory::RocksDb(_) => {
            Some(memory.task_manager.result.as_ref().ok()?.managed)
        }
        BackendMemory::Heap { .. } | BackendMemory::Unknown => None,
    }
}

fn less_than_memory(
    directory: &LocalDirectory<'_, '_>,
    free: MemorySize,
    memory: MemorySize,
) -> Finding {
    let message = format!(
        "this machine has {} free for a TaskManager's state, whose backends have {} of memory alone",
        free.short(),
        memory.short()
    );
    let place = (directory.setting, format!("{} free", free.short()));
    point(Finding::new(&META, message), [place]).help("use a larger disk, or free space on it")
}

fn hardly_any(directory: &LocalDirectory<'_, '_>, space: Space) -> Finding {
    let (path, free, total) = (&directory.path, space.free.short(), space.total.short());
    let message = format!("{path} has {free} of {total} free on this machine");
    let place = (directory.setting, "job jars and native libraries go here".to_owned());
    point(Finding::new(&META, message), [place]).help("free space there, or name another directory")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn the_space_for_all_task_managers_is_shared() {
        let count = |machine: &str, free: &str| {
            let text = format!(
                "# target: emr-3.28.2\n# host: memory=64g {machine}\n\
                 # host-dir: /data/gemini writable ext4 {free}\n\
                 state.backend.gemini.local.dir: /data/gemini\n\
                 taskmanager.memory.flink.size: 5g\n"
            );
            findings(&LocalDiskSpace, &text).len()
        };
        assert_eq!(count("cores=8", "2147483680b"), 0); // 0.4 of 5 GiB is 2147483680 bytes.
        assert_eq!(count("cores=8", "2147483679b"), 1);
        assert_eq!(count("cores=8 task-managers=2", "3g"), 1);
    }

    #[test]
    fn hardly_any_space_for_temporary_files() {
        check(
            &LocalDiskSpace,
            r"
# host: memory=64g cores=8
# host-dir: /data/tmp writable ext4 100m
io.tmp.dirs: /data/tmp
#            ^^^^^^^^^ FH007 job jars and native libraries go here
",
        );
    }
}
