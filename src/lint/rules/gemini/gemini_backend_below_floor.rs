use super::gemini_task_manager_too_small::LEAST_PROCESS;
use super::memory_of_gemini::gemini_memory;
use super::options::OFF_HEAP_SIZE;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::rules::memory::{point, several_slots, total};
use crate::lint::{LintContext, Rule};
use crate::memory::{Concern, GEMINI_FLOOR};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct GeminiBackendBelowFloor;

static META: RuleMeta = RuleMeta {
    code: "FG013",
    name: "gemini-backend-below-floor",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "FAQ of Flink semi-managed on ACK (2020-12): 268435456 bytes are the least, 192937984 \
        of a process of 1 GiB were refused",
    docs: r"
Gemini refuses to start with less than 256 MiB for a backend. With managed memory each slot's
backend gets an equal share, so slots divide what there is. A share below 256 MiB is an error. The
one published failure fits 0.8 of the share in whole MiB: where only that is below 256 MiB it is a
warning, until there is a second figure to confirm it.
## Bad
# target: emr-3.28.2
taskmanager.memory.process.size: 2048m
taskmanager.numberOfTaskSlots: 4
## Good
# target: emr-3.28.2
taskmanager.memory.process.size: 2048m
taskmanager.numberOfTaskSlots: 1
",
};

impl Rule for GeminiBackendBelowFloor {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some((backend, _)) = gemini_memory(ctx) else { return };
        // One slot of a process that is too small as such: another rule says so.
        let too_small = ctx.memory().task_manager.result.as_ref().is_ok_and(|memory| {
            memory.total_process_memory < LEAST_PROCESS && several_slots(ctx).is_none()
        });
        for concern in &backend.concerns {
            match *concern {
                Concern::NoManagedMemory => findings.push(no_managed_memory(ctx)),
                Concern::BelowFloor { .. } | Concern::BelowFloorAsObserved { .. } if too_small => {}
                Concern::BelowFloor { per_backend } => findings.push(below(per_backend, ctx)),
                Concern::BelowFloorAsObserved { per_backend, observed } => {
                    findings.push(below_as_observed(per_backend, observed, ctx));
                }
                _ => {}
            }
        }
    }
}

fn below(share: MemorySize, ctx: &LintContext<'_>) -> Finding {
    if let Some(own) = ctx.lookup(OFF_HEAP_SIZE).filter(|_| !is_managed(ctx)) {
        let message = format!(
            "Gemini's {} a backend are below its floor of {}",
            share.short(),
            GEMINI_FLOOR.short()
        );
        return Finding::new(&META, message)
            .primary(own.value_span, format!("{} each", share.short()))
            .help(format!("give each backend {} or more", GEMINI_FLOOR.short()));
    }
    let message = format!("{}, below its floor of {}", gets(share, ctx), GEMINI_FLOOR.short());
    divided(Finding::new(&META, message), share, ctx).help(help(ctx))
}

fn below_as_observed(share: MemorySize, observed: MemorySize, ctx: &LintContext<'_>) -> Finding {
    let gets = gets(share, ctx);
    let finding =
        Finding::new(&META, format!("{gets}, probably too little")).severity(Severity::Warning);
    divided(finding, share, ctx).help(format!(
        "{}. Gemini needs {}, and the one published failure shows it using 0.8 of the share, here \
         {}; one figure is no proof",
        help(ctx),
        GEMINI_FLOOR.short(),
        observed.short()
    ))
}

fn no_managed_memory(ctx: &LintContext<'_>) -> Finding {
    let keys = ["taskmanager.memory.managed.size", "taskmanager.memory.managed.fraction"];
    let managed = keys.into_iter().find_map(|key| ctx.lookup(key));
    point(
        Finding::new(&META, "Gemini lives on managed memory, and there is none"),
        [(managed, "no managed memory".to_owned())],
    )
    .help("remove it, so that 40 percent of Flink's memory are managed, or give a size")
}

