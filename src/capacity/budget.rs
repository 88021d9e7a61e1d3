use super::{Question, Range, StateGrowth, checkpoint};
use crate::simulator::{IoCount, Purpose};
use crate::workload::Workload;

/// Bytes that a TaskManager moves over one of its ways, beside what the way can take.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    /// What moves.
    pub name: &'static str,
    /// Over which way.
    pub way: Way,
    /// Bytes a second, of all slots in use.
    pub need: Range,
    /// How the figure came about.
    pub formula: String,
}

/// A way of bytes into or out of a TaskManager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the network.
    NetworkIn,
    /// To the network.
    NetworkOut,
    /// From the local disk.
    DiskRead,
    /// To the local disk.
    DiskWrite,
}

impl Way {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::NetworkIn, Self::NetworkOut, Self::DiskRead, Self::DiskWrite];

    /// What it is, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NetworkIn => "network in",
            Self::NetworkOut => "network out",
            Self::DiskRead => "local disk, read",
            Self::DiskWrite => "local disk, written",
        }
    }
}

/// The bandwidth of a TaskManager: what each way must carry and what it can, where that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// One entry for each thing that moves, by way.
    pub traffic: Vec<Traffic>,
    /// Bytes a second that the way of this name can take in all slots in use; a machine's network
    /// is not known.
    pub limits: [(Way, Option<f64>); 4],
}

const MIB: f64 = 1_048_576.0;
const NANOS: f64 = 1e9;

impl Budget {
    /// What the job moves at its rate, or up to what it sustains if nobody says.
    pub fn of(question: &Question<'_>, growth: &StateGrowth) -> Self {
        let slots = f64::from(question.slots_in_use());
        let flow = question.flow().times(slots);
        let task_managers = question.task_managers.unwrap_or_else(|| {
            question.workload.parallelism.div_ceil(question.setup.slot_count.max(1))
        });
        let bytes = record_bytes(question.workload);
        // Of the records that are parted by key, those for this TaskManager itself stay in it.
        let away = 1.0 - 1.0 / f64::from(task_managers.max(1));
        let mut traffic = vec![
            Traffic {
                name: "records from the source",
                way: Way::NetworkIn,
                need: flow.times(source_bytes(question.workload)),
                formula: format!(
                    "records of {slots} slots x {:.0} bytes, taken to be as large as what the \
                     largest operator keeps of one",
                    source_bytes(question.workload)
                ),
            },
            exchange(Way::NetworkIn, flow, bytes, away, task_managers),
            exchange(Way::NetworkOut, flow, bytes, away, task_managers),
        ];
        if let Some(need) = checkpoint::upload_rate(question, growth) {
            traffic.push(Traffic {
                name: "checkpoints",
                way: Way::NetworkOut,
                need: need.times(slots),
                formula: format!("upload to the checkpoint storage, of {slots} slots"),
            });
        }
        traffic.extend(disk(question, flow));
        let law = question.hardware.disk;
        let rate = |per_mib: f64| Some(slots * MIB * NANOS / per_mib.max(1.0));
        let limits = [
            (Way::NetworkIn, None),
            (Way::NetworkOut, None),
            (Way::DiskRead, rate(law.read_per_mib.0 as f64)),
            (Way::DiskWrite, rate(law.write_per_mib.0 as f64)),
        ];
        Self { traffic, limits }
    }

    /// All that moves over a way.
    pub fn sum(&self, way: Way) -> Range {
        let over = self.traffic.iter().filter(|traffic| traffic.way == way);
        over.fold(Range::ZERO, |sum, traffic| sum.plus(traffic.need))
    }
}

fn exchange(way: Way, flow: Range, bytes: f64, away: f64, task_managers: u32) -> Traffic {
    Traffic {
        name: "exchanges by key",
        way,
        need: flow.times(bytes * away),
        formula: format!(
            "{bytes:.0} bytes a record to all stateful operators x {:.0} % to the other of \
             {task_managers} TaskManagers",
            away * 100.0
        ),
    }
}

