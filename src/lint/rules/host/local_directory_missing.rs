use super::directories::{LocalDirectory, local_directories};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::host::{Directory, DirectoryState};
use crate::lint::rules::memory::point;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct LocalDirectoryMissing;

static META: RuleMeta = RuleMeta {
    code: "FH005",
    name: "local-directory-missing",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "TaskManagerServices and EmbeddedRocksDBStateBackend, Flink 1.20: File.mkdirs",
    docs: r"
A local directory that the configuration names does not exist on this machine. Flink creates it, and
everything above it, so a disk that is not mounted goes unnoticed: the files then lie on the file
system that is there, as a rule the root's. Reported with `check --host` only.
## Bad
# host: memory=64g cores=8
# host-dir: /data/disk1/rocksdb missing ext4 100g
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /data/disk1/rocksdb
## Good
# host: memory=64g cores=8
# host-dir: /data/disk1/rocksdb writable ext4 100g
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /data/disk1/rocksdb
",
};

impl Rule for LocalDirectoryMissing {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(host) = ctx.host() else { return };
        for directory in local_directories(ctx) {
            let found = host.directory(&directory.path);
            findings.extend(found.and_then(|found| missing(&directory, found)));
        }
    }
}

fn missing(directory: &LocalDirectory<'_, '_>, found: &Directory) -> Option<Finding> {
    let DirectoryState::Missing { parent, can_create: true } = &found.state else { return None };
    let message = format!("{} does not exist on this machine", directory.path);
    let on = found.mount.as_ref().map(|mount| format!(", on the file system of {}", mount.point));
    let label = format!("Flink would create it in {parent}{}", on.unwrap_or_default());
    let finding = point(Finding::new(&META, message), [(directory.setting, label)]);
    Some(finding.help("mount its disk, or create it if that is the right place"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn where_the_files_would_lie() {
        check(
            &LocalDirectoryMissing,
            r"
# target: emr-3.28.2
# host: memory=64g cores=8
# host-dir: /mnt/disk1/gemini missing ext4 100g
state.backend.gemini.local.dir: /mnt/disk1/gemini
#                               ^^^^^^^^^^^^^^^^^ FH005 Flink would create it in /data, on the file system of /data
",
        );
    }
}
