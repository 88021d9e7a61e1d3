use super::{cluster, default_of, is_hidden, is_same, is_set_at_start, option_under, shown};
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct DeployedSettingMissing;

static META: RuleMeta = RuleMeta {
    code: "FR002",
    name: "deployed-setting-missing",
    severity: Severity::Warning,
    fix: FixAvailability::Never,
    source: "GET /jobmanager/config, Flink 1.20",
    docs: r"
The running cluster sets an option that the file does not: by `-D` when it was started, or by a line
that was since removed. The next start with this file has the default again. What the start of a
cluster sets by itself, such as its ports and the pools of the JobManager, is left out. Reported with
`check --cluster URL` only.
## Bad
# deployed: taskmanager.numberOfTaskSlots=4; parallelism.default=4
parallelism.default: 4
## Good
# deployed: taskmanager.numberOfTaskSlots=1; parallelism.default=4
parallelism.default: 4
",
};

impl Rule for DeployedSettingMissing {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(deployed) = cluster(ctx) else { return };
        let release = ctx.release();
        for (key, value) in &deployed.settings {
            let option = option_under(key, release);
            let in_file = match option {
                Some(option) => ctx.config.lookup(option.key),
                None => ctx.config.setting(key),
            };
            let default = default_of(option, release);
            let is_default = default.is_some_and(|text| is_same(value, text, option, release));
            if in_file.is_none() && !is_default && !is_set_at_start(key) {
                findings.push(missing(key, value));
            }
        }
    }
}

fn missing(key: &str, value: &str) -> Finding {
    let what = if is_hidden(key, value) {
        format!("`{key}`")
    } else {
        format!("`{key}: {}`", shown(value))
    };
    Finding::new(&META, format!("the running cluster sets {what}, and the file does not"))
        .help("add it to the file, or see whether it is still wanted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn set_in_the_cluster_only() {
        check(
            &DeployedSettingMissing,
            r"
# deployed: taskmanager.numberOfTaskSlots=4; s3.secret-key=******; x.y=1
# whole file: FR002 the running cluster sets `taskmanager.numberOfTaskSlots: 4`, and the file does not
# whole file: FR002 the running cluster sets `s3.secret-key`, and the file does not
# whole file: FR002 the running cluster sets `x.y: 1`, and the file does not
parallelism.default: 4
",
        );
    }

    #[test]
    fn defaults_other_names_and_what_a_start_sets() {
        check(
            &DeployedSettingMissing,
            r"
# deployed: parallelism.default=1; state.backend=rocksdb; web.tmpdir=/x; rest.port=8081
state.backend.type: rocksdb
",
        );
    }
}
