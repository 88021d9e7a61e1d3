//! Writing files so that whoever reads them, or kills us, sees the old text or the new one.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a file could not be written; it is as it was.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", path.display())]
pub(super) struct WriteError {
    /// The file.
    pub(super) path: PathBuf,
    /// What the system says.
    pub(super) cause: io::Error,
}

impl WriteError {
    fn of(path: &Path) -> impl Fn(io::Error) -> Self {
        move |cause| Self { path: path.to_owned(), cause }
    }
}

impl From<WriteError> for io::Error {
    fn from(error: WriteError) -> Self {
        Self::new(error.cause.kind(), error.to_string())
    }
}

/// Replaces the content of `path` if it still is `expected`.
///
/// # Errors
/// Those of [`write`], and a file that holds something else.
pub(super) fn replace(path: &Path, expected: &[u8], content: &[u8]) -> Result<(), WriteError> {
    let found = super::inputs::read_file(path).map_err(io::Error::other);
    if found.map_err(WriteError::of(path))? != expected {
        let changed = io::Error::other("changed while it was checked; nothing was written");
        return Err(WriteError::of(path)(changed));
    }
    write(path, content)
}

/// Replaces the content of `path`, or creates it, as [`AtomicFile`] does.
///
/// # Errors
/// Those of the file system.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let mut file = AtomicFile::begin(path)?;
    file.write_all(content).map_err(WriteError::of(path))?;
    file.commit()
}

/// The coming content of a file: a temporary one beside it is written, synced and renamed. Dropped
/// before [`commit`](Self::commit), it leaves everything as it was.
///
/// Permissions and, where the system allows, the owner stay, and a symbolic link stays one: what it
/// points to is replaced. A file that is read-only is refused, although its folder would allow it.
#[derive(Debug)]
pub(super) struct AtomicFile {
    path: PathBuf,
    target: PathBuf,
    /// None where a pipe or a device is written to, which cannot be replaced.
    temporary: Option<PathBuf>,
    file: File,
}

impl AtomicFile {
    /// Begins a content for `path`.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn begin(path: &Path) -> Result<Self, WriteError> {
        Self::open(path).map_err(WriteError::of(path))
    }

    fn open(path: &Path) -> io::Result<Self> {
        let target = match fs::canonicalize(path) {
            Ok(target) => target,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(error),
        };
        let path = path.to_owned();
        let metadata = fs::metadata(&target).ok();
        if metadata.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            let file = OpenOptions::new().write(true).open(&target)?;
            return Ok(Self { path, target, temporary: None, file });
        }
        if metadata.as_ref().is_some_and(|metadata| metadata.permissions().readonly()) {
            let refusal = "the file is read-only";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, refusal));
        }
        let (temporary, file) = create_beside(&target)?;
        let created = Self { path, target, temporary: Some(temporary), file };
        if let Some(metadata) = metadata {
            created.keep_owner(&metadata);
            created.file.set_permissions(metadata.permissions())?;
        }
        Ok(created)
    }

    #[cfg(unix)]
    fn keep_owner(&self, metadata: &fs::Metadata) {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Only the superuser can give a file away; for everybody else it is theirs already.
        let _ = fchown(&self.file, Some(metadata.uid()), Some(metadata.gid()));
    }

    #[cfg(not(unix))]
    fn keep_owner(&self, _metadata: &fs::Metadata) {}

    /// Puts the content in its place.
    ///
    /// # Errors
    /// Those of the file system; everything then is as it was.
    pub(super) fn commit(mut self) -> Result<(), WriteError> {
        let Some(temporary) = &self.temporary else { return Ok(()) };
        self.file
            .sync_all()
            .and_then(|()| fs::rename(temporary, &self.target))
            .and_then(|()| sync_folder(&self.target))
            .map_err(WriteError::of(&self.path))?;
        self.temporary = None;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Whatever went wrong before is what counts.
            let _ = fs::remove_file(temporary);
        }
    }
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
