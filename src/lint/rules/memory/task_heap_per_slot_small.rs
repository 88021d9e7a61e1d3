use super::failure::point;
use super::slot::{several_slots, total};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::TaskManagerProcess;
use crate::units::MemorySize;

pub(in crate::lint::rules) struct TaskHeapPerSlotSmall;

static META: RuleMeta = RuleMeta {
    code: "FM015",
    name: "task-heap-per-slot-small",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "TaskManagerProcess of Flink 1.10 to 2.3; 3 of 25 public configurations",
    docs: r"
The code of a slot has less than 64 MiB of heap. Garbage collection then takes over, heartbeats
time out, and the job ends in `Java heap space`.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 1728m
taskmanager.numberOfTaskSlots: 10
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 1728m
taskmanager.numberOfTaskSlots: 2
",
};

/// Of ours: real configurations that got into trouble had 26 to 38 MiB.
const LITTLE: MemorySize = MemorySize::from_mebibytes(64);

impl Rule for TaskHeapPerSlotSmall {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if let Some(Ok(process)) = &ctx.memory().task_manager_process
            && process.slot.task_heap < LITTLE
        {
            findings.push(small(process, ctx));
        }
    }
}

fn small(process: &TaskManagerProcess<'_>, ctx: &LintContext<'_>) -> Finding {
    let share = process.slot.task_heap.short();
    let slots = several_slots(ctx);
    let (message, help) = match slots {
        Some((_, count)) => (
            format!("{count} slots leave each {share} of Task Heap"),
            "fewer slots, or more memory for the TaskManager",
        ),
        None => (
            format!("the TaskManager has {share} of Task Heap"),
            "more memory for the TaskManager, or less for its other pools",
        ),
    };
    let slots = slots.map(|(setting, _)| setting);
    let total = total(ctx);
    let text = match &ctx.memory().task_manager.result {
        Ok(memory) => format!("leaves {} of Task Heap", memory.task_heap.human()),
        Err(_) => String::new(),
    };
    let heap = ctx.lookup("taskmanager.memory.task.heap.size");
    point(
        Finding::new(&META, message),
        [
            (slots, format!("{share} each")),
            (heap, "Task Heap".to_owned()),
            (total.filter(|_| heap.is_none()), text),
        ],
    )
    .help(format!("{help}; 64 MiB a slot is the least that runs"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_boundary_is_64_mib_a_slot() {
        check(
            &TaskHeapPerSlotSmall,
            r"
taskmanager.memory.task.heap.size: 127m
#                                  ^^^^ Task Heap
taskmanager.memory.managed.size: 0
taskmanager.numberOfTaskSlots: 2
#                              ^ FM015 63.5 MiB each
",
        );
        check(
            &TaskHeapPerSlotSmall,
            "taskmanager.memory.task.heap.size: 128m\ntaskmanager.memory.managed.size: 0\ntaskmanager.numberOfTaskSlots: 2\n",
        );
    }

    #[test]
    fn one_slot() {
        check(
            &TaskHeapPerSlotSmall,
            r"
taskmanager.memory.process.size: 1024m
#                                ^^^^^ FM015 leaves 25.600mb (26843542 bytes) of Task Heap
",
        );
        check(&TaskHeapPerSlotSmall, "taskmanager.memory.process.size: 1728m\n");
        check(&TaskHeapPerSlotSmall, "taskmanager.memory.process.size: 100m\n");
    }
}
