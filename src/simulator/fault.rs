use super::Nanos;

/// The faults that are to happen in a run, each within a span of virtual time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    faults: Vec<(Nanos, Nanos, Fault)>,
    torn_writes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    DiskCapacity(u64),
    UploadFails,
    Slow(u64),
}

impl Faults {
    /// From `from` until `until` the local disk holds `capacity` bytes and no more.
    pub fn limit_disk(&mut self, from: Nanos, until: Nanos, capacity: u64) {
        self.faults.push((from, until, Fault::DiskCapacity(capacity)));
    }

    /// From `from` until `until` the checkpoint storage refuses uploads.
    pub fn fail_uploads(&mut self, from: Nanos, until: Nanos) {
        self.faults.push((from, until, Fault::UploadFails));
    }

    /// From `from` until `until` the local disk takes `factor` times as long.
    pub fn slow_disk(&mut self, from: Nanos, until: Nanos, factor: u64) {
        self.faults.push((from, until, Fault::Slow(factor)));
    }

    /// Every crash leaves the newest local files incomplete.
    pub fn tear_writes(&mut self) {
        self.torn_writes = true;
    }

    /// From now on everything is healthy.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn tears_writes(&self) -> bool {
        self.torn_writes
    }

    pub(super) fn disk_capacity(&self, at: Nanos) -> u64 {
        self.at(at)
            .filter_map(|fault| match fault {
                Fault::DiskCapacity(capacity) => Some(capacity),
                Fault::UploadFails | Fault::Slow(_) => None,
            })
            .min()
            .unwrap_or(u64::MAX)
    }

    pub(super) fn upload_fails(&self, at: Nanos) -> bool {
        self.at(at).any(|fault| fault == Fault::UploadFails)
    }

    pub(super) fn slowdown(&self, at: Nanos) -> u64 {
        self.at(at)
            .filter_map(|fault| match fault {
                Fault::Slow(factor) => Some(factor),
                Fault::UploadFails | Fault::DiskCapacity(_) => None,
            })
            .max()
            .unwrap_or(1)
    }

    fn at(&self, at: Nanos) -> impl Iterator<Item = Fault> {
        let within = move |(from, until, _): &&(Nanos, Nanos, Fault)| *from <= at && at < *until;
        self.faults.iter().filter(within).map(|(_, _, fault)| *fault)
    }
}
