use super::{Host, host};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct FixedTaskManagerHost;

static META: RuleMeta = RuleMeta {
    code: "FN007",
    name: "fixed-task-manager-host",
    severity: Severity::Info, // A file may be written for one TaskManager only.
    fix: FixAvailability::Never,
    source: "https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/#taskmanager-host",
    docs: r"
`taskmanager.host` is the name under which a TaskManager is called. All TaskManagers that read this
file call themselves the same, and only one of them can be reached. Without the option each finds
out its own host.
## Bad
jobmanager.rpc.address: flink-jobmanager
taskmanager.host: worker-1
## Good
jobmanager.rpc.address: flink-jobmanager
",
};

impl Rule for FixedTaskManagerHost {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some(setting) = ctx.config.setting("taskmanager.host") else { return };
        let value = setting.value.text();
        let on_the_same_host = ctx
            .config
            .setting("jobmanager.rpc.address")
            .is_some_and(|job_manager| job_manager.value.text() == value);
        if host(&value) == Host::Named && !on_the_same_host {
            findings.push(same_for_all(setting));
        }
    }
}

fn same_for_all(setting: &Setting<'_>) -> Finding {
    let value = setting.value.text();
    Finding::new(&META, format!("every TaskManager that reads this file calls itself {value}"))
        .primary(setting.value_span, "one host")
        .help("remove it, unless each TaskManager has a file of its own")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn one_name_for_all() {
        check(
            &FixedTaskManagerHost,
            "taskmanager.host: worker-1\n#                 ^^^^^^^^ FN007 one host\n",
        );
    }

    #[test]
    fn localhost_a_placeholder_and_a_cluster_on_one_host() {
        for quiet in [
            "taskmanager.host: localhost\n",
            "taskmanager.host: ${POD_IP}\n",
            "jobmanager.rpc.address: 10.0.0.5\ntaskmanager.host: 10.0.0.5\n",
        ] {
            check(&FixedTaskManagerHost, quiet);
        }
    }
}
