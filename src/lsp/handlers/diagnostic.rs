use gen_lsp_types as lsp;

use crate::lsp::server::Failure;
use crate::lsp::snapshot::Snapshot;
use crate::lsp::to_proto;

/// `textDocument/diagnostic`: what is wrong with one file.
pub(in crate::lsp) fn diagnostic(
    snapshot: &Snapshot,
    params: lsp::DocumentDiagnosticParams,
) -> Result<lsp::DocumentDiagnosticReport, Failure> {
    let items = match snapshot.view(&params.text_document.uri) {
        Some(view) => to_proto::diagnostics(&view),
        None => Vec::new(), // Closed meanwhile.
    };
    let report = lsp::FullDocumentDiagnosticReport { result_id: None, items };
    Ok(lsp::RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: report,
    }
    .into())
}
