use super::failure::point;
use super::slot::{several_slots, total};
use crate::catalog::Release;
use crate::config::{Origin, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{BackendMemory, Concern, RocksDbBudget, RocksDbMemory};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct RocksdbSlotShareSmall;

static META: RuleMeta = RuleMeta {
    code: "FM017",
    name: "rocksdb-slot-share-small",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "RocksDBMemoryControllerUtils, Flink 1.10 to 2.3; flink-benchmarks PR 50; 1 of 25 \
        public configurations had 51 MiB",
    docs: r"
All RocksDB instances of a slot share one block cache and one write buffer manager, a third of the
share with Flink's ratio. Below 128 MiB a slot they flush small files and stall writes; every state
takes at least one block of an eighth of a write buffer (8 MiB up to Flink 1.20), so that a few
states are enough for constant flushes.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
taskmanager.numberOfTaskSlots: 16
state.backend.type: rocksdb
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
taskmanager.numberOfTaskSlots: 4
state.backend.type: rocksdb
",
};

/// Of ours, from public threads: below this stalls were reported, and 16 MiB was "not enough".
const LITTLE: MemorySize = MemorySize::from_mebibytes(128);
const TOO_LITTLE: MemorySize = MemorySize::from_mebibytes(64);

impl Rule for RocksdbSlotShareSmall {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(backend) = &ctx.memory().backend else { return };
        let BackendMemory::RocksDb(memory) = &backend.memory else { return };
        let selected = match backend.origin {
            Origin::Setting(setting) => Some(setting),
            Origin::Default => None,
        };
        let share = match &memory.budget {
            RocksDbBudget::Managed(share) => share.alone,
            RocksDbBudget::FixedPerSlot(size) => size.value,
            RocksDbBudget::FixedPerTaskManager(_) | RocksDbBudget::Unbounded => return,
        };
        // A weight of zero is another rule's.
        let weightless = backend.concerns.contains(&Concern::NoWeight);
        if share < LITTLE && !weightless {
            let flushes = backend
                .concerns
                .iter()
                .find(|it| matches!(it, Concern::ArenaBlockAboveMutableLimit { .. }));
            findings.push(small(memory, share, selected, flushes, ctx));
        }
    }
}

fn small(
    memory: &RocksDbMemory<'_>,
    share: MemorySize,
    selected: Option<&Setting<'_>>,
    flushes: Option<&Concern>,
    ctx: &LintContext<'_>,
) -> Finding {
    let name = if memory.is_forst { "ForSt" } else { "RocksDB" };
    let slots = several_slots(ctx);
    let message = match slots {
        Some((_, count)) => format!("{count} slots leave {name} {} each", share.short()),
        None => format!("{name} has {} in a slot", share.short()),
    };
    let fixed = match &memory.budget {
        RocksDbBudget::FixedPerSlot(input) => match input.origin {
            Origin::Setting(setting) => Some(setting),
            Origin::Default => None,
        },
        _ => None,
    };
    let keys = ["taskmanager.memory.managed.size", "taskmanager.memory.managed.fraction"];
    let managed = keys.into_iter().find_map(|key| ctx.lookup(key));
    let managed_text = match &ctx.memory().task_manager.result {
        Ok(task_manager) => format!("managed memory is {}", task_manager.managed.human()),
        Err(_) => String::new(),
    };
    let places = match fixed {
        Some(setting) => vec![(Some(setting), share.human())],
        None => vec![
            (slots.map(|(setting, _)| setting), format!("{} each", share.short())),
            (managed.or_else(|| total(ctx)), managed_text),
            (selected, format!("{name} lives on the slot's share")),
        ],
    };
    let finding = point(Finding::new(&META, message), places);
    finding.help(help(memory, share, flushes, ctx.release()))
}

/// What so little does, and what would do.
fn help(
    memory: &RocksDbMemory<'_>,
    share: MemorySize,
    flushes: Option<&Concern>,
    release: Release,
) -> String {
    if share == MemorySize::ZERO {
        return "the cache has no room at all: give managed memory a size".to_owned();
    }
    // What Flink's check does not know: the engines of 2.x grow write buffers in smaller steps.
    if let Some(Concern::ArenaBlockAboveMutableLimit { arena_block, mutable_limit, least, .. }) =
        flushes
        && release < Release::V2_0
    {
        return format!(
            "writes stall: it flushes above {}, and one block of a write buffer has {} already; \
             give a slot {} and more for each state",
            mutable_limit.short(),
            arena_block.short(),
            least.short()
        );
    }
    let manager = memory.write_buffer_manager_capacity.unwrap_or_default();
    let urgent = if share < TOO_LITTLE { "expect write stalls: " } else { "" };
    format!(
        "{urgent}all write buffers of a slot get {}, a new block takes {}; give a slot {} or more",
        manager.short(),
        memory.arena_block_size.short(),
        LITTLE.short()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_boundary_is_128_mib_a_slot() {
        check(
            &RocksdbSlotShareSmall,
            r"
taskmanager.memory.flink.size: 2g
taskmanager.memory.managed.size: 511m
#                                ^^^^ managed memory is 511.000mb (535822336 bytes)
taskmanager.numberOfTaskSlots: 4
#                              ^ FM017 127.8 MiB each
state.backend.type: rocksdb
#                   ^^^^^^^ RocksDB lives on the slot's share
",
        );
        check(
            &RocksdbSlotShareSmall,
            "taskmanager.memory.flink.size: 2g\ntaskmanager.memory.managed.size: 512m\ntaskmanager.numberOfTaskSlots: 4\nstate.backend.type: rocksdb\n",
        );
    }

    #[test]
    fn a_fixed_size() {
        check(
            &RocksdbSlotShareSmall,
            r"
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
state.backend.rocksdb.memory.fixed-per-slot: 20m
#                                            ^^^ FM017 20.000mb (20971520 bytes)
",
        );
    }

    #[test]
    fn other_backends_and_other_budgets() {
        let silent = |more: &str| {
            check(
                &RocksdbSlotShareSmall,
                &format!(
                    "taskmanager.memory.process.size: 1728m\ntaskmanager.numberOfTaskSlots: 8\n{more}"
                ),
            );
        };
        silent("");
        silent("state.backend.type: hashmap\n");
        silent("state.backend.type: rocksdb\nstate.backend.rocksdb.memory.managed: false\n");
    }
}
