//! Our values as the protocol's.

use std::path::Path;

use gen_lsp_types as lsp;

use super::position::Positions;
use super::snapshot::View;
use crate::finding::{Edit, Finding, Label, RuleMeta, Severity};
use crate::source::{LineIndex, Sources, Span};

/// What findings call their origin.
pub(super) const SOURCE: &str = "slotwise";

/// Everything found in a document.
pub(super) fn diagnostics(view: &View<'_>) -> Vec<lsp::Diagnostic> {
    let analysis = view.analysis;
    let unusable_settings = analysis.settings_error.iter().map(|error| lsp::Diagnostic {
        severity: Some(lsp::DiagnosticSeverity::Error),
        source: Some(SOURCE.to_owned()),
        message: error.to_string().into(),
        ..lsp::Diagnostic::default()
    });
    let findings = analysis.findings.iter().map(|finding| diagnostic(view, finding));
    unusable_settings.chain(findings).collect()
}

/// One finding.
pub(super) fn diagnostic(view: &View<'_>, finding: &Finding) -> lsp::Diagnostic {
    let here = |label: &&Label| label.span.file == view.analysis.subject.file;
    let range = finding.primary.as_ref().filter(here);
    let range = range.map(|label| view.positions.range(label.span.range())).unwrap_or_default();
    // What is wrong in a file that is laid over this one is told here, and found there.
    let elsewhere = finding.primary.iter().filter(|label| !here(label));
    let related: Vec<_> = elsewhere
        .chain(&finding.related)
        .filter_map(|label| {
            let message =
                if label.text.is_empty() { "here".to_owned() } else { label.text.clone() };
            let location = location(view, &view.analysis.subject.sources, label.span)?;
            Some(lsp::DiagnosticRelatedInformation { location, message })
        })
        .collect();
    let tags = tags(finding.rule);
    lsp::Diagnostic {
        range,
        severity: Some(severity(finding.severity)),
        code: Some(finding.rule.code.to_owned().into()),
        code_description: Some(lsp::CodeDescription { href: rule_page(finding.rule).into() }),
        source: Some(SOURCE.to_owned()),
        message: message(finding).into(),
        tags: (!tags.is_empty()).then_some(tags),
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}

/// Where a place is: in the document, or in a file that is laid over it; an argument is nowhere to
/// go to.
pub(super) fn location(view: &View<'_>, sources: &Sources, span: Span) -> Option<lsp::Location> {
    if span.file == view.analysis.subject.file {
        let range = view.positions.range(span.range());
        return Some(lsp::Location { uri: view.document.uri.clone(), range });
    }
    let layer = sources.file(span.file)?;
    let path = Path::new(layer.name());
    let lines = LineIndex::new(layer.text());
    let encoding = view.snapshot.capabilities.encoding;
    let positions = Positions { text: layer.text(), lines: &lines, encoding };
    let range = positions.range(span.range());
    path.is_absolute().then(|| lsp::Location { uri: lsp::Uri(uri(path)), range })
}

/// The fact, what the place shows of it, what to do, and what Flink would say.
fn message(finding: &Finding) -> String {
    let mut message = finding.message.clone();
    if let Some(label) = finding.primary.as_ref().filter(|label| !label.text.is_empty()) {
        message.push_str(": ");
        message.push_str(&label.text);
    }
    if let Some(help) = &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    if let Some(flink) = &finding.flink_message {
        message.push_str("\nFlink: ");
        message.push_str(flink);
    }
    message
}

fn severity(severity: Severity) -> lsp::DiagnosticSeverity {
    match severity {
        Severity::Error => lsp::DiagnosticSeverity::Error,
        Severity::Warning => lsp::DiagnosticSeverity::Warning,
        Severity::Info => lsp::DiagnosticSeverity::Information,
    }
}

/// The documentation of a rule.
pub(super) fn rule_page(rule: &RuleMeta) -> String {
    let repository = env!("CARGO_PKG_REPOSITORY");
    format!("{repository}/blob/main/docs/rules.md#{}", rule.code.to_ascii_lowercase())
}

/// The URI of a file: whatever is no letter, digit or one of `-._~/` is escaped.
pub(super) fn uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    let path = path.to_string_lossy().replace('\\', "/");
    if !path.starts_with('/') {
        uri.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// A fix's title as a sentence's start.
pub(super) fn title(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

/// Our edits of the document as the client applies them; edits of other texts are left out.
pub(super) fn workspace_edit<'a>(
    view: &View<'_>,
    edits: impl Iterator<Item = &'a Edit>,
) -> lsp::WorkspaceEdit {
    let edits = edits.filter(|edit| edit.span.file == view.analysis.subject.file);
    let edits = edits.map(|edit| lsp::TextEdit {
        range: view.positions.range(edit.span.range()),
        new_text: edit.text.clone(),
    });
    edit_of(view, edits.collect())
}

/// Edits of one document, for this version of it where the client can be told so.
pub(super) fn edit_of(view: &View<'_>, edits: Vec<lsp::TextEdit>) -> lsp::WorkspaceEdit {
    let uri = view.document.uri.clone();
    if !view.snapshot.capabilities.versioned_edits {
        let changes = std::iter::once((uri, edits)).collect();
        return lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() };
    }
    let edit = lsp::TextDocumentEdit {
        text_document: lsp::OptionalVersionedTextDocumentIdentifier {
            version: Some(view.document.version),
            text_document_identifier: lsp::TextDocumentIdentifier { uri },
        },
        edits: edits.into_iter().map(Into::into).collect(),
    };
    let changes = Some(vec![edit.into()]);
    lsp::WorkspaceEdit { document_changes: changes, ..lsp::WorkspaceEdit::default() }
}

/// Editors strike through what is deprecated, and fade what has no effect.
const DEPRECATED: &[&str] = &["deprecated-key", "legacy-heap-key", "removed-key"];
const UNNECESSARY: &[&str] =
    &["duplicate-key", "unused-suppression", "line-without-separator", "file-never-read"];

fn tags(rule: &RuleMeta) -> Vec<lsp::DiagnosticTag> {
    let tags = [
        (DEPRECATED, lsp::DiagnosticTag::Deprecated),
        (UNNECESSARY, lsp::DiagnosticTag::Unnecessary),
    ];
    tags.iter().filter(|(rules, _)| rules.contains(&rule.name)).map(|(_, tag)| *tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint;

    #[test]
    fn every_tagged_rule_exists() {
        for name in DEPRECATED.iter().chain(UNNECESSARY) {
            assert!(lint::rule(name).is_some(), "{name}");
        }
    }
}
