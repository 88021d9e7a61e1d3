use schemars::JsonSchema;
use serde::Serialize;

use super::host::{HostJson, host};
use super::place::{Places, SpanJson};
use crate::finding::{Applicability, Finding, Label};
use crate::render::CheckedFile;
use crate::render::terminal::rule_url;

/// What `slotwise check --format json` and `jsonl` print for one file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckedFileJson<'a> {
    /// The file's path as given.
    path: &'a str,
    /// The target that was checked for, such as `flink-1.20`.
    target: &'a str,
    /// Why this target.
    target_reason: &'a str,
    /// What a user has to know about the target, such as that its facts are not verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    target_note: Option<&'a str>,
    /// What was found, in file order.
    findings: Vec<FindingJson<'a>>,
    /// The machine that it was compared with, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<HostJson<'a>>,
    /// Why the file could not be read; then there are no findings.
    error: Option<&'a str>,
}

/// One problem at one place.
#[derive(Debug, Serialize, JsonSchema)]
struct FindingJson<'a> {
    /// The rule's code, such as `FM004`.
    code: &'a str,
    /// The rule's name, such as `network-min-above-max`.
    name: &'a str,
    /// `error`, `warning` or `info`.
    severity: &'a str,
    /// What is wrong.
    message: &'a str,
    /// The text that the spans point into, if it is not the file itself: a `-D` argument.
    source: Option<&'a str>,
    /// Where; null if the file as a whole is at fault.
    span: Option<SpanJson>,
    /// What stands beside the place.
    label: Option<&'a str>,
    /// Other places that play a part.
    related: Vec<RelatedJson<'a>>,
    /// What to do.
    help: Option<&'a str>,
    /// What Flink itself would log.
    flink_message: Option<&'a str>,
    /// An edit that solves it.
    fix: Option<FixJson<'a>>,
    /// Where the rule is documented.
    url: String,
    /// Which one of the deployments that the file describes it is about, if there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment: Option<&'a str>,
}

/// A related place.
#[derive(Debug, Serialize, JsonSchema)]
struct RelatedJson<'a> {
    /// The text that the span points into, if it is not the file itself.
    source: Option<&'a str>,
    /// Where.
    span: SpanJson,
    /// What is to be said about it.
    message: &'a str,
}

/// An edit that solves a problem.
#[derive(Debug, Serialize, JsonSchema)]
struct FixJson<'a> {
    /// What it does.
    title: &'a str,
    /// `safe`, `unsafe` or `display-only`.
    applicability: &'static str,
    /// The edits; they do not overlap.
    edits: Vec<EditJson<'a>>,
}

/// Replaces the text at a span.
#[derive(Debug, Serialize, JsonSchema)]
struct EditJson<'a> {
    /// What is replaced.
    span: SpanJson,
    /// What takes its place.
    text: &'a str,
}

/// The contract's form of a checked file.
pub fn checked_file(file: &CheckedFile) -> CheckedFileJson<'_> {
    let places = Places::new(&file.sources);
    CheckedFileJson {
        path: &file.path,
        target: &file.target,
        target_reason: &file.target_reason,
        target_note: file.target_note.as_deref(),
        findings: file.findings.iter().map(|finding| places.finding(finding)).collect(),
        host: file.host.as_deref().map(host),
        error: None,
    }
}

impl<'a> CheckedFileJson<'a> {
    /// The form of a file that could not be read.
    pub fn unreadable(path: &'a str, error: &'a str) -> Self {
        Self {
            path,
            target: "",
            target_reason: "",
            target_note: None,
            findings: Vec::new(),
            host: None,
            error: Some(error),
        }
    }
}

impl<'a> Places<'a> {
    fn finding(&self, finding: &'a Finding) -> FindingJson<'a> {
        let primary = finding.primary.as_ref();
        FindingJson {
            code: finding.rule.code,
            name: finding.rule.name,
            severity: finding.severity.name(),
            deployment: finding.deployment.as_deref(),
            message: &finding.message,
            source: primary.and_then(|label| self.foreign_source(label.span)),
            span: primary.map(|label| self.span(label.span)),
            label: primary.map(|label| label.text.as_str()),
            related: finding.related.iter().map(|label| self.related(label)).collect(),
            help: finding.help.as_deref(),
            flink_message: finding.flink_message.as_deref(),
            fix: finding.fix.as_ref().map(|fix| FixJson {
                title: &fix.title,
                applicability: match fix.applicability {
                    Applicability::Safe => "safe",
                    Applicability::Unsafe => "unsafe",
                    Applicability::DisplayOnly => "display-only",
                },
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| EditJson { span: self.span(edit.span), text: &edit.text })
                    .collect(),
            }),
            url: rule_url(finding.rule.code),
        }
    }

    fn related(&self, label: &'a Label) -> RelatedJson<'a> {
        RelatedJson {
            source: self.foreign_source(label.span),
            span: self.span(label.span),
            message: &label.text,
        }
    }
}
