use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::machine::Machine;
use super::mounts::{Mount, mount_of};
use super::recording;
use crate::units::MemorySize;

/// A directory that a configuration names, as the machine has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// The path as the configuration has it.
    pub path: String,
    /// What is there.
    pub state: DirectoryState,
    /// The file system that it lies on, or would.
    pub mount: Option<Mount>,
    /// The space of that file system, if it is known.
    pub space: Option<Space>,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryState {
    /// A directory in which whoever asks may create files.
    Writable,
    /// A directory that whoever asks cannot write to or cannot reach.
    NotWritable,
    /// Something else, here or above.
    NotADirectory {
        /// What is no directory.
        at: String,
    },
    /// Nothing.
    Missing {
        /// The nearest directory above that exists.
        parent: String,
        /// Whether whoever asks could create it there.
        can_create: bool,
    },
}

/// The space of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What an unprivileged process may still write.
    pub free: MemorySize,
    /// All of it.
    pub total: MemorySize,
}

impl Directory {
    /// Looks at a path; nothing is created or written.
    pub(super) fn look(path: &str, machine: Machine<'_>, mounts: &[Mount]) -> Self {
        let asked = Path::new(path);
        let (state, existing) = state(asked, machine);
        let place = match machine {
            // Where links lead decides which file system it is.
            Machine::This => fs::canonicalize(&existing).unwrap_or(existing),
            Machine::Recorded(_) => existing,
        };
        let mount = mount_of(mounts, &place).cloned();
        let space = match machine {
            Machine::This => space_at(&place),
            Machine::Recorded(root) => {
                mount.as_ref().and_then(|mount| recording::space(root, &mount.point))
            }
        };
        Self { path: path.to_owned(), state, mount, space }
    }
}

/// What is at a path, and the nearest place at or above it that exists.
fn state(path: &Path, machine: Machine<'_>) -> (DirectoryState, PathBuf) {
    match fs::metadata(machine.path(path)) {
        Ok(found) if found.is_dir() => {
            let writable = is_writable(&machine.path(path));
            let state =
                if writable { DirectoryState::Writable } else { DirectoryState::NotWritable };
            (state, path.to_owned())
        }
        Ok(_) => (not_a_directory(path), path.to_owned()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            (DirectoryState::NotWritable, path.to_owned())
        }
        Err(_) => missing(path, machine),
    }
}

fn missing(path: &Path, machine: Machine<'_>) -> (DirectoryState, PathBuf) {
    // A link to nothing is there, and no directory can be made of it.
    for place in path.ancestors() {
        match fs::metadata(machine.path(place)) {
            Ok(found) if found.is_dir() => {
                let can_create = is_writable(&machine.path(place));
                let parent = place.display().to_string();
                return (DirectoryState::Missing { parent, can_create }, place.to_owned());
            }
            Ok(_) => return (not_a_directory(place), place.to_owned()),
            Err(_) if fs::symlink_metadata(machine.path(place)).is_ok() => {
                return (not_a_directory(place), place.to_owned());
            }
            Err(_) => {}
        }
    }
    let parent = String::new();
    (DirectoryState::Missing { parent, can_create: false }, path.to_owned())
}

fn not_a_directory(path: &Path) -> DirectoryState {
    DirectoryState::NotADirectory { at: path.display().to_string() }
}

#[cfg(unix)]
fn is_writable(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_writable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.permissions().readonly())
}

#[cfg(unix)]
fn space_at(path: &Path) -> Option<Space> {
    let found = rustix::fs::statvfs(path).ok()?;
    let size = |blocks: u64| blocks.checked_mul(found.f_frsize).map(MemorySize::from_bytes)?.ok();
    Some(Space { free: size(found.f_bavail)?, total: size(found.f_blocks)? })
}

#[cfg(not(unix))]
fn space_at(path: &Path) -> Option<Space> {
    let disks = sysinfo::Disks::new_with_refreshed_list().ok()?;
    let holding = disks.iter().filter(|disk| path.starts_with(disk.mount_point()));
    let disk = holding.max_by_key(|disk| disk.mount_point().components().count())?;
    let size = |bytes| MemorySize::from_bytes(bytes).ok();
    Some(Space { free: size(disk.available_space())?, total: size(disk.total_space())? })
}
