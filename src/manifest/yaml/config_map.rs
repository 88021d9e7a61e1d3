use super::super::{Deployment, Embedded, Facts, Form, Role, StatedTarget};
use super::embed::{self, View};
use super::resource_name;
use super::tree::Node;
use crate::config::{Dialect, Layer};

/// The configuration files that a ConfigMap holds.
pub(super) fn read(text: &str, root: Node<'_, '_>) -> Vec<Deployment> {
    let Some(data) = root.get("data") else { return Vec::new() };
    let name = resource_name(root).map_or_else(|| "?".to_owned(), |name| name.text);
    let files = data.own_pairs().filter_map(|(key, value)| {
        let file = configuration_file(&key.text)?;
        let View { text: view, range } = embed::view(text, value)?;
        // An application may well have a config.yaml of its own.
        if file == "config.yaml" && !looks_like_flink(view.get(range.clone())?) {
            return None;
        }
        Some(Deployment {
            name: format!("ConfigMap {name}"),
            form: Form::Manifest,
            role: Role::Cluster,
            embedded: Some(embedded(file, view, range)),
            settings: Vec::new(),
            target: None::<StatedTarget>,
            fault: None,
            facts: Facts::None,
        })
    });
    files.collect()
}

/// The configuration file as it lies in a container.
pub(super) fn embedded(
    name: &'static str,
    view: String,
    range: std::ops::Range<usize>,
) -> Embedded {
    let dialect = if name == "config.yaml" { Dialect::Yaml } else { Dialect::Legacy };
    Embedded { name, view, range, dialect: Some(dialect), layer: Layer::File }
}

/// The file of Flink's that an entry is.
pub(super) fn configuration_file(key: &str) -> Option<&'static str> {
    match key {
        "flink-conf.yaml" | "flink-conf.yml" => Some("flink-conf.yaml"),
        "config.yaml" => Some("config.yaml"),
        _ => None,
    }
}

/// Whether a text sets an option that no other software has.
pub(super) fn looks_like_flink(text: &str) -> bool {
    ["taskmanager", "jobmanager", "state.backend", "execution.checkpointing", "parallelism.default"]
        .iter()
        .any(|word| text.contains(word))
}
