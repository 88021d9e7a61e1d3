//! The limits that Linux puts on a process through control groups, of either version or both.
//!
//! A process lies in a tree of groups, and each of them limits what is in it: what counts is the
//! least on the way from its own group to the top. Of a group nothing is known above the mount
//! that the process sees, except what version 1 sums up in `memory.stat`.
//!
//! Source: `Documentation/admin-guide/cgroup-v2.rst` and `cgroup-v1/memory.rst` of Linux,
//! `cgroups(7)`.

use std::path::{Component, Path, PathBuf};

use super::Cores;
use super::machine::Machine;
use super::mounts::Mount;
use crate::units::MemorySize;

/// A control group that limits something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlGroup {
    /// Its folder, such as `/sys/fs/cgroup/system.slice`.
    pub path: String,
    /// The version of its files.
    pub version: GroupVersion,
    /// More than this memory gets a process killed.
    pub memory_max: Option<MemorySize>,
    /// Above this memory processes are slowed down and reclaimed from.
    pub memory_high: Option<MemorySize>,
    /// Processor time.
    pub cpu_quota: Option<Cores>,
    /// The processors that may be used.
    pub processor_count: Option<u32>,
}

/// The version of control groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupVersion {
    /// A tree for each controller.
    V1,
    /// One tree.
    V2,
}

/// Nested deeper than this nobody has groups.
const MAX_DEPTH: usize = 64;

/// The groups of the process that limit something, innermost first, tree after tree.
pub(super) fn read(
    machine: Machine<'_>,
    mounts: &[Mount],
    processor_count: u32,
) -> Vec<ControlGroup> {
    let Some(own) = machine.text_of("/proc/self/cgroup") else { return Vec::new() };
    let mut groups: Vec<ControlGroup> = Vec::new();
    for membership in own.lines().filter_map(Membership::parse) {
        let Some(mount) = mounts.iter().rev().find(|mount| membership.is_in(mount)) else {
            continue;
        };
        let folders = folders(mount, membership.path);
        for (depth, folder) in folders.iter().enumerate() {
            let is_top = depth + 1 == folders.len();
            let folder = Folder { machine, path: folder, is_own: depth == 0, is_top };
            let mut group = membership.read(&folder);
            // A set of all processors is no limit.
            group.processor_count = group.processor_count.filter(|count| *count < processor_count);
            if group.limits_something() && groups.iter().all(|other| other.path != group.path) {
                groups.push(group);
            }
        }
    }
    groups
}

/// A line of `/proc/self/cgroup`: the group of the process in one tree.
struct Membership<'t> {
    /// Of version 1; none for the tree of version 2.
    controllers: Vec<&'t str>,
    /// From the top of the tree.
    path: &'t str,
}

impl<'t> Membership<'t> {
    /// `4:cpu,cpuacct:/docker/1f`, and `0::/system.slice/flink.service` for version 2.
    fn parse(line: &'t str) -> Option<Self> {
        let mut parts = line.splitn(3, ':');
        let (_id, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let controllers = controllers.split(',').filter(|name| !name.is_empty()).collect();
        Some(Self { controllers, path })
    }

    fn is_in(&self, mount: &Mount) -> bool {
        let has = |name: &&str| mount.options.split(',').any(|option| option == *name);
        match mount.file_system.as_str() {
            "cgroup2" => self.controllers.is_empty(),
            // A tree with a name and no controller limits nothing.
            "cgroup" => self.controllers.iter().any(has),
            _ => false,
        }
    }

    fn read(&self, folder: &Folder<'_>) -> ControlGroup {
        if self.controllers.is_empty() {
            return folder.version_2();
        }
        let mut group = folder.empty(GroupVersion::V1);
        for controller in &self.controllers {
            match *controller {
                "memory" => group.memory_max = folder.memory_v1(),
                "cpu" => group.cpu_quota = folder.quota_v1(),
                "cpuset" => group.processor_count = folder.processors(),
                _ => {}
            }
        }
        group
    }
}

/// The folders of a group and all above it, innermost first.
fn folders(mount: &Mount, path: &str) -> Vec<PathBuf> {
    // Of a container only its own part of the tree is mounted; from within its namespace that part
    // is the whole, and what lies outside begins with `..`.
    let below = Path::new(path).strip_prefix(&mount.root).unwrap_or(Path::new(""));
    let is_plain = below.components().all(|part| matches!(part, Component::Normal(_)));
    let below = if is_plain { below } else { Path::new("") };
    let top = Path::new(&mount.point);
    let parents = below.ancestors().take(MAX_DEPTH);
    parents
        .map(|part| if part == Path::new("") { top.to_owned() } else { top.join(part) })
        .collect()
}

impl ControlGroup {
    fn limits_something(&self) -> bool {
        self.memory_max.is_some()
            || self.memory_high.is_some()
            || self.cpu_quota.is_some()
            || self.processor_count.is_some()
    }
}

/// A group's folder.
struct Folder<'f> {
    machine: Machine<'f>,
    path: &'f Path,
    /// The process itself is in it, rather than in one below.
    is_own: bool,
    /// Nothing is seen of what is above.
    is_top: bool,
}

