use super::high_availability;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct HighAvailabilityWithoutStorage;

static META: RuleMeta = RuleMeta {
    code: "FN001",
    name: "high-availability-without-storage",
    severity: Severity::Error,
    fix: FixAvailability::Never, // Only the user knows the place.
    source: "BlobUtils and HighAvailabilityServicesUtils, seen in a Flink 1.20 cluster; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/ha/overview/",
    docs: r"
High availability keeps what a new JobManager needs in `high-availability.storageDir`; ZooKeeper or
Kubernetes only point there. Without it no JobManager starts.
## Bad
# target: flink-1.20
high-availability.type: zookeeper
high-availability.zookeeper.quorum: zk1:2181,zk2:2181,zk3:2181
## Good
# target: flink-1.20
high-availability.type: zookeeper
high-availability.zookeeper.quorum: zk1:2181,zk2:2181,zk3:2181
high-availability.storageDir: hdfs:///flink/recovery
",
};

impl Rule for HighAvailabilityWithoutStorage {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let Some((_, setting)) = high_availability(ctx) else { return };
        if ctx.lookup("high-availability.storageDir").is_none() {
            findings.push(no_storage(setting));
        }
    }
}

fn no_storage(kind: &Setting<'_>) -> Finding {
    Finding::new(&META, "high availability needs `high-availability.storageDir`")
        .primary(kind.value_span, "high availability is on")
        .help("set `high-availability.storageDir` to a directory that every JobManager reaches")
        .flink_message(
            "Configuration is missing the mandatory parameter: Key: 'high-availability.storageDir'",
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn every_spelling_of_the_services() {
        check(
            &HighAvailabilityWithoutStorage,
            "high-availability.type: ZooKeeper\n#                       ^^^^^^^^^ FN001 high availability is on\n",
        );
        check(
            &HighAvailabilityWithoutStorage,
            "# target: flink-1.14\nhigh-availability: zookeeper\n#                  ^^^^^^^^^ FN001 high availability is on\n",
        );
        check(
            &HighAvailabilityWithoutStorage,
            "high-availability: kubernetes\n#                  ^^^^^^^^^^ FN001 high availability is on\n",
        );
    }

    #[test]
    fn none_and_storage_under_an_old_key() {
        for quiet in [
            "rest.port: 8081\n",
            "high-availability.type: NONE\n",
            "high-availability.type: com.example.MyFactory\n",
            "high-availability.type: zookeeper\nrecovery.zookeeper.storageDir: hdfs:///x\n",
            "# target: flink-1.14\nhigh-availability.type: zookeeper\n",
        ] {
            check(&HighAvailabilityWithoutStorage, quiet);
        }
    }
}
