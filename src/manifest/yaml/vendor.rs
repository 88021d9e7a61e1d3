//! Deployments of Ververica Platform, Realtime Compute for Apache Flink, and Amazon's Managed
//! Service for Apache Flink, as YAML or JSON.

use super::super::{Deployment, Facts, Form, Role, StatedTarget};
use super::quantity::{self, Notation};
use super::settings::{derived, flatten};
use super::tree::{Node, Scalar};
use crate::catalog::{Release, Target, keys};
use crate::config::{Layer, Setting};

/// Ververica Platform: a `Deployment` whose template has an artifact of Flink's.
pub(super) fn read_platform(root: Node<'_, '_>) -> Option<Deployment> {
    let spec = root.at(&["spec", "template", "spec"])?;
    let artifact = spec.get("artifact")?;
    let mut settings =
        spec.get("flinkConfiguration").map_or_else(Vec::new, |map| flatten(map, Layer::Manifest));
    settings.extend(resources(spec, &["resources", "jobmanager"], &["resources", "taskmanager"]));
    settings.extend(parallelism(spec.scalar_at(&["parallelism"])));
    let version = artifact.scalar_at(&["flinkVersion"]).map(|version| version.text);
    let target = version.and_then(|version| Release::parse(&version)).map(|release| StatedTarget {
        target: Target::flink(release),
        reason: "the artifact's flinkVersion says so".to_owned(),
    });
    Some(deployment(root.scalar_at(&["metadata", "name"]), settings, target, Role::Cluster))
}

/// Realtime Compute: the body of its interface to create a deployment.
pub(super) fn read_realtime_compute(root: Node<'_, '_>) -> Option<Deployment> {
    let conf = root.get("flinkConf");
    let setting = root.at(&["streamingResourceSetting", "basicResourceSetting"]);
    let version = root.scalar_at(&["engineVersion"]);
    if conf.is_none() && (setting.is_none() || version.is_none()) {
        return None;
    }
    let mut settings = conf.map_or_else(Vec::new, |map| flatten(map, Layer::Manifest));
    if let Some(setting) = setting {
        settings.extend(resources(
            setting,
            &["jobmanagerResourceSettingSpec"],
            &["taskmanagerResourceSettingSpec"],
        ));
        settings.extend(parallelism(setting.scalar_at(&["parallelism"])));
    }
    let target = version
        .and_then(|version| version.text.parse().ok())
        .map(|target| StatedTarget { target, reason: "engineVersion says so".to_owned() });
    Some(deployment(root.scalar_at(&["name"]), settings, target, Role::Cluster))
}

/// Amazon's service, whose memory and directories are its own.
pub(super) fn read_amazon(root: Node<'_, '_>) -> Option<Deployment> {
    const CONFIGURATION: &str = "FlinkApplicationConfiguration";
    let configuration = root
        .get(CONFIGURATION)
        .or_else(|| root.at(&["ApplicationConfiguration", CONFIGURATION]))?;
    let mut settings = Vec::new();
    let numbers = [
        (["CheckpointConfiguration", "CheckpointInterval"], "execution.checkpointing.interval"),
        (
            ["CheckpointConfiguration", "MinPauseBetweenCheckpoints"],
            "execution.checkpointing.min-pause",
        ),
    ];
    for (path, key) in numbers {
        if let Some(number) = configuration.scalar_at(&path) {
            settings.push(derived(key, &format!("{} ms", number.text), &number));
        }
    }
    settings
        .extend(parallelism(configuration.scalar_at(&["ParallelismConfiguration", "Parallelism"])));
    let version = root.scalar_at(&["RuntimeEnvironment"]);
    let target = version.and_then(|version| {
        let release = version.text.strip_prefix("FLINK-")?.replace('_', ".");
        Some(StatedTarget {
            target: Target::flink(Release::parse(&release)?),
            reason: "RuntimeEnvironment says so".to_owned(),
        })
    });
    Some(deployment(root.scalar_at(&["ApplicationName"]), settings, target, Role::Part))
}

fn deployment(
    name: Option<Scalar>,
    settings: Vec<Setting<'static>>,
    target: Option<StatedTarget>,
    role: Role,
) -> Deployment {
    Deployment {
        name: format!("deployment {}", name.map_or_else(|| "?".to_owned(), |name| name.text)),
        form: Form::Manifest,
        role,
        embedded: None,
        settings,
        target,
        fault: None,
        facts: Facts::None,
    }
}

fn parallelism(parallelism: Option<Scalar>) -> Option<Setting<'static>> {
    parallelism.map(|parallelism| derived("parallelism.default", &parallelism.text, &parallelism))
}

/// The memory of both processes, in the notation of Kubernetes: `2G` is 2·10^9 bytes here. The
/// interface writes `4 GiB`.
fn resources(
    node: Node<'_, '_>,
    job_manager: &[&str],
    task_manager: &[&str],
) -> Vec<Setting<'static>> {
    let processes = [
        (job_manager, keys::JOB_MANAGER_PROCESS_SIZE.key()),
        (task_manager, keys::TASK_MANAGER_PROCESS_SIZE.key()),
    ];
    let setting = |(path, key): (&[&str], &'static str)| {
        let memory = node.at(path)?.scalar_at(&["memory"])?;
        let text = memory.text.replace(' ', "");
        let text = text.strip_suffix('B').unwrap_or(&text).replace('g', "G");
        let size = quantity::parse(&text, Notation::Kubernetes)?;
        Some(derived(key, &format!("{}b", size.bytes()), &memory))
    };
    processes.into_iter().filter_map(setting).collect()
}
