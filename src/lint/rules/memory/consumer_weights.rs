use crate::catalog::Release;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};
use crate::memory::Concern;
use crate::memory::StateBackend;

pub(in crate::lint::rules) struct ConsumerWeightMissing;

static META: RuleMeta = RuleMeta {
    code: "FM021",
    name: "consumer-weight-missing",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "ManagedMemoryUtils, Flink 1.12 to 2.3; paimon#4232",
    docs: r"
Kinds of consumers divide a slot's managed memory by weight. A kind without a weight, or with a
weight of 0, gets nothing, and a job that needs it fails. That is an error where the state backend
lives on managed memory. The kinds are OPERATOR, STATE_BACKEND and PYTHON; up to Flink 1.12 the
first two were DATAPROC.
## Bad
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
taskmanager.memory.managed.consumer-weights: OPERATOR:70,PYTHON:30
state.backend.type: rocksdb
## Good
jobmanager.memory.process.size: 1600m
taskmanager.memory.process.size: 4g
taskmanager.memory.managed.consumer-weights: OPERATOR:70,STATE_BACKEND:70,PYTHON:30
state.backend.type: rocksdb
",
};

const KEY: &str = "taskmanager.memory.managed.consumer-weights";

impl Rule for ConsumerWeightMissing {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(setting) = ctx.setting_of(KEY) else { return };
        let concerns = ctx.memory().backend.iter().flat_map(|backend| &backend.concerns);
        for concern in concerns {
            match concern {
                Concern::NoWeight => findings.push(no_weight(setting, ctx)),
                Concern::BadValue { key: KEY, reason, .. } => {
                    findings.push(unreadable(setting, reason));
                }
                _ => {}
            }
        }
        let text = setting.value.text();
        if ctx.release() >= Release::V1_13 && text.contains("DATAPROC") {
            findings.push(old_name(setting));
        }
    }
}

fn no_weight(setting: &Setting<'_>, ctx: &LintContext<'_>) -> Finding {
    let backend = match ctx.state_backend().backend {
        StateBackend::Other => "the state backend",
        other => other.title(),
    };
    let name = if ctx.release() < Release::V1_13 { "DATAPROC" } else { "STATE_BACKEND" };
    Finding::new(&META, format!("{backend} gets no managed memory: its weight is 0"))
        .severity(Severity::Error)
        .primary(setting.value_span, format!("no weight for {name}"))
        .help(format!("add `{name}:70`"))
        .flink_message(
            "The fraction of memory to allocate should not be 0. Please make sure that all types \
             of managed memory consumers contained in the job are configured with a non-negative \
             weight via `taskmanager.memory.managed.consumer-weights`.",
        )
}

fn unreadable(setting: &Setting<'_>, reason: &str) -> Finding {
    Finding::new(&META, "the weights of managed memory's consumers cannot be read")
        .severity(Severity::Error)
        .primary(setting.value_span, reason)
        .help("write `OPERATOR:70,STATE_BACKEND:70,PYTHON:30`")
}

fn old_name(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, "DATAPROC is the name of Flink 1.12 for two kinds of consumers")
        .primary(setting.value_span, "deprecated from Flink 1.13 on")
        .help("write OPERATOR and STATE_BACKEND, each with this weight")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn state_backends_without_weight() {
        check(
            &ConsumerWeightMissing,
            r"
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
taskmanager.memory.managed.consumer-weights: OPERATOR:70,PYTHON:30
#                                            ^^^^^^^^^^^^^^^^^^^^^ FM021 no weight for STATE_BACKEND
",
        );
        check(
            &ConsumerWeightMissing,
            r"
# target: flink-1.12
taskmanager.memory.process.size: 4g
state.backend: rocksdb
state.checkpoints.dir: hdfs:///c
taskmanager.memory.managed.consumer-weights: DATAPROC:0,PYTHON:30
#                                            ^^^^^^^^^^^^^^^^^^^^ FM021 no weight for DATAPROC
",
        );
        // The heap backend needs none.
        check(
            &ConsumerWeightMissing,
            "taskmanager.memory.process.size: 4g\ntaskmanager.memory.managed.consumer-weights: OPERATOR:70,PYTHON:30\n",
        );
    }

    #[test]
    fn the_old_name() {
        check(
            &ConsumerWeightMissing,
            r"
taskmanager.memory.process.size: 4g
state.backend.type: rocksdb
taskmanager.memory.managed.consumer-weights: DATAPROC:70,PYTHON:30
#                                            ^^^^^^^^^^^^^^^^^^^^^ FM021 deprecated from Flink 1.13 on
",
        );
        check(
            &ConsumerWeightMissing,
            "# target: flink-1.12\ntaskmanager.memory.process.size: 4g\ntaskmanager.memory.managed.consumer-weights: DATAPROC:70,PYTHON:30\n",
        );
    }
}
