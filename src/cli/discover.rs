//! The files of a folder that configure Flink.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::manifest::configures_flink;
use crate::workspace::SETTINGS_FILE_NAME;

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Discovered {
    /// Files that may configure Flink, by path.
    pub(super) files: Vec<PathBuf>,
    /// How many files there are.
    pub(super) file_count: usize,
}

/// Larger files are no configuration: Flink reads 3 Mi characters of YAML, Kubernetes takes 1 MiB.
const MAX_BYTES: u64 = 4 << 20;

/// Walks a folder on all cores; what `.gitignore` names, what is excluded and hidden files are left
/// out.
pub(super) fn discover(folder: &Path, is_excluded: &(dyn Fn(&Path) -> bool + Sync)) -> Discovered {
    let found = Mutex::new(Vec::new());
    let count = AtomicUsize::new(0);
    let walk = WalkBuilder::new(folder).require_git(false).build_parallel();
    walk.run(|| {
        Box::new(|entry| {
            let Ok(entry) = entry else { return WalkState::Continue };
            if entry.file_type().is_some_and(|kind| kind.is_file()) {
                count.fetch_add(1, Ordering::Relaxed);
                let wanted = is_candidate(&entry) && !is_excluded(entry.path());
                if wanted && is_about_flink(&entry) {
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    found.push(entry.into_path());
                }
            }
            WalkState::Continue
        })
    });
    let mut files = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    files.sort();
    Discovered { files, file_count: count.into_inner() }
}

/// Whether a file's name is one of a form that can be read.
fn is_candidate(entry: &DirEntry) -> bool {
    const ENDINGS: [&str; 13] = [
        "conf",
        "dockerfile",
        "java",
        "job",
        "json",
        "kt",
        "py",
        "scala",
        "sh",
        "sql",
        "txt",
        "yaml",
        "yml",
    ];
    let Some(name) = entry.file_name().to_str() else { return false };
    if name == SETTINGS_FILE_NAME {
        return false;
    }
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    name.starts_with("Dockerfile")
        || ending.is_some_and(|ending| ENDINGS.iter().any(|it| it.eq_ignore_ascii_case(ending)))
}

fn is_about_flink(entry: &DirEntry) -> bool {
    let is_small = entry.metadata().is_ok_and(|metadata| metadata.len() <= MAX_BYTES);
    let Some(name) = entry.file_name().to_str().filter(|_| is_small) else { return false };
    // What cannot be read now fails again, and loudly, only where somebody names it.
    let Ok(bytes) = fs::read(entry.path()) else { return false };
    configures_flink(name, &String::from_utf8_lossy(&bytes))
}
