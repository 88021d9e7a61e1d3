use super::{HighAvailability, high_availability};
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct ZookeeperHaWithoutQuorum;

static META: RuleMeta = RuleMeta {
    code: "FN012",
    name: "zookeeper-ha-without-quorum",
    severity: Severity::Error,
    fix: FixAvailability::Never, // Only the user knows the hosts.
    source: "ZooKeeperUtils.startCuratorFramework, seen in a Flink 1.20 cluster; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/ha/zookeeper_ha/",
    docs: r"
High availability with ZooKeeper needs to know where ZooKeeper is. Without a quorum no JobManager
starts.
## Bad
# target: flink-1.20
high-availability.type: zookeeper
high-availability.storageDir: hdfs:///flink/recovery
## Good
# target: flink-1.20
high-availability.type: zookeeper
high-availability.storageDir: hdfs:///flink/recovery
high-availability.zookeeper.quorum: zk1:2181,zk2:2181,zk3:2181
",
};

impl Rule for ZookeeperHaWithoutQuorum {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if let Some((HighAvailability::ZooKeeper, setting)) = high_availability(ctx)
            && ctx.lookup("high-availability.zookeeper.quorum").is_none()
        {
            findings.push(no_quorum(setting));
        }
    }
}

fn no_quorum(kind: &Setting<'_>) -> Finding {
    Finding::new(&META, "ZooKeeper needs `high-availability.zookeeper.quorum`")
        .primary(kind.value_span, "ZooKeeper keeps the cluster available")
        .help("set `high-availability.zookeeper.quorum` to host:port of every ZooKeeper server")
        .flink_message(
            "No valid ZooKeeper quorum has been specified. You can specify the quorum via the \
             configuration key 'high-availability.zookeeper.quorum'.",
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn only_zookeeper_needs_it() {
        check(
            &ZookeeperHaWithoutQuorum,
            "high-availability: zookeeper\n#                  ^^^^^^^^^ FN012 ZooKeeper keeps the cluster available\n",
        );
        check(&ZookeeperHaWithoutQuorum, "high-availability.type: kubernetes\n");
        check(
            &ZookeeperHaWithoutQuorum,
            "high-availability.type: zookeeper\nhigh-availability.zookeeper.quorum: a:2181\n",
        );
    }
}
