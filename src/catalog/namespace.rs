use super::option::{Place, options};
use super::{OptionHistory, option};

/// Keys that Flink, a plugin or a neighbor of Flink reads by prefix, so that no catalog lists them.
#[derive(Debug, PartialEq, Eq)]
pub struct Namespace {
    /// What all of its keys start with.
    pub prefix: &'static str,
    /// How many segments, at least, a key has below the prefix.
    pub depth: usize,
    /// Whether anything below is fine, or a near miss of a known key is more likely a mistake.
    pub openness: Openness,
    /// What reads them.
    pub reader: &'static str,
}

/// How far a namespace is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// Any key may be meant.
    Open,
    /// Most keys are known, some may not be: a key that resembles a known one is a mistake.
    Mixed,
}

const fn open(prefix: &'static str, depth: usize, reader: &'static str) -> Namespace {
    Namespace { prefix, depth, openness: Openness::Open, reader }
}

const fn mixed(prefix: &'static str, reader: &'static str) -> Namespace {
    Namespace { prefix, depth: 1, openness: Openness::Mixed, reader }
}

/// Every namespace, by prefix.
///
/// Sources: the prefix constants of `ConfigConstants`, `ResourceManagerOptions` and
/// `SecurityOptions`, the plugin file systems' documentation, and the start scripts, Flink 1.10 to
/// 2.3; vendors' from their documentation.
static NAMESPACES: &[Namespace] = &[
    open("abfs.", 1, "the Azure file system"),
    open("alibaba.", 1, "a product of Alibaba Cloud"),
    open("aliyun.", 1, "a product of Alibaba Cloud"),
    open("bluegreen.", 1, "the Kubernetes operator"),
    open("com.", 2, "a class outside Flink"),
    open("containerized.master.env.", 1, "the JobManager's environment on YARN and Kubernetes"),
    open(
        "containerized.taskmanager.env.",
        1,
        "the TaskManagers' environment on YARN and Kubernetes",
    ),
    open("dfs.", 1, "the Hadoop file system"),
    open("emr.", 1, "a product of Alibaba Cloud"),
    mixed("env.", "the start scripts"),
    open("events.reporter.", 2, "an event reporter"),
    open("external-resource.", 2, "an external resource driver"),
    open("flink.hadoop.", 1, "Hadoop"),
    open("flink.yarn.", 1, "YARN"),
    mixed("fs.", "a file system"),
    open("fs.azure.", 1, "the Azure file system"),
    open("fs.gs.", 1, "the Google Cloud Storage file system"),
    open("fs.hdfs.", 1, "the Hadoop file system"),
    open("fs.oss.", 1, "the OSS file system"),
    open("fs.s3.", 1, "the S3 file system"),
    open("fs.s3a.", 1, "the S3 file system"),
    open("fs.s3n.", 1, "the S3 file system"),
    open("google.cloud.", 1, "the Google Cloud Storage file system"),
    open("gs.", 1, "the Google Cloud Storage file system"),
    open("hadoop.", 1, "Hadoop"),
    open("job.autoscaler.", 1, "the Kubernetes operator's autoscaler"),
    open("kubernetes.operator.", 1, "the Kubernetes operator"),
    open("metrics.reporter.", 2, "a metrics reporter"),
    open("openlineage.", 1, "the OpenLineage listener"),
    open("org.", 2, "a class outside Flink"),
    open("oss.", 1, "the OSS file system"),
    open("presto.s3.", 1, "the S3 file system"),
    open("s3.", 1, "the S3 file system"),
    open("s3a.", 1, "the S3 file system"),
    open("s3n.", 1, "the S3 file system"),
    open("security.delegation.token.provider.", 2, "a delegation token provider"),
    mixed("security.", "a security module"),
    open("sql-gateway.endpoint.", 2, "an endpoint of the SQL gateway"),
    mixed("state.backend.gemini.", "GeminiStateBackend, whose options are not all documented"),
    mixed("table.", "a connector, catalog or format"),
    open("table.catalog-store.", 2, "a catalog store"),
    open("table.exec.hive.", 1, "the Hive connector"),
    open("table.exec.iceberg.", 1, "the Iceberg connector"),
    open("table.secret-store.", 2, "a secret store"),
    open("traces.reporter.", 2, "a trace reporter"),
    open("ververica.", 1, "a product of Ververica"),
    open("vvp.", 1, "a product of Ververica"),
    open("vvr.", 1, "a product of Ververica"),
    open("workflow-scheduler.", 2, "a workflow scheduler"),
    open("yarn.application-master.env.", 1, "the JobManager's environment on YARN"),
    open("yarn.taskmanager.env.", 1, "the TaskManagers' environment on YARN"),
];

