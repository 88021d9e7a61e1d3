use super::failure::point;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::{BackendMemory, Concern};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct RocksdbMemoryUnbounded;

static META: RuleMeta = RuleMeta {
    code: "FM018",
    name: "rocksdb-memory-unbounded",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "RocksDBSharedResourcesFactory, Flink 1.10 to 2.3; FLINK-15692",
    docs: r"
RocksDB neither lives on managed memory nor has a fixed size, so nothing bounds it: each state of
each operator takes write buffers and a block cache of its own. Kubernetes and YARN kill the
container (exit code 137) without a word in Flink's log.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
state.backend.rocksdb.memory.managed: false
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
",
};

impl Rule for RocksdbMemoryUnbounded {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(backend) = &ctx.memory().backend else { return };
        let BackendMemory::RocksDb(memory) = &backend.memory else { return };
        for concern in &backend.concerns {
            if let &Concern::Unbounded { write_buffers, block_cache } = concern {
                findings.push(unbounded(memory.is_forst, write_buffers, block_cache, ctx));
            }
        }
    }
}

fn unbounded(
    is_forst: bool,
    write_buffers: MemorySize,
    block_cache: MemorySize,
    ctx: &LintContext<'_>,
) -> Finding {
    let (name, key) = if is_forst {
        ("ForSt", "state.backend.forst.memory.managed")
    } else {
        ("RocksDB", "state.backend.rocksdb.memory.managed")
    };
    let each = format!(
        "each state takes up to {} of write buffers and {} of cache",
        write_buffers.short(),
        block_cache.short()
    );
    point(
        Finding::new(&META, format!("nothing bounds the memory of {name}")),
        [(ctx.lookup(key), each)],
    )
    .help(format!("remove `{key}`, or set a size with `memory.fixed-per-slot`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn neither_managed_nor_fixed() {
        check(
            &RocksdbMemoryUnbounded,
            r"
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
state.backend.rocksdb.memory.managed: false
#                                     ^^^^^ FM018 each state takes up to 128 MiB of write buffers and 8 MiB of cache
",
        );
        let silent = |more: &str| {
            check(
                &RocksdbMemoryUnbounded,
                &format!(
                    "taskmanager.memory.process.size: 4g\nstate.backend.rocksdb.memory.managed: false\n{more}"
                ),
            );
        };
        silent("state.backend.type: hashmap\n");
        silent("state.backend.type: rocksdb\nstate.backend.rocksdb.memory.fixed-per-slot: 256m\n");
        silent("state.backend.type: rocksdb\nstate.backend.rocksdb.memory.fixed-per-tm: 1g\n");
    }
}