fn is_managed(ctx: &LintContext<'_>) -> bool {
    matches!(gemini_memory(ctx), Some((_, crate::memory::GeminiMemory::Managed(_))))
}

fn gets(share: MemorySize, ctx: &LintContext<'_>) -> String {
    match several_slots(ctx) {
        Some((_, count)) => format!("{count} slots leave each Gemini backend {}", share.short()),
        None => format!("the Gemini backend gets {}", share.short()),
    }
}

/// Points at the slots that divide managed memory, and at what sets its size.
fn divided(finding: Finding, share: MemorySize, ctx: &LintContext<'_>) -> Finding {
    let keys = ["taskmanager.memory.managed.size", "taskmanager.memory.managed.fraction"];
    let managed = keys.into_iter().find_map(|key| ctx.lookup(key)).or_else(|| total(ctx));
    let text = match &ctx.memory().task_manager.result {
        Ok(memory) => format!("managed memory is {}", memory.managed.human()),
        Err(_) => String::new(),
    };
    let slots = several_slots(ctx).map(|(setting, _)| setting);
    point(finding, [(slots, format!("{} each", share.short())), (managed, text)])
}

fn help(ctx: &LintContext<'_>) -> String {
    let fitting = match &ctx.memory().task_manager.result {
        Ok(memory) => memory.managed.count_of(GEMINI_FLOOR),
        Err(_) => 0,
    };
    match (several_slots(ctx), fitting) {
        (Some(_), 2..) => "use fewer slots, or give the TaskManager more memory".to_owned(),
        (Some(_), 1) => "use one slot, or give the TaskManager more memory".to_owned(),
        _ => "give the TaskManager more memory".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn slots_divide_managed_memory() {
        check(
            &GeminiBackendBelowFloor,
            r"
# target: emr-3.28.2
taskmanager.memory.process.size: 2048m
#                                ^^^^^ managed memory is 634.880mb (665719939 bytes)
taskmanager.numberOfTaskSlots: 4
#                              ^ FG013 158.7 MiB each
",
        );
        check(
            &GeminiBackendBelowFloor,
            "# target: emr-3.28.2\ntaskmanager.memory.process.size: 2048m\ntaskmanager.numberOfTaskSlots: 1\n",
        );
    }

    #[test]
    fn the_boundaries_of_the_share_and_of_its_observed_part() {
        let managed = |size: &str, label: &str| {
            let carets = "^".repeat(size.len());
            let annotation = if label.is_empty() {
                String::new()
            } else {
                format!("#                                {carets} {label}\n")
            };
            check(
                &GeminiBackendBelowFloor,
                &format!(
                    "# target: emr-3.28.2\ntaskmanager.memory.process.size: 4g\ntaskmanager.memory.managed.size: {size}\n{annotation}"
                ),
            );
        };
        managed("255m", "FG013 managed memory is 255.000mb (267386880 bytes)");
        managed("256m", "FG013 managed memory is 256.000mb (268435456 bytes)");
        managed("319m", "FG013 managed memory is 319.000mb (334495744 bytes)");
        managed("320m", "");
        managed("0", "FG013 no managed memory");
    }

    #[test]
    fn a_share_below_is_an_error_and_a_part_of_it_a_warning() {
        let severity = |size: &str| {
            let text = format!(
                "# target: emr-3.28.2\ntaskmanager.memory.process.size: 4g\ntaskmanager.memory.managed.size: {size}\n"
            );
            let findings = crate::lint::testing::Scene::new(&text).run(crate::lint::check);
            findings.iter().find(|it| it.rule == &META).map(|it| it.severity)
        };
        assert_eq!(severity("255m"), Some(Severity::Error));
        assert_eq!(severity("256m"), Some(Severity::Warning));
    }

    #[test]
    fn a_size_of_its_own() {
        check(
            &GeminiBackendBelowFloor,
            r"
# target: emr-3.28.2
taskmanager.memory.process.size: 4g
state.backend.gemini.memory.managed: false
state.backend.gemini.offheap.size: 200MB
#                                  ^^^^^ FG013 200 MiB each
",
        );
    }
}
