use super::memory_of_gemini::gemini_memory;
use crate::catalog::GeminiGeneration;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::rules::memory::{point, total};
use crate::lint::{LintContext, Rule};
use crate::memory::{GEMINI_FLOOR, GeminiMemory};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct GeminiTaskManagerTooSmall;

static META: RuleMeta = RuleMeta {
    code: "FG012",
    name: "gemini-task-manager-too-small",
    severity: Severity::Error,
    fix: FixAvailability::Never,
    source: "Configure a VVR-based Flink job, EMR (2020-12): not less than 1,728 MiB",
    docs: r"
With GeminiStateBackend a TaskManager on EMR needs at least 1728 MiB of Total Process Memory. That
is enough for one slot. No page repeats the figure for later engines, so it is a warning there.
## Bad
# target: emr-3.28.2
taskmanager.memory.process.size: 1024m
## Good
# target: emr-3.28.2
taskmanager.memory.process.size: 1728m
",
};

/// Source: "Configure a VVR-based Flink job", EMR.
pub(super) const LEAST_PROCESS: MemorySize = MemorySize::from_mebibytes(1728);

impl Rule for GeminiTaskManagerTooSmall {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some((_, memory)) = gemini_memory(ctx) else { return };
        if let Ok(task_manager) = &ctx.memory().task_manager.result
            && task_manager.total_process_memory < LEAST_PROCESS
        {
            findings.push(too_small(task_manager.total_process_memory, memory, ctx));
        }
    }
}

fn too_small(process: MemorySize, memory: &GeminiMemory<'_>, ctx: &LintContext<'_>) -> Finding {
    let severity = match ctx.target.gemini() {
        Some(GeminiGeneration::V1) => Severity::Error,
        _ => Severity::Warning,
    };
    let text = match memory {
        GeminiMemory::Managed(managed) if managed.per_backend < GEMINI_FLOOR => format!(
            "leaves each backend {}, and Gemini needs {}",
            managed.per_backend.short(),
            GEMINI_FLOOR.short()
        ),
        _ => format!("Total Process Memory is {}", process.human()),
    };
    let message = format!("a TaskManager of {} is too small for Gemini", process.short());
    point(Finding::new(&META, message).severity(severity), [(total(ctx), text)])
        .help("give it 1728 MiB or more, and each further slot about 900 MiB")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn the_boundary_is_1728_mib() {
        check(
            &GeminiTaskManagerTooSmall,
            r"
# target: emr-3.28.2
taskmanager.memory.process.size: 1727m
#                                ^^^^^ FG012 Total Process Memory is 1.687gb (1810890752 bytes)
",
        );
        check(
            &GeminiTaskManagerTooSmall,
            "# target: emr-3.28.2\ntaskmanager.memory.process.size: 1728m\n",
        );
        check(
            &GeminiTaskManagerTooSmall,
            "# target: emr-3.28.2\nstate.backend: rocksdb\ntaskmanager.memory.process.size: 1024m\n",
        );
        check(
            &GeminiTaskManagerTooSmall,
            "# target: flink-1.20\ntaskmanager.memory.process.size: 1024m\n",
        );
    }

    #[test]
    fn below_the_floor_as_well() {
        check(
            &GeminiTaskManagerTooSmall,
            r"
# target: emr-3.28.2
taskmanager.memory.process.size: 1024m
#                                ^^^^^ FG012 leaves each backend 230.4 MiB, and Gemini needs 256 MiB
",
        );
    }
}
