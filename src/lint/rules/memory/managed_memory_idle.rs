use super::failure::point;
use crate::config::{Origin, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::BackendMemory;
use crate::units::MemorySize;

pub(in crate::lint::rules) struct ManagedMemoryIdle;

static META: RuleMeta = RuleMeta {
    code: "FM016",
    name: "managed-memory-idle",
    severity: Severity::Info,
    fix: FixAvailability::Never,
    source: "Set up TaskManager memory, Flink 1.10 to 2.3: streaming jobs with state on the heap \
        need no managed memory; 3 of 25 public configurations",
    docs: r"
The heap backend is selected, which uses no managed memory, and 40 percent of Flink's memory is
managed unless set otherwise. Only batch jobs and Python processes use it then. Not reported where
the file shows signs of either, or selects no backend.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
state.backend.type: hashmap
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
taskmanager.memory.managed.size: 0
state.backend.type: hashmap
",
};

impl Rule for ManagedMemoryIdle {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(backend) = &ctx.memory().backend else { return };
        let (BackendMemory::Heap { .. }, Origin::Setting(selected)) =
            (&backend.memory, backend.origin)
        else {
            return;
        };
        if backend.idle_managed > MemorySize::ZERO && !has_other_consumers(ctx) {
            findings.push(idle(selected, backend.idle_managed, ctx));
        }
    }
}

/// Signs of batch jobs or Python, which use managed memory.
fn has_other_consumers(ctx: &LintContext<'_>) -> bool {
    let batch = ["execution.runtime-mode", "execution.type"]
        .into_iter()
        .filter_map(|key| ctx.lookup(key))
        .any(|setting| !setting.value.text().eq_ignore_ascii_case("STREAMING"));
    let weights = ctx.lookup("taskmanager.memory.managed.consumer-weights").is_some();
    let hints = ["python.", "table.exec.resource.", "jobmanager.adaptive-batch-scheduler."];
    let settings = ctx.config.settings();
    batch
        || weights
        || settings.iter().any(|setting| hints.iter().any(|hint| setting.key.starts_with(hint)))
}

fn idle(selected: &Setting<'_>, idle: MemorySize, ctx: &LintContext<'_>) -> Finding {
    let keys = ["taskmanager.memory.managed.size", "taskmanager.memory.managed.fraction"];
    let managed = keys.into_iter().find_map(|key| ctx.lookup(key));
    let by_default = if managed.is_none() { " by default" } else { "" };
    point(
        Finding::new(&META, format!("{} of managed memory stay unused", idle.short())),
        [
            (managed, format!("managed memory is {}", idle.human())),
            (Some(selected), format!("uses no managed memory, which is {}{by_default}", idle.short())),
        ],
    )
    .help("set `taskmanager.memory.managed.size: 0` unless batch jobs or Python run here; the heap gets it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn by_default_and_by_size() {
        check(
            &ManagedMemoryIdle,
            r"
taskmanager.memory.process.size: 1728m
state.backend.type: hashmap
#                   ^^^^^^^ FM016 uses no managed memory, which is 512 MiB by default
",
        );
        check(
            &ManagedMemoryIdle,
            r"
taskmanager.memory.flink.size: 2g
taskmanager.memory.managed.size: 1g
#                                ^^ FM016 managed memory is 1024.000mb (1073741824 bytes)
state.backend: filesystem
#              ^^^^^^^^^^ uses no managed memory, which is 1 GiB
",
        );
    }

    #[test]
    fn backends_and_jobs_that_use_it() {
        let silent = |more: &str| {
            check(&ManagedMemoryIdle, &format!("taskmanager.memory.process.size: 1728m\n{more}"));
        };
        silent("");
        silent("state.backend.type: rocksdb\n");
        silent("state.backend.type: hashmap\ntaskmanager.memory.managed.size: 0\n");
        silent("state.backend.type: hashmap\nexecution.runtime-mode: BATCH\n");
        silent("state.backend.type: hashmap\npython.executable: python3\n");
    }
}
