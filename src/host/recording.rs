//! Files that were copied from a machine: `proc/meminfo`, `proc/stat`, `proc/self/cgroup`,
//! `proc/self/mountinfo`, `sys/fs/cgroup`, and the output of `df -Pk` as `df`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::HostError;
use super::directory::Space;
use super::machine::Capacity;
use crate::units::MemorySize;

/// No file that the kernel writes for us is larger; a recording could be anything.
const MAX_BYTES: u64 = 4 << 20;

/// The text of a small file; `None` if it cannot be read.
pub(super) fn text_of(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Where an absolute path of the recorded machine lies in the recording.
pub(super) fn within(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Memory and processors of the recorded machine.
pub(super) fn capacity(root: &Path) -> Result<Capacity, HostError> {
    let meminfo = root.join("proc/meminfo");
    let memory = text_of(&meminfo);
    let kibibytes = |name: &str| {
        let lines = memory.as_deref()?.lines();
        let mut values = lines.filter_map(|line| line.split_once(':'));
        let (_, value) = values.find(|(key, _)| *key == name)?;
        let count: u64 = value.trim().trim_end_matches("kB").trim().parse().ok()?;
        MemorySize::from_bytes(count.checked_mul(1024)?).ok()
    };
    let stat = root.join("proc/stat");
    let processors = text_of(&stat).map_or(0, |text| {
        // A line of its own for each processor, and one for all of them.
        let numbered = |line: &&str| {
            let number = line.strip_prefix("cpu").and_then(|rest| rest.split(' ').next());
            number.is_some_and(|number| number.parse::<u32>().is_ok())
        };
        text.lines().filter(numbered).count()
    });
    let (Some(total), 1..) = (kibibytes("MemTotal"), processors) else {
        let (path, expected) = match kibibytes("MemTotal") {
            None => (meminfo, "the file of Linux with MemTotal"),
            Some(_) => (stat, "the file of Linux with a line for each processor"),
        };
        let found = if path.is_file() { "another text" } else { "no such file" }.to_owned();
        return Err(HostError::Recording { path: path.display().to_string(), expected, found });
    };
    Ok(Capacity {
        memory: total,
        memory_available: kibibytes("MemAvailable"),
        swap: kibibytes("SwapTotal").unwrap_or_default(),
        processor_count: u32::try_from(processors).unwrap_or(u32::MAX),
    })
}

/// The space of the file system mounted at `point`, as `df -Pk` tells.
///
/// Source: the output format of `df -P`, POSIX.1-2017.
pub(super) fn space(root: &Path, point: &str) -> Option<Space> {
    let text = text_of(&root.join("df"))?;
    text.lines().skip(1).find_map(|line| {
        let at = line.find("% ")?;
        if line.get(at + 2..)? != point {
            return None;
        }
        let mut numbers = line.split_whitespace().skip(1).map(str::parse::<u64>);
        let mut size = || {
            let kibibytes = numbers.next()?.ok()?;
            MemorySize::from_bytes(kibibytes.checked_mul(1024)?).ok()
        };
        let (total, _used, free) = (size()?, size()?, size()?);
        Some(Space { free, total })
    })
}
