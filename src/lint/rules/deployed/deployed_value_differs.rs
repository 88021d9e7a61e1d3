use super::{
    cluster, default_of, deployed_value, is_hidden, is_same, is_set_at_start, option_under, shown,
};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct DeployedValueDiffers;

static META: RuleMeta = RuleMeta {
    code: "FR001",
    name: "deployed-value-differs",
    severity: Severity::Warning,
    fix: FixAvailability::Never, // Either may be the one that is wanted.
    source: "GET /jobmanager/config, Flink 1.20",
    docs: r"
The running cluster has another value than the file. A file is read when a process starts: a change
waits for the next restart, and takes effect when nobody thinks of it any more. Values are compared
as Flink reads them, so that `2g` is `2048m`, and an option that the cluster does not set has its
default. Reported with `check --cluster URL` only; secrets are not compared.
## Bad
# deployed: taskmanager.numberOfTaskSlots=4
taskmanager.numberOfTaskSlots: 2
## Good
# deployed: taskmanager.memory.process.size=2048m
taskmanager.memory.process.size: 2g
",
};

impl Rule for DeployedValueDiffers {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(deployed) = cluster(ctx) else { return };
        let release = ctx.release();
        for setting in ctx.config.settings() {
            let value = setting.value.map_text();
            let option = option_under(&setting.key, release);
            // Where the file has the option twice, the key that Flink reads is compared.
            let read = option.and_then(|option| ctx.config.lookup(option.key));
            let is_read = read.is_none_or(|read| read.key == setting.key);
            if !is_read || is_hidden(&setting.key, &value) || is_set_at_start(&setting.key) {
                continue;
            }
            let found = deployed_value(deployed, &setting.key, option, release);
            let other = found.or(default_of(option, release));
            match other {
                Some(other) if is_hidden(&setting.key, other) => {}
                Some(other) if is_same(&value, other, option, release) => {}
                Some(other) if found.is_some() => findings.push(another_value(setting, other)),
                Some(default) => findings.push(only_default(setting, default)),
                None => findings.push(not_set(setting)),
            }
        }
    }
}

fn another_value(setting: &Setting<'_>, other: &str) -> Finding {
    Finding::new(&META, format!("`{}` is `{}` in the running cluster", setting.key, shown(other)))
        .primary(setting.value_span, format!("the cluster has `{}`", shown(other)))
        .help("restart the cluster with this file, or take its value over into the file")
}

fn only_default(setting: &Setting<'_>, default: &str) -> Finding {
    Finding::new(&META, format!("`{}` is not set in the running cluster", setting.key))
        .primary(setting.value_span, format!("the cluster has the default, `{}`", shown(default)))
        .help("restart the cluster with this file, or remove the line")
}

fn not_set(setting: &Setting<'_>) -> Finding {
    Finding::new(&META, format!("`{}` is not set in the running cluster", setting.key))
        .primary(setting.value_span, "the cluster has no value")
        .help("restart the cluster with this file, or remove the line")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn another_value_a_default_and_none() {
        check(
            &DeployedValueDiffers,
            r"
# deployed: taskmanager.numberOfTaskSlots=4; state.backend=rocksdb
taskmanager.numberOfTaskSlots: 2
#                              ^ FR001 the cluster has `4`
parallelism.default: 8
#                    ^ FR001 the cluster has the default, `1`
my.key: x
#       ^ FR001 the cluster has no value
",
        );
    }

    #[test]
    fn the_same_by_another_name_or_by_default() {
        check(
            &DeployedValueDiffers,
            r"
# deployed: state.backend=rocksdb; taskmanager.memory.process.size=1073741824b
state.backend.type: rocksdb
taskmanager.memory.process.size: 1g
taskmanager.numberOfTaskSlots: 1
",
        );
    }

    #[test]
    fn secrets_and_what_a_start_sets() {
        check(
            &DeployedValueDiffers,
            r"
# deployed: s3.secret-key=******; jobmanager.rpc.address=10.0.0.1; blob.server.port=4711
s3.secret-key: abcdefgh
jobmanager.rpc.address: jobmanager
blob.server.port: 0
",
        );
    }

    #[test]
    fn without_a_cluster_there_is_nothing_to_say() {
        check(&DeployedValueDiffers, "taskmanager.numberOfTaskSlots: 2\n");
    }
}
