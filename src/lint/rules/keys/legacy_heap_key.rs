use super::rename;
use crate::catalog::Release;
use crate::config::Setting;
use crate::finding::{Applicability, Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct LegacyHeapKey;

/// The keys that named the size of a heap before memory was modeled.
pub(super) const KEYS: [&str; 4] =
    ["jobmanager.heap.mb", "jobmanager.heap.size", "taskmanager.heap.mb", "taskmanager.heap.size"];

static META: RuleMeta = RuleMeta {
    code: "FK006",
    name: "legacy-heap-key",
    severity: Severity::Warning,
    fix: FixAvailability::Sometimes,
    source: "MemoryBackwardsCompatibilityUtils, Flink 1.10 to 1.20; \
             https://nightlies.apache.org/flink/flink-docs-release-1.20/docs/deployment/memory/mem_migration/",
    docs: r"
`taskmanager.heap.size` does not size the heap any more: since Flink 1.10 it is Total Flink Memory
in a standalone cluster, and Total Process Memory on YARN and Kubernetes. `jobmanager.heap.size` is,
since 1.11, the JVM heap in a standalone cluster and Total Process Memory elsewhere. The container
turns out bigger or smaller than meant. From 2.0 on Flink ignores both.
## Bad
# target: flink-1.17
taskmanager.heap.size: 4096m
jobmanager.memory.process.size: 1600m
## Good
# target: flink-1.17
taskmanager.memory.process.size: 4096m
jobmanager.memory.process.size: 1600m
",
};

impl Rule for LegacyHeapKey {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let release = ctx.release();
        if release >= Release::V2_0 {
            return; // FK003 tells of keys that are ignored.
        }
        for setting in KEYS.into_iter().filter_map(|key| ctx.config.setting(key)) {
            if setting.key.starts_with("taskmanager") {
                findings.push(task_manager(ctx, setting));
            } else if release >= Release::V1_11 {
                findings.push(job_manager(ctx, setting));
            }
        }
    }
}

fn task_manager(ctx: &LintContext<'_>, setting: &Setting<'_>) -> Finding {
    let total = "Total Flink Memory in a standalone cluster, Total Process Memory elsewhere";
    legacy(ctx, setting, total, "taskmanager.memory.process.size", "taskmanager.memory.flink.size")
}

fn job_manager(ctx: &LintContext<'_>, setting: &Setting<'_>) -> Finding {
    let total = "the JVM heap in a standalone cluster, Total Process Memory elsewhere";
    legacy(ctx, setting, total, "jobmanager.memory.process.size", "jobmanager.memory.heap.size")
}

fn legacy(
    ctx: &LintContext<'_>,
    setting: &Setting<'_>,
    total: &str,
    process: &'static str,
    other: &'static str,
) -> Finding {
    let message = format!("`{}` means {total} to Flink {}", setting.key, ctx.release());
    let mut finding = Finding::new(&META, message).primary(setting.key_span, "legacy");
    match ctx.config.setting(process) {
        Some(set) => {
            finding = finding.related(set.key_span, "is set as well").help("keep only this one");
        }
        None => {
            finding =
                finding.help(format!("set `{process}`, or `{other}` if that is what you mean"));
            // The older pair of keys counts whole mebibytes without a unit.
            if setting.key.ends_with(".size") {
                finding.fix = rename(ctx, setting, process, Applicability::Unsafe);
            }
        }
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn they_mean_a_total() {
        check(
            &LegacyHeapKey,
            r"
# target: flink-1.11
taskmanager.heap.size: 4g
#^^^^^^^^^^^^^^^^^^^^ FK006 legacy
jobmanager.heap.size: 1g
#^^^^^^^^^^^^^^^^^^^ FK006 legacy
jobmanager.memory.process.size: 1g
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is set as well
",
        );
    }

    #[test]
    fn releases_whose_answers_differ() {
        check(&LegacyHeapKey, "# target: flink-1.10\njobmanager.heap.size: 1g\n");
        check(
            &LegacyHeapKey,
            "# target: flink-2.0\n# dialect: legacy\ntaskmanager.heap.size: 1g\n",
        );
    }
}
