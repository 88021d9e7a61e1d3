//! What a cluster answers.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use slotwise::cluster::answers::{
    CheckpointConfig, CheckpointDetails, Checkpoints, ClusterConfig, ConfigEntry, Job,
    JobsOverview, MetricAggregate, MetricName, TaskManager, TaskManagers,
};
use slotwise::cluster::{CheckpointSample, Observation, Sample, WINDOW_MIN, estimate, preflight};
use slotwise::workload::Workload;

/// Answers by their paths, each path with what was answered in turn, as in `fixtures/cluster`: every
/// document is read, and a profile made of them.
pub(super) fn rest(bytes: &[u8]) {
    let Ok(answers) = serde_json::from_slice::<BTreeMap<String, Vec<Value>>>(bytes) else {
        read_as_all(bytes);
        return;
    };
    let of = |end: &str| {
        let end = end.to_owned();
        answers.iter().filter(move |(path, _)| path.ends_with(&end)).flat_map(|(_, all)| all)
    };
    let Some(job) = answers.iter().find_map(|(_, all)| all.first().and_then(read::<Job>)) else {
        return;
    };
    let Some(checkpointing) = of("/checkpoints/config").find_map(read::<CheckpointConfig>) else {
        return;
    };
    let _ = preflight(&job, &checkpointing, WINDOW_MIN);
    let times = answers.values().max_by_key(|all| all.len()).map_or(0, Vec::len);
    let mut samples = Vec::new();
    for index in 0..times.min(50) {
        let at = of(&job.jid).filter_map(read::<Job>).nth(index).map_or(job.now, |job| job.now);
        let mut sample = Sample { at, ..Sample::default() };
        for vertex in &job.vertices {
            let path = format!("/vertices/{}/subtasks/metrics?", vertex.id);
            if let Some(metrics) = of(&path).filter_map(read::<Vec<MetricAggregate>>).nth(index) {
                sample.add(&vertex.id, &metrics);
            }
            let path = format!("/vertices/{}/subtasks/metrics", vertex.id);
            for names in of(&path).filter_map(read::<Vec<MetricName>>) {
                let names: Vec<_> = names.into_iter().map(|name| name.id).collect();
                Observation::wanted_metrics(&names);
            }
        }
        samples.push(sample);
    }
    let details = answers.iter().filter(|(path, _)| path.contains("/checkpoints/details/"));
    let details = details.flat_map(|(_, all)| all).filter_map(read::<CheckpointDetails>);
    let observation = Observation {
        flink_version: of("/config")
            .find_map(read::<ClusterConfig>)
            .map_or(String::new(), |config| config.flink_version),
        settings: of("/jobmanager/config")
            .find_map(read::<Vec<ConfigEntry>>)
            .into_iter()
            .flatten()
            .map(|entry| (entry.key, entry.value))
            .collect(),
        job,
        checkpointing,
        samples,
        checkpoints: details.map(|details| CheckpointSample::from(&details)).collect(),
    };
    if let Ok(profile) = estimate(&observation) {
        let yaml = profile.to_yaml();
        let read = Workload::parse("profile.yaml", &yaml);
        assert_eq!(read.as_ref(), Ok(&profile.workload), "{yaml}");
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// Any bytes as any document.
fn read_as_all(bytes: &[u8]) {
    let _ = serde_json::from_slice::<ClusterConfig>(bytes);
    let _ = serde_json::from_slice::<Vec<ConfigEntry>>(bytes);
    let _ = serde_json::from_slice::<JobsOverview>(bytes);
    let _ = serde_json::from_slice::<Job>(bytes);
    let _ = serde_json::from_slice::<Vec<MetricName>>(bytes);
    let _ = serde_json::from_slice::<Vec<MetricAggregate>>(bytes);
    let _ = serde_json::from_slice::<CheckpointConfig>(bytes);
    let _ = serde_json::from_slice::<Checkpoints>(bytes);
    let _ = serde_json::from_slice::<CheckpointDetails>(bytes);
    let _ = serde_json::from_slice::<TaskManagers>(bytes);
    let _ = serde_json::from_slice::<TaskManager>(bytes);
}
