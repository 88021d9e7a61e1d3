//! SARIF 2.1.0, for GitHub's code scanning and editors.
//!
//! Results are written as they come; what they refer to, the rules, stands behind them.
//!
//! Source: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS.

use std::io::{self, Write};

use serde::Serialize;

use super::super::CheckedFile;
use super::super::json::write_line;
use super::super::terminal::rule_url;
use super::location::{Location, Locations, Region};
use super::{Report, fingerprints, offered_fix, sentences};
use crate::finding::{Applicability, Finding, Fix, Label, RuleMeta, Severity};

/// One run; the rules are listed in the order in which they were first met.
#[derive(Debug, Default)]
pub(super) struct Sarif {
    result_count: usize,
    rules: Vec<&'static RuleMeta>,
    unreadable: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultJson<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Message<'a>,
    locations: Vec<LocationJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<LocationJson<'a>>,
    partial_fingerprints: PartialFingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixJson<'a>>,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    text: std::borrow::Cow<'a, str>,
}

impl<'a> Message<'a> {
    fn new(text: impl Into<std::borrow::Cow<'a, str>>) -> Self {
        Self { text: text.into() }
    }
}

/// The first is our own; GitHub reads no other than the second.
#[derive(Debug, Serialize)]
struct PartialFingerprints {
    #[serde(rename = "slotwise/v1")]
    slotwise: String,
    #[serde(rename = "primaryLocationLineHash")]
    line_hash: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: RegionJson,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

/// What is no part of a file: an argument of the command line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    fully_qualified_name: &'a str,
    kind: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionJson {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FixJson<'a> {
    description: Message<'a>,
    artifact_changes: Vec<ArtifactChange<'a>>,
    properties: FixProperties,
}

#[derive(Debug, Serialize)]
struct FixProperties {
    applicability: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: RegionJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Message<'a>>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Rule>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: String,
    short_description: Message<'static>,
    full_description: Message<'static>,
    help: Message<'static>,
    help_uri: String,
    default_configuration: DefaultConfiguration,
    properties: RuleProperties,
}

#[derive(Debug, Serialize)]
struct DefaultConfiguration {
    level: &'static str,
}

#[derive(Debug, Serialize)]
struct RuleProperties {
    tags: [&'static str; 2],
    source: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Debug, Serialize)]
struct Notification<'a> {
    level: &'static str,
    message: Message<'a>,
    locations: [LocationJson<'a>; 1],
}

impl Report for Sarif {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        // Columns are characters, and lines end as Java's readers end them.
        writeln!(
            out,
            "{{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\
             \"version\":\"2.1.0\",\"runs\":[{{\"columnKind\":\"unicodeCodePoints\",\
             \"newlineSequences\":[\"\\r\\n\",\"\\n\",\"\\r\"],\"results\":["
        )
    }

    fn file(&mut self, mut out: &mut dyn Write, file: &CheckedFile) -> io::Result<()> {
        let locations = Locations::new(file);
        for (finding, fingerprint) in file.findings.iter().zip(fingerprints(file)) {
            if self.result_count > 0 {
                writeln!(out, ",")?;
            }
            self.result_count += 1;
            let fingerprint = fingerprint.to_string();
            let location = locations.of(finding.primary.as_ref());
            let result = ResultJson {
                rule_id: finding.rule.code,
                rule_index: self.rule_index(finding.rule),
                level: level(finding.severity),
                message: Message::new(sentences(finding)),
                locations: vec![location_json(&location)],
                related_locations: related(finding, &locations),
                partial_fingerprints: PartialFingerprints {
                    line_hash: format!("{fingerprint}:1"),
                    slotwise: fingerprint,
                },
                fixes: offered_fix(finding)
                    .into_iter()
                    .filter_map(|fix| fix_json(fix, &locations))
                    .collect(),
            };
            write_line(&mut out, &result)?;
        }
        Ok(())
    }

    fn unreadable(&mut self, _out: &mut dyn Write, path: &str, why: &str) -> io::Result<()> {
        self.unreadable.push((path.to_owned(), why.to_owned()));
        Ok(())
    }

    fn finish(&mut self, mut out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}],\"tool\":", if self.result_count > 0 { "\n" } else { "" })?;
        let driver = Driver {
            name: "slotwise",
            version: env!("CARGO_PKG_VERSION"),
            semantic_version: env!("CARGO_PKG_VERSION"),
            information_uri: env!("CARGO_PKG_REPOSITORY"),
            rules: self.rules.iter().map(|rule| rule_json(rule)).collect(),
        };
        write_line(&mut out, &Tool { driver })?;
        let notifications = self.unreadable.iter().map(|(path, why)| Notification {
            level: "error",
            message: Message::new(why.as_str()),
            locations: [location_json(&Location { path, argument: None, region: None })],
        });
        let invocation = Invocation {
            execution_successful: self.unreadable.is_empty(),
            tool_execution_notifications: notifications.collect(),
        };
        write!(out, ",\"invocations\":[")?;
        write_line(&mut out, &invocation)?;
        writeln!(out, "]}}]}}")
    }
}

