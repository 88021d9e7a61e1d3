use schemars::JsonSchema;
use serde::Serialize;

use super::place::{Places, SpanJson};
use crate::render::layers::{LayeredFile, LayeredValue};
use crate::source::SourceFile;

/// What `slotwise effective --format json` and `jsonl` print for one deployment.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LayeredFileJson<'a> {
    /// The file's path as given.
    path: &'a str,
    /// The deployment within the file; null for a configuration file.
    deployment: Option<&'a str>,
    /// The target, such as `flink-1.20`.
    target: &'a str,
    /// Why this target.
    target_reason: &'a str,
    /// Every key that some layer sets, in order.
    entries: Vec<LayeredEntryJson<'a>>,
}

/// One key.
#[derive(Debug, Serialize, JsonSchema)]
struct LayeredEntryJson<'a> {
    /// The flat key.
    key: &'a str,
    /// Who reads it: `cluster` as its processes start, or `job`.
    scope: &'a str,
    /// The value in force.
    winner: LayeredValueJson<'a>,
    /// The values that lose, the highest layer first.
    losers: Vec<LayeredValueJson<'a>>,
}

/// A value as a layer sets it.
#[derive(Debug, Serialize, JsonSchema)]
struct LayeredValueJson<'a> {
    /// The value; stars where it is secret.
    value: &'a str,
    /// What sets it, such as `configuration file` or `dynamic property`.
    layer: &'a str,
    /// The name of the text that it stands in.
    source: &'a str,
    /// Where it is written.
    span: SpanJson,
}

/// The contract's form of a deployment's layers.
pub fn layered_file(file: &LayeredFile) -> LayeredFileJson<'_> {
    let places = Places::new(&file.sources);
    let entries = file.settings.iter().map(|setting| LayeredEntryJson {
        key: &setting.key,
        scope: setting.scope,
        winner: value(file, &places, &setting.winner),
        losers: setting.overrode.iter().map(|loser| value(file, &places, loser)).collect(),
    });
    LayeredFileJson {
        path: &file.path,
        deployment: file.deployment.as_deref(),
        target: &file.target,
        target_reason: &file.target_reason,
        entries: entries.collect(),
    }
}

fn value<'a>(
    file: &'a LayeredFile,
    places: &Places<'_>,
    value: &'a LayeredValue,
) -> LayeredValueJson<'a> {
    LayeredValueJson {
        value: &value.value,
        layer: value.layer,
        source: file.sources.file(value.span.file).map_or("", SourceFile::name),
        span: places.span(value.span),
    }
}
