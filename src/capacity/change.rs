use super::Setup;
use super::assessment::{Assessment, Question, assess};
use super::constraint::{ConstraintKind, Standing};
use crate::catalog::Target;
use crate::config::ResolvedConfig;

/// One option that mends a constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it mends.
    pub mends: ConstraintKind,
    /// The option.
    pub key: &'static str,
    /// Its value now, if it is set.
    pub current: Option<String>,
    /// The value that mends it.
    pub value: String,
}

const SLOTS: &str = "taskmanager.numberOfTaskSlots";
const SIZES: [&str; 2] = ["taskmanager.memory.process.size", "taskmanager.memory.flink.size"];

/// Constraints whose limit is a part of the TaskManager's memory.
const BY_MEMORY: [ConstraintKind; 6] = [
    ConstraintKind::BackendFloor,
    ConstraintKind::WorkingSet,
    ConstraintKind::StateOnHeap,
    ConstraintKind::Timers,
    ConstraintKind::TaskHeap,
    ConstraintKind::NetworkBuffers,
];

/// Beyond this a larger TaskManager is no small change any more.
const LARGEST_MIB: u32 = 64 << 10;

impl Assessment {
    /// Finds, for each constraint that may break, the smallest change of one option after which it
    /// holds: fewer slots, else a larger TaskManager.
    pub fn find_changes(
        &mut self,
        question: &Question<'_>,
        config: &ResolvedConfig<'_>,
        target: &Target,
    ) {
        for kind in BY_MEMORY {
            let broken = self.constraint(kind).map(super::Constraint::standing);
            if matches!(broken, Some(Standing::Broken | Standing::MayBreak)) {
                self.changes.extend(mend(kind, question, config, target));
            }
        }
    }
}

fn mend(
    kind: ConstraintKind,
    question: &Question<'_>,
    config: &ResolvedConfig<'_>,
    target: &Target,
) -> Option<Change> {
    let current = |key: &str| config.setting(key).map(|it| it.value.text().into_owned());
    let setup = question.setup;
    let holds = |key: &'static str, value: &str| {
        let proposed = config.proposed(&[(key, Some(value.to_owned()))]);
        let operators = setup.backends_per_slot;
        let Ok(setup) = Setup::of(&proposed, target, operators, Some(setup.kind)) else {
            return false;
        };
        let assessment = assess(&Question { setup: &setup, ..*question });
        assessment.constraint(kind).is_some_and(|it| it.standing() == Standing::Holds)
    };
    let change = |key, value: String| Change { mends: kind, key, current: current(key), value };
    let fewer = (1..setup.slot_count).rev().map(|count| count.to_string());
    if let Some(value) = fewer.take(64).find(|value| holds(SLOTS, value)) {
        return Some(change(SLOTS, value));
    }
    let key = SIZES.into_iter().find(|key| config.setting(key).is_some());
    let key = key.unwrap_or("taskmanager.memory.process.size");
    let now = u32::try_from(setup.memory.total_process_memory.mebibytes()).ok()?;
    // Sizes in steps of 128 MiB, bisected: what a slot gets never falls with the total.
    let (mut low, mut high) = (now / 128, LARGEST_MIB / 128);
    if low >= high || !holds(key, &format!("{}m", high * 128)) {
        return None;
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        if holds(key, &format!("{}m", middle * 128)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(change(key, format!("{}m", high * 128)))
}
