//! Other shapes of a TaskManager, for the report's controls.

use super::capacity::Case;
use crate::capacity::{Assessment, Question, Setup, Verdict, assess};
use crate::config::ResolvedConfig;
use crate::render::capacity::{POOLS, WhatIfMemory, WhatIfRow};

const FRACTION: &str = "taskmanager.memory.managed.fraction";

/// Every combination of a few slots, sizes and fractions around what there is.
pub(super) fn what_if(
    question: &Question<'_>,
    config: &ResolvedConfig<'_>,
    case: &Case,
) -> Vec<WhatIfRow> {
    let setup = question.setup;
    let process_now = setup.memory.total_process_memory.mebibytes();
    let mut sizes = vec![process_now, 1_728, 2_048, 3_072, 4_096, 6_144, 8_192, 12_288, 16_384];
    sizes.sort_unstable();
    sizes.dedup();
    let mut slots = vec![setup.slot_count, 1, 2, 3, 4, 6, 8];
    slots.sort_unstable();
    slots.dedup();
    let fraction_now = fraction(config, setup);
    let mut fractions = vec![fraction_now.clone()];
    fractions.extend(["0.2", "0.4", "0.5", "0.6", "0.7"].map(str::to_owned));
    fractions.sort();
    fractions.dedup();
    let mut rows = Vec::new();
    for slots in slots {
        for process in &sizes {
            for fraction in &fractions {
                let proposed = config.proposed(&[
                    ("taskmanager.memory.process.size", Some(format!("{process}m"))),
                    ("taskmanager.numberOfTaskSlots", Some(slots.to_string())),
                    (FRACTION, Some(fraction.clone())),
                    ("taskmanager.memory.managed.size", None),
                    ("taskmanager.memory.task.heap.size", None),
                    ("taskmanager.memory.flink.size", None),
                ]);
                let target = &case.subject.target;
                let shaped =
                    Setup::of(&proposed, target, setup.backends_per_slot, Some(setup.kind));
                let (memory, verdict, words) = match &shaped {
                    Err(error) => (None, "refused", format!("Flink refuses: {error}")),
                    Ok(shaped) => {
                        let answer = assess(&Question { setup: shaped, ..*question });
                        (Some(memory(shaped)), answer.verdict.name(), words(&answer))
                    }
                };
                rows.push(WhatIfRow {
                    slots,
                    process: *process,
                    fraction: fraction.clone(),
                    is_now: slots == setup.slot_count
                        && *process == process_now
                        && *fraction == fraction_now,
                    memory,
                    verdict,
                    words,
                    task_managers: question.workload.parallelism.div_ceil(slots.max(1)),
                });
            }
        }
    }
    rows
}

/// The fraction that is set, or else what the Managed Memory is of Total Flink Memory.
fn fraction(config: &ResolvedConfig<'_>, setup: &Setup) -> String {
    let set = |key| config.setting(key).map(|it| it.value.text().trim().to_owned());
    if set("taskmanager.memory.managed.size").is_none() {
        let text = set(FRACTION).filter(|text| text.parse::<f32>().is_ok());
        return text.unwrap_or_else(|| "0.4".to_owned());
    }
    let whole = setup.memory.total_flink_memory.bytes().max(1) as f64;
    format!("{:.2}", setup.memory.managed.bytes() as f64 / whole)
}

fn memory(setup: &Setup) -> WhatIfMemory {
    WhatIfMemory {
        pools: POOLS.map(|pool| setup.memory.size(pool).bytes()),
        managed: setup.memory.managed.bytes(),
        store: setup.store_memory(),
        task_heap: setup.slot.task_heap.bytes(),
        network: setup.slot.network.bytes(),
    }
}

fn words(assessment: &Assessment) -> String {
    let binding = assessment.binding.map_or("nothing", |kind| kind.title());
    match assessment.verdict {
        Verdict::Fits { headroom } => {
            format!("Fits with {:.0} % headroom, bound by {binding}", headroom * 100.0)
        }
        Verdict::MayNotFit => format!("May not fit, for {binding}"),
        Verdict::DoesNotFit => format!("Does not fit, for {binding}"),
    }
}
