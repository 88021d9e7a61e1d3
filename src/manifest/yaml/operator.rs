use super::super::{Deployment, Facts, Form, Role, StatedTarget};
use super::quantity::{self, Notation};
use super::settings::{derived, flatten, setting};
use super::tree::{Node, Scalar};
use super::{release_of_image, resource_name};
use crate::catalog::{Release, Target, keys};
use crate::config::{Layer, Setting};
use crate::source::Span;
use crate::units::MemorySize;

/// Which resource of Flink's Kubernetes operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperatorKind {
    /// A cluster, with a job or for session jobs.
    Deployment,
    /// A job on a cluster that runs already.
    SessionJob,
    /// Two deployments that take turns.
    BlueGreen,
}

impl OperatorKind {
    /// The kind of that name.
    pub(super) fn of(kind: &str) -> Option<Self> {
        match kind {
            "FlinkDeployment" => Some(Self::Deployment),
            "FlinkSessionJob" => Some(Self::SessionJob),
            "FlinkBlueGreenDeployment" => Some(Self::BlueGreen),
            _ => None,
        }
    }

    /// The kind's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deployment => "FlinkDeployment",
            Self::SessionJob => "FlinkSessionJob",
            Self::BlueGreen => "FlinkBlueGreenDeployment",
        }
    }
}

/// What a resource of the operator says beside its `flinkConfiguration`.
#[derive(Debug, Clone)]
pub struct OperatorSpec {
    /// Which resource.
    pub kind: OperatorKind,
    /// Where its specification starts, for what is missing in it.
    pub span: Span,
    /// `flinkVersion`.
    pub flink_version: Option<Scalar>,
    /// `deploymentName` of a session job.
    pub deployment_name: Option<Scalar>,
    /// Where `job` is written.
    pub job: Option<Span>,
    /// `job.jarURI`.
    pub jar_uri: Option<Scalar>,
    /// `job.entryClass`.
    pub entry_class: Option<Scalar>,
    /// `job.parallelism`.
    pub parallelism: Option<Scalar>,
    /// `job.upgradeMode`.
    pub upgrade_mode: Option<Scalar>,
    /// `job.savepointTriggerNonce`.
    pub savepoint_trigger: Option<Scalar>,
    /// `jobManager`.
    pub job_manager: ProcessSpec,
    /// `taskManager`.
    pub task_manager: ProcessSpec,
    /// Fields that the resource does not have.
    pub unknown_fields: Vec<UnknownField>,
    /// Values of `flinkConfiguration` that are no strings to YAML.
    pub unquoted: Vec<UnquotedValue>,
    /// Whether some of `flinkConfiguration` is nested.
    pub is_nested: bool,
}

/// `jobManager` or `taskManager`.
#[derive(Debug, Clone, Default)]
pub struct ProcessSpec {
    /// `resource.memory`.
    pub memory: Option<Scalar>,
    /// What it amounts to; `None` where it is no size.
    pub memory_size: Option<MemorySize>,
    /// `replicas`.
    pub replicas: Option<Scalar>,
    /// Where `resource` is written although `resources` is there too.
    pub ignored_resource: Option<(Span, Span)>,
    /// Limits and requests of the main container in the pod templates.
    pub pod_limits: Vec<PodLimit>,
}

/// A limit or request of memory of the main container in a pod template.
#[derive(Debug, Clone)]
pub struct PodLimit {
    /// `limits` or `requests`.
    pub name: &'static str,
    /// The size as written.
    pub text: Scalar,
    /// What it amounts to; `None` where it is no size.
    pub size: Option<MemorySize>,
}

/// A field that a resource does not have.
#[derive(Debug, Clone)]
pub struct UnknownField {
    /// Its name as written.
    pub name: Scalar,
    /// What it stands in, such as `spec.job`.
    pub parent: &'static str,
    /// The field that is meant, if one is alike.
    pub suggestion: Option<&'static str>,
}

/// A value that YAML reads as a number or boolean.
#[derive(Debug, Clone)]
pub struct UnquotedValue {
    /// The flat key.
    pub key: String,
    /// The value.
    pub value: Scalar,
}

/// Fields of each part.
///
/// Source: CustomResourceDefinitions of the operator, 1.0 to 1.13; blue-green from 1.13 on.
const SPEC_FIELDS: &[&str] = &[
    "flinkConfiguration",
    "flinkVersion",
    "image",
    "imagePullPolicy",
    "ingress",
    "job",
    "jobManager",
    "logConfiguration",
    "mode",
    "podTemplate",
    "restartNonce",
    "serviceAccount",
    "taskManager",
];
const SESSION_FIELDS: &[&str] = &["deploymentName", "flinkConfiguration", "job", "restartNonce"];
const PROCESS_FIELDS: &[&str] = &["podTemplate", "replicas", "resource", "resources"];
const RESOURCE_FIELDS: &[&str] = &["cpu", "ephemeralStorage", "memory"];
const JOB_FIELDS: &[&str] = &[
    "allowNonRestoredState",
    "args",
    "autoscalerResetNonce",
    "checkpointTriggerNonce",
    "entryClass",
    "initialSavepointPath",
    "jarURI",
    "parallelism",
    "savepointRedeployNonce",
    "savepointTriggerNonce",
    "state",
    "upgradeMode",
];