/// Keys that only the start scripts read, in every release.
///
/// Source: `bin/config.sh`, Flink 1.10 to 2.3.
static SCRIPT_KEYS: [&str; 3] = ["recovery.mode", "taskmanager.compute.numa", "zookeeper.heap.mb"];

/// Only start scripts read the key.
static SCRIPTS: Namespace = open("", 1, "the start scripts");

/// Every namespace, by prefix.
pub fn namespaces() -> &'static [Namespace] {
    NAMESPACES
}

/// The namespace that a key belongs to, the one with the longest prefix.
pub fn namespace(key: &str) -> Option<&'static Namespace> {
    if SCRIPT_KEYS.contains(&key) {
        return Some(&SCRIPTS);
    }
    // Asked for every key on every keystroke: few prefixes share its first letter.
    let letter = |namespace: &Namespace| namespace.prefix.as_bytes().first().copied();
    let first = key.as_bytes().first().copied();
    let start = NAMESPACES.partition_point(|namespace| letter(namespace) < first);
    let rest = NAMESPACES.get(start..).unwrap_or_default().iter();
    let of_letter = rest.take_while(|namespace| letter(namespace) == first);
    let matches = of_letter.filter(|namespace| {
        key.strip_prefix(namespace.prefix).is_some_and(|rest| {
            let dots = rest.bytes().filter(|byte| *byte == b'.').count();
            dots + 1 >= namespace.depth && !has_empty_segment(rest)
        })
    });
    matches.max_by_key(|namespace| namespace.prefix.len())
}

fn has_empty_segment(key: &str) -> bool {
    let bytes = key.as_bytes();
    let is_dot = |byte: &u8| *byte == b'.';
    bytes.first().is_none_or(is_dot)
        || bytes.last().is_some_and(is_dot)
        || bytes.iter().zip(bytes.iter().skip(1)).any(|(a, b)| is_dot(a) && is_dot(b))
}

/// The option that defines the values of a key of the user's own making: a placeholder's, such as
/// `external-resource.<resource_name>.amount`, or a reporter's, such as `interval`.
pub(super) fn pattern_option(key: &str) -> Option<&'static OptionHistory> {
    let reporters = ["metrics.reporter.", "traces.reporter.", "events.reporter."];
    if let Some(rest) = reporters.iter().find_map(|prefix| key.strip_prefix(prefix)) {
        let (_, suffix) = rest.split_once('.')?;
        return option(suffix).filter(|option| option.place == Place::Suffix);
    }
    if !key.starts_with("external-resource.") {
        return None;
    }
    let mut patterns = options().iter().filter(|option| option.place == Place::Pattern);
    patterns.find(|option| matches_placeholders(key, option.key))
}

fn matches_placeholders(key: &str, pattern: &str) -> bool {
    let (mut segments, mut wanted) = (key.split('.'), pattern.split('.'));
    loop {
        match (segments.next(), wanted.next()) {
            (None, None) => return true,
            (Some(segment), Some(wanted)) if wanted.starts_with('<') || segment == wanted => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_counts() {
        let reader = |key| namespace(key).map(|namespace| namespace.reader);
        assert_eq!(reader("fs.s3a.endpoint"), Some("the S3 file system"));
        assert_eq!(reader("fs.cosn.x"), Some("a file system"));
        assert_eq!(reader("metrics.reporter.prom.port"), Some("a metrics reporter"));
        assert_eq!(reader("taskmanager.compute.numa"), Some("the start scripts"));
        assert_eq!(reader("taskmanager.memory.proces.size"), None);
    }

    #[test]
    fn a_reporter_without_a_parameter_is_no_key() {
        assert_eq!(namespace("metrics.reporter.promport"), None);
        assert_eq!(namespace("metrics.reporter..port"), None);
    }

    #[test]
    fn patterns_lead_to_the_option_that_types_them() {
        let key = |key| pattern_option(key).map(|option| option.key);
        assert_eq!(
            key("external-resource.gpu.amount"),
            Some("external-resource.<resource_name>.amount")
        );
        assert_eq!(key("metrics.reporter.prom.port"), Some("port"));
        assert_eq!(key("metrics.reporter.prom.no-such"), None);
    }
}
