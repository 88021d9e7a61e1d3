//! YAML and JSON files that hold configuration of Flink: manifests for Kubernetes, compose files,
//! values of Helm charts, deployments of vendors.
//!
//! Each document is looked at by itself, and what is not about Flink is left alone.

mod config_map;
mod containers;
mod embed;
mod helm;
mod operator;
mod quantity;
mod settings;
mod tree;
mod vendor;

pub use containers::{ContainerSpec, MemoryLimit, PropertiesLine, PropertiesProblem};
pub(super) use containers::{has_two_options, properties_lines};
pub(super) use embed::blank_around;
pub use operator::{
    OperatorKind, OperatorSpec, PodLimit, ProcessSpec, UnknownField, UnquotedValue,
};
pub use tree::Scalar;

use std::ops::Range;

use super::{Deployment, Facts, Form, Role};
use crate::config::LoadError;
use crate::source::{FileId, Span};
use crate::syntax::yaml;
use tree::{Node, Tree};

/// Reads a file of any number of documents.
pub(super) fn read(file: FileId, text: &str) -> Vec<Deployment> {
    let mut deployments = Vec::new();
    for range in tree::documents(text) {
        let document = text.get(range.clone()).unwrap_or("");
        if !mentions_flink(document) {
            continue;
        }
        match Tree::parse(file, text, range.clone()) {
            Ok(tree) => {
                if let Some(root) = tree.root() {
                    deployments.extend(read_document(text, root));
                }
            }
            // A template becomes YAML later.
            Err(_) if document.contains("{{") => {}
            Err(fault) => deployments.extend(around_fault(file, text, range, fault)),
        }
        if deployments.len() > MAX_DEPLOYMENTS {
            break;
        }
    }
    deployments.truncate(most_deployments(text));
    deployments
}

/// More deployments of one file are not looked at.
const MAX_DEPLOYMENTS: usize = 1000;
/// Each embedded configuration is kept with what is before it in the file; this bounds them all.
const MAX_VIEW_BYTES: usize = 64 << 20;

fn most_deployments(text: &str) -> usize {
    (MAX_VIEW_BYTES / text.len().max(1)).clamp(1, MAX_DEPLOYMENTS)
}

/// Whether a document is worth to be parsed.
fn mentions_flink(document: &str) -> bool {
    ["flink", "Flink", "FLINK"].iter().any(|word| document.contains(word))
}

fn read_document<'x, 't>(text: &'t str, root: Node<'x, 't>) -> Vec<Deployment> {
    let kind = root.scalar_at(&["kind"]).map(|kind| kind.text);
    let version = root.scalar_at(&["apiVersion"]).map(|version| version.text).unwrap_or_default();
    match kind.as_deref() {
        Some("List") => {
            let items = root.get("items").into_iter().flat_map(|items| items.items());
            items.flat_map(|item| read_document(text, item)).collect()
        }
        Some("ConfigMap") => config_map::read(text, root),
        Some(kind) => match OperatorKind::of(kind) {
            Some(kind) if version.is_empty() || version.starts_with("flink.apache.org/") => {
                vec![operator::read(root, kind)]
            }
            _ => match vendor::read_platform(root) {
                Some(deployment) => vec![deployment],
                None => containers::read_pods(text, root, kind),
            },
        },
        None if root.get("services").is_some_and(|services| services.is_map()) => {
            containers::read_compose(text, root)
        }
        None => match vendor::read_realtime_compute(root).or_else(|| vendor::read_amazon(root)) {
            Some(deployment) => vec![deployment],
            None => helm::read(text, root),
        },
    }
}

/// What the other lines of a document that is no YAML describe.
fn around_fault(
    file: FileId,
    text: &str,
    range: Range<usize>,
    fault: LoadError,
) -> Vec<Deployment> {
    let document = text.get(range.clone()).unwrap_or("");
    let before = text.get(..range.start).unwrap_or("");
    let repaired = yaml::repaired(document).map(|document| format!("{before}{document}"));
    let tree =
        repaired.as_ref().and_then(|text| Tree::parse(file, text, range.start..text.len()).ok());
    let mut deployments = match (&repaired, tree.as_ref().and_then(Tree::root)) {
        (Some(text), Some(root)) => read_document(text, root),
        _ => Vec::new(),
    };
    for deployment in &mut deployments {
        deployment.fault = Some(fault.clone());
    }
    if deployments.is_empty() {
        deployments.extend(unreadable(document, fault));
    }
    deployments
}

/// A document of which nothing can be read, if it is one of Flink's.
fn unreadable(document: &str, fault: LoadError) -> Option<Deployment> {
    let is_ours = document.lines().any(|line| {
        line.strip_prefix("kind:").is_some_and(|kind| OperatorKind::of(kind.trim()).is_some())
    });
    is_ours.then(|| Deployment {
        name: "manifest".to_owned(),
        form: Form::Manifest,
        role: Role::Part,
        embedded: None,
        settings: Vec::new(),
        target: None,
        fault: Some(fault),
        facts: Facts::None,
    })
}

/// The name in a resource's metadata.
fn resource_name(root: Node<'_, '_>) -> Option<Scalar> {
    root.scalar_at(&["metadata", "name"])
}

/// The release that an image's tag names, if it is Flink's own.
pub(super) fn release_of_image(image: &str) -> Option<crate::catalog::Target> {
    let (name, tag) = image.rsplit_once(':')?;
    let name = name.rsplit('/').next()?;
    if !matches!(name, "flink" | "pyflink") {
        return None;
    }
    let version = tag.split(['-', '_']).next()?;
    let minor = version.split('.').take(2).collect::<Vec<_>>().join(".");
    let release = crate::catalog::Release::parse(&minor)?;
    Some(crate::catalog::Target::flink(release))
}

/// An empty place, for what is nowhere in the text.
fn start_of(span: Span) -> Span {
    span.slice(0..0)
}
