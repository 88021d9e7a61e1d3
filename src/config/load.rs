use std::borrow::Cow;

use super::{Layer, RawValue, Setting};
use crate::catalog::Release;
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::legacy::{self, SkippedLine};

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `flink-conf.yaml`, line by line.
    Legacy,
    /// `config.yaml`, strict YAML 1.2.
    Yaml,
}

/// What a file sets, and what went wrong while it was read.
#[derive(Debug, Clone, Default)]
pub struct Loaded<'a> {
    /// In file order, duplicates included.
    pub settings: Vec<Setting<'a>>,
    /// Lines that the legacy dialect drops.
    pub skipped: Vec<SkippedLine>,
    /// Why Flink refuses the file; `settings` then holds what could be read all the same.
    pub error: Option<LoadError>,
}

/// Why Flink's loader refuses a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LoadError {
    /// What sort of thing is wrong.
    pub kind: LoadErrorKind,
    /// Where.
    pub span: Span,
    /// What was found and what was expected.
    pub message: String,
    /// What Flink logs: the outermost exception's text.
    pub flink_message: String,
    /// The text of that exception's cause, if it has one.
    pub flink_cause: Option<String>,
}

/// What sort of thing makes Flink refuse a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoadErrorKind {
    /// The text is not one document of YAML.
    YamlSyntax,
    /// A value is not what its tag says, or a key is there twice.
    YamlValue,
    /// The document is not a map.
    RootNotAMap,
    /// A key is a number, a boolean, a list or a map.
    KeyNotAString,
    /// A key has no value.
    NullValue,
    /// More nesting than Flink's stack holds.
    TooDeep,
    /// Aliases multiply the text beyond bounds.
    TooLarge,
    /// The bytes are not UTF-8.
    InvalidUtf8,
}

impl LoadErrorKind {
    /// A stable name for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::YamlSyntax => "yaml-syntax",
            Self::YamlValue => "yaml-value",
            Self::RootNotAMap => "root-not-a-map",
            Self::KeyNotAString => "key-not-a-string",
            Self::NullValue => "null-value",
            Self::TooDeep => "too-deep",
            Self::TooLarge => "too-large",
            Self::InvalidUtf8 => "invalid-utf-8",
        }
    }
}

impl Dialect {
    /// How `release` reads a file of this name and text.
    ///
    /// The two names that Flink knows decide; for any other name the release does, and where it
    /// reads both dialects, whether the text looks like YAML with nesting.
    pub fn of(file_name: &str, text: &str, release: Release) -> Self {
        match file_name {
            "flink-conf.yaml" => Self::Legacy,
            "config.yaml" => Self::Yaml,
            _ if release < Release::V1_19 => Self::Legacy,
            _ if release >= Release::V2_0 => Self::Yaml,
            _ if text
                .lines()
                .any(|line| line.starts_with([' ', '\t']) || line.trim_end().ends_with(':')) =>
            {
                Self::Yaml
            }
            _ => Self::Legacy,
        }
    }
}

/// Reads the text of one `-D` argument, `key=value`; `None` without an `=`.
pub fn load_dynamic_property(file: FileId, text: &str) -> Option<Setting<'_>> {
    let at = memchr::memchr(b'=', text.as_bytes())?;
    let (key, value) = (text.get(..at)?, text.get(at + 1..)?);
    Some(Setting {
        key: Cow::Borrowed(key),
        value: RawValue::Text(Cow::Borrowed(value)),
        key_span: Span::new(file, 0..at),
        value_span: Span::new(file, at + 1..text.len()),
        layer: Layer::DynamicProperty,
    })
}

/// Reads a file as Flink reads one of that dialect, its bytes included: the legacy dialect takes
/// what is not UTF-8 for U+FFFD, YAML refuses it.
pub fn load_file(id: FileId, file: &SourceFile, dialect: Dialect) -> Loaded<'_> {
    let mut loaded = load(id, file.text(), dialect);
    if let (Dialect::Yaml, Some(range)) = (dialect, file.invalid_utf8().first()) {
        loaded.error = Some(LoadError {
            kind: LoadErrorKind::InvalidUtf8,
            span: Span::new(id, range.clone()),
            message: "the bytes here are not UTF-8, which YAML requires".to_owned(),
            flink_message: "Error parsing YAML configuration.".to_owned(),
            flink_cause: Some("java.nio.charset.MalformedInputException".to_owned()),
        });
    }
    loaded
}

/// Reads `text` as Flink reads a file of that dialect.
pub fn load(file: FileId, text: &str, dialect: Dialect) -> Loaded<'_> {
    match dialect {
        Dialect::Legacy => load_legacy(file, text),
        Dialect::Yaml => super::yaml::load(file, text),
    }
}

fn load_legacy(file: FileId, text: &str) -> Loaded<'_> {
    let parsed = legacy::parse(text);
    let slice =
        |range: &std::ops::Range<usize>| Cow::Borrowed(text.get(range.clone()).unwrap_or(""));
    let settings = parsed
        .pairs
        .iter()
        .map(|pair| Setting {
            key: slice(&pair.key),
            value: RawValue::Text(slice(&pair.value)),
            key_span: Span::new(file, pair.key.clone()),
            value_span: Span::new(file, pair.value.clone()),
            layer: Layer::File,
        })
        .collect();
    Loaded { settings, skipped: parsed.skipped, error: None }
}
