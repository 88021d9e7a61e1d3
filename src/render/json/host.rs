use schemars::JsonSchema;
use serde::Serialize;

use crate::host::{Bound, ControlGroup, Cores, Directory, DirectoryState, GroupVersion, Host};
use crate::units::MemorySize;

/// What was read of the machine that a configuration was compared with; sizes are bytes.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct HostJson<'a> {
    /// The machine's memory.
    memory: u64,
    /// How much of it a new process could take now, if that is known.
    memory_available: Option<u64>,
    /// Swap space.
    swap: u64,
    /// Logical processors.
    processors: u32,
    /// The memory that processes may use together.
    memory_limit: LimitJson<'a, u64>,
    /// The processors that they may use, such as 1.5.
    core_limit: LimitJson<'a, f64>,
    /// The control groups that limit something, from the process's own to the outermost.
    control_groups: Vec<ControlGroupJson<'a>>,
    /// The local directories that the configuration names.
    directories: Vec<DirectoryJson<'a>>,
    /// How many TaskManagers were assumed to run on the machine.
    task_managers: u32,
}

/// A limit, and who sets it.
#[derive(Debug, Serialize, JsonSchema)]
struct LimitJson<'a, T> {
    /// The limit.
    value: T,
    /// The control group that sets it; null for the machine itself.
    control_group: Option<&'a str>,
}

/// A control group that limits something.
#[derive(Debug, Serialize, JsonSchema)]
struct ControlGroupJson<'a> {
    /// Its folder.
    path: &'a str,
    /// 1 or 2.
    version: u8,
    /// More than this memory gets a process killed.
    memory_max: Option<u64>,
    /// Above this memory processes are slowed down.
    memory_high: Option<u64>,
    /// Processor time, in processors.
    cpu_quota: Option<f64>,
    /// The processors that may be used, where they are not all.
    processors: Option<u32>,
}

/// A local directory.
#[derive(Debug, Serialize, JsonSchema)]
struct DirectoryJson<'a> {
    /// The path as the configuration has it.
    path: &'a str,
    /// `writable`, `not-writable`, `not-a-directory`, `creatable` or `not-creatable`.
    state: &'static str,
    /// What is no directory, or the nearest directory above that exists.
    at: Option<&'a str>,
    /// Where its file system is mounted.
    mount_point: Option<&'a str>,
    /// The file system's name, such as `ext4`.
    file_system: Option<&'a str>,
    /// Free space.
    free: Option<u64>,
    /// All space.
    total: Option<u64>,
}

pub(super) fn host(host: &Host) -> HostJson<'_> {
    let memory = host.memory_bound();
    let cores = host.core_bound();
    HostJson {
        memory: host.memory.bytes(),
        memory_available: host.memory_available.map(MemorySize::bytes),
        swap: host.swap.bytes(),
        processors: host.processor_count,
        memory_limit: limit(memory, MemorySize::bytes),
        core_limit: limit(cores, number),
        control_groups: host.groups.iter().map(control_group).collect(),
        directories: host.directories.iter().map(directory).collect(),
        task_managers: host.task_manager_count,
    }
}

fn limit<T, U>(bound: Bound<'_, T>, value: impl Fn(T) -> U) -> LimitJson<'_, U> {
    LimitJson {
        value: value(bound.value),
        control_group: bound.group.map(|group| group.path.as_str()),
    }
}

/// Thousandths of a processor as a number of processors.
fn number(cores: Cores) -> f64 {
    u32::try_from(cores.thousandths()).map_or(f64::MAX, f64::from) / 1000.0
}

fn control_group(group: &ControlGroup) -> ControlGroupJson<'_> {
    ControlGroupJson {
        path: &group.path,
        version: match group.version {
            GroupVersion::V1 => 1,
            GroupVersion::V2 => 2,
        },
        memory_max: group.memory_max.map(MemorySize::bytes),
        memory_high: group.memory_high.map(MemorySize::bytes),
        cpu_quota: group.cpu_quota.map(number),
        processors: group.processor_count,
    }
}

fn directory(directory: &Directory) -> DirectoryJson<'_> {
    let (state, at) = match &directory.state {
        DirectoryState::Writable => ("writable", None),
        DirectoryState::NotWritable => ("not-writable", None),
        DirectoryState::NotADirectory { at } => ("not-a-directory", Some(at.as_str())),
        DirectoryState::Missing { parent, can_create: true } => ("creatable", Some(&**parent)),
        DirectoryState::Missing { parent, can_create: false } => ("not-creatable", Some(&**parent)),
    };
    DirectoryJson {
        path: &directory.path,
        state,
        at,
        mount_point: directory.mount.as_ref().map(|mount| mount.point.as_str()),
        file_system: directory.mount.as_ref().map(|mount| mount.file_system.as_str()),
        free: directory.space.map(|space| space.free.bytes()),
        total: directory.space.map(|space| space.total.bytes()),
    }
}
