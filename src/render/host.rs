//! What was read of the machine that a configuration was compared with.

use std::fmt;

use super::{count_of, printable_line};
use crate::host::{ControlGroup, Directory, DirectoryState, Host};

/// A machine, and the directories that all files of a run asked about.
#[derive(Debug)]
pub(super) struct HostSummary {
    host: Host,
}

impl HostSummary {
    pub(super) fn new(host: &Host) -> Self {
        Self { host: Host { directories: Vec::new(), ..host.clone() } }
    }

    /// Adds the directories that another file asked about.
    pub(super) fn add(&mut self, host: &Host) {
        for directory in &host.directories {
            if self.host.directory(&directory.path).is_none() {
                self.host.directories.push(directory.clone());
            }
        }
    }
}

impl fmt::Display for HostSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        write!(f, "this machine: {} of memory", host.memory.short())?;
        if let Some(available) = host.memory_available {
            write!(f, " ({} available)", available.short())?;
        }
        writeln!(f, ", {}", count_of(host.processor_count as usize, "processor"))?;
        for group in &host.groups {
            let path = printable_line(&group.path);
            writeln!(f, "  control group {path}: {}", limits(group))?;
        }
        for directory in &host.directories {
            writeln!(f, "  {}", printable_line(&place(directory)))?;
        }
        Ok(())
    }
}

fn limits(group: &ControlGroup) -> String {
    let memory = group.memory_max.map(|size| format!("at most {} of memory", size.short()));
    let high = group.memory_high.map(|size| format!("slowed down above {}", size.short()));
    let quota = group.cpu_quota.map(|cores| format!("{cores} cores of time"));
    let set = group.processor_count.map(|count| count_of(count as usize, "processor"));
    [memory, high, quota, set].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Such as `/data/rocksdb: missing, would be created in /data (ext4, 39 GiB of 252 GiB free)`.
fn place(directory: &Directory) -> String {
    let state = match &directory.state {
        DirectoryState::Writable => "writable".to_owned(),
        DirectoryState::NotWritable => "not writable".to_owned(),
        DirectoryState::NotADirectory { at } if *at == directory.path => {
            "not a directory".to_owned()
        }
        DirectoryState::NotADirectory { at } => format!("missing, and {at} is not a directory"),
        DirectoryState::Missing { parent, can_create: true } => {
            format!("missing, would be created in {parent}")
        }
        DirectoryState::Missing { parent, can_create: false } => {
            format!("missing, and {parent} is not writable")
        }
    };
    let mount = directory.mount.as_ref().map(|mount| mount.file_system.clone());
    let space = directory
        .space
        .map(|space| format!("{} of {} free", space.free.short(), space.total.short()));
    let about: Vec<String> = [mount, space].into_iter().flatten().collect();
    match about.as_slice() {
        [] => format!("{}: {state}", directory.path),
        about => format!("{}: {state} ({})", directory.path, about.join(", ")),
    }
}