impl Sarif {
    fn rule_index(&mut self, rule: &'static RuleMeta) -> usize {
        self.rules.iter().position(|known| *known == rule).unwrap_or_else(|| {
            self.rules.push(rule);
            self.rules.len() - 1
        })
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn related<'a>(finding: &'a Finding, locations: &Locations<'a>) -> Vec<LocationJson<'a>> {
    let labels = finding.related.iter().zip(1..);
    let related = labels.map(|(Label { span, text }, id)| {
        let message = (!text.is_empty()).then(|| Message::new(text.as_str()));
        LocationJson { id: Some(id), message, ..location_json(&locations.of_span(*span)) }
    });
    related.collect()
}

fn location_json<'a>(location: &Location<'a>) -> LocationJson<'a> {
    let argument = location
        .argument
        .map(|argument| LogicalLocation { fully_qualified_name: argument, kind: "parameter" });
    // Readers refuse a place without a line, so a file as a whole is shown by its first one.
    let region = location.region_in_file().map_or(
        RegionJson { start_line: 1, start_column: 1, end_line: 1, end_column: 1 },
        region_json,
    );
    LocationJson {
        id: None,
        physical_location: PhysicalLocation { artifact_location: artifact(location.path), region },
        logical_locations: argument.into_iter().collect(),
        message: None,
    }
}

fn region_json(region: Region) -> RegionJson {
    RegionJson {
        start_line: region.start.line,
        start_column: region.start.column,
        end_line: region.end.line,
        end_column: region.end.column,
    }
}

/// A fix of places in files; none if it would edit an argument.
fn fix_json<'a>(fix: &'a Fix, locations: &Locations<'a>) -> Option<FixJson<'a>> {
    let mut artifact_changes: Vec<(&str, ArtifactChange<'a>)> = Vec::new();
    for edit in &fix.edits {
        let location = locations.of_span(edit.span);
        let replacement = Replacement {
            deleted_region: region_json(location.region_in_file()?),
            inserted_content: (!edit.text.is_empty()).then(|| Message::new(edit.text.as_str())),
        };
        match artifact_changes.iter_mut().find(|(path, _)| *path == location.path) {
            Some((_, change)) => change.replacements.push(replacement),
            None => {
                let artifact_location = artifact(location.path);
                let change = ArtifactChange { artifact_location, replacements: vec![replacement] };
                artifact_changes.push((location.path, change));
            }
        }
    }
    let applicability = match fix.applicability {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
        Applicability::DisplayOnly => return None,
    };
    Some(FixJson {
        description: Message::new(fix.title.as_str()),
        artifact_changes: artifact_changes.into_iter().map(|(_, change)| change).collect(),
        properties: FixProperties { applicability },
    })
}

/// A relative path is one below the repository's root.
fn artifact(path: &str) -> ArtifactLocation {
    let path = path.replace('\\', "/");
    let drive = path.as_bytes().get(1) == Some(&b':');
    let uri = percent_encoded(&path);
    match path.strip_prefix('/') {
        Some(_) => ArtifactLocation { uri: format!("file://{uri}"), uri_base_id: None },
        None if drive => ArtifactLocation { uri: format!("file:///{uri}"), uri_base_id: None },
        None => ArtifactLocation { uri, uri_base_id: Some("%SRCROOT%") },
    }
}

/// Source: RFC 3986, section 3.3, `pchar` and the slash.
fn percent_encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=@/".contains(&byte);
        if plain {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn rule_json(rule: &'static RuleMeta) -> Rule {
    let about = rule.docs.split("\n## ").next().unwrap_or("").trim().replace('\n', " ");
    let family = match rule.code.get(..2) {
        Some("FI") => "input",
        Some("FK") => "keys",
        Some("FV") => "values",
        Some("FM") => "memory",
        Some("FG") => "gemini",
        Some("FC") => "checkpoints",
        Some("FN") => "cluster",
        _ => "other",
    };
    Rule {
        id: rule.code,
        name: pascal_case(rule.name),
        short_description: Message::new(rule.name.replace('-', " ")),
        full_description: Message::new(about),
        help: Message::new(rule.docs.trim()),
        help_uri: rule_url(rule.code),
        default_configuration: DefaultConfiguration { level: level(rule.severity) },
        properties: RuleProperties { tags: ["flink", family], source: rule.source },
    }
}

/// `network-min-above-max` as `NetworkMinAboveMax`, the form that SARIF asks for.
fn pascal_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or(String::new(), |first| first.to_uppercase().chain(letters).collect::<String>())
    });
    words.collect()
}
