use super::failure::point;
use super::slot::several_slots;
use crate::config::{Origin, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{BackendMemory, Concern, RocksDbBudget};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct RocksdbFixedSizeOverruns;

static META: RuleMeta = RuleMeta {
    code: "FM019",
    name: "rocksdb-fixed-size-overruns",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "RocksDBSharedResourcesFactory, Flink 1.10 to 2.3; FLINK-15692",
    docs: r"
A fixed size for RocksDB comes on top of all of Flink's pools. All slots together take more than the
process has outside of them, managed memory included: Kubernetes and YARN kill the container
(exit code 137). Where it fits only as long as managed memory stays unused it is an info.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
taskmanager.numberOfTaskSlots: 4
state.backend.type: rocksdb
state.backend.rocksdb.memory.fixed-per-slot: 1g
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
taskmanager.numberOfTaskSlots: 4
state.backend.type: rocksdb
",
};

impl Rule for RocksdbFixedSizeOverruns {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(backend) = &ctx.memory().backend else { return };
        let BackendMemory::RocksDb(memory) = &backend.memory else { return };
        let (RocksDbBudget::FixedPerSlot(input) | RocksDbBudget::FixedPerTaskManager(input)) =
            &memory.budget
        else {
            return;
        };
        let Origin::Setting(fixed) = input.origin else { return };
        for concern in &backend.concerns {
            match *concern {
                Concern::OverrunsContainer { needed, room } => {
                    findings.push(overruns(fixed, needed, room, ctx));
                }
                Concern::LivesOnIdleManaged { needed, room } => {
                    findings.push(lives_on_managed(fixed, needed, room));
                }
                _ => {}
            }
        }
    }
}

fn overruns(
    fixed: &Setting<'_>,
    needed: MemorySize,
    room: MemorySize,
    ctx: &LintContext<'_>,
) -> Finding {
    let slots = several_slots(ctx);
    let message = format!(
        "RocksDB takes {}, but the process has {} for it outside the heap",
        needed.short(),
        room.short()
    );
    point(
        Finding::new(&META, message),
        [
            (Some(fixed), "on top of all of Flink's pools".to_owned()),
            (
                slots.map(|(setting, _)| setting),
                slots.map_or_else(String::new, |(_, count)| format!("{count} times")),
            ),
        ],
    )
    .help("let it live on managed memory, or make the process larger; the container is killed otherwise (exit code 137)")
}

fn lives_on_managed(fixed: &Setting<'_>, needed: MemorySize, room: MemorySize) -> Finding {
    let message = format!(
        "RocksDB takes {}, of which {} fit beside Flink's pools",
        needed.short(),
        room.short()
    );
    Finding::new(&META, message)
        .severity(Severity::Info)
        .primary(fixed.value_span, "the rest lives on managed memory that must stay unused")
        .help("let it live on managed memory, or set `taskmanager.memory.managed.size: 0` and size Task Off-Heap for it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn all_slots_together() {
        check(
            &RocksdbFixedSizeOverruns,
            r"
taskmanager.memory.process.size: 4g
taskmanager.numberOfTaskSlots: 4
#                              ^ 4 times
state.backend.type: rocksdb
state.backend.rocksdb.memory.fixed-per-slot: 1g
#                                            ^^ FM019 on top of all of Flink's pools
",
        );
        check(
            &RocksdbFixedSizeOverruns,
            "taskmanager.memory.process.size: 4g\nstate.backend.type: rocksdb\nstate.backend.rocksdb.memory.fixed-per-slot: 500m\n",
        );
    }

    #[test]
    fn beside_idle_managed_memory() {
        check(
            &RocksdbFixedSizeOverruns,
            r"
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
state.backend.rocksdb.memory.fixed-per-slot: 1g
#                                            ^^ FM019 the rest lives on managed memory that must stay unused
",
        );
    }
}
