use super::options::{DIRECTORY, INTERVAL};
use crate::catalog::GeminiGeneration;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct CheckpointDirectoryWithoutInterval;

static META: RuleMeta = RuleMeta {
    code: "FC006",
    name: "checkpoint-directory-without-interval",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "CheckpointConfig, Flink 1.10 to 2.3; 3 of 25 public configurations",
    docs: r"
A directory does not turn checkpoints on. Without an interval only jobs that set one in their code
take any, and all others lose their state when they fail.
## Bad
execution.checkpointing.dir: hdfs:///flink/checkpoints
## Good
execution.checkpointing.dir: hdfs:///flink/checkpoints
execution.checkpointing.interval: 60s
",
};

impl Rule for CheckpointDirectoryWithoutInterval {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        // The consoles of VVR 3 and later set the interval themselves.
        let console = ctx.target.gemini().is_some_and(|engine| engine > GeminiGeneration::V1);
        if let Some(directory) = ctx.lookup_renamed(&DIRECTORY)
            && !console
            && ctx.lookup(INTERVAL).is_none()
        {
            findings.push(no_interval(directory));
        }
    }
}

fn no_interval(directory: &Setting<'_>) -> Finding {
    Finding::new(&META, "checkpoints have a directory, but nothing here turns them on")
        .primary(directory.key_span, "used only by jobs that set an interval in their code")
        .help(format!("set `{INTERVAL}`, such as 3min"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn a_directory_alone() {
        check(
            &CheckpointDirectoryWithoutInterval,
            r"
state.checkpoints.dir: hdfs:///c
#^^^^^^^^^^^^^^^^^^^^ FC006 used only by jobs that set an interval in their code
",
        );
        check(
            &CheckpointDirectoryWithoutInterval,
            "state.checkpoints.dir: hdfs:///c\nexecution.checkpointing.interval: 0\n",
        );
        check(&CheckpointDirectoryWithoutInterval, "state.savepoints.dir: hdfs:///s\n");
        check(
            &CheckpointDirectoryWithoutInterval,
            "# -D execution.checkpointing.interval=1min\nstate.checkpoints.dir: hdfs:///c\n",
        );
        check(
            &CheckpointDirectoryWithoutInterval,
            "# target: vvr-8.0.5\nstate.checkpoints.dir: oss://b/c\n",
        );
    }
}
