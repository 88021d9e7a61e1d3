//! What rules about a slot's share point at.

use crate::config::Setting;
use crate::lint::LintContext;

const SLOTS: &str = "taskmanager.numberOfTaskSlots";
const TOTALS: [&str; 4] = [
    "taskmanager.memory.process.size",
    "taskmanager.memory.flink.size",
    "taskmanager.heap.size",
    "taskmanager.heap.mb",
];

/// The number of slots, if it is set and there is more than one.
pub(in crate::lint::rules) fn several_slots<'c, 'a>(
    ctx: &'c LintContext<'a>,
) -> Option<(&'c Setting<'a>, u32)> {
    let count = slot_count(ctx)?;
    ctx.lookup(SLOTS).filter(|_| count > 1).map(|setting| (setting, count))
}

/// Slots of a TaskManager that starts.
pub(in crate::lint::rules) fn slot_count(ctx: &LintContext<'_>) -> Option<u32> {
    let process = ctx.memory().task_manager_process.as_ref()?.as_ref().ok()?;
    Some(process.slot_count)
}

/// The setting of the TaskManager's total.
pub(in crate::lint::rules) fn total<'c, 'a>(ctx: &'c LintContext<'a>) -> Option<&'c Setting<'a>> {
    TOTALS.into_iter().find_map(|key| ctx.lookup(key))
}
