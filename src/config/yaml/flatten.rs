use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::construct::Data;
use super::{Constructed, Emitter, recover};
use crate::config::{Layer, LoadError, LoadErrorKind, Loaded, RawValue, Setting};
use crate::source::{FileId, Span};
use crate::syntax::yaml::{self, Content, MAX_DEPTH, NodeId};

/// Most memory that the entries of one file may take.
///
/// Flink has no limit and runs out of memory where aliases multiply or long keys nest; no other
/// file of the 3 Mi characters that Flink reads comes near this.
const MAX_FLAT_BYTES: usize = 256 << 20;
/// What an entry takes beside its texts, roughly.
const ENTRY_BYTES: usize = 128;

/// What Flink logs first, whatever is wrong.
const FLINK_MESSAGE: &str = "Error parsing YAML configuration.";

/// One flat key as the file gives it.
struct Entry<'a> {
    key: Cow<'a, str>,
    /// `None` is Java's null, which Flink refuses unless a later entry replaces it.
    value: Option<RawValue<'a>>,
    key_span: Range<usize>,
    value_span: Range<usize>,
}

/// A map whose entries are being flattened.
struct Frame {
    id: NodeId,
    index: usize,
    /// Length of the path up to here, with its last dot.
    prefix_length: usize,
}

/// Reads a `config.yaml`.
///
/// Source: `GlobalConfiguration.loadYAMLResource` and `flatten`, Flink 1.19 to 2.3.
pub(in crate::config) fn load(file: FileId, text: &str) -> Loaded<'_> {
    let mut loader = Loader { file, text, error: None, entries: Vec::new(), flat_bytes: 0 };
    match yaml::parse(text) {
        Ok(document) => loader.load(&document),
        Err(error) => {
            loader.refuse_yaml(LoadErrorKind::YamlSyntax, &error);
            let settings = recover::settings(file, text, &error);
            return Loaded { settings, skipped: Vec::new(), error: loader.error };
        }
    }
    let settings = loader.settings();
    Loaded { settings, skipped: Vec::new(), error: loader.error }
}

/// The settings of a text without syntax errors; all other errors are somebody else's to tell.
pub(super) fn settings_of<'a>(
    file: FileId,
    text: &'a str,
    document: &yaml::Document<'a>,
) -> Vec<Setting<'a>> {
    let mut loader = Loader { file, text, error: None, entries: Vec::new(), flat_bytes: 0 };
    loader.load(document);
    loader.settings()
}

struct Loader<'a> {
    file: FileId,
    text: &'a str,
    /// The first.
    error: Option<LoadError>,
    entries: Vec<Entry<'a>>,
    flat_bytes: usize,
}

impl<'a> Loader<'a> {
    fn load(&mut self, document: &yaml::Document<'a>) {
        let Some(root) = document.root() else { return };
        let (constructed, errors) = Constructed::new(document);
        // A document that is null as a whole sets nothing.
        if *constructed.data(root) == Data::Null && errors.is_empty() {
            return;
        }
        for error in &errors {
            self.refuse_yaml(LoadErrorKind::YamlValue, error);
        }
        match constructed.data(root) {
            Data::Mapping => self.flatten(&constructed, root),
            other if errors.is_empty() => {
                let class = java_class(other);
                let span = document.node(root).map_or(0..0, |node| node.span.clone());
                self.refuse(
                    LoadErrorKind::RootNotAMap,
                    span,
                    "the file is one value without keys; lines of `key: value` are expected",
                    &cannot_cast(class, "java.util.Map"),
                );
            }
            _ => {}
        }
    }

