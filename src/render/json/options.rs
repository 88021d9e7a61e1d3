use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::{
    Engines, Evidence, GeminiOption, OptionEntry, OptionHistory, Place, Release, Scope, Target,
    description, documentation_url, gemini_documentation_url, scope, vvr_default,
};

/// One option, as `slotwise options --format json` lists it for a target.
///
/// A key appears once, unless the release itself declares it more than once with different types
/// or defaults; then there is an object for each declaration.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OptionJson {
    /// The option's key.
    key: &'static str,
    /// Flink's name of the type, such as `MemorySize`, `Enum` or `List<String>`.
    #[serde(rename = "type")]
    value_type: String,
    /// The default as the release's `Configuration.toMap` writes it; null if there is none.
    default: Option<&'static str>,
    /// The default of the target's engine, where it differs from Flink's.
    engine_default: Option<&'static str>,
    /// The constants of an enum, or of a list of an enum; null for other types.
    #[serde(rename = "enum")]
    constants: Option<&'static [&'static str]>,
    /// Other keys, on which Flink logs a warning, in the order in which it tries them.
    deprecated_keys: Vec<&'static str>,
    /// Other keys, tried before the deprecated ones.
    fallback_keys: Vec<&'static str>,
    /// Whether the release marks the option itself as deprecated.
    deprecated: bool,
    /// Where it may be written: `file`, `pattern` (with a name in the place of `<name>`),
    /// `suffix` (below a prefix that names an instance), `sql` (in a statement) or `internal`.
    place: &'static str,
    /// The class that declares it; null for options of GeminiStateBackend.
    class: Option<&'static str>,
    /// Whether Flink's runtime reads the key by this declaration.
    effective: bool,
    /// The first Flink release that has it, of those in the catalog; null for Gemini's.
    first_release: Option<&'static str>,
    /// The last Flink release that has it, of those in the catalog; null for Gemini's.
    last_release: Option<&'static str>,
    /// `cluster` (read when a process starts) or `job` (read with each job); null if not known.
    scope: Option<&'static str>,
    /// What it does.
    description: Option<&'static str>,
    /// For options of GeminiStateBackend: `documented`, `excerpt` or `seen`, by the evidence on
    /// which the entry rests.
    evidence: Option<&'static str>,
    /// The official page.
    url: Option<String>,
}

/// An option of Flink as `target` has it.
pub fn option_json(option: &OptionHistory, entry: &OptionEntry, target: &Target) -> OptionJson {
    let alternates = |deprecated| {
        let keys = entry.alternates.iter().filter(move |found| found.deprecated == deprecated);
        keys.map(|found| found.key).collect()
    };
    let constants = entry.value_type.constants();
    OptionJson {
        key: option.key,
        value_type: entry.value_type.to_string(),
        default: entry.default,
        engine_default: vvr_default(option.key, target),
        constants: (!constants.is_empty()).then_some(constants),
        deprecated_keys: alternates(true),
        fallback_keys: alternates(false),
        deprecated: entry.deprecated,
        place: place_name(option.place),
        class: Some(entry.declared_in),
        effective: true,
        first_release: Some(option.first_release().name()),
        last_release: Some(option.last_release().name()),
        scope: scope(option.key).map(scope_name),
        description: description(option.key),
        evidence: None,
        url: documentation_url(option, target.release()),
    }
}

/// A further declaration of a key, which Flink's runtime does not read.
pub fn secondary_option_json(
    option: &OptionHistory,
    entry: &OptionEntry,
    target: &Target,
) -> OptionJson {
    OptionJson { effective: false, ..option_json(option, entry, target) }
}

/// An option of GeminiStateBackend as `target` has it.
pub fn gemini_option_json(option: &GeminiOption, target: &Target) -> OptionJson {
    let constants = option.value_type.constants();
    OptionJson {
        key: option.key,
        value_type: option.value_type.to_string(),
        default: option.default_of(target),
        engine_default: None,
        constants: (!constants.is_empty()).then_some(constants),
        deprecated_keys: Vec::new(),
        fallback_keys: Vec::new(),
        deprecated: matches!(option.engines, Engines::Blink),
        place: place_name(Place::File),
        class: None,
        effective: true,
        first_release: None,
        last_release: None,
        scope: scope(option.key).map(scope_name),
        description: Some(option.description),
        evidence: Some(evidence_name(option.evidence)),
        url: gemini_documentation_url(option.key).map(str::to_owned),
    }
}

/// One target, as `slotwise targets --format json` lists it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TargetJson {
    /// The name that `--target` takes.
    name: String,
    /// The Flink version behind it, as exactly as is known.
    flink_version: String,
    /// The release whose options and memory model apply.
    release: &'static str,
    /// The Ververica Runtime that it is or ships.
    vvr_version: Option<String>,
    /// The engine line of GeminiStateBackend, `V1` to `V4`; null without Gemini.
    gemini_generation: Option<String>,
    /// The state backend where a configuration names none.
    default_state_backend: String,
    /// What a user has to know about it.
    note: Option<String>,
}

/// A target.
pub fn target_json(target: &Target) -> TargetJson {
    let release: Release = target.release();
    TargetJson {
        name: target.name().to_owned(),
        flink_version: target.flink_version().to_owned(),
        release: release.name(),
        vvr_version: target.vvr().map(|version| version.to_string()),
        gemini_generation: target.gemini().map(|generation| generation.to_string()),
        default_state_backend: target.default_state_backend().to_string(),
        note: target.note(),
    }
}

fn place_name(place: Place) -> &'static str {
    match place {
        Place::File => "file",
        Place::Pattern => "pattern",
        Place::Suffix => "suffix",
        Place::Sql => "sql",
        Place::Internal => "internal",
    }
}

fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Cluster => "cluster",
        Scope::Job => "job",
    }
}

fn evidence_name(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "documented",
        Evidence::Excerpt => "excerpt",
        Evidence::Seen => "seen",
    }
}