impl Folder<'_> {
    fn text(&self, name: &str) -> Option<String> {
        Some(self.machine.text_of(self.path.join(name))?.trim().to_owned())
    }

    fn empty(&self, version: GroupVersion) -> ControlGroup {
        ControlGroup {
            path: self.path.display().to_string(),
            version,
            memory_max: None,
            memory_high: None,
            cpu_quota: None,
            processor_count: None,
        }
    }

    fn version_2(&self) -> ControlGroup {
        let memory = |name| bounded(self.text(name)?.parse().ok()?);
        let quota = || {
            let text = self.text("cpu.max")?;
            let mut words = text.split_whitespace();
            let quota = words.next()?.parse().ok()?; // "max" is no number, and no limit.
            Cores::of_quota(quota, words.next().unwrap_or("100000").parse().ok()?)
        };
        ControlGroup {
            memory_max: memory("memory.max"),
            memory_high: memory("memory.high"),
            cpu_quota: quota(),
            processor_count: self.processors(),
            ..self.empty(GroupVersion::V2)
        }
    }

    fn memory_v1(&self) -> Option<MemorySize> {
        // Without a hierarchy, which kernels before 5.11 still offered, a limit counts for the
        // processes of the group itself only.
        if !self.is_own && self.text("memory.use_hierarchy").as_deref() == Some("0") {
            return None;
        }
        let own = self.text("memory.limit_in_bytes").and_then(|text| text.parse().ok());
        // The least of this group's and of all above, which a container does not see.
        let stat = self.text("memory.stat").filter(|_| self.is_top);
        let all = stat.as_deref().and_then(|text| {
            let value =
                text.lines().find_map(|line| line.strip_prefix("hierarchical_memory_limit "));
            value?.trim().parse().ok()
        });
        [own, all].into_iter().flatten().filter_map(bounded).min()
    }

    fn quota_v1(&self) -> Option<Cores> {
        let quota = self.text("cpu.cfs_quota_us")?.parse().ok()?; // -1 is no limit.
        Cores::of_quota(quota, self.text("cpu.cfs_period_us")?.parse().ok()?)
    }

    /// The processors of a set.
    fn processors(&self) -> Option<u32> {
        let names = ["cpuset.cpus.effective", "cpuset.effective_cpus", "cpuset.cpus"];
        let list =
            names.into_iter().find_map(|name| self.text(name).filter(|it| !it.is_empty()))?;
        processor_count(&list)
    }
}

/// How many processors a list such as `0-3,8` names.
fn processor_count(list: &str) -> Option<u32> {
    list.split(',').try_fold(0_u32, |sum, part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        sum.checked_add(last.checked_sub(first)?.checked_add(1)?)
    })
}

/// A limit in bytes. Version 1 says that there is none by the most that fits its counter: the
/// largest signed number, rounded down to a page, and pages have up to 64 KiB.
fn bounded(bytes: u64) -> Option<MemorySize> {
    const PAGE_MAX: u64 = 64 << 10;
    MemorySize::from_bytes(bytes)
        .ok()
        .filter(|size| size.bytes() <= MemorySize::MAX.bytes() - PAGE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_processors() {
        assert_eq!(processor_count("0"), Some(1));
        assert_eq!(processor_count("0-3,8,10-11"), Some(7));
        for text in ["", "a", "3-1", "0-", "0-4294967295"] {
            assert_eq!(processor_count(text), None, "{text}");
        }
    }

    #[test]
    fn no_limit_in_the_words_of_version_1() {
        // With pages of 4 KiB and of 64 KiB.
        assert_eq!(bounded(9_223_372_036_854_771_712), None);
        assert_eq!(bounded(9_223_372_036_854_710_272), None);
        assert_eq!(bounded(u64::MAX), None);
        assert_eq!(bounded(1 << 40), MemorySize::from_bytes(1 << 40).ok());
    }

    #[test]
    fn folders_go_up_to_what_is_mounted() {
        let folders = |root: &str, path: &str| {
            let line = format!("1 1 0:1 {root} /sys/fs/cgroup rw - cgroup2 none rw");
            let mounts = super::super::mounts::parse_mountinfo(&line);
            let folders = folders(mounts.first().unwrap(), path);
            folders.iter().map(|it| it.display().to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(folders("/", "/a/b"), "/sys/fs/cgroup/a/b /sys/fs/cgroup/a /sys/fs/cgroup");
        assert_eq!(folders("/", "/"), "/sys/fs/cgroup");
        // A container of version 1 without a namespace, and a process outside of the namespace.
        assert_eq!(folders("/docker/1f", "/docker/1f/x"), "/sys/fs/cgroup/x /sys/fs/cgroup");
        assert_eq!(folders("/docker/1f", "/elsewhere"), "/sys/fs/cgroup");
        assert_eq!(folders("/", "/../../x"), "/sys/fs/cgroup");
    }
}
