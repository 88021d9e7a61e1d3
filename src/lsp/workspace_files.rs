//! Flink's configuration files in the client's folders.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;

use super::document::Document;
use super::snapshot::Snapshot;
use super::to_proto;
use crate::manifest;

/// More files are not looked for: a request must end.
const MAX_FILES: usize = 2000;
/// Nor are more files of YAML looked into to see whether they are.
const MAX_LOOKED_AT: usize = 5000;
/// Folders deeper than this are not looked into.
const MAX_DEPTH: usize = 12;
/// Larger files are not read on the side.
const MAX_BYTES: u64 = 4 << 20;

/// The configuration files that are not open, as they are on disk.
pub(super) fn closed(snapshot: &Snapshot) -> Vec<Document> {
    let open: BTreeSet<PathBuf> =
        snapshot.documents.values().filter_map(|document| document.path()).collect();
    let mut documents = Vec::new();
    for folder in snapshot.folders.iter() {
        let mut walk = ignore::WalkBuilder::new(folder);
        walk.max_depth(Some(MAX_DEPTH)).sort_by_file_name(Ord::cmp);
        let files = walk.build().filter_map(Result::ok).map(ignore::DirEntry::into_path);
        let closed = files.filter(|path| is_yaml(path) && !open.contains(path));
        for path in closed.take(MAX_LOOKED_AT) {
            if documents.len() == MAX_FILES {
                return documents;
            }
            let small =
                std::fs::metadata(&path).is_ok_and(|it| it.is_file() && it.len() <= MAX_BYTES);
            if small
                && let Ok(text) = std::fs::read_to_string(&path)
                && is_configuration(&path, &text)
            {
                let (uri, language) = (lsp::Uri(to_proto::uri(&path)), String::new());
                documents.push(Document::new(uri, language, 0, text));
            }
        }
    }
    documents
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// `config.yaml` is a name that many programs have; Flink's lies in a folder `conf`.
fn is_configuration(path: &Path, text: &str) -> bool {
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    match name(path).as_deref() {
        Some("config.yaml") => path.parent().and_then(name).as_deref() == Some("conf"),
        Some(name) => manifest::configures_flink(name, text),
        None => false,
    }
}
