use std::ops::Range;

use super::super::{Deployment, Embedded, Facts, Form, Role, StatedTarget};
use super::embed::{self, View};
use super::quantity::{self, Notation};
use super::settings::setting;
use super::tree::{Node, Scalar};
use super::{release_of_image, resource_name, start_of};
use crate::config::{Layer, Setting, split_property};
use crate::source::Span;
use crate::syntax::yaml::ScalarStyle;
use crate::units::MemorySize;

/// What a container says beside its properties.
#[derive(Debug, Clone, Default)]
pub struct ContainerSpec {
    /// The image.
    pub image: Option<Scalar>,
    /// What memory it may use.
    pub memory_limit: Option<MemoryLimit>,
    /// What is wrong with how `FLINK_PROPERTIES` is written.
    pub problem: Option<PropertiesProblem>,
    /// Where Flink's configuration, or its folder, is mounted read-only.
    pub read_only_config: Option<Scalar>,
    /// The first variable that the image's start script writes into the configuration.
    pub variable: Option<Scalar>,
    /// How many TaskManagers there are, where this is the only service of them.
    pub task_manager_count: Option<u32>,
}

/// A limit of memory.
#[derive(Debug, Clone)]
pub struct MemoryLimit {
    /// As written.
    pub text: Scalar,
    /// What it amounts to; `None` where it is no size.
    pub size: Option<MemorySize>,
}

/// `FLINK_PROPERTIES` does not reach Flink as it looks.
#[derive(Debug, Clone)]
pub struct PropertiesProblem {
    /// Where.
    pub span: Span,
    /// What joins its lines, such as "`>` joins lines".
    pub cause: &'static str,
}

/// A variable of a container's environment.
struct Variable<'x, 't> {
    name: String,
    /// The scalar that holds the value.
    node: Node<'x, 't>,
    /// Whether the scalar starts with `NAME=`.
    is_pair: bool,
    /// Where the name is written.
    span: Span,
}

/// One container, whatever describes it.
struct Container<'x, 't> {
    name: String,
    node: Node<'x, 't>,
    variables: Vec<Variable<'x, 't>>,
    image: Option<Scalar>,
    memory_limit: Option<MemoryLimit>,
    /// The words of command and arguments.
    words: Vec<Scalar>,
    /// What it is called: its service or resource, itself, its host.
    names: Vec<String>,
    /// How many of it there are, if it says.
    count: Option<u32>,
    /// Where Flink's configuration is mounted read-only.
    read_only_config: Option<Scalar>,
}

/// The services of a compose file that run Flink.
pub(super) fn read_compose<'x, 't>(text: &'t str, root: Node<'x, 't>) -> Vec<Deployment> {
    let services = root.get("services").into_iter().flat_map(|services| services.own_pairs());
    let read = |(name, service): (Scalar, Node<'x, 't>)| {
        let limit = service
            .scalar_at(&["deploy", "resources", "limits", "memory"])
            .or_else(|| service.scalar_at(&["mem_limit"]));
        let own = ["container_name", "hostname"].iter().filter_map(|key| service.scalar_at(&[key]));
        let count =
            service.scalar_at(&["deploy", "replicas"]).or_else(|| service.scalar_at(&["scale"]));
        Container {
            name: format!("service {}", name.text),
            names: std::iter::once(name.text.clone()).chain(own.map(|own| own.text)).collect(),
            count: count.and_then(|count| count.text.parse().ok()),
            read_only_config: read_only_volume(service),
            node: service,
            variables: service.get("environment").map(variables).unwrap_or_default(),
            image: service.scalar_at(&["image"]),
            memory_limit: limit.map(|text| MemoryLimit {
                size: quantity::parse(&text.text, Notation::Compose),
                text,
            }),
            words: words(service, &["entrypoint", "command"]),
        }
        .read(text)
    };
    let mut deployments: Vec<Deployment> = services.filter_map(read).collect();
    // Several services of TaskManagers add up to a number that no single one shows.
    let task_managers = deployments.iter().filter(|it| it.role == Role::TaskManager).count();
    for deployment in deployments.iter_mut().filter(|_| task_managers != 1) {
        if let Facts::Container(spec) = &mut deployment.facts {
            spec.task_manager_count = None;
        }
    }
    deployments
}

