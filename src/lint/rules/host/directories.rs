//! The local directories that Flink will use, as far as the configuration names them.

use std::collections::BTreeSet;

use crate::config::Setting;
use crate::host::Directory;
use crate::lint::LintContext;
use crate::manifest::Role;
use crate::memory::{Deployment, StateBackend};
use crate::units::MemorySize;

/// A local directory that Flink will use.
pub(super) struct LocalDirectory<'c, 'a> {
    /// The option that names it.
    pub(super) key: &'static str,
    /// What sets that option; `None` for a default.
    pub(super) setting: Option<&'c Setting<'a>>,
    /// The path.
    pub(super) path: String,
    /// Whether the state backend keeps its files there.
    pub(super) holds_state: bool,
}

const TMP_DIRECTORIES: &str = "io.tmp.dirs";
/// What Java takes for temporary files on Linux.
const TMP: &str = "/tmp";
const GEMINI: &str = "state.backend.gemini.local.dir";
const ROCKSDB: &str = "state.backend.rocksdb.localdir";
const FORST: &str = "state.backend.forst.local-dir";
/// Directories that hold copies of state for recovery, and working directories.
const FURTHER: [&str; 4] = [
    "taskmanager.state.local.root-dirs",
    "execution.checkpointing.local-backup.dirs",
    "process.taskmanager.working-dir",
    "process.working-dir",
];
/// A configuration names a few; the limit keeps a hostile file from having thousands looked at.
const MAX_PATHS: usize = 64;

/// Every absolute local path, state's first.
pub(super) fn local_directories<'c, 'a>(ctx: &'c LintContext<'a>) -> Vec<LocalDirectory<'c, 'a>> {
    let role = ctx.own_deployment().map_or(Role::Cluster, |deployment| deployment.role);
    let backend = ctx.state_backend().backend;
    let key = match backend {
        StateBackend::Gemini => Some(GEMINI),
        StateBackend::RocksDb => Some(ROCKSDB),
        StateBackend::ForSt => Some(FORST),
        StateBackend::Heap | StateBackend::Other => None,
    };
    let mut directories = Vec::new();
    // A JobManager keeps no keyed state.
    if role != Role::JobManager {
        let own = key.and_then(|key| Some((key, ctx.lookup(key)?)));
        directories.extend(own.into_iter().flat_map(|(key, it)| listed(key, it, true)));
        for key in FURTHER {
            let setting = ctx.setting_of(key);
            directories.extend(setting.into_iter().flat_map(|it| listed(key, it, false)));
        }
    }
    let in_tmp = key.is_some() && directories.iter().all(|it| !it.holds_state);
    match ctx.lookup(TMP_DIRECTORIES) {
        Some(setting) => directories.extend(listed(TMP_DIRECTORIES, setting, in_tmp)),
        // YARN and Kubernetes name directories of their own.
        None if Deployment::of(ctx.target) == Deployment::Standalone => {
            let (key, path) = (TMP_DIRECTORIES, TMP.to_owned());
            directories.push(LocalDirectory { key, setting: None, path, holds_state: in_tmp });
        }
        None => {}
    }
    directories.truncate(MAX_PATHS);
    directories
}

/// The paths that a setting lists.
///
/// Source: `ConfigurationUtils.splitPaths`, Flink 1.10 to 2.3, on Linux.
fn listed<'c, 'a>(
    key: &'static str,
    setting: &'c Setting<'a>,
    holds_state: bool,
) -> Vec<LocalDirectory<'c, 'a>> {
    let text = setting.value.text();
    // Of Gemini's option no page shows a list, and some write a URI.
    let paths: Vec<&str> = match key {
        GEMINI => vec![text.trim().strip_prefix("file://").unwrap_or(text.trim())],
        _ => text.split([',', ':']).map(str::trim).collect(),
    };
    let absolute = paths.into_iter().filter(|path| path.starts_with('/'));
    absolute
        .map(|path| LocalDirectory {
            key,
            setting: Some(setting),
            path: path.to_owned(),
            holds_state,
        })
        .collect()
}

/// The local paths that a configuration names, for whoever looks at a machine.
pub fn local_paths(ctx: &LintContext<'_>) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for directory in local_directories(ctx) {
        if !paths.contains(&directory.path) {
            paths.push(directory.path);
        }
    }
    paths
}

/// The space that the machine has for the state of each TaskManager; `None` if no machine was
/// read, or if it does not tell.
pub fn state_disk(ctx: &LintContext<'_>) -> Option<MemorySize> {
    let host = ctx.host()?;
    let directories = local_directories(ctx).into_iter().filter(|it| it.holds_state);
    let found: Vec<&Directory> = directories.filter_map(|it| host.directory(&it.path)).collect();
    // Directories of one file system share its space.
    let mut seen = BTreeSet::new();
    let mut free = None;
    for directory in found {
        let (Some(space), Some(mount)) = (directory.space, &directory.mount) else { return None };
        if seen.insert(&mount.point) {
            let sum: MemorySize = free.unwrap_or_default();
            free = Some(sum.checked_add(space.free).unwrap_or(MemorySize::MAX));
        }
    }
    let each = free?.bytes() / u64::from(host.task_manager_count.max(1));
    MemorySize::from_bytes(each).ok()
}