/// Reads a resource of the operator.
pub(super) fn read(root: Node<'_, '_>, kind: OperatorKind) -> Deployment {
    let name = resource_name(root);
    let outer = root.get("spec");
    let spec = match kind {
        OperatorKind::BlueGreen => root.at(&["spec", "template", "spec"]).or(outer),
        _ => outer,
    };
    let spec_node = spec.unwrap_or(root);
    let at = |path: &[&str]| spec_node.scalar_at(path);
    let job = spec_node.get("job");
    let configuration = spec_node.get("flinkConfiguration");
    let mut facts = OperatorSpec {
        kind,
        span: spec_node.key_span(),
        flink_version: at(&["flinkVersion"]),
        deployment_name: at(&["deploymentName"]),
        job: job.map(|job| job.key_span()),
        jar_uri: at(&["job", "jarURI"]),
        entry_class: at(&["job", "entryClass"]),
        parallelism: at(&["job", "parallelism"]),
        upgrade_mode: at(&["job", "upgradeMode"]),
        savepoint_trigger: at(&["job", "savepointTriggerNonce"]),
        job_manager: process(spec_node, "jobManager"),
        task_manager: process(spec_node, "taskManager"),
        unknown_fields: Vec::new(),
        unquoted: Vec::new(),
        is_nested: configuration
            .is_some_and(|map| map.own_pairs().any(|(_, value)| value.is_map())),
    };
    unknown_fields(spec_node, kind, &mut facts.unknown_fields);
    let mut settings = configuration.map_or_else(Vec::new, |map| flatten(map, Layer::Manifest));
    if let Some(map) = configuration {
        unquoted(map, "", 16, &mut facts.unquoted);
    }
    if kind != OperatorKind::SessionJob {
        settings.extend(derived_settings(name.as_ref(), &facts));
    } else if let Some(parallelism) = &facts.parallelism {
        settings.push(derived("parallelism.default", &parallelism.text, parallelism));
    }
    Deployment {
        name: format!("{} {}", kind.name(), name.map_or_else(|| "?".to_owned(), |name| name.text)),
        form: Form::Manifest,
        role: if kind == OperatorKind::SessionJob { Role::Part } else { Role::Cluster },
        embedded: None,
        settings,
        target: stated_target(spec_node, &facts),
        fault: None,
        facts: Facts::Operator(Box::new(facts)),
    }
}

fn stated_target(spec: Node<'_, '_>, facts: &OperatorSpec) -> Option<StatedTarget> {
    let version = facts
        .flink_version
        .as_ref()
        .and_then(|version| Release::parse(&version.text.strip_prefix('v')?.replace('_', ".")));
    if let Some(release) = version {
        return Some(StatedTarget {
            target: Target::flink(release),
            reason: "spec.flinkVersion says so".to_owned(),
        });
    }
    let target = release_of_image(&spec.scalar_at(&["image"])?.text)?;
    Some(StatedTarget { target, reason: "the image says so".to_owned() })
}

fn process(spec: Node<'_, '_>, name: &str) -> ProcessSpec {
    let Some(process) = spec.get(name) else {
        return ProcessSpec { pod_limits: pod_limits(spec), ..ProcessSpec::default() };
    };
    let (resource, resources) = (process.get("resource"), process.get("resources"));
    let memory = match resources {
        Some(_) => process
            .scalar_at(&["resources", "limits", "memory"])
            .or_else(|| process.scalar_at(&["resources", "requests", "memory"])),
        None => process.scalar_at(&["resource", "memory"]),
    };
    let memory_size = memory.as_ref().and_then(|memory| resource_memory(&memory.text));
    let mut limits = pod_limits(process);
    if limits.is_empty() {
        limits = pod_limits(spec);
    }
    ProcessSpec {
        memory,
        memory_size,
        replicas: process.scalar_at(&["replicas"]),
        ignored_resource: resource
            .zip(resources)
            .map(|(ignored, used)| (ignored.key_span(), used.key_span())),
        pod_limits: limits,
    }
}