/// A volume of a compose file that mounts Flink's configuration read-only.
fn read_only_volume(service: Node<'_, '_>) -> Option<Scalar> {
    let volumes = service.get("volumes")?;
    volumes.items().find_map(|volume| {
        let Some(text) = volume.scalar() else {
            let read_only = volume.scalar_at(&["read_only"])?.text == "true";
            let target = volume.scalar_at(&["target"])?;
            return (read_only && is_configuration(&target.text)).then_some(target);
        };
        let mut parts = text.text.rsplit(':');
        let (modes, target) = (parts.next()?, parts.next()?);
        let read_only = modes.split(',').any(|mode| mode == "ro");
        (read_only && is_configuration(target)).then_some(text)
    })
}

/// A mount of a container that shows Flink's configuration read-only; ConfigMaps and Secrets are.
fn read_only_mount(pod: Option<Node<'_, '_>>, container: Node<'_, '_>) -> Option<Scalar> {
    let mounts = container.get("volumeMounts")?;
    mounts.items().find_map(|mount| {
        let path = mount.scalar_at(&["mountPath"]).filter(|path| is_configuration(&path.text))?;
        let name = mount.scalar_at(&["name"])?.text;
        let says = mount.scalar_at(&["readOnly"]).is_some_and(|says| says.text == "true");
        let volumes = pod.and_then(|pod| pod.get("volumes"));
        let mut volumes = volumes.into_iter().flat_map(|volumes| volumes.items());
        let volume = volumes.find(|it| it.scalar_at(&["name"]).is_some_and(|it| it.text == name));
        let is_map = volume.is_some_and(|volume| {
            volume.get("configMap").is_some() || volume.get("secret").is_some()
        });
        (says || is_map).then_some(path)
    })
}

/// Whether a path in the image is Flink's configuration file or its folder.
fn is_configuration(path: &str) -> bool {
    let rest = path.trim_end_matches('/').strip_prefix("/opt/flink/conf");
    matches!(rest, Some("" | "/flink-conf.yaml" | "/config.yaml"))
}

/// The containers of a Deployment, StatefulSet, Job or Pod that run Flink.
pub(super) fn read_pods<'x, 't>(text: &'t str, root: Node<'x, 't>, kind: &str) -> Vec<Deployment> {
    let pod = root.at(&["spec", "template", "spec"]).or_else(|| root.get("spec"));
    let containers = pod.and_then(|pod| pod.get("containers"));
    let resource = resource_name(root).map_or_else(|| "?".to_owned(), |name| name.text);
    let read = |container: Node<'x, 't>| {
        let limit = container.scalar_at(&["resources", "limits", "memory"]);
        let own = container.scalar_at(&["name"]).map(|own| own.text);
        let count = root.scalar_at(&["spec", "replicas"]);
        Container {
            name: format!("{kind} {resource}"),
            names: own.into_iter().chain([resource.clone()]).collect(),
            count: count.and_then(|count| count.text.parse().ok()),
            read_only_config: read_only_mount(pod, container),
            node: container,
            variables: container.get("env").map(pod_variables).unwrap_or_default(),
            image: container.scalar_at(&["image"]),
            memory_limit: limit.map(|text| MemoryLimit {
                size: quantity::parse(&text.text, Notation::Kubernetes),
                text,
            }),
            words: words(container, &["command", "args"]),
        }
        .read(text)
    };
    containers.into_iter().flat_map(|containers| containers.items()).filter_map(read).collect()
}

/// `environment` of a compose file: a map, or a list of `NAME=value`.
fn variables<'x, 't>(environment: Node<'x, 't>) -> Vec<Variable<'x, 't>> {
    let mut variables = Vec::new();
    if environment.is_map() {
        // What is merged in counts, but what is written here comes first.
        if let Some(merged) = environment.get("<<") {
            variables.extend(self::variables(merged));
        }
        let own = environment.own_pairs().filter(|(name, _)| name.text != "<<");
        for (name, node) in own {
            variables.retain(|variable: &Variable<'_, '_>| variable.name != name.text);
            variables.push(Variable { name: name.text, node, is_pair: false, span: name.span });
        }
        return variables;
    }
    variables.extend(environment.items().filter_map(|node| {
        let (text, _) = node.raw()?;
        let (name, _) = text.split_once('=')?;
        Some(Variable { name: name.trim().to_owned(), node, is_pair: true, span: node.span() })
    }));
    variables
}