    fn flatten(&mut self, constructed: &Constructed<'_, 'a>, root: NodeId) {
        let mut path = String::new();
        let mut anchor_count = 0;
        let mut frames = vec![Frame { id: root, index: 0, prefix_length: 0 }];
        while let Some(frame) = frames.last_mut() {
            path.truncate(frame.prefix_length);
            let content = constructed.document.node(frame.id).map(|node| &node.content);
            let pair = match content {
                Some(Content::Mapping(pairs)) => pairs.get(frame.index),
                _ => None,
            };
            let Some(pair) = pair else {
                frames.pop();
                continue;
            };
            frame.index += 1;
            let key = match constructed.data(pair.key) {
                Data::Scalar(RawValue::Text(key)) => key.clone(),
                Data::Null => Cow::Borrowed("null"),
                other => {
                    let message = match other {
                        Data::Scalar(value) => {
                            format!(
                                "the key `{}` is not a string; quotes are expected",
                                value.text()
                            )
                        }
                        _ => "a key is expected to be a string".to_owned(),
                    };
                    let cause = cannot_cast(java_class(other), "java.lang.String");
                    self.refuse(
                        LoadErrorKind::KeyNotAString,
                        pair.key_span.clone(),
                        &message,
                        &cause,
                    );
                    continue;
                }
            };
            let prefix_length = path.len();
            path.push_str(&key);
            let value = match constructed.data(pair.value) {
                Data::Mapping => {
                    path.push('.');
                    if frames.len() >= MAX_DEPTH {
                        let message = format!("nested more than {MAX_DEPTH} levels deep");
                        self.refuse_overflow(pair.value_span.clone(), &message);
                        return;
                    }
                    let prefix_length = path.len();
                    frames.push(Frame { id: pair.value, index: 0, prefix_length });
                    continue;
                }
                Data::Null => None,
                Data::Scalar(value) => Some(value.clone()),
                Data::Sequence => {
                    let text = Emitter::new(constructed, &mut anchor_count).emit(pair.value);
                    Some(RawValue::Text(Cow::Owned(text)))
                }
                Data::Set => {
                    let text = Emitter::new(constructed, &mut anchor_count).emit(pair.value);
                    Some(RawValue::Other(text))
                }
                Data::Binary(base64) if base64.is_empty() => {
                    Some(RawValue::Other("!!binary \"\"".to_owned()))
                }
                Data::Binary(base64) => Some(RawValue::Other(format!("!!binary |-\n  {base64}"))),
            };
            let value_bytes = value.as_ref().map_or(0, |value| value.text().len());
            self.flat_bytes += ENTRY_BYTES + path.len() + value_bytes;
            if self.flat_bytes > MAX_FLAT_BYTES {
                self.refuse(
                    LoadErrorKind::TooLarge,
                    pair.value_span.clone(),
                    &format!(
                        "aliases or nesting multiply the file beyond {} MiB",
                        MAX_FLAT_BYTES >> 20
                    ),
                    "java.lang.OutOfMemoryError",
                );
                self.entries = Vec::new();
                return;
            }
            let key = if prefix_length == 0 { key } else { Cow::Owned(path.clone()) };
            let (key_span, value_span) = (pair.key_span.clone(), pair.value_span.clone());
            self.entries.push(Entry { key, value, key_span, value_span });
        }
    }

    /// The entries as settings; null is an error where it is the last word on its key.
    fn settings(&mut self) -> Vec<Setting<'a>> {
        let entries = std::mem::take(&mut self.entries);
        if entries.iter().any(|entry| entry.value.is_none()) {
            let last: HashMap<&str, usize> =
                entries.iter().enumerate().map(|(index, entry)| (&*entry.key, index)).collect();
            let null = entries.iter().enumerate().find(|(index, entry)| {
                entry.value.is_none() && last.get(&*entry.key) == Some(index)
            });
            if let Some((_, entry)) = null {
                let span = if entry.value_span.is_empty() {
                    entry.key_span.clone()
                } else {
                    entry.value_span.clone()
                };
                let message = format!("`{}` has no value", entry.key);
                let cause = "Value must not be null.";
                self.refuse(LoadErrorKind::NullValue, span, &message, cause);
            }
        }
        let file = self.file;
        entries
            .into_iter()
            .filter_map(|entry| {
                Some(Setting {
                    key: entry.key,
                    value: entry.value?,
                    key_span: Span::new(file, entry.key_span),
                    value_span: Span::new(file, entry.value_span),
                    layer: Layer::File,
                })
            })
            .collect()
    }

    fn refuse_yaml(&mut self, kind: LoadErrorKind, error: &yaml::YamlError) {
        let cause = error.engine_text(self.text);
        if error.is_too_deep() {
            self.refuse_overflow(error.span.clone(), &error.message);
        } else {
            self.refuse(kind, error.span.clone(), &error.message, &cause);
        }
    }

    fn refuse_overflow(&mut self, span: Range<usize>, message: &str) {
        let span = Span::new(self.file, span);
        self.error.get_or_insert(LoadError {
            kind: LoadErrorKind::TooDeep,
            span,
            message: message.to_owned(),
            flink_message: "java.lang.StackOverflowError".to_owned(),
            flink_cause: None,
        });
    }

    fn refuse(&mut self, kind: LoadErrorKind, span: Range<usize>, message: &str, cause: &str) {
        let span = Span::new(self.file, span);
        self.error.get_or_insert(LoadError {
            kind,
            span,
            message: message.to_owned(),
            flink_message: FLINK_MESSAGE.to_owned(),
            flink_cause: Some(cause.to_owned()),
        });
    }
}

/// The Java class of a value, as exceptions name it.
fn java_class(data: &Data<'_>) -> &'static str {
    match data {
        Data::Null => "null",
        Data::Scalar(RawValue::Text(_) | RawValue::Other(_)) => "java.lang.String",
        Data::Scalar(RawValue::Boolean(_)) => "java.lang.Boolean",
        Data::Scalar(RawValue::Integer(_)) => "java.lang.Integer",
        Data::Scalar(RawValue::Long(_)) => "java.lang.Long",
        Data::Scalar(RawValue::BigInteger(_)) => "java.math.BigInteger",
        Data::Scalar(RawValue::Double(_)) => "java.lang.Double",
        Data::Binary(_) => "[B",
        Data::Sequence => "java.util.ArrayList",
        Data::Mapping => "java.util.LinkedHashMap",
        Data::Set => "java.util.LinkedHashSet",
    }
}

fn cannot_cast(from: &str, to: &str) -> String {
    format!(
        "class {from} cannot be cast to class {to} ({from} and {to} are in module java.base of \
         loader 'bootstrap')"
    )
}
