use super::directory::LocalPlace;
use super::options::{FORST_LOCAL_DIRECTORIES, ROCKSDB_LOCAL_DIRECTORIES};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::StateBackend;

pub(in crate::lint::rules) struct StateDirectoryUnderTmp;

static META: RuleMeta = RuleMeta {
    code: "FC017",
    name: "state-directory-under-tmp",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "CheckpointingOptions and CoreOptions.TMP_DIRS, Flink 1.10 to 2.3; 4 of 25 public \
        configurations",
    docs: r"
The backend keeps its working files in a directory that is small, cleared from time to time, or in
memory. `/tmp` often lies on the root disk of a host or in the thin layer of a container: large
state fills it, and cleaning it up forces a full recovery. Files below `/dev/shm` or `/run` count
as memory of the container.
## Bad
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /tmp/rocksdb
## Good
state.backend.type: rocksdb
state.backend.rocksdb.localdir: /data/rocksdb
",
};

/// Directories that hold state whichever backend is used: copies for local recovery, and working
/// directories.
const ANY_BACKEND: [&str; 4] = [
    "taskmanager.state.local.root-dirs",
    "execution.checkpointing.local-backup.dirs",
    "process.taskmanager.working-dir",
    "process.working-dir",
];
const TMP_DIRECTORIES: &str = "io.tmp.dirs";

impl Rule for StateDirectoryUnderTmp {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let own = match ctx.state_backend().backend {
            StateBackend::RocksDb => ctx.lookup_renamed(&ROCKSDB_LOCAL_DIRECTORIES),
            StateBackend::ForSt => ctx.lookup_renamed(&FORST_LOCAL_DIRECTORIES),
            _ => None,
        };
        let on_disk =
            matches!(ctx.state_backend().backend, StateBackend::RocksDb | StateBackend::ForSt);
        // The general directories hold the backend's files unless it has its own. Small state may
        // well pass through /tmp, which is the default there.
        let general = ctx.lookup(TMP_DIRECTORIES).filter(|_| own.is_none());
        let always = ANY_BACKEND.iter().filter_map(|key| ctx.setting_of(key));
        for (setting, tmp_matters) in own
            .map(|it| (it, true))
            .into_iter()
            .chain(general.map(|it| (it, on_disk)))
            .chain(always.map(|it| (it, true)))
        {
            let text = setting.value.text();
            let places = text.split([',', ':']).map(|path| (path, LocalPlace::of(path.trim())));
            let bad = places.into_iter().find(|(_, place)| match place {
                LocalPlace::Memory => true,
                LocalPlace::Tmp => tmp_matters,
                LocalPlace::Elsewhere => false,
            });
            match bad {
                Some((path, LocalPlace::Memory)) => findings.push(in_memory(setting, path)),
                Some((_, _)) => findings.push(in_tmp(setting)),
                None => {}
            }
        }
    }
}

fn in_tmp(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("`{}` keeps state under /tmp", setting.key))
        .primary(setting.value_span, "often small, and cleared")
        .help("use a disk of its own that is large enough for the state")
}

fn in_memory(setting: &Setting<'_>, path: &str) -> Finding {
    Finding::new(&META, format!("`{}` keeps state in memory", setting.key))
        .primary(setting.value_span, "files here count against the container's memory limit")
        .help(format!("{} is memory; use a disk that is large enough for the state", path.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn rocksdb_under_tmp() {
        check(
            &StateDirectoryUnderTmp,
            r"
state.backend: rocksdb
state.backend.rocksdb.localdir: /data/a,/tmp/b
#                               ^^^^^^^^^^^^^^ FC017 often small, and cleared
io.tmp.dirs: /tmp
",
        );
        check(
            &StateDirectoryUnderTmp,
            r"
state.backend: rocksdb
io.tmp.dirs: /tmp
#            ^^^^ FC017 often small, and cleared
",
        );
    }

    #[test]
    fn small_state_may_pass_through_tmp_but_not_through_memory() {
        check(&StateDirectoryUnderTmp, "io.tmp.dirs: /tmp\n");
        check(
            &StateDirectoryUnderTmp,
            "state.backend: rocksdb\nstate.backend.rocksdb.localdir: /data\nio.tmp.dirs: /tmp\n",
        );
        check(
            &StateDirectoryUnderTmp,
            r"
io.tmp.dirs: /dev/shm
#            ^^^^^^^^ FC017 files here count against the container's memory limit
",
        );
    }

    #[test]
    fn copies_for_local_recovery() {
        check(
            &StateDirectoryUnderTmp,
            r"
taskmanager.state.local.root-dirs: /var/tmp/flink
#                                  ^^^^^^^^^^^^^^ FC017 often small, and cleared
process.working-dir: /data/work
",
        );
    }
}