/// `env` of a container in Kubernetes.
fn pod_variables<'x, 't>(environment: Node<'x, 't>) -> Vec<Variable<'x, 't>> {
    let read = |item: Node<'x, 't>| {
        let name = item.scalar_at(&["name"])?;
        let node = item.get("value")?;
        Some(Variable { name: name.text, node, is_pair: false, span: name.span })
    };
    environment.items().filter_map(read).collect()
}

/// The words of the first of these keys' lists or texts.
fn words(node: Node<'_, '_>, keys: &[&str]) -> Vec<Scalar> {
    let values = keys.iter().filter_map(|key| node.get(key));
    let read = |value: Node<'_, '_>| match value.scalar() {
        Some(scalar) => split(&scalar),
        None => value.items().filter_map(|item| item.scalar()).flat_map(|it| split(&it)).collect(),
    };
    values.flat_map(read).collect()
}

/// The words of a text, each with its place where the text is written as it is.
fn split(scalar: &Scalar) -> Vec<Scalar> {
    let shift = usize::from(!scalar.is_plain);
    let is_direct = scalar.span.range().len() == scalar.text.len() + 2 * shift;
    let place = |word: &str| {
        let at = word.as_ptr().addr().saturating_sub(scalar.text.as_ptr().addr()) + shift;
        if is_direct { scalar.span.slice(at..at + word.len()) } else { scalar.span }
    };
    let word =
        |word: &str| Scalar { text: word.to_owned(), span: place(word), is_plain: scalar.is_plain };
    scalar.text.split_whitespace().map(word).collect()
}

impl<'x, 't> Container<'x, 't> {
    fn read(&self, text: &'t str) -> Option<Deployment> {
        let properties = self.variable("FLINK_PROPERTIES");
        let others = ["JOB_MANAGER_RPC_ADDRESS", "TASK_MANAGER_NUMBER_OF_TASK_SLOTS"];
        let is_image = self.image.as_ref().is_some_and(|image| is_image_of_flink(&image.text));
        let dynamic = self.dynamic_properties();
        let has_variable = others.iter().any(|name| self.variable(name).is_some());
        let role = self.role();
        let is_flink = properties.is_some()
            || has_variable
            || is_image && (role != Role::Part || !dynamic.is_empty());
        if !is_flink {
            return None;
        }
        let view = properties.and_then(|variable| properties_view(text, variable));
        let mut settings = self.shipped();
        settings.extend(self.variables_that_set());
        settings.extend(dynamic);
        let target = self.image.as_ref().and_then(|image| release_of_image(&image.text));
        Some(Deployment {
            name: self.name.clone(),
            form: Form::Manifest,
            role,
            embedded: view.map(|View { text: view, range }| Embedded {
                name: Embedded::PROPERTIES,
                view,
                range,
                dialect: None,
                layer: Layer::Environment,
            }),
            settings,
            target: target
                .map(|target| StatedTarget { target, reason: "the image says so".to_owned() }),
            fault: None,
            facts: Facts::Container(Box::new(ContainerSpec {
                image: self.image.clone(),
                memory_limit: self.memory_limit.clone(),
                problem: properties.and_then(joined_lines),
                read_only_config: self.read_only_config.clone(),
                variable: self.written_variable(),
                task_manager_count: (role == Role::TaskManager).then(|| self.count.unwrap_or(1)),
            })),
        })
    }

    fn variable(&self, name: &str) -> Option<&Variable<'x, 't>> {
        self.variables.iter().rev().find(|variable| variable.name == name)
    }

    /// The first variable that the image's start script writes into the configuration.
    fn written_variable(&self) -> Option<Scalar> {
        const NAMES: [&str; 3] =
            ["FLINK_PROPERTIES", "JOB_MANAGER_RPC_ADDRESS", "TASK_MANAGER_NUMBER_OF_TASK_SLOTS"];
        let variable = NAMES.into_iter().find_map(|name| self.variable(name))?;
        Some(Scalar { text: variable.name.clone(), span: variable.span, is_plain: true })
    }

    fn role(&self) -> Role {
        let has = |names: &[&str]| {
            self.words.iter().any(|word| names.iter().any(|name| word.text.contains(name)))
        };
        if has(&["taskmanager"]) {
            Role::TaskManager
        } else if has(&["jobmanager", "standalone-job"]) {
            Role::JobManager
        } else {
            self.role_by_surroundings()
        }
    }

