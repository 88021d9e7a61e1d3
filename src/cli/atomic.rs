//! Writing files so that whoever reads them, or kills us, sees the old text or the new one.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Replaces the content of `path` if it still is `expected`.
///
/// # Errors
/// Those of [`write`], and a file that holds something else.
pub(super) fn replace(path: &Path, expected: &[u8], content: &[u8]) -> io::Result<()> {
    if fs::read(path)? != expected {
        return Err(io::Error::other("changed while it was checked; nothing was written"));
    }
    write(path, content)
}

/// Replaces the content of `path`, or creates it: a temporary file beside it is written, synced
/// and renamed.
///
/// Permissions stay, and a symbolic link stays one: what it points to is replaced.
///
/// # Errors
/// Those of the file system; `path` then is as it was.
pub(super) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let permissions = match fs::metadata(&target) {
        // A pipe or a device cannot be replaced, only written to.
        Ok(metadata) if !metadata.is_file() => return fs::write(&target, content),
        Ok(metadata) => Some(metadata.permissions()),
        Err(_) => None,
    };
    let (temporary, file) = create_beside(&target)?;
    let result = fill(file, content, permissions)
        .and_then(|()| fs::rename(&temporary, &target))
        .and_then(|()| sync_folder(&target));
    if result.is_err() {
        // The error that counts is the first one.
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// A new file in the folder of `target`, since a rename between file systems is no rename.
fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    const ATTEMPTS: u32 = 100;
    let name = target.file_name().unwrap_or_default();
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..ATTEMPTS {
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}-{attempt}.slotwise", std::process::id()));
        let temporary = target.with_file_name(temporary);
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

fn fill(mut file: File, content: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.write_all(content)?;
    file.sync_all()
}

/// Makes the rename last over a loss of power, where folders can be synced at all.
fn sync_folder(target: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = target.parent().filter(|folder| *folder != Path::new(""));
        // Some file systems refuse; the file itself is in place.
        let _ = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("slotwise-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_file_that_has_changed_is_left_alone() {
        let folder = folder("changed");
        let path = folder.join("a.yaml");
        fs::write(&path, "theirs").unwrap();
        assert!(replace(&path, b"old", b"ours").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        replace(&path, b"theirs", b"ours").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"ours");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = folder("links");
        let (file, link) = (folder.join("file"), folder.join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        write(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        fs::remove_dir_all(folder).unwrap();
    }
}
