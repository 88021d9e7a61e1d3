//! Paths as people mean them, without asking the disk.

use std::path::{Component, Path, PathBuf};

/// The path from the root, without `.` and `..`; what a symbolic link points to is not asked.
pub fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            // What is above the root is the root.
            Component::ParentDir => drop(clean.pop()),
            other => clean.push(other),
        }
    }
    clean
}

/// The path as seen from a folder, both absolute, with `/` between folders.
pub fn seen_from(folder: &Path, path: &Path) -> String {
    for (up, ancestor) in folder.ancestors().enumerate() {
        if let Ok(rest) = path.strip_prefix(ancestor) {
            return format!("{}{}", "../".repeat(up), rest.to_string_lossy().replace('\\', "/"));
        }
    }
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_their_detours() {
        for (path, expected) in
            [("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/../a", "/a"), ("/a/b/..", "/a")]
        {
            assert_eq!(absolute(Path::new(path)), Path::new(expected));
        }
        assert!(absolute(Path::new("a")).is_absolute());
    }

    #[test]
    fn a_path_is_seen_from_a_folder() {
        for (folder, path, expected) in
            [("/a", "/a/b/c", "b/c"), ("/a/b", "/a/c", "../c"), ("/", "/a", "a"), ("/a", "/a", "")]
        {
            assert_eq!(seen_from(Path::new(folder), Path::new(path)), expected);
        }
    }
}
