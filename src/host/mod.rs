//! The machine that Flink is to run on, read into a plain value.
//!
//! [`Host::read`] asks the operating system for memory, processors, the limits of control groups
//! and what the local directories of a configuration are; [`Machine::Recorded`] reads the same
//! from files that were copied from another machine. [`Host`] holds the answers, and rules compare
//! them with what a configuration asks. Besides `cli`, `lsp` and `workspace` only this room looks
//! at files, and it writes none. It may import `units`.

mod control_group;
mod cores;
mod directory;
mod machine;
mod mounts;
mod recording;

pub use control_group::{ControlGroup, GroupVersion};
pub use cores::Cores;
pub use directory::{Directory, DirectoryState, Space};
pub use machine::Machine;
pub use mounts::{FileSystemKind, Mount};

use crate::units::MemorySize;

/// What a machine has, as far as a process of Flink is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    /// The machine's memory.
    pub memory: MemorySize,
    /// How much of it a new process could take now without swapping, if that is known.
    pub memory_available: Option<MemorySize>,
    /// Swap space.
    pub swap: MemorySize,
    /// Logical processors.
    pub processor_count: u32,
    /// The control groups that limit something, from the process's own to the outermost.
    pub groups: Vec<ControlGroup>,
    /// The directories that were asked about, in that order.
    pub directories: Vec<Directory>,
    /// How many TaskManagers run here, as the user says.
    pub task_manager_count: u32,
}

/// The least of several limits, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound<'h, T> {
    /// The limit.
    pub value: T,
    /// The control group that sets it; `None` for the machine itself.
    pub group: Option<&'h ControlGroup>,
}

/// What of a machine could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// A file of a recording is missing or holds something else.
    #[error("{path}: expected {expected}, found {found}")]
    Recording {
        /// The file.
        path: String,
        /// What it should hold.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// The operating system does not tell.
    #[error("this machine's memory and processors are unknown: {message}")]
    System {
        /// Why.
        message: String,
    },
}

impl Host {
    /// Reads a machine and looks at `paths` on it.
    ///
    /// # Errors
    /// [`HostError`] if not even memory and processors can be told. What else cannot be read is
    /// left out.
    pub fn read(
        machine: Machine<'_>,
        paths: &[String],
        task_manager_count: u32,
    ) -> Result<Self, HostError> {
        let capacity = machine.capacity()?;
        let mounts = machine.mounts();
        let directories = paths.iter().map(|path| Directory::look(path, machine, &mounts));
        Ok(Self {
            memory: capacity.memory,
            memory_available: capacity.memory_available,
            swap: capacity.swap,
            processor_count: capacity.processor_count,
            groups: control_group::read(machine, &mounts, capacity.processor_count),
            directories: directories.collect(),
            task_manager_count,
        })
    }

    /// The memory that processes here may use together.
    pub fn memory_bound(&self) -> Bound<'_, MemorySize> {
        let machine = Bound { value: self.memory, group: None };
        let groups = self.groups.iter();
        least(machine, groups.filter_map(|group| Some((group.memory_max?, group))))
    }

    /// The memory above which processes here are slowed down, where it is below the limit.
    pub fn memory_high(&self) -> Option<Bound<'_, MemorySize>> {
        let groups = self.groups.iter().filter_map(|group| Some((group.memory_high?, group)));
        let (value, group) = groups.min_by_key(|(value, _)| *value)?;
        (value < self.memory_bound().value).then_some(Bound { value, group: Some(group) })
    }

    /// The processor time that processes here may use.
    pub fn core_bound(&self) -> Bound<'_, Cores> {
        let machine = Bound { value: Cores::whole(self.processor_count), group: None };
        let of = |group: &ControlGroup| {
            let set = group.processor_count.map(Cores::whole);
            [group.cpu_quota, set].into_iter().flatten().min()
        };
        least(machine, self.groups.iter().filter_map(|group| Some((of(group)?, group))))
    }

    /// What is known of a path that was asked about.
    pub fn directory(&self, path: &str) -> Option<&Directory> {
        self.directories.iter().find(|directory| directory.path == path)
    }
}

/// The least; among equals the machine, then the innermost group.
fn least<'h, T: Ord + Copy>(
    machine: Bound<'h, T>,
    groups: impl Iterator<Item = (T, &'h ControlGroup)>,
) -> Bound<'h, T> {
    groups.fold(machine, |least, (value, group)| {
        if value < least.value { Bound { value, group: Some(group) } } else { least }
    })
}
