//! The new file as nested YAML, comments above and beside the settings that they were at.

use std::fmt::Write as _;

use super::document::{Document, value_text};
use super::key::Fate;
use super::scalar;
use crate::catalog::Target;
use crate::config::{Dialect, Loaded, load};
use crate::source::{SourceFile, Sources};

/// One setting of the new file.
#[derive(Debug)]
struct Leaf {
    /// Lines above it, comments and blanks.
    above: Vec<String>,
    /// The value as YAML.
    value: String,
    /// The comment beside it.
    beside: String,
}

/// A part of a key, with what is below it.
#[derive(Debug, Default)]
struct Node {
    leaf: Option<Leaf>,
    children: Vec<(String, Node)>,
}

/// The new text, and every setting that it must hold.
pub(super) fn written(
    text: &str,
    document: &Document,
    loaded: &Loaded<'_>,
    fates: &[Fate],
    to: &Target,
    dialect: Dialect,
) -> (String, Vec<(String, String)>) {
    let mut root = Node::default();
    let mut above: Vec<String> = Vec::new();
    let mut expected: Vec<(String, String)> = Vec::new();
    for line in &document.lines {
        if line.blank {
            above.push(String::new());
            continue;
        }
        if let Some(skipped) = &line.skipped {
            above.push(format!("# Flink dropped this line: {}", one_line(skipped)));
        }
        let own_comment = one_line(&line.comment);
        let mut comment = own_comment.as_str();
        for place in &line.settings {
            let (Some(setting), Some(fate)) = (loaded.settings.get(*place), fates.get(*place))
            else {
                continue;
            };
            let Some(key) = &fate.key else {
                let reason = fate.dropped.as_deref().unwrap_or("not read");
                let old = one_line(&value_text(setting));
                above.push(format!(
                    "# {} ({reason}): {}: {old}",
                    to.name(),
                    one_line(&setting.key)
                ));
                continue;
            };
            let plain = fate.value.clone().unwrap_or_else(|| value_text(setting));
            let value = match &fate.yaml {
                Some(yaml) => yaml.clone(),
                None if dialect == Dialect::Yaml && fate.value.is_none() => {
                    as_written(text, setting.value_span.range(), &plain)
                }
                None => scalar::scalar(&plain),
            };
            let loaded_text = if fate.yaml.is_some() { loaded_text(&value) } else { plain };
            expected.push((key.clone(), loaded_text));
            let leaf = Leaf {
                above: std::mem::take(&mut above),
                value,
                beside: std::mem::take(&mut comment).to_owned(),
            };
            root.insert(key, leaf);
        }
        if !comment.is_empty() {
            above.push(comment.to_owned());
        }
    }
    let mut out = String::new();
    root.write(&mut out, 0, "", document.line_end);
    for line in &above {
        let _ = write!(out, "{line}{}", document.line_end);
    }
    (out, expected)
}

/// The value's own text, where it is one line that loads as before; quotes and lists stay.
fn as_written(text: &str, range: std::ops::Range<usize>, plain: &str) -> String {
    let own = text.get(range).unwrap_or("");
    if !own.contains(['\n', '\r', '*', '&']) && !own.is_empty() && loaded_text(own) == plain {
        return own.to_owned();
    }
    scalar::scalar(plain)
}

/// What Flink loads of a value as YAML.
fn loaded_text(value: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::argument("", ""));
    let yaml = format!("k: {value}\n");
    let loaded = load(file, &yaml, Dialect::Yaml);
    match loaded.settings.as_slice() {
        [setting] if loaded.error.is_none() && setting.key == "k" => value_text(setting),
        _ => String::new(),
    }
}

/// A comment has no room for line ends, nor for what YAML allows nowhere.
fn one_line(text: &str) -> String {
    let is_barred = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    text.chars().map(|c| if is_barred(c) { ' ' } else { c }).collect()
}

impl Node {
    fn insert(&mut self, key: &str, leaf: Leaf) {
        /// Deeper keys stay as they are.
        const MAX_DEPTH: usize = 16;
        let parts: Vec<&str> = key.split('.').collect();
        let nests = parts.len() <= MAX_DEPTH && parts.iter().all(|part| !part.trim().is_empty());
        let parts = if nests { parts } else { vec![key] };
        let mut node = self;
        for part in parts {
            let place = node.children.iter().position(|(name, _)| name == part);
            let place = place.unwrap_or_else(|| {
                node.children.push((part.to_owned(), Self::default()));
                node.children.len() - 1
            });
            let Some((_, child)) = node.children.get_mut(place) else { return };
            node = child;
        }
        node.leaf = Some(leaf);
    }

    /// Writes what is below, each key behind `prefix`: a key that has a value cannot have keys
    /// below it, so those are written beside it in full.
    fn write(&self, out: &mut String, depth: usize, prefix: &str, line_end: &str) {
        let indent = "  ".repeat(depth);
        for (name, node) in &self.children {
            // A chain without forks is one key.
            let mut name = format!("{prefix}{name}");
            let mut node = node;
            while node.leaf.is_none() && node.children.len() == 1 {
                let Some((next, child)) = node.children.first() else { break };
                name = format!("{name}.{next}");
                node = child;
            }
            if let Some(leaf) = &node.leaf {
                for line in &leaf.above {
                    let padding = if line.is_empty() { "" } else { indent.as_str() };
                    let _ = write!(out, "{padding}{line}{line_end}");
                }
                let beside = if leaf.beside.is_empty() {
                    String::new()
                } else {
                    format!(" {}", leaf.beside)
                };
                let key = scalar::key(&name);
                let _ = write!(out, "{indent}{key}: {}{beside}{line_end}", leaf.value);
                node.write(out, depth, &format!("{name}."), line_end);
            } else {
                let _ = write!(out, "{indent}{}:{line_end}", scalar::key(&name));
                node.write(out, depth + 1, "", line_end);
            }
        }
    }
}
