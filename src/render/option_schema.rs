//! JSON Schemas of `config.yaml`, for editors that have no language server.
//!
//! Keys may be nested, dotted, or both, so every level names the rest of each key as well; the
//! values are defined once. A key that starts as Flink's do and is none of them is not allowed, for
//! Flink would ignore it; what plugins read by prefix, and keys with other first words, may be
//! anything.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::catalog::{
    GEMINI_OPTIONS, GeminiOption, OptionEntry, Place, Release, ValueType, description, namespaces,
    options,
};

/// What is below a key, by the key's next part.
#[derive(Default)]
struct Node {
    is_option: bool,
    /// Whether something reads whatever is below.
    is_open: bool,
    children: BTreeMap<&'static str, Node>,
}

impl Node {
    fn at(&mut self, key: &'static str) -> &mut Self {
        key.split('.').fold(self, |node, part| node.children.entry(part).or_default())
    }

    fn is_group(&self) -> bool {
        self.is_open || !self.children.is_empty()
    }
}

/// The schema of `config.yaml` for a release, Gemini's options included.
pub fn option_schema(release: Release) -> Value {
    let mut definitions: BTreeMap<&'static str, Value> = BTreeMap::new();
    for option in options().iter().filter(|option| option.place == Place::File) {
        let Some(entry) = option.at(release) else { continue };
        definitions.insert(option.key, definition(option.key, entry));
        for alternate in entry.alternates {
            definitions.entry(alternate.key).or_insert_with(|| {
                let mut value = value_schema(entry.value_type);
                value.insert("description".into(), format!("now {}", option.key).into());
                value.insert("deprecated".into(), alternate.deprecated.into());
                Value::Object(value)
            });
        }
    }
    for option in GEMINI_OPTIONS {
        definitions.insert(option.key, gemini(option));
    }
    let mut root = Node::default();
    for key in definitions.keys() {
        root.at(key).is_option = true;
    }
    let words = root.children.iter().filter(|(_, node)| node.is_group());
    let words: Vec<_> = words.map(|(word, _)| literal(word)).collect();
    for namespace in namespaces() {
        root.at(namespace.prefix.trim_end_matches('.')).is_open = true;
    }
    let mut groups = Map::new();
    let mut schema = group(&root, "", &mut groups);
    if let Some(Value::Object(patterns)) = schema.get_mut("patternProperties") {
        // Another first word is another program's.
        patterns.insert(format!(r"^(?!({})(\.|$))", words.join("|")), true.into());
    }
    groups.extend(definitions.into_iter().map(|(key, value)| (definition_name(key), value)));
    let id = format!(
        "{}/raw/main/schemas/flink-{}.schema.json",
        env!("CARGO_PKG_REPOSITORY"),
        release.name()
    );
    schema.insert("$schema".into(), "http://json-schema.org/draft-07/schema#".into());
    schema.insert("$id".into(), id.into());
    let title = format!("config.yaml of Apache Flink {}", release.name());
    schema.insert("title".into(), title.into());
    schema.insert("definitions".into(), groups.into());
    Value::Object(schema)
}

/// A level of keys: each part, and the rest of each key below it.
fn group(node: &Node, path: &str, groups: &mut Map<String, Value>) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    let (mut properties, mut patterns) = (Map::new(), Map::new());
    for (part, child) in &node.children {
        let key = if path.is_empty() { (*part).to_owned() } else { format!("{path}.{part}") };
        if child.is_group() {
            let below = group(child, &key, groups);
            groups.insert(definition_name(&format!("{key}.*")), below.into());
            rests(child, part, &key, &mut properties, &mut patterns);
        }
        properties.insert((*part).to_owned(), value_or_group(child, &key));
    }
    schema.insert("properties".into(), properties.into());
    if !node.is_open {
        schema.insert("patternProperties".into(), patterns.into());
        schema.insert("additionalProperties".into(), false.into());
    }
    schema
}

/// An option's value, what is below its key, or either.
fn value_or_group(node: &Node, key: &str) -> Value {
    match (node.is_option, node.is_group()) {
        (true, true) => json!({ "anyOf": [reference(key), reference(&format!("{key}.*"))] }),
        (false, true) => reference(&format!("{key}.*")),
        (_, false) => reference(key),
    }
}

