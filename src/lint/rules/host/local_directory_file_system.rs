use super::directories::{LocalDirectory, local_directories};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::host::{FileSystemKind, Mount};
use crate::lint::rules::memory::point;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct LocalDirectoryFileSystem;

static META: RuleMeta = RuleMeta {
    code: "FH006",
    name: "local-directory-file-system",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "/proc/filesystems of Linux; Documentation/filesystems/tmpfs.rst and overlayfs.rst",
    docs: r"
A local directory lies on a file system that does not suit state: in memory (`tmpfs`), where its
files count against the same limit as the process; across a network (`nfs`, FUSE programs for object
stores), where each read of state waits for it; or, as an info, in the writable layer of a container
(`overlay`), which is slow to write and gone with the container. Only for the last two does it matter
whether state is kept there. Reported with `check --host` only.
## Bad
# host: memory=64g cores=8
# host-dir: /data/rocksdb writable nfs4 100g
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /data/rocksdb
## Good
# host: memory=64g cores=8
# host-dir: /data/rocksdb writable xfs 100g
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /data/rocksdb
",
};

impl Rule for LocalDirectoryFileSystem {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(host) = ctx.host() else { return };
        for directory in local_directories(ctx) {
            let mount = host.directory(&directory.path).and_then(|found| found.mount.as_ref());
            findings.extend(mount.and_then(|mount| unsuited(&directory, mount)));
        }
    }
}

fn unsuited(directory: &LocalDirectory<'_, '_>, mount: &Mount) -> Option<Finding> {
    let LocalDirectory { path, holds_state, .. } = directory;
    let name = &mount.file_system;
    let (severity, what, label) = match mount.kind() {
        FileSystemKind::Disk => return None,
        // A default without state in it is nobody's decision.
        FileSystemKind::Memory if directory.setting.is_none() && !holds_state => return None,
        FileSystemKind::Network | FileSystemKind::Overlay if !holds_state => return None,
        FileSystemKind::Memory => (
            Severity::Warning,
            format!("is in memory ({name})"),
            "files here count against the memory limit",
        ),
        FileSystemKind::Network => (
            Severity::Warning,
            format!("lies across a network ({name})"),
            "each read of state would wait for the network",
        ),
        FileSystemKind::Overlay => (
            Severity::Info,
            format!("lies in the layer of a container ({name})"),
            "slow to write, and gone with the container",
        ),
    };
    let message = format!("{path} {what} on this machine");
    let finding = Finding::new(&META, message).severity(severity);
    let help = "use a directory on a local disk that is large enough for the state";
    Some(point(finding, [(directory.setting, label.to_owned())]).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::findings;

    #[test]
    fn state_in_memory_on_a_network_or_in_a_layer() {
        let severity = |file_system: &str, backend: &str| {
            let text = format!(
                "# host: memory=64g cores=8\n# host-dir: /data/x writable {file_system} 100g\n\
                 state.backend.type: {backend}\nio.tmp.dirs: /data/x\n"
            );
            findings(&LocalDirectoryFileSystem, &text).first().map(|it| it.severity)
        };
        assert_eq!(severity("tmpfs", "rocksdb"), Some(Severity::Warning));
        assert_eq!(severity("tmpfs", "hashmap"), Some(Severity::Warning));
        assert_eq!(severity("nfs", "rocksdb"), Some(Severity::Warning));
        assert_eq!(severity("nfs", "hashmap"), None);
        assert_eq!(severity("overlay", "rocksdb"), Some(Severity::Info));
        assert_eq!(severity("overlay", "hashmap"), None);
        assert_eq!(severity("ext4", "rocksdb"), None);
    }
}
