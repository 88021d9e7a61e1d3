use super::options::{DIRECTORY, INTERVAL, STORAGE};
use crate::catalog::{GeminiGeneration, Release};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::StateBackend;
use crate::source::Span;

pub(in crate::lint::rules) struct CheckpointsInJobManagerMemory;

static META: RuleMeta = RuleMeta {
    code: "FC002",
    name: "checkpoints-in-job-manager-memory",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "CheckpointStorageLoader, Flink 1.13.6 to 2.3.0; StateBackendLoader, Flink 1.10.3",
    docs: r"
Checkpoints are taken, but no directory says where to, so Flink keeps them in the JobManager's
memory: at most 5 MiB for each state of a subtask, and all of it gone with the JobManager.
## Bad
execution.checkpointing.interval: 60s
## Good
execution.checkpointing.interval: 60s
execution.checkpointing.dir: s3://bucket/checkpoints
",
};

impl Rule for CheckpointsInJobManagerMemory {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        // The consoles of VVR 3 and later set the directory themselves.
        if ctx.target.gemini().is_some_and(|engine| engine > GeminiGeneration::V1) {
            return;
        }
        let Some(interval) = ctx.lookup(INTERVAL) else { return };
        let Some(key) = ctx.key_of(&DIRECTORY) else { return };
        let job_manager = |setting: Option<&Setting<'_>>| {
            let setting = setting?;
            let named = setting.value.text().eq_ignore_ascii_case("jobmanager");
            named.then_some(setting.value_span)
        };
        let legacy_backend = job_manager(ctx.state_backend().setting);
        let storage = job_manager(ctx.lookup_renamed(&STORAGE));
        // A legacy backend is its own storage, whatever else is set.
        if let Some(span) = legacy_backend.or(storage) {
            findings.push(chosen(span, interval.value_span));
        } else if ctx.lookup(key).is_none() && ctx.lookup_renamed(&STORAGE).is_none() {
            let defaults_to_memory = ctx.release() >= Release::V1_13
                || ctx.state_backend().backend == StateBackend::Heap;
            let has_own_rule =
                ctx.release() < Release::V1_13 && ctx.state_backend().setting.is_some();
            if defaults_to_memory && !has_own_rule {
                findings.push(by_default(interval.value_span, key));
            }
        }
    }
}

fn by_default(interval: Span, key: &str) -> Finding {
    Finding::new(&META, "checkpoints stay in the JobManager's memory: no directory is set")
        .primary(interval, "checkpoints are taken")
        .help(format!(
            "set `{key}`; in memory each state may have 5 MiB, and nothing survives the JobManager"
        ))
}

fn chosen(storage: Span, interval: Span) -> Finding {
    Finding::new(&META, "checkpoints stay in the JobManager's memory")
        .primary(storage, "keeps at most 5 MiB a state, until the JobManager ends")
        .related(interval, "checkpoints are taken")
        .help("write them to a directory that every host reaches")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn an_interval_alone() {
        check(
            &CheckpointsInJobManagerMemory,
            r"
execution.checkpointing.interval: 60s
#                                 ^^^ FC002 checkpoints are taken
",
        );
        check(&CheckpointsInJobManagerMemory, "state.backend: rocksdb\n");
        check(
            &CheckpointsInJobManagerMemory,
            "execution.checkpointing.interval: 60s\nstate.checkpoints.dir: hdfs:///c\n",
        );
    }

    #[test]
    fn memory_chosen() {
        check(
            &CheckpointsInJobManagerMemory,
            r"
execution.checkpointing.interval: 60s
#                                 ^^^ checkpoints are taken
state.checkpoint-storage: jobmanager
#                         ^^^^^^^^^^ FC002 keeps at most 5 MiB a state, until the JobManager ends
state.checkpoints.dir: hdfs:///c
",
        );
    }

    #[test]
    fn file_system_storage_without_a_directory_is_another_rules() {
        check(
            &CheckpointsInJobManagerMemory,
            "execution.checkpointing.interval: 60s\nstate.checkpoint-storage: filesystem\n",
        );
        check(
            &CheckpointsInJobManagerMemory,
            "# target: flink-1.11\nexecution.checkpointing.interval: 60s\nstate.backend: rocksdb\n",
        );
    }

    #[test]
    fn a_console_sets_the_directory() {
        check(
            &CheckpointsInJobManagerMemory,
            "# target: vvr-8.0.5\nexecution.checkpointing.interval: 60s\n",
        );
    }
}