/// Everything below `node` by its dotted name from here.
fn rests(
    node: &Node,
    name: &str,
    path: &str,
    properties: &mut Map<String, Value>,
    patterns: &mut Map<String, Value>,
) {
    if node.is_open {
        patterns.insert(format!(r"^{}\.", literal(name)), true.into());
    }
    for (part, child) in &node.children {
        let (name, path) = (format!("{name}.{part}"), format!("{path}.{part}"));
        properties.insert(name.clone(), value_or_group(child, &path));
        rests(child, &name, &path, properties, patterns);
    }
}

/// A pattern of this text: keys have no sign but the dot that means something in a pattern.
fn literal(key: &str) -> String {
    key.replace('.', r"\.")
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{}", definition_name(name)) })
}

/// The name of a definition: a reference ends at a second `#`, such as that of
/// `partition.fields.#.date-formatter`, and then a language server reads no schema at all.
fn definition_name(key: &str) -> String {
    key.replace('#', "_")
}

fn definition(key: &str, entry: &OptionEntry) -> Value {
    let mut value = value_schema(entry.value_type);
    let default = entry.default.map(|default| format!("Default: {default}."));
    let texts: Vec<String> =
        description(key).map(str::to_owned).into_iter().chain(default).collect();
    if !texts.is_empty() {
        value.insert("description".into(), texts.join(" ").into());
    }
    if entry.deprecated {
        value.insert("deprecated".into(), true.into());
    }
    Value::Object(value)
}

fn gemini(option: &GeminiOption) -> Value {
    json!({
        "type": ["string", "number", "boolean"],
        "description": format!("GeminiStateBackend: {}", option.description),
    })
}

/// What YAML may hold for a type; Flink reads text of each as well.
fn value_schema(value_type: ValueType) -> Map<String, Value> {
    let schema = match value_type {
        ValueType::Boolean => json!({
            "type": ["boolean", "string"], "pattern": "^([tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$"
        }),
        ValueType::Int | ValueType::Long => {
            json!({ "type": ["integer", "string"], "pattern": "^[+-]?[0-9]+$" })
        }
        ValueType::Float | ValueType::Double => json!({ "type": ["number", "string"] }),
        ValueType::String => json!({ "type": ["string", "number", "boolean"] }),
        ValueType::MemorySize => json!({
            "type": ["string", "integer"],
            "minimum": 0,
            "pattern": "^ *[0-9]+ *([bB]|[bB][yY][tT][eE][sS]|[kKmMgGtT][bB]?|[kK][iI][bB][iI][bB][yY][tT][eE][sS]|[mM][eE][bB][iI][bB][yY][tT][eE][sS]|[gG][iI][bB][iI][bB][yY][tT][eE][sS]|[tT][eE][bB][iI][bB][yY][tT][eE][sS])? *$"
        }),
        ValueType::Duration => json!({
            "type": ["string", "integer"],
            "minimum": 0,
            "pattern": "^ *[0-9]+ *[a-zA-Z\u{b5}]* *$|^[pP]"
        }),
        ValueType::Enum(constants) => json!({
            "anyOf": [{ "enum": constants }, { "type": "string", "pattern": any_case(constants) }]
        }),
        ValueType::List(_) => json!({ "type": ["array", "string", "number", "boolean"] }),
        ValueType::Map => json!({ "type": ["object", "string"] }),
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

/// A pattern of all constants in any case.
fn any_case(constants: &[&str]) -> String {
    let of_letter = |c: char| {
        if c.is_ascii_alphabetic() {
            format!("[{}{}]", c.to_ascii_lowercase(), c.to_ascii_uppercase())
        } else if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
            c.to_string()
        } else {
            format!("\\{c}")
        }
    };
    let words = constants.iter().map(|word| word.chars().map(of_letter).collect::<String>());
    format!("^({})$", words.collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flinks_own_levels_are_closed_and_those_of_plugins_open() {
        let schema = option_schema(Release::V1_20);
        let is_closed = |level: &Value| level.get("additionalProperties") == Some(&false.into());
        let below = |key: &str| &schema["definitions"][format!("{key}.*")];
        assert!(is_closed(&schema) && is_closed(below("taskmanager.memory")));
        assert!(!is_closed(below("fs.s3a")) && !is_closed(below("metrics.reporter")));
        let patterns = schema["patternProperties"].as_object().unwrap();
        assert!(patterns.contains_key(r"^metrics\.reporter\."), "{patterns:?}");
        let others = patterns.keys().find(|pattern| pattern.starts_with("^(?!")).unwrap();
        assert!(others.contains("|taskmanager|") && !others.contains("s3"), "{others}");
    }
}
