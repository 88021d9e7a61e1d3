//! Which file system a path lies on.

use std::path::{Path, PathBuf};

/// A mounted file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where it is mounted, such as `/mnt/disk1`.
    pub point: String,
    /// The kernel's name of the file system, such as `ext4` or `tmpfs`.
    pub file_system: String,
    /// The folder of the file system that is mounted.
    pub(super) root: String,
    /// Options of the file system itself; control groups have their controllers here.
    pub(super) options: String,
}

/// What kind of file system state would lie on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileSystemKind {
    /// In memory: its files count against the memory limit of whoever writes them.
    Memory,
    /// Across a network, or through a user's program that may be one.
    Network,
    /// A container's writable layer over its image.
    Overlay,
    /// A disk, as far as its name tells.
    Disk,
}

impl Mount {
    /// A file system as a whole.
    pub fn new(point: impl Into<String>, file_system: impl Into<String>) -> Self {
        let (point, file_system) = (point.into(), file_system.into());
        Self { point, file_system, root: "/".to_owned(), options: String::new() }
    }

    /// The kind that the file system's name tells.
    pub fn kind(&self) -> FileSystemKind {
        /// Source: the kernel's names in `/proc/filesystems`, and those of FUSE programs.
        const NETWORK: [&str; 14] = [
            "nfs",
            "nfs4",
            "cifs",
            "smb3",
            "smbfs",
            "ceph",
            "glusterfs",
            "lustre",
            "beegfs",
            "gpfs",
            "afs",
            "9p",
            "davfs",
            "autofs",
        ];
        match self.file_system.as_str() {
            "tmpfs" | "ramfs" | "devtmpfs" => FileSystemKind::Memory,
            "overlay" | "overlayfs" | "aufs" | "fuse-overlayfs" | "fuse.fuse-overlayfs" => {
                FileSystemKind::Overlay
            }
            name if NETWORK.contains(&name) || name.starts_with("fuse.") => FileSystemKind::Network,
            _ => FileSystemKind::Disk,
        }
    }
}

/// The mounts of `/proc/self/mountinfo`, in its order; lines of another form are left out.
///
/// Source: `proc_pid_mountinfo(5)`.
pub(super) fn parse_mountinfo(text: &str) -> Vec<Mount> {
    text.lines().filter_map(mount).collect()
}

fn mount(line: &str) -> Option<Mount> {
    let (place, file_system) = line.split_once(" - ")?;
    let mut place = place.split(' ').skip(3);
    let (root, point) = (place.next()?, place.next()?);
    let mut file_system = file_system.split(' ');
    let name = file_system.next()?;
    let options = file_system.nth(1).unwrap_or("");
    Some(Mount {
        point: unescaped(point),
        file_system: name.to_owned(),
        root: unescaped(root),
        options: options.to_owned(),
    })
}

/// The kernel writes space, tab, line end and backslash as a backslash and three octal digits.
fn unescaped(text: &str) -> String {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let digits = tail.get(..3).filter(|_| byte == b'\\');
        let code = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(code) => {
                plain.push(code);
                rest = tail.get(3..).unwrap_or_default();
            }
            None => {
                plain.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// The mount that an absolute path lies on: the deepest, and the last one mounted there.
pub(super) fn mount_of<'m>(mounts: &'m [Mount], path: &Path) -> Option<&'m Mount> {
    let holding = mounts.iter().filter(|mount| path.starts_with(&mount.point));
    holding.max_by_key(|mount| PathBuf::from(&mount.point).components().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
28 27 0:25 / /mnt/my\\040disk ro shared:7 - nfs4 server:/x rw
29 27 0:26 / /mnt rw - tmpfs none rw
30 27 0:27 / /mnt rw master:1 - xfs /dev/vdb rw
no mount at all
";

    #[test]
    fn the_deepest_and_the_last_mount_counts() {
        let mounts = parse_mountinfo(TEXT);
        assert_eq!(mounts.len(), 4);
        let on =
            |path: &str| mount_of(&mounts, Path::new(path)).map(|mount| mount.file_system.as_str());
        assert_eq!(on("/data"), Some("ext4"));
        assert_eq!(on("/mnt/x"), Some("xfs"));
        assert_eq!(on("/mnt/my disk/x"), Some("nfs4"));
        assert_eq!(on("/mnt/my disks"), Some("xfs"));
        assert_eq!(on("relative"), None);
    }

    #[test]
    fn kinds_by_name() {
        let kind = |name: &str| {
            let line = format!("1 1 0:1 / /x rw - {name} none rw");
            parse_mountinfo(&line).first().map(Mount::kind)
        };
        assert_eq!(kind("tmpfs"), Some(FileSystemKind::Memory));
        assert_eq!(kind("fuse.ossfs"), Some(FileSystemKind::Network));
        assert_eq!(kind("fuse.fuse-overlayfs"), Some(FileSystemKind::Overlay));
        assert_eq!(kind("nfs4"), Some(FileSystemKind::Network));
        assert_eq!(kind("ext4"), Some(FileSystemKind::Disk));
    }
}
