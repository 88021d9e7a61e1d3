use super::assessment::Question;
use super::constraint::{Constraint, ConstraintKind, Unit, Weight};
use super::{Range, StateGrowth};

/// What the loss of one TaskManager means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Failover {
    /// TaskManagers: given, or as many as the parallelism needs.
    pub task_managers: u32,
    /// Slots that are left without one of them.
    pub slots_left: u32,
    /// Slots that the job needs.
    pub slots_needed: u32,
    /// Seconds until all state is back from the checkpoint storage.
    pub restore: Option<Range>,
    /// Seconds from then on until the job has caught up with what came in meanwhile.
    pub catch_up: Option<Range>,
}

impl Failover {
    /// Whether the job can go on before a TaskManager is replaced.
    pub const fn goes_on(&self) -> bool {
        self.slots_left >= self.slots_needed
    }

    pub(super) fn of(question: &Question<'_>, growth: &StateGrowth) -> Self {
        let slots = question.setup.slot_count.max(1);
        let needed = question.workload.parallelism;
        let task_managers = question.task_managers.unwrap_or(needed.div_ceil(slots));
        let restore = question.observation.report.recovery.map(|recovery| {
            let measured = recovery.remote.0 as f64 / 1e9;
            Range::between(measured * growth.factor().low, measured * growth.factor().high)
        });
        let catch_up = restore.and_then(|restore| {
            let rate = question.rate()? as f64;
            let spare = question.sustainable() - rate;
            // What came in since the last checkpoint, half an interval ago on average, and during
            // the restore, is worked off with what is left of the throughput.
            let replay = question.checkpoint_interval().unwrap_or(0.0);
            let backlog = Range::between(restore.low, restore.high + replay).times(rate);
            (spare > 0.0).then(|| backlog.times(1.0 / spare))
        });
        Self {
            task_managers,
            slots_left: task_managers.saturating_sub(1).saturating_mul(slots),
            slots_needed: needed,
            restore,
            catch_up,
        }
    }
}

pub(super) fn constraint(question: &Question<'_>, failover: &Failover) -> Constraint {
    let catch_up = failover.catch_up;
    let need = failover.restore.map(|restore| restore.plus(catch_up.unwrap_or(Range::ZERO)));
    let formula = match (catch_up, question.rate()) {
        (Some(_), _) => "restore from the checkpoint storage + backlog / (sustainable - needed)",
        (None, Some(_)) => "restore from the checkpoint storage; it never catches up",
        (None, None) => "restore from the checkpoint storage; no rate is given to catch up with",
    };
    Constraint {
        kind: ConstraintKind::Recovery,
        need,
        limit: question.recovery_seconds.map(Range::exactly),
        unit: Unit::Seconds,
        weight: Weight::Soft,
        formula: formula.to_owned(),
    }
}