/// What the operator makes of `resource.memory`: Flink's notation first, then that of Kubernetes.
///
/// Source: `ResourceConfigUtils.parseResourceMemoryString`, operator 1.5 and later; before, Flink's
/// notation only.
fn resource_memory(text: &str) -> Option<MemorySize> {
    text.parse().ok().or_else(|| quantity::parse(text, Notation::Kubernetes))
}

/// The name of the container in which Flink runs.
const MAIN_CONTAINER: &str = "flink-main-container";

fn pod_limits(parent: Node<'_, '_>) -> Vec<PodLimit> {
    let containers = parent.at(&["podTemplate", "spec", "containers"]);
    let main = containers
        .into_iter()
        .flat_map(|containers| containers.items())
        .filter(|it| it.scalar_at(&["name"]).is_some_and(|name| name.text == MAIN_CONTAINER));
    main.flat_map(|container| {
        ["limits", "requests"].into_iter().filter_map(move |name| {
            let text = container.scalar_at(&["resources", name, "memory"])?;
            let size = quantity::parse(&text.text, Notation::Kubernetes);
            Some(PodLimit { name, text, size })
        })
    })
    .collect()
}

/// What the operator lays over `flinkConfiguration`.
///
/// Source: `FlinkConfigBuilder`, operator 1.0 to 1.13.
fn derived_settings(name: Option<&Scalar>, facts: &OperatorSpec) -> Vec<Setting<'static>> {
    let mut settings = Vec::new();
    let processes = [
        (&facts.job_manager, keys::JOB_MANAGER_PROCESS_SIZE.key()),
        (&facts.task_manager, keys::TASK_MANAGER_PROCESS_SIZE.key()),
    ];
    for (process, key) in processes {
        let Some(memory) = &process.memory else { continue };
        let value = match process.memory_size {
            // Flink's notation as it is.
            Some(_) if memory.text.parse::<MemorySize>().is_ok() => memory.text.clone(),
            Some(size) => format!("{}b", size.bytes()),
            None => continue,
        };
        settings.push(derived(key, &value, memory));
    }
    if let Some(name) = name {
        settings.push(derived("kubernetes.cluster-id", &name.text, name));
    }
    if let Some(parallelism) = &facts.parallelism
        && facts.task_manager.replicas.is_none()
    {
        settings.push(derived("parallelism.default", &parallelism.text, parallelism));
    }
    if let Some(jar) = &facts.jar_uri {
        settings.push(setting("pipeline.jars", &jar.text, jar.span, jar.span, Layer::Derived));
    }
    settings
}

fn unknown_fields(spec: Node<'_, '_>, kind: OperatorKind, unknown: &mut Vec<UnknownField>) {
    let own = if kind == OperatorKind::SessionJob { SESSION_FIELDS } else { SPEC_FIELDS };
    let parts: [(&[&str], &'static str, &'static [&'static str]); 6] = [
        (&[], "spec", own),
        (&["job"], "spec.job", JOB_FIELDS),
        (&["jobManager"], "spec.jobManager", PROCESS_FIELDS),
        (&["taskManager"], "spec.taskManager", PROCESS_FIELDS),
        (&["jobManager", "resource"], "spec.jobManager.resource", RESOURCE_FIELDS),
        (&["taskManager", "resource"], "spec.taskManager.resource", RESOURCE_FIELDS),
    ];
    for (path, parent, fields) in parts {
        let Some(node) = spec.at(path) else { continue };
        for (name, _) in node.own_pairs() {
            if name.text == "<<" || fields.contains(&&*name.text) {
                continue;
            }
            let suggestion = nearest(&name.text, fields);
            unknown.push(UnknownField { name, parent, suggestion });
        }
    }
}

/// The field that is spelt most alike.
fn nearest(name: &str, fields: &[&'static str]) -> Option<&'static str> {
    const ALIKE: f64 = 0.8;
    let lower = name.to_ascii_lowercase();
    let alike = |field: &&&'static str| {
        strsim::normalized_damerau_levenshtein(&lower, &field.to_ascii_lowercase()) >= ALIKE
    };
    fields.iter().find(alike).copied()
}

fn unquoted(map: Node<'_, '_>, prefix: &str, depth: usize, found: &mut Vec<UnquotedValue>) {
    for (key, value) in map.own_pairs() {
        let path = if prefix.is_empty() { key.text } else { format!("{prefix}.{}", key.text) };
        if value.is_map() && depth > 0 {
            unquoted(value, &path, depth - 1, found);
        } else if let Some(scalar) = value.scalar().filter(is_typed) {
            found.push(UnquotedValue { key: path, value: scalar });
        }
    }
}

/// Whether YAML reads a plain scalar as something else than text.
fn is_typed(scalar: &Scalar) -> bool {
    let text = &scalar.text;
    let is_boolean = ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word));
    scalar.is_plain && (is_boolean || text.parse::<f64>().is_ok_and(f64::is_finite))
}
