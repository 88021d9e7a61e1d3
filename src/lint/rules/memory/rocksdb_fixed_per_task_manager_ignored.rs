use super::failure::point;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::Concern;

pub(in crate::lint::rules) struct RocksdbFixedPerTaskManagerIgnored;

static META: RuleMeta = RuleMeta {
    code: "FM020",
    name: "rocksdb-fixed-per-task-manager-ignored",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "RocksDBSharedResourcesFactory, Flink 1.17 to 2.3",
    docs: r"
A size for all slots of a TaskManager counts only where RocksDB neither lives on managed memory,
which is the default, nor has a fixed size per slot.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
state.backend.rocksdb.memory.fixed-per-tm: 512m
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
state.backend.rocksdb.memory.managed: false
state.backend.rocksdb.memory.fixed-per-tm: 512m
",
};

impl Rule for RocksdbFixedPerTaskManagerIgnored {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(backend) = &ctx.memory().backend else { return };
        for concern in &backend.concerns {
            if let Concern::FixedPerTaskManagerInert { key } = concern {
                findings.push(ignored(key, ctx));
            }
        }
    }
}

fn ignored(key: &str, ctx: &LintContext<'_>) -> Finding {
    let managed = key.replace("fixed-per-tm", "managed");
    let per_slot = key.replace("fixed-per-tm", "fixed-per-slot");
    let finding = point(
        Finding::new(&META, "the fixed size per TaskManager has no effect"),
        [
            (ctx.lookup(key), "ignored".to_owned()),
            (ctx.lookup(&per_slot), "comes first".to_owned()),
        ],
    );
    finding.help(format!("set `{managed}: false`, or remove the size"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn managed_memory_and_slots_come_first() {
        check(
            &RocksdbFixedPerTaskManagerIgnored,
            r"
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
state.backend.rocksdb.memory.fixed-per-tm: 1g
#                                          ^^ FM020 ignored
",
        );
        check(
            &RocksdbFixedPerTaskManagerIgnored,
            r"
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
state.backend.rocksdb.memory.managed: false
state.backend.rocksdb.memory.fixed-per-slot: 256m
#                                            ^^^^ comes first
state.backend.rocksdb.memory.fixed-per-tm: 1g
#                                          ^^ FM020 ignored
",
        );
    }
}
