//! The machine against what a configuration asks of it: rules that read a
//! [`Host`](crate::host::Host) and look at nothing themselves.

mod directories;
mod host_memory_in_use;
mod local_directory_file_system;
mod local_directory_missing;
mod local_directory_unusable;
mod local_disk_space;
mod process_exceeds_host;
mod processes;
mod slots_above_cores;

pub use directories::{local_paths, state_disk};
pub(super) use host_memory_in_use::HostMemoryInUse;
pub(super) use local_directory_file_system::LocalDirectoryFileSystem;
pub(super) use local_directory_missing::LocalDirectoryMissing;
pub(super) use local_directory_unusable::LocalDirectoryUnusable;
pub(super) use local_disk_space::LocalDiskSpace;
pub(super) use process_exceeds_host::ProcessExceedsHost;
pub(super) use slots_above_cores::SlotsAboveCores;

use crate::host::Bound;

/// Whose limit it is, as the beginning of a sentence.
fn owner<T>(bound: &Bound<'_, T>) -> String {
    match bound.group {
        Some(group) => format!("the control group {}", group.path),
        None => "this machine".to_owned(),
    }
}
