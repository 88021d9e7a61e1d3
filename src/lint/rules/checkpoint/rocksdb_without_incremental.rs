use super::options::{DIRECTORY, INCREMENTAL, INTERVAL};
use crate::config::{Origin, Resolved, Setting};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::StateBackend;

pub(in crate::lint::rules) struct RocksdbWithoutIncremental;

static META: RuleMeta = RuleMeta {
    code: "FC010",
    name: "rocksdb-without-incremental",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "CheckpointingOptions, Flink 1.10 to 2.3: off by default; 4 of 25 public configurations",
    docs: r"
RocksDB writes the whole state in every checkpoint unless incremental checkpoints are on, and they
are off by default. RocksDB is chosen for state that is large, so checkpoints grow long. Only
reported where the file has anything to do with checkpoints; where it says `false` as an info.
## Bad
state.backend.type: rocksdb
execution.checkpointing.interval: 60s
execution.checkpointing.dir: hdfs:///flink/checkpoints
## Good
state.backend.type: rocksdb
execution.checkpointing.incremental: true
execution.checkpointing.interval: 60s
execution.checkpointing.dir: hdfs:///flink/checkpoints
",
};

impl Rule for RocksdbWithoutIncremental {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let selected = ctx.state_backend();
        let (StateBackend::RocksDb, Some(backend)) = (selected.backend, selected.setting) else {
            return;
        };
        let Some(key) = ctx.key_of(&INCREMENTAL) else { return };
        if ctx.lookup(key).is_none() {
            if ctx.lookup(INTERVAL).is_some() || ctx.lookup_renamed(&DIRECTORY).is_some() {
                findings.push(full_by_default(backend, key));
            }
        } else if let Some(Resolved { value: false, origin: Origin::Setting(incremental) }) =
            ctx.explicit::<bool>(key)
        {
            findings.push(full_by_choice(incremental, backend));
        }
    }
}

fn full_by_default(backend: &Setting<'_>, key: &str) -> Finding {
    Finding::new(&META, "every checkpoint writes the whole state of RocksDB")
        .primary(backend.value_span, "incremental checkpoints are off (default)")
        .help(format!("set `{key}: true`"))
}

fn full_by_choice(incremental: &Setting<'_>, backend: &Setting<'_>) -> Finding {
    Finding::new(&META, "every checkpoint writes the whole state of RocksDB")
        .severity(Severity::Info)
        .primary(incremental.value_span, "incremental checkpoints are off")
        .related(backend.value_span, "state may be large")
        .help("turn them on unless the state is small")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn off_by_default() {
        check(
            &RocksdbWithoutIncremental,
            r"
state.backend: rocksdb
#              ^^^^^^^ FC010 incremental checkpoints are off (default)
state.checkpoints.dir: hdfs:///c
",
        );
        check(&RocksdbWithoutIncremental, "state.backend: rocksdb\n");
        check(&RocksdbWithoutIncremental, "execution.checkpointing.interval: 60s\n");
    }

    #[test]
    fn off_by_choice() {
        check(
            &RocksdbWithoutIncremental,
            r"
state.backend: rocksdb
#              ^^^^^^^ state may be large
execution.checkpointing.incremental: FALSE
#                                    ^^^^^ FC010 incremental checkpoints are off
",
        );
    }

    #[test]
    fn on_under_any_name() {
        check(
            &RocksdbWithoutIncremental,
            "state.backend: rocksdb\nstate.backend.incremental: true\nstate.checkpoints.dir: s3://b/c\n",
        );
        check(
            &RocksdbWithoutIncremental,
            "# target: flink-2.3\nstate.backend.type: rocksdb\nexecution.checkpointing.incremental: true\nexecution.checkpointing.dir: s3://b/c\n",
        );
    }

    #[test]
    fn gemini_is_not_rocksdb() {
        check(
            &RocksdbWithoutIncremental,
            "# target: emr-3.28.2\nstate.checkpoints.dir: oss://b/c\n",
        );
    }
}
