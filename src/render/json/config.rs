use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::place::{Places, SpanJson};
use crate::render::{EffectiveFile, EffectiveSetting};

/// What `slotwise config --format json` and `jsonl` print for one file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConfigJson<'a> {
    /// The file's path as given.
    path: &'a str,
    /// The target that it was read for, such as `flink-1.20`.
    target: &'a str,
    /// Why this target.
    target_reason: &'a str,
    /// How it was read: `legacy` or `yaml`.
    dialect: &'a str,
    /// Every key with its value as Flink's `Configuration` holds it; empty where Flink refuses the
    /// file.
    entries: BTreeMap<&'a str, &'a str>,
    /// The values that Flink refuses once it reads the option, by key.
    refused: Vec<RefusedJson<'a>>,
    /// Where each of them comes from; with `--origins` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    origins: Option<BTreeMap<&'a str, OriginJson<'a>>>,
    /// Why Flink refuses the file, or why it could not be read; null if neither.
    error: Option<ConfigErrorJson<'a>>,
}

/// A value that is not of its option's type.
#[derive(Debug, Serialize, JsonSchema)]
struct RefusedJson<'a> {
    /// The key in the file.
    key: &'a str,
    /// The option that is read under it.
    option: &'a str,
    /// What Flink logs.
    message: &'a str,
    /// The text of that exception's cause; null where it names a Java class.
    cause: Option<&'a str>,
    /// What is expected, in our words.
    explanation: &'a str,
}

/// Why there are no entries.
#[derive(Debug, Serialize, JsonSchema)]
struct ConfigErrorJson<'a> {
    /// What sort of thing is wrong, such as `yaml-syntax` or `unreadable`.
    kind: &'a str,
    /// What Flink logs: the outermost exception.
    message: &'a str,
    /// The text of that exception's cause.
    cause: Option<&'a str>,
    /// What was found and what is expected, in our words.
    explanation: &'a str,
    /// Where.
    span: Option<SpanJson>,
}

/// Where a value comes from.
#[derive(Debug, Serialize, JsonSchema)]
struct OriginJson<'a> {
    /// The text that set it: the file, or a `-D` argument.
    source: &'a str,
    /// Where the key is.
    key_span: SpanJson,
    /// Where the value is.
    value_span: SpanJson,
    /// What the same key was set to before, oldest first.
    overrode: Vec<OverrodeJson<'a>>,
    /// The options that this release reads under the key, where that is not their own.
    alternate_of: &'a [&'a str],
}

/// A value that lost.
#[derive(Debug, Serialize, JsonSchema)]
struct OverrodeJson<'a> {
    /// What the key was set to.
    value: &'a str,
    /// The text that set it.
    source: &'a str,
    /// Where the value is.
    span: SpanJson,
}

/// Whether to say where values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origins {
    /// Say it.
    Shown,
    /// Leave it out.
    Hidden,
}

/// The contract's form of an effective configuration.
pub fn effective_file(file: &EffectiveFile, origins: Origins) -> ConfigJson<'_> {
    let places =
        (origins == Origins::Shown || file.error.is_some()).then(|| Places::new(&file.sources));
    let shown = places.as_ref().filter(|_| origins == Origins::Shown);
    ConfigJson {
        path: &file.path,
        target: &file.target,
        target_reason: &file.target_reason,
        dialect: file.dialect,
        entries: file
            .settings
            .iter()
            .map(|setting| (setting.key.as_str(), setting.value.as_str()))
            .collect(),
        refused: file
            .settings
            .iter()
            .flat_map(|setting| setting.refused.iter().map(move |refused| (setting, refused)))
            .map(|(setting, refused)| RefusedJson {
                key: &setting.key,
                option: refused.option,
                message: &refused.flink_message,
                cause: refused.flink_cause.as_deref(),
                explanation: &refused.reason,
            })
            .collect(),
        origins: shown.map(|places| {
            let origin = |setting| origin(file, setting, places);
            file.settings.iter().map(|setting| (setting.key.as_str(), origin(setting))).collect()
        }),
        error: file.error.as_ref().map(|error| ConfigErrorJson {
            kind: error.kind,
            message: &error.flink_message,
            cause: error.flink_cause.as_deref(),
            explanation: &error.message,
            span: places.as_ref().map(|places| places.span(error.span)),
        }),
    }
}

fn origin<'a>(
    file: &'a EffectiveFile,
    setting: &'a EffectiveSetting,
    places: &Places<'_>,
) -> OriginJson<'a> {
    OriginJson {
        source: file.source_name(setting.value_span),
        key_span: places.span(setting.key_span),
        value_span: places.span(setting.value_span),
        overrode: setting
            .overrode
            .iter()
            .map(|(value, span)| OverrodeJson {
                value,
                source: file.source_name(*span),
                span: places.span(*span),
            })
            .collect(),
        alternate_of: &setting.alternate_of,
    }
}

impl<'a> ConfigJson<'a> {
    /// Whether there is an error.
    pub fn is_refused(&self) -> bool {
        self.error.is_some()
    }

    /// The form of a file that could not be read.
    pub fn unreadable(path: &'a str, error: &'a str) -> Self {
        Self {
            path,
            target: "",
            target_reason: "",
            dialect: "",
            entries: BTreeMap::new(),
            refused: Vec::new(),
            origins: None,
            error: Some(ConfigErrorJson {
                kind: "unreadable",
                message: error,
                cause: None,
                explanation: error,
                span: None,
            }),
        }
    }
}