    /// The role of a container whose command is the image's or a script of the user's: by its
    /// names, by the address of the JobManager, then by what only one of them has.
    fn role_by_surroundings(&self) -> Role {
        let named = |parts: &[&str]| {
            let plain = |name: &String| name.to_ascii_lowercase().replace(['-', '_', '.'], "");
            self.names.iter().map(plain).any(|name| parts.iter().any(|part| name.contains(part)))
        };
        match (named(&["taskmanager"]), named(&["jobmanager"])) {
            (true, false) => return Role::TaskManager,
            (false, true) => return Role::JobManager,
            _ => {}
        }
        let value = |name| {
            let variable = self.variable(name)?;
            let (text, _) = variable.node.raw()?;
            Some(if variable.is_pair { split_property(text)?.1.trim() } else { text.trim() })
        };
        let address: Option<&str> = value("JOB_MANAGER_RPC_ADDRESS");
        if address.is_some_and(|address| self.names.iter().any(|name| name == address)) {
            return Role::JobManager;
        }
        // A client knows the address as well, but it has no slots, and there is one of it.
        let has_slots = value("TASK_MANAGER_NUMBER_OF_TASK_SLOTS").is_some();
        if address.is_some() && (has_slots || self.count.is_some_and(|count| count > 1)) {
            return Role::TaskManager;
        }
        Role::Part
    }

    /// What the image's own configuration file sets.
    ///
    /// Source: the files that Flink 1.10.3 to 2.3.0 ship.
    fn shipped(&self) -> Vec<Setting<'static>> {
        let at =
            self.image.as_ref().map_or_else(|| start_of(self.node.key_span()), |image| image.span);
        let ship = |key: &'static str, value: &str| setting(key, value, at, at, Layer::Shipped);
        vec![
            ship("jobmanager.memory.process.size", "1600m"),
            ship("taskmanager.memory.process.size", "1728m"),
        ]
    }

    /// What the image's start script makes of its variables.
    fn variables_that_set(&self) -> Vec<Setting<'static>> {
        let pairs = [
            ("JOB_MANAGER_RPC_ADDRESS", "jobmanager.rpc.address"),
            ("TASK_MANAGER_NUMBER_OF_TASK_SLOTS", "taskmanager.numberOfTaskSlots"),
        ];
        let set = |(name, key): (&str, &'static str)| {
            let variable = self.variable(name)?;
            let (text, _) = variable.node.raw()?;
            let value = if variable.is_pair { split_property(text)?.1 } else { text };
            let span = variable.node.span();
            Some(setting(key, value.trim(), span, span, Layer::Environment))
        };
        pairs.into_iter().filter_map(set).collect()
    }

    /// `-Dkey=value` and `-D key=value` among the arguments.
    fn dynamic_properties(&self) -> Vec<Setting<'static>> {
        let mut settings = Vec::new();
        let mut words = self.words.iter().peekable();
        while let Some(word) = words.next() {
            let Some(attached) = word.text.strip_prefix("-D") else { continue };
            let pair = if attached.is_empty() { words.next() } else { Some(word) };
            let Some(pair) = pair else { break };
            let text = pair.text.strip_prefix("-D").unwrap_or(&pair.text);
            // `-Dkey` of a JVM has no `=`, or a name without a dot.
            let Some((key, value)) = split_property(text).filter(|(key, _)| key.contains('.'))
            else {
                continue;
            };
            let shift = pair.text.len() - text.len();
            let from = shift + key.len() + 1;
            settings.push(setting(
                key.to_owned(),
                value,
                pair.span.slice(shift..shift + key.len()),
                pair.span.slice(from..from + value.len()),
                Layer::DynamicProperty,
            ));
        }
        settings
    }
}

/// Whether an image is Flink's or built on it, by its name.
fn is_image_of_flink(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    let name = name.split([':', '@']).next().unwrap_or(name);
    matches!(name, "flink" | "pyflink") || name.starts_with("flink-job") || name == "apache-flink"
}

/// The properties, with `FLINK_PROPERTIES=` blank where the scalar holds it.
fn properties_view(text: &str, variable: &Variable<'_, '_>) -> Option<View> {
    let View { text: view, range } = embed::view(text, variable.node)?;
    if !variable.is_pair {
        return Some(View { text: view, range });
    }
    let at = view.get(range.clone())?.find('=')? + 1;
    let start: usize = range.start + at;
    let text = embed::blank_around(&view, start..range.end)?;
    Some(View { text, range: start..range.end })
}

