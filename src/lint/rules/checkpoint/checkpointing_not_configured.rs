use super::options::{DIRECTORY, INTERVAL};
use crate::catalog::GeminiGeneration;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::StateBackend;

pub(in crate::lint::rules) struct CheckpointingNotConfigured;

static META: RuleMeta = RuleMeta {
    code: "FC012",
    name: "checkpointing-not-configured",
    severity: Severity::Info,
    fix: FixAvailability::Never,
    source: "11 of 25 public configurations",
    docs: r"
The file selects a backend for large state, but neither an interval nor a directory for
checkpoints. Jobs that set none in their code start empty after each failure.
## Bad
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
## Good
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
execution.checkpointing.incremental: true
execution.checkpointing.dir: hdfs:///flink/checkpoints
execution.checkpointing.interval: 3min
",
};

impl Rule for CheckpointingNotConfigured {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let selected = ctx.state_backend();
        let Some(backend) = selected.setting else { return };
        // The consoles of VVR 3 and later set both themselves.
        let console = ctx.target.gemini().is_some_and(|engine| engine > GeminiGeneration::V1);
        // Without a size for its TaskManagers a file is not meant to be complete.
        let totals = ["taskmanager.memory.process.size", "taskmanager.memory.flink.size"];
        let complete = totals.iter().any(|key| ctx.lookup(key).is_some());
        if !console
            && complete
            && !matches!(selected.backend, StateBackend::Heap | StateBackend::Other)
            && ctx.lookup(INTERVAL).is_none()
            && ctx.lookup_renamed(&DIRECTORY).is_none()
        {
            findings.push(not_configured(backend));
        }
    }
}

fn not_configured(backend: &Setting<'_>) -> Finding {
    Finding::new(&META, "no checkpoints: neither an interval nor a directory is set")
        .primary(backend.value_span, "state here is lost when a job fails")
        .help(format!("set `{INTERVAL}` and a directory, unless jobs do so in their code"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_complete_file_with_a_backend_for_large_state() {
        check(
            &CheckpointingNotConfigured,
            r"
taskmanager.memory.process.size: 4g
state.backend: rocksdb
#              ^^^^^^^ FC012 state here is lost when a job fails
",
        );
    }

    #[test]
    fn fragments_and_small_state_are_left_alone() {
        check(&CheckpointingNotConfigured, "state.backend: rocksdb\n");
        check(
            &CheckpointingNotConfigured,
            "taskmanager.memory.process.size: 4g\nstate.backend: hashmap\n",
        );
        check(
            &CheckpointingNotConfigured,
            "taskmanager.memory.process.size: 4g\nstate.backend: rocksdb\nstate.checkpoints.dir: s3://b/c\n",
        );
    }
}
