use super::Range;

/// Something that a job needs and a deployment gives: it holds while the need is at most the limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// Which.
    pub kind: ConstraintKind,
    /// What the job needs; `None` if that cannot be known from the inputs.
    pub need: Option<Range>,
    /// What there is; `None` if nobody says.
    pub limit: Option<Range>,
    /// What both are counted in.
    pub unit: Unit,
    /// What breaks with it.
    pub weight: Weight,
    /// How the figures came about, numbers included.
    pub formula: String,
}

/// What can run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConstraintKind {
    /// Memory that the state backend refuses to start below.
    BackendFloor,
    /// Memory for the part of the state that is in use.
    WorkingSet,
    /// State on the heap.
    StateOnHeap,
    /// Records a second.
    Throughput,
    /// How long a checkpoint takes, against its interval.
    CheckpointInterval,
    /// How long a checkpoint takes, against its timeout.
    CheckpointTimeout,
    /// Bytes a second to the checkpoint storage.
    CheckpointBandwidth,
    /// Bytes on the local disk.
    LocalDisk,
    /// Time that the local disk is busy.
    DiskBandwidth,
    /// Timers on the heap.
    Timers,
    /// Heap of a slot.
    TaskHeap,
    /// Network buffers.
    NetworkBuffers,
    /// Task slots.
    Slots,
    /// Time from a failure until the job is up to date again.
    Recovery,
}

/// What the figures of a constraint count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Records a second.
    RecordsPerSecond,
    /// Seconds.
    Seconds,
    /// Things.
    Count,
    /// Part of a whole: 1 is all of it.
    Share,
}

impl Unit {
    /// A stable name for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::BytesPerSecond => "bytes/s",
            Self::RecordsPerSecond => "records/s",
            Self::Seconds => "seconds",
            Self::Count => "count",
            Self::Share => "share",
        }
    }
}

/// What breaks with a constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The job: it does not start, fails, or falls behind for good.
    Hard,
    /// Its speed only.
    Soft,
}

/// How a constraint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It holds with all that is known.
    Holds,
    /// A figure is missing.
    Unknown,
    /// It holds or not, depending on inputs that are known within bounds only.
    MayBreak,
    /// It does not hold.
    Broken,
}

impl Constraint {
    /// How it stands.
    pub fn standing(&self) -> Standing {
        match (self.need, self.limit) {
            (Some(need), Some(limit)) if need.high <= limit.low => Standing::Holds,
            (Some(need), Some(limit)) if need.low > limit.high => Standing::Broken,
            (Some(_), Some(_)) => Standing::MayBreak,
            _ => Standing::Unknown,
        }
    }

    /// The part of the limit that is left, at worst and at best; negative where it is exceeded.
    pub fn headroom(&self) -> Option<Range> {
        let (need, limit) = (self.need?, self.limit?);
        let left = |need: f64, limit: f64| {
            if limit > 0.0 {
                1.0 - need / limit
            } else if need > 0.0 {
                -1.0
            } else {
                0.0
            }
        };
        Some(Range::between(left(need.high, limit.low), left(need.low, limit.high)))
    }
}

impl ConstraintKind {
    /// A stable name for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BackendFloor => "backend-floor",
            Self::WorkingSet => "working-set",
            Self::StateOnHeap => "state-on-heap",
            Self::Throughput => "throughput",
            Self::CheckpointInterval => "checkpoint-interval",
            Self::CheckpointTimeout => "checkpoint-timeout",
            Self::CheckpointBandwidth => "checkpoint-bandwidth",
            Self::LocalDisk => "local-disk",
            Self::DiskBandwidth => "disk-bandwidth",
            Self::Timers => "timers",
            Self::TaskHeap => "task-heap",
            Self::NetworkBuffers => "network-buffers",
            Self::Slots => "slots",
            Self::Recovery => "recovery",
        }
    }

    /// What it is, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BackendFloor => "backend's least",
            Self::WorkingSet => "working set",
            Self::StateOnHeap => "state on the heap",
            Self::Throughput => "throughput",
            Self::CheckpointInterval => "checkpoint interval",
            Self::CheckpointTimeout => "checkpoint timeout",
            Self::CheckpointBandwidth => "upload to the DFS",
            Self::LocalDisk => "local disk",
            Self::DiskBandwidth => "local disk busy",
            Self::Timers => "timers on the heap",
            Self::TaskHeap => "Task Heap",
            Self::NetworkBuffers => "network buffers",
            Self::Slots => "task slots",
            Self::Recovery => "recovery and catch-up",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(need: Option<Range>, limit: Option<Range>) -> Standing {
        let kind = ConstraintKind::Slots;
        let (unit, weight) = (Unit::Count, Weight::Hard);
        Constraint { kind, need, limit, unit, weight, formula: String::new() }.standing()
    }

    #[test]
    fn a_range_across_the_limit_may_break_it() {
        let exactly = |value| Some(Range::exactly(value));
        assert_eq!(standing(exactly(2.0), exactly(2.0)), Standing::Holds);
        assert_eq!(standing(exactly(2.1), exactly(2.0)), Standing::Broken);
        assert_eq!(standing(Some(Range::between(1.0, 3.0)), exactly(2.0)), Standing::MayBreak);
        assert_eq!(standing(None, exactly(2.0)), Standing::Unknown);
    }
}
