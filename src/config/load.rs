use std::borrow::Cow;

use super::{Layer, RawValue, Setting};
use crate::catalog::Release;
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::legacy::{self, LegacyFile, SkippedLine};

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

impl Loaded<'_> {
    /// The same, whose texts are this one's.
    pub fn borrowed(&self) -> Loaded<'_> {
        let settings = self.settings.iter().map(Setting::borrowed).collect();
        Loaded { settings, skipped: self.skipped.clone(), error: self.error.clone() }
    }

    /// The same without the text that was read.
    pub fn into_owned(self) -> Loaded<'static> {
        let settings = self.settings.into_iter().map(Setting::into_owned).collect();
        Loaded { settings, skipped: self.skipped, error: self.error }
    }
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
    /// The manifest around the configuration is no YAML.
    ManifestSyntax,
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
            Self::ManifestSyntax => "manifest-syntax",
        }
    }
}

impl Dialect {
    /// How `release` reads a file of this name and text.
    ///
    /// The two names that Flink knows decide. For any other name the release does, and where it
    /// reads both dialects, a hint in the name (`legacy` or `flink-conf`, else `standard` or a
    /// leading `config`), and at last whether the text looks like YAML with nesting.
    pub fn of(file_name: &str, text: &str, release: Release) -> Self {
        let hints = |words: &[&str]| words.iter().any(|word| file_name.contains(word));
        let is_nested =
            |line: &str| line.starts_with([' ', '\t']) || line.trim_end().ends_with(':');
        match file_name {
            "flink-conf.yaml" => Self::Legacy,
            "config.yaml" => Self::Yaml,
            _ if release < Release::V1_19 => Self::Legacy,
            _ if release >= Release::V2_0 => Self::Yaml,
            _ if hints(&["legacy", "flink-conf"]) => Self::Legacy,
            _ if hints(&["standard"]) || file_name.starts_with("config") => Self::Yaml,
            _ if text.lines().any(is_nested) => Self::Yaml,
            _ => Self::Legacy,
        }
    }
}

/// Key and value of `key=value`; `None` without an `=`.
pub fn split_property(text: &str) -> Option<(&str, &str)> {
    text.split_once('=')
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
        Dialect::Legacy => settings_of_lines(file, text, &legacy::parse(text)),
        Dialect::Yaml => super::yaml::load(file, text),
    }
}

/// What was found in a text, without the text, to be taken out of it again.
#[derive(Debug)]
pub enum Reading {
    /// The lines of the legacy dialect.
    Legacy(LegacyFile),
    /// A document and its values.
    Yaml(Loaded<'static>),
}

impl Reading {
    /// Keeps what [`load_file`] reads.
    pub fn new(id: FileId, file: &SourceFile, dialect: Dialect) -> Self {
        match dialect {
            Dialect::Legacy => Self::Legacy(legacy::parse(file.text())),
            Dialect::Yaml => Self::Yaml(load_file(id, file, dialect).into_owned()),
        }
    }

    /// How the text was read.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Legacy(_) => Dialect::Legacy,
            Self::Yaml(_) => Dialect::Yaml,
        }
    }

    /// What [`load_file`] says of `file`, which is the one that was read.
    pub fn loaded<'a>(&'a self, id: FileId, file: &'a SourceFile) -> Loaded<'a> {
        match self {
            Self::Legacy(parsed) => settings_of_lines(id, file.text(), parsed),
            Self::Yaml(loaded) => loaded.borrowed(),
        }
    }
}

fn settings_of_lines<'a>(file: FileId, text: &'a str, parsed: &LegacyFile) -> Loaded<'a> {
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
    Loaded { settings, skipped: parsed.skipped.clone(), error: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_release_and_text_decide_the_dialect() {
        let flat = "a: b\n";
        let nested = "a:\n  b: c\n";
        let rows = [
            ("flink-conf.yaml", nested, Release::V1_20, Dialect::Legacy),
            ("config.yaml", flat, Release::V1_20, Dialect::Yaml),
            ("x.yaml", nested, Release::V1_18, Dialect::Legacy),
            ("x.yaml", flat, Release::V2_0, Dialect::Yaml),
            ("legacy-7.yaml", nested, Release::V1_20, Dialect::Legacy),
            ("config-7.yaml", flat, Release::V1_20, Dialect::Yaml),
            ("x.yaml", nested, Release::V1_20, Dialect::Yaml),
            ("x.yaml", flat, Release::V1_20, Dialect::Legacy),
        ];
        for (name, text, release, expected) in rows {
            assert_eq!(Dialect::of(name, text, release), expected, "{name} in {release}");
        }
    }

    #[test]
    fn yaml_loads_as_flinks_configuration_holds_it() {
        let check = |text: &str, expected: &str| {
            let file = crate::source::Sources::default()
                .add(SourceFile::decode("config.yaml", text.as_bytes().to_vec()));
            let loaded = load(file, text, Dialect::Yaml);
            let found = match loaded.error {
                Some(error) => format!("{}: {}", error.kind.name(), error.message),
                None => {
                    let entry = |setting: &Setting<'_>| {
                        format!("{}={}", setting.key, setting.value.map_text())
                    };
                    loaded.settings.iter().map(entry).collect::<Vec<_>>().join(" ")
                }
            };
            assert_eq!(found, expected, "{text:?}");
        };
        // Each answer is Flink 2.3's.
        check("a:\n  b: 1\n  c.d: 0x1F", "a.b=1 a.c.d=31");
        check("k: [a, '1', 2.50, {b: null}]", "k=[a, '1', 2.5, {b: null}]");
        check("k: 1e7\nl: .inf\nm: 99999999999999999999", "k=1.0E7 l=.inf m=99999999999999999999");
        check("b: &x {y: 1}\nd: {<<: *x}", "b.y=1 d.<<.y=1");
        check("l: [&x [a], *x]", "l=[&id001 [a], *id001]");
        check("a: {}\nb: []", "b=[]");
        check("a.b:\na:\n  b: 1", "a.b=1");
        check("k:", "null-value: `k` has no value");
        check("k: 1\nk: 2", "yaml-value: `k` is set twice in the same map");
        check("1: x", "key-not-a-string: the key `1` is not a string; quotes are expected");
        check(
            "- a",
            "root-not-a-map: the file is one value without keys; lines of `key: value` are expected",
        );
        check("a: &a {b: *a}", "too-deep: nested more than 1200 levels deep");
    }
}