/// A scalar in which YAML joins the lines, so that all properties become one.
fn joined_lines(variable: &Variable<'_, '_>) -> Option<PropertiesProblem> {
    let (text, style) = variable.node.raw()?;
    let cause = match style {
        ScalarStyle::Literal => return None,
        ScalarStyle::Folded => "`>` joins the lines",
        _ => "YAML joins the lines of such a value",
    };
    let longest = text.lines().map(|line| line.matches(": ").count()).max()?;
    let is_joined = longest > 1 && text.lines().any(has_two_options);
    is_joined.then(|| PropertiesProblem { span: variable.node.span(), cause })
}

/// Whether two words of a line look like keys.
pub(in crate::manifest) fn has_two_options(line: &str) -> bool {
    let is_key = |word: &&str| {
        let key = word.trim_start_matches(['"', '\'']);
        key.ends_with(':') && key.contains('.') && !key.contains('/')
    };
    line.split_whitespace().filter(is_key).count() > 1
}

/// A line of `FLINK_PROPERTIES` as the image's start script splits it: key and value, each without
/// the spaces around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertiesLine {
    /// The key.
    pub key: Range<usize>,
    /// The value.
    pub value: Range<usize>,
}

/// The lines of properties, each cut at its first colon; a line without one is left out.
pub(in crate::manifest) fn properties_lines(
    view: &str,
    range: Range<usize>,
) -> Vec<PropertiesLine> {
    let mut lines = Vec::new();
    let mut start = range.start;
    for line in view.get(range).unwrap_or("").split_inclusive(['\n', '\r']) {
        if let Some(colon) = line.find(':') {
            let trimmed = |from: usize, part: &str| {
                let at = from + (part.len() - part.trim_start().len());
                at..at + part.trim().len()
            };
            let (key, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or("");
            lines.push(PropertiesLine {
                key: trimmed(start, key),
                value: trimmed(start + colon + 1, value),
            });
        }
        start += line.len();
    }
    lines.retain(|line| !line.key.is_empty() && !line.value.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceFile, Sources};

    /// The role of each service of a compose file.
    fn roles(services: &str) -> Vec<Role> {
        let text = format!("services:\n{services}");
        let source = SourceFile::decode("compose.yaml", text.clone().into_bytes());
        let file = Sources::default().add(source);
        let deployments = crate::manifest::read(Form::Manifest, file, &text);
        deployments.iter().map(|deployment| deployment.role).collect()
    }

    #[test]
    fn the_command_says_what_a_container_is() {
        let services = "  a: {image: flink, command: taskmanager}\n  b: {image: flink, command: [sh, -c, 'jobmanager.sh start']}\n";
        assert_eq!(roles(services), [Role::TaskManager, Role::JobManager]);
        let entrypoint = "  jobmanager: {image: flink, entrypoint: /bin/taskmanager.sh}\n";
        assert_eq!(roles(entrypoint), [Role::TaskManager]);
    }

    #[test]
    fn names_say_it_where_the_command_does_not() {
        let services = "  task-manager-1: {image: flink}\n  x: {image: flink, container_name: Flink_JobManager}\n";
        assert_eq!(roles(services), [Role::TaskManager, Role::JobManager]);
    }

    #[test]
    fn the_address_of_the_job_manager_is_its_own_or_anothers() {
        let service = |name: &str, more: &str| {
            format!(
                "  {name}: {{image: flink, environment: {{JOB_MANAGER_RPC_ADDRESS: master{more}}}}}\n"
            )
        };
        assert_eq!(roles(&service("master", "")), [Role::JobManager]);
        assert_eq!(roles(&service("client", "")), [Role::Part]);
        let slots = ", TASK_MANAGER_NUMBER_OF_TASK_SLOTS: 2";
        assert_eq!(roles(&service("worker", slots)), [Role::TaskManager]);
        let replicated = "  w:\n    image: flink\n    environment: [JOB_MANAGER_RPC_ADDRESS=m]\n    deploy: {replicas: 3}\n";
        assert_eq!(roles(replicated), [Role::TaskManager]);
    }
}
