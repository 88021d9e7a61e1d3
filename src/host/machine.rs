use std::path::{Path, PathBuf};

use sysinfo::{CpuRefreshKind, Disks, MemoryRefreshKind, RefreshKind, System};

use super::HostError;
use super::mounts::{Mount, parse_mountinfo};
use super::recording;
use crate::units::MemorySize;

/// Which machine is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine<'p> {
    /// This one.
    This,
    /// One whose files were copied below a folder.
    Recorded(&'p Path),
}

/// What a machine has of memory and processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capacity {
    pub(super) memory: MemorySize,
    pub(super) memory_available: Option<MemorySize>,
    pub(super) swap: MemorySize,
    pub(super) processor_count: u32,
}

impl<'p> Machine<'p> {
    pub(super) fn capacity(self) -> Result<Capacity, HostError> {
        match self {
            Self::This => this_machine(),
            Self::Recorded(root) => recording::capacity(root),
        }
    }

    /// Where an absolute path of the machine can be read.
    pub(super) fn path(self, path: &Path) -> PathBuf {
        match self {
            Self::This => path.to_owned(),
            Self::Recorded(root) => recording::within(root, path),
        }
    }

    /// The text of one of the machine's small files; `None` if it cannot be read.
    pub(super) fn text_of(self, path: impl AsRef<Path>) -> Option<String> {
        recording::text_of(&self.path(path.as_ref()))
    }

    /// Every mounted file system: as Linux tells, elsewhere as far as sysinfo knows.
    pub(super) fn mounts(self) -> Vec<Mount> {
        match (self.text_of("/proc/self/mountinfo"), self) {
            (Some(text), _) => parse_mountinfo(&text),
            (None, Self::This) => known_disks(),
            (None, Self::Recorded(_)) => Vec::new(),
        }
    }
}

fn this_machine() -> Result<Capacity, HostError> {
    let wanted = RefreshKind::nothing()
        .with_memory(MemoryRefreshKind::nothing().with_ram().with_swap())
        .with_cpu(CpuRefreshKind::nothing());
    let unknown = |message: String| HostError::System { message };
    let system = System::new_with_specifics(wanted).map_err(|error| unknown(error.to_string()))?;
    let size = |bytes| MemorySize::from_bytes(bytes).unwrap_or(MemorySize::MAX);
    let processor_count = u32::try_from(system.cpus().len()).unwrap_or(u32::MAX);
    if system.total_memory() == 0 || processor_count == 0 {
        return Err(unknown("the operating system tells none".to_owned()));
    }
    Ok(Capacity {
        memory: size(system.total_memory()),
        memory_available: Some(size(system.available_memory())).filter(|it| it.bytes() > 0),
        swap: size(system.total_swap()),
        processor_count,
    })
}

fn known_disks() -> Vec<Mount> {
    let Ok(disks) = Disks::new_with_refreshed_list() else { return Vec::new() };
    let mount = |disk: &sysinfo::Disk| {
        let point = disk.mount_point().display().to_string();
        Mount::new(point, disk.file_system().to_string_lossy().to_lowercase())
    };
    disks.iter().map(mount).collect()
}