/// Reads and writes of the local disk by purpose, as in the run, at the rate of the job.
fn disk(question: &Question<'_>, flow: Range) -> Vec<Traffic> {
    let report = &question.observation.report;
    let records = report.records.max(1) as f64;
    let each = |name, purpose, way, bytes: fn(&IoCount) -> u64| {
        let per_record = bytes(&report.io_for(purpose)) as f64 / records;
        (per_record > 0.0).then(|| Traffic {
            name,
            way,
            need: flow.times(per_record),
            formula: format!("{per_record:.1} bytes a record in the run"),
        })
    };
    let read: fn(&IoCount) -> u64 = |io| io.read;
    let written: fn(&IoCount) -> u64 = |io| io.written;
    [
        each("state accesses", Purpose::Foreground, Way::DiskRead, read),
        each("compaction", Purpose::Compaction, Way::DiskRead, read),
        each("write buffers", Purpose::Flush, Way::DiskWrite, written),
        each("compaction", Purpose::Compaction, Way::DiskWrite, written),
        each("checkpoints", Purpose::Checkpoint, Way::DiskWrite, written),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Bytes that a source record brings to all stateful operators together.
fn record_bytes(workload: &Workload) -> f64 {
    workload.operators.iter().map(|it| it.share.get() * entry_bytes(it)).sum()
}

/// Bytes of a source record: nobody says, but what is kept of it was in it.
fn source_bytes(workload: &Workload) -> f64 {
    workload.operators.iter().map(entry_bytes).fold(0.0, f64::max)
}

fn entry_bytes(operator: &crate::workload::Operator) -> f64 {
    f64::from(operator.key_bytes) + f64::from(operator.value_bytes.mean())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::{Setup, observe};
    use crate::catalog::Target;
    use crate::config::{Dialect, ResolvedConfig, load};
    use crate::simulator::{Hardware, Seed};
    use crate::source::FileId;

    /// A million records a second of 2000 bytes on five machines: 400 MB/s come in, and of what is
    /// parted by key four fifths leave for the others.
    #[test]
    fn five_machines_share_two_gigabytes_a_second() {
        let text = "
name: budget
parallelism: 5
rate: 1000000
event_rate: 1000000
records: 2000
operators:
  - name: all
    keys: { count: 1000, distribution: uniform }
    key_bytes: 16
    value_bytes: { fixed: 1984 }
    access: read_modify_write
";
        let workload = Workload::parse("w.yaml", text).unwrap();
        let target: Target = "flink-1.20".parse().unwrap();
        let config = "taskmanager.memory.process.size: 4g\nstate.backend.type: rocksdb\n";
        let loaded = load(FileId::NOWHERE, config, Dialect::Legacy);
        let config = ResolvedConfig::new(target.release(), loaded.settings);
        let setup = Setup::of(&config, &target, 1, None).unwrap();
        let hardware = Hardware::local_nvme();
        let seen = observe(&setup.store, &hardware, &workload, Seed(1), &mut |_, _| ()).unwrap();
        let question = Question {
            setup: &setup,
            workload: &workload,
            hardware: &hardware,
            observation: &seen,
            rate: None,
            horizon_seconds: None,
            task_managers: None,
            disk: None,
            recovery_seconds: None,
        };
        let budget = Budget::of(&question, &StateGrowth::of(&question));
        let of = |name, way| {
            let found = budget.traffic.iter().find(|it| it.name == name && it.way == way).unwrap();
            found.need
        };
        assert_eq!(of("records from the source", Way::NetworkIn), Range::exactly(400e6));
        for way in [Way::NetworkIn, Way::NetworkOut] {
            assert!((of("exchanges by key", way).high - 320e6).abs() < 1.0);
        }
        assert!((budget.sum(Way::NetworkIn).high - 720e6).abs() < 1.0);
    }
}
