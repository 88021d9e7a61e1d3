use super::high_availability;
use crate::config::Setting;
use crate::finding::{Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::placeholder::is_placeholder;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct LocalHighAvailabilityStorage;

static META: RuleMeta = RuleMeta {
    code: "FN003",
    name: "local-high-availability-storage",
    severity: Severity::Warning,
    fix: FixAvailability::Never, // Only the user knows a shared place.
    source: "https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/ha/overview/",
    docs: r"
After a failure another JobManager, often on another host, reads `high-availability.storageDir`. A
directory under `/tmp` is gone by then. Any other local directory must be a mount that every
JobManager shares; that is only mentioned.
## Bad
# target: flink-1.20
high-availability.type: zookeeper
high-availability.zookeeper.quorum: zk1:2181
high-availability.storageDir: file:///tmp/flink-ha
## Good
# target: flink-1.20
high-availability.type: zookeeper
high-availability.zookeeper.quorum: zk1:2181
high-availability.storageDir: hdfs:///flink/recovery
",
};

impl Rule for LocalHighAvailabilityStorage {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        if high_availability(ctx).is_none() {
            return;
        }
        let Some(storage) = ctx.lookup("high-availability.storageDir") else { return };
        let value = storage.value.text();
        let local = match value.strip_prefix("file:") {
            Some(path) => Some(path),
            // Without a scheme the default file system decides, which is the local one.
            None if value.contains(':') || ctx.lookup("fs.default-scheme").is_some() => None,
            None => Some(&*value),
        };
        match local {
            Some(path) if is_temporary(path) => findings.push(temporary(storage)),
            Some(path) if !is_placeholder(path) => findings.push(must_be_shared(storage)),
            _ => {}
        }
    }
}

fn is_temporary(path: &str) -> bool {
    let path = path.trim_start_matches('/');
    ["tmp", "var/tmp", "dev/shm"].iter().any(|folder| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn temporary(storage: &Setting<'_>) -> Finding {
    Finding::new(&META, "high availability is kept where it is lost with the host")
        .primary(storage.value_span, "a temporary directory of one host")
        .help("use storage that every JobManager reaches, such as hdfs, s3 or oss")
}

fn must_be_shared(storage: &Setting<'_>) -> Finding {
    Finding::new(&META, "high availability is kept in a local directory")
        .severity(Severity::Info)
        .primary(storage.value_span, "must be a mount that every JobManager shares")
        .help("use storage that every JobManager reaches, such as hdfs, s3 or oss")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn local_directories() {
        check(
            &LocalHighAvailabilityStorage,
            r"
high-availability.type: zookeeper
high-availability.storageDir: /var/tmp/ha
#                             ^^^^^^^^^^^ FN003 a temporary directory of one host
",
        );
        check(
            &LocalHighAvailabilityStorage,
            r"
high-availability.type: kubernetes
high-availability.storageDir: file:///flink-data/ha
#                             ^^^^^^^^^^^^^^^^^^^^^ FN003 must be a mount that every JobManager shares
",
        );
    }

    #[test]
    fn shared_storage_and_no_high_availability() {
        for quiet in [
            "high-availability.type: zookeeper\nhigh-availability.storageDir: s3://a/tmp\n",
            "high-availability.storageDir: /tmp/ha\n",
            "high-availability.type: zookeeper\nhigh-availability.storageDir: /ha\nfs.default-scheme: hdfs://a:1/\n",
            "high-availability.type: zookeeper\nhigh-availability.storageDir: ${HA_DIR}\n",
        ] {
            check(&LocalHighAvailabilityStorage, quiet);
        }
    }
}
