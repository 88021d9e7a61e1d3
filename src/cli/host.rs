//! `slotwise check --host`: the machine that a configuration is compared with.

use std::path::PathBuf;

use clap::Args;

use super::inputs::{InputError, Subject};
use crate::host::{Host, Machine};
use crate::lint;

/// Which machine, and what runs there.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "This machine")]
pub(super) struct HostArguments {
    /// Also compare with this machine: its memory and processors, the limits of control groups, and
    /// the local directories that the configuration names; nothing is written
    #[arg(long)]
    host: bool,

    /// Compare with another machine instead, of which /proc/meminfo, /proc/stat, /proc/self/cgroup,
    /// /proc/self/mountinfo, /sys/fs/cgroup and, as `df`, the output of `df -Pk` were copied below
    /// this folder
    #[arg(long, value_name = "FOLDER", requires = "host")]
    host_root: Option<PathBuf>,

    /// How many TaskManagers the machine runs [default: 1]
    #[arg(long, value_name = "COUNT", requires = "host",
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    task_managers: Option<u32>,
}

impl HostArguments {
    /// Reads the machine, and what it has at the places that a configuration names; nothing if
    /// nobody asks.
    ///
    /// # Errors
    /// A recording that lacks what it takes, and an operating system that tells nothing.
    pub(super) fn read(&self, subject: &Subject) -> Result<Option<Host>, InputError> {
        if !self.host {
            return Ok(None);
        }
        let recorded = self.host_root.as_deref();
        let machine = recorded.map_or(Machine::This, Machine::Recorded);
        let (loaded, config) = subject.load();
        let paths = lint::local_paths(&subject.context(&loaded, &config));
        let host = Host::read(machine, &paths, self.task_managers.unwrap_or(1));
        host.map(Some).map_err(|error| InputError::new("--host", error))
    }
}
