//! Who reads an option: the processes of a cluster as they start, or a job.

/// Whether an option is read as a cluster's processes start, so that a job, a session or code on a
/// running cluster changes nothing with it.
///
/// Source: where Flink 1.20 and 2.3 read these options; `ClusterOptions`, `TaskManagerOptions`,
/// `JobManagerOptions`, `HighAvailabilityOptions`, `RestOptions`, `SecurityOptions`.
pub fn is_of_cluster(key: &str) -> bool {
    const PREFIXES: [&str; 18] = [
        "blob.",
        "cluster.",
        "env.",
        "heartbeat.",
        "high-availability",
        "historyserver.",
        "io.tmp.dirs",
        "jobmanager.",
        "jobstore.",
        "metrics.",
        "pekko.",
        "akka.",
        "process.working-dir",
        "resourcemanager.",
        "rest.",
        "security.",
        "slotmanager.",
        "web.",
    ];
    // A job's own network and memory needs are the cluster's, its debloating and names are not.
    let is_task_manager = key.starts_with("taskmanager.")
        && !key.starts_with("taskmanager.network.memory.buffer-debloat");
    is_task_manager || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}
