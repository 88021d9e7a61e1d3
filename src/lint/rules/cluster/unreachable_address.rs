use super::{HighAvailability, Host, high_availability, host};
use crate::config::{Layer, Setting};
use crate::finding::{Applicability, Edit, Finding, Fix, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct UnreachableAddress;

static META: RuleMeta = RuleMeta {
    code: "FN006",
    name: "unreachable-address",
    severity: Severity::Warning,
    fix: FixAvailability::Sometimes,
    source: "https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/#hosts-and-ports",
    docs: r"
`rest.address`, `jobmanager.rpc.address` and `taskmanager.host` are what others call: `0.0.0.0` is no
address to call. `rest.bind-address`, `jobmanager.bind-host` and `taskmanager.bind-host` are what a
process listens on: with `localhost` nobody on another host gets through. A cluster all on one host,
such as the one that Flink ships the files for, is left alone.
## Bad
jobmanager.rpc.address: flink-jobmanager
jobmanager.bind-host: localhost
rest.address: 0.0.0.0
## Good
jobmanager.rpc.address: flink-jobmanager
jobmanager.bind-host: 0.0.0.0
rest.address: flink-jobmanager
rest.bind-address: 0.0.0.0
",
};

/// Addresses to call, each with the key of what its process listens on.
const ADVERTISED: [(&str, &str); 3] = [
    ("jobmanager.rpc.address", "jobmanager.bind-host"),
    ("rest.address", "rest.bind-address"),
    ("taskmanager.host", "taskmanager.bind-host"),
];

impl Rule for UnreachableAddress {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let host_of = |setting: &Setting<'_>| host(&setting.value.text());
        for (advertised, bound) in ADVERTISED {
            if let Some(setting) = ctx.config.setting(advertised)
                && host_of(setting) == Host::Any
            {
                findings.push(calls_nowhere(ctx, setting, bound));
            }
        }
        // With ZooKeeper each JobManager advertises the host that its start script names.
        if matches!(high_availability(ctx), Some((HighAvailability::ZooKeeper, _))) {
            return;
        }
        let Some(job_manager) = ctx.config.setting("jobmanager.rpc.address") else { return };
        if host_of(job_manager) != Host::Named {
            return;
        }
        for key in ["jobmanager.bind-host", "taskmanager.bind-host", "taskmanager.host"] {
            if let Some(setting) = ctx.config.setting(key)
                && host_of(setting) == Host::Loopback
            {
                findings.push(closed_to_others(ctx, setting, job_manager));
            }
        }
        if let Some(rest) = ctx.config.setting("rest.address")
            && let Some(bound) = ctx.config.setting("rest.bind-address")
            && (host_of(rest), host_of(bound)) == (Host::Named, Host::Loopback)
        {
            findings.push(closed_to_others(ctx, bound, rest));
        }
    }
}

fn calls_nowhere(ctx: &LintContext<'_>, setting: &Setting<'_>, bound: &'static str) -> Finding {
    let value = setting.value.text();
    let mut finding = Finding::new(
        &META,
        format!("`{}` is what others call, and {value} is no address to call", setting.key),
    )
    .primary(setting.value_span, "every interface of whoever reads this");
    if setting.layer == Layer::File
        && ctx.config.setting(bound).is_none()
        && ctx.sources.text(setting.key_span) == setting.key
    {
        let edit = Edit { span: setting.key_span, text: bound.to_owned() };
        finding =
            finding.fix(Fix::new(format!("rename to `{bound}`"), Applicability::Unsafe, edit));
    }
    finding.help(format!("name a host here, and write {value} as `{bound}`"))
}

fn closed_to_others(ctx: &LintContext<'_>, setting: &Setting<'_>, named: &Setting<'_>) -> Finding {
    let value = setting.value.text();
    let finding = Finding::new(
        &META,
        format!("`{}` is {value}, so nobody on another host gets through", setting.key),
    )
    .primary(setting.value_span, "this host only")
    .related(named.value_span, "called from other hosts");
    if setting.key == "taskmanager.host" {
        return finding.help("remove it: each TaskManager finds out its own host");
    }
    let finding = finding.help("listen on every interface: 0.0.0.0");
    if setting.layer == Layer::File && ctx.sources.text(setting.value_span) == value {
        let edit = Edit { span: setting.value_span, text: "0.0.0.0".to_owned() };
        return finding.fix(Fix::new("listen on every interface", Applicability::Unsafe, edit));
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn an_address_to_listen_on_is_none_to_call() {
        check(
            &UnreachableAddress,
            r"
jobmanager.rpc.address: 0.0.0.0
#                       ^^^^^^^ FN006 every interface of whoever reads this
rest.address: 0.0.0.0
#             ^^^^^^^ FN006 every interface of whoever reads this
rest.bind-address: 0.0.0.0
taskmanager.bind-host: 0.0.0.0
",
        );
    }

    #[test]
    fn localhost_behind_a_named_job_manager() {
        check(
            &UnreachableAddress,
            r"
jobmanager.rpc.address: jm.example.com
#                       ^^^^^^^^^^^^^^ called from other hosts
#                       ^^^^^^^^^^^^^^ called from other hosts
taskmanager.bind-host: localhost
#                      ^^^^^^^^^ FN006 this host only
taskmanager.host: 127.0.0.1
#                 ^^^^^^^^^ FN006 this host only
rest.address: localhost
rest.bind-address: localhost
",
        );
    }

    #[test]
    fn a_cluster_on_one_host() {
        for quiet in [
            "jobmanager.rpc.address: localhost\njobmanager.bind-host: localhost\ntaskmanager.bind-host: localhost\n\
             taskmanager.host: localhost\nrest.address: localhost\nrest.bind-address: localhost\n",
            "taskmanager.bind-host: localhost\n",
            "jobmanager.rpc.address: ${HOST}\ntaskmanager.host: localhost\n",
            "high-availability: zookeeper\njobmanager.rpc.address: a\ntaskmanager.host: localhost\n",
        ] {
            check(&UnreachableAddress, quiet);
        }
    }
}
