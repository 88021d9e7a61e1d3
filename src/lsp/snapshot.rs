//! What a request sees: the open files as they were when it came in.

use std::sync::Arc;

use gen_lsp_types as lsp;

use super::client::Capabilities;
use super::document::{Analysis, Document, Documents, Environment};
use super::position::Positions;

/// The server's state at one moment.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) capabilities: Arc<Capabilities>,
    pub(super) environment: Arc<Environment>,
    pub(super) documents: Documents,
    /// The folders that the client works in.
    pub(super) folders: Arc<Vec<std::path::PathBuf>>,
}

/// One document with everything around it that a request needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) document: &'a Document,
    pub(super) analysis: &'a Analysis,
    pub(super) positions: Positions<'a>,
    pub(super) snapshot: &'a Snapshot,
}

impl Snapshot {
    /// An open document; `None` for one that is not, or that has nothing to do with Flink.
    pub(super) fn view(&self, uri: &lsp::Uri) -> Option<View<'_>> {
        Some(self.view_of(self.documents.get(&uri.0)?)).filter(|view| view.analysis.is_ours)
    }

    pub(super) fn view_of<'a>(&'a self, document: &'a Document) -> View<'a> {
        View {
            document,
            analysis: document.analysis(&self.environment),
            positions: document.positions(self.capabilities.encoding),
            snapshot: self,
        }
    }
}
