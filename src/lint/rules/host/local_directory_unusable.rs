use super::directories::{LocalDirectory, local_directories};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::host::DirectoryState;
use crate::lint::rules::memory::point;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct LocalDirectoryUnusable;

static META: RuleMeta = RuleMeta {
    code: "FH004",
    name: "local-directory-unusable",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "TaskManagerServices and EmbeddedRocksDBStateBackend, Flink 1.20; access(2)",
    docs: r"
A local directory that the configuration names is no directory on this machine, cannot be written
to, or does not exist and cannot be created. A TaskManager does not start with such a directory in
`io.tmp.dirs`; RocksDB fails when the job starts if none of its directories works. Permissions are
those of the user that runs slotwise, so run it as Flink's user. Reported with `check --host` only.
## Bad
# host: memory=64g cores=8
# host-dir: /data/rocksdb forbidden ext4 100g
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /data/rocksdb
## Good
# host: memory=64g cores=8
# host-dir: /data/rocksdb writable ext4 100g
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /data/rocksdb
",
};

impl Rule for LocalDirectoryUnusable {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(host) = ctx.host() else { return };
        for directory in local_directories(ctx) {
            let found = host.directory(&directory.path);
            findings.extend(found.and_then(|found| unusable(&directory, &found.state)));
        }
    }
}

fn unusable(directory: &LocalDirectory<'_, '_>, state: &DirectoryState) -> Option<Finding> {
    let LocalDirectory { path, .. } = directory;
    let (what, help) = match state {
        DirectoryState::Writable | DirectoryState::Missing { can_create: true, .. } => return None,
        DirectoryState::NotWritable => (
            format!("{path} is not writable"),
            "let the user that runs Flink write there, or name another directory".to_owned(),
        ),
        DirectoryState::NotADirectory { at } if at == path => {
            (format!("{path} is not a directory"), "name a directory".to_owned())
        }
        DirectoryState::NotADirectory { at } => (
            format!("{path} cannot be created: {at} is not a directory"),
            "name a directory".to_owned(),
        ),
        DirectoryState::Missing { parent, .. } => (
            format!("{path} does not exist, and {parent} is not writable"),
            "create it for the user that runs Flink, or mount its disk".to_owned(),
        ),
    };
    let message = format!("{what} on this machine");
    let place = (directory.setting, format!("`{}` names it", directory.key));
    Some(point(Finding::new(&META, message), [place]).help(help))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::findings;

    use super::*;

    #[test]
    fn each_directory_of_a_list_by_itself() {
        let found = findings(
            &LocalDirectoryUnusable,
            "# host: memory=64g cores=8
# host-dir: /data/a writable ext4 100g
# host-dir: /data/b read-only ext4 100g
# host-dir: /data/c file ext4 100g
# host-dir: /data/d missing ext4 100g
io.tmp.dirs: /data/a,/data/b:/data/c,/data/d
",
        );
        let messages: Vec<_> = found.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "/data/b is not writable on this machine",
                "/data/c is not a directory on this machine",
            ]
        );
    }

    #[test]
    fn directories_of_a_backend_that_is_not_used() {
        let found = findings(
            &LocalDirectoryUnusable,
            "# host: memory=64g cores=8
# host-dir: /data/rocksdb forbidden ext4 100g
state.backend.type: hashmap
state.backend.rocksdb.localdir: /data/rocksdb
",
        );
        assert!(found.is_empty(), "{found:#?}");
    }
}
