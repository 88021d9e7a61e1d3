use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use gen_lsp_types as lsp;

use crate::lsp::document::Document;
use crate::lsp::server::Failure;
use crate::lsp::snapshot::Snapshot;
use crate::lsp::{to_proto, workspace_files};

/// `textDocument/diagnostic`: what is wrong with one file.
pub(in crate::lsp) fn diagnostic(
    snapshot: &Snapshot,
    params: lsp::DocumentDiagnosticParams,
) -> Result<lsp::DocumentDiagnosticReport, Failure> {
    let uri = &params.text_document.uri.0;
    let Some(document) = snapshot.documents.get(uri) else {
        return Ok(lsp::RelatedFullDocumentDiagnosticReport::default().into()); // Closed meanwhile.
    };
    let result_id = result_id(snapshot, document);
    if params.previous_result_id.as_ref() == Some(&result_id) {
        return Ok(lsp::RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: lsp::UnchangedDocumentDiagnosticReport {
                result_id,
            },
        }
        .into());
    }
    Ok(lsp::RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: report(snapshot, document, result_id),
    }
    .into())
}

/// `workspace/diagnostic`: what is wrong with every configuration file, open or not.
pub(in crate::lsp) fn workspace_diagnostic(
    snapshot: &Snapshot,
    params: lsp::WorkspaceDiagnosticParams,
) -> Result<lsp::WorkspaceDiagnosticReport, Failure> {
    let known: BTreeMap<String, String> =
        params.previous_result_ids.into_iter().map(|it| (it.uri.0, it.value)).collect();
    let closed = workspace_files::closed(snapshot);
    let open = snapshot.documents.values().map(AsRef::as_ref);
    let items = open.map(|document| (document, Some(document.version)));
    let items = items.chain(closed.iter().map(|document| (document, None)));
    let items = items.map(|(document, version)| {
        let uri = document.uri.clone();
        let result_id = result_id(snapshot, document);
        if known.get(&uri.0) == Some(&result_id) {
            return lsp::WorkspaceUnchangedDocumentDiagnosticReport {
                uri,
                version,
                unchanged_document_diagnostic_report: lsp::UnchangedDocumentDiagnosticReport {
                    result_id,
                },
            }
            .into();
        }
        lsp::WorkspaceFullDocumentDiagnosticReport {
            uri,
            version,
            full_document_diagnostic_report: report(snapshot, document, result_id),
        }
        .into()
    });
    Ok(lsp::WorkspaceDiagnosticReport { items: items.collect() })
}

fn report(
    snapshot: &Snapshot,
    document: &Document,
    result_id: String,
) -> lsp::FullDocumentDiagnosticReport {
    let items = to_proto::diagnostics(&snapshot.view_of(document));
    lsp::FullDocumentDiagnosticReport { result_id: Some(result_id), items }
}

/// Equal as long as the text and everything around it is, and what is known of both.
fn result_id(snapshot: &Snapshot, document: &Document) -> String {
    let mut hasher = DefaultHasher::new();
    document.positions(snapshot.capabilities.encoding).text.hash(&mut hasher);
    // Nobody asks what a workload makes of a closed file.
    let is_open = snapshot.documents.contains_key(&document.uri.0);
    let unanswered =
        if is_open { snapshot.view_of(document).analysis.unanswered_count() } else { 0 };
    format!("{}-{:x}-{unanswered}", snapshot.environment.generation, hasher.finish())
}
