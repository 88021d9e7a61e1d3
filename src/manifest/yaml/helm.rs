use super::super::{Deployment, Facts, Form, Role};
use super::config_map::{configuration_file, embedded, looks_like_flink};
use super::embed::{self, View};
use super::settings::flatten;
use super::tree::Node;
use crate::config::Layer;

/// Values of the operator's Helm chart, and fragments that hold a `flinkConfiguration`.
pub(super) fn read(text: &str, root: Node<'_, '_>) -> Vec<Deployment> {
    let mut deployments = Vec::new();
    if let Some(defaults) = root.get("defaultConfiguration") {
        for (key, value) in defaults.own_pairs() {
            if configuration_file(&key.text).is_none() {
                continue;
            }
            let Some(View { text: view, range }) = embed::view(text, value) else { continue };
            let content = view.get(range.clone()).unwrap_or("");
            if !looks_like_flink(content) && !content.contains("kubernetes.operator.") {
                continue;
            }
            deployments.push(Deployment {
                name: "operator defaults".to_owned(),
                form: Form::Manifest,
                // Each deployment adds what it needs.
                role: Role::Part,
                embedded: Some(embedded("flink-conf.yaml", view, range)),
                settings: Vec::new(),
                target: None,
                fault: None,
                facts: Facts::None,
            });
        }
    }
    if let Some(map) = root.get("flinkConfiguration").filter(|map| map.is_map()) {
        deployments.push(Deployment {
            name: "flinkConfiguration".to_owned(),
            form: Form::Manifest,
            role: Role::Part,
            embedded: None,
            settings: flatten(map, Layer::Manifest),
            target: None,
            fault: None,
            facts: Facts::None,
        });
    }
    deployments
}
