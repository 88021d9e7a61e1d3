//! One open file.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use gen_lsp_types as lsp;

use super::client::UserSettings;
use super::from_proto;
use super::position::{Encoding, Positions};
use crate::finding::Finding;
use crate::lint::LintContext;
use crate::source::{LineIndex, SourceFile};
use crate::workspace::{InputError, SettingsFinder, Subject, Surroundings};

/// A version of a file; a new one takes its place with every edit.
#[derive(Debug)]
pub(super) struct Document {
    /// As the client writes it.
    pub(super) uri: lsp::Uri,
    /// The client's own number.
    pub(super) version: i32,
    text: String,
    lines: LineIndex,
    /// What was found, once someone wants to know.
    analysis: OnceLock<Analysis>,
}

/// What there is to know about a document.
#[derive(Debug)]
pub(super) struct Analysis {
    /// The text with its target and dialect; of several deployments, the first.
    pub(super) subject: Subject,
    /// What `slotwise check` finds.
    pub(super) findings: Vec<Finding>,
    /// Why the `slotwise.yaml` that applies could not be used.
    pub(super) settings_error: Option<InputError>,
}

/// What an analysis depends on beside the text.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) settings: UserSettings,
    pub(super) finder: SettingsFinder,
    /// Another number after each change.
    pub(super) generation: u64,
}

impl Document {
    pub(super) fn new(uri: lsp::Uri, version: i32, text: String) -> Self {
        let lines = LineIndex::new(&text);
        Self { uri, version, text, lines, analysis: OnceLock::new() }
    }

    /// The version after `changes`, applied one after the other.
    pub(super) fn edited(
        &self,
        version: i32,
        changes: Vec<lsp::TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Self {
        let mut text = self.text.clone();
        let mut lines = self.lines.clone();
        for change in changes {
            match change {
                lsp::TextDocumentContentChangeEvent::TextDocumentContentChangePartial(change) => {
                    let positions = Positions { text: &text, lines: &lines, encoding };
                    let bytes: Range<usize> = positions.bytes(change.range);
                    text.replace_range(bytes, &change.text);
                }
                lsp::TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(
                    change,
                ) => text = change.text,
            }
            lines = LineIndex::new(&text);
        }
        Self { uri: self.uri.clone(), version, text, lines, analysis: OnceLock::new() }
    }

    /// The same text, not yet looked at.
    pub(super) fn fresh(&self) -> Self {
        Self::new(self.uri.clone(), self.version, self.text.clone())
    }

    pub(super) fn positions(&self, encoding: Encoding) -> Positions<'_> {
        Positions { text: &self.text, lines: &self.lines, encoding }
    }

    /// Where the file is, if it is one.
    pub(super) fn path(&self) -> Option<PathBuf> {
        from_proto::path(&self.uri)
    }

    /// What is found in this version; found out once.
    pub(super) fn analysis(&self, environment: &Environment) -> &Analysis {
        self.analysis.get_or_init(|| {
            let path = self.path();
            let name = match &path {
                Some(path) => path.display().to_string(),
                None => from_proto::name(&self.uri),
            };
            let surroundings = match &path {
                Some(path) => Surroundings::of(&environment.finder, path),
                None => Surroundings::of_unsaved(&environment.finder, Path::new(&name)),
            };
            let (surroundings, settings_error) = match surroundings {
                Ok(surroundings) => (surroundings, None),
                Err(error) => (Surroundings::default(), Some(error)),
            };
            let source = SourceFile::decode(name, self.text.clone().into_bytes());
            let choices = &environment.settings.choices;
            let mut subjects = Subject::all(source.clone(), choices, &surroundings).into_iter();
            let subject =
                subjects.next().unwrap_or_else(|| Subject::new(source, choices, surroundings));
            let others: Vec<Subject> = subjects.collect();
            let all: Vec<&Subject> = std::iter::once(&subject).chain(&others).collect();
            let findings = Subject::check_all(&all, &environment.settings.selection);
            Analysis { subject, findings, settings_error }
        })
    }
}

impl Analysis {
    /// Runs `look` on what rules look at.
    pub(super) fn with_context<T>(&self, look: impl FnOnce(&LintContext<'_>) -> T) -> T {
        let (loaded, config) = self.subject.load();
        look(&self.subject.context(&loaded, &config))
    }
}

/// Every open file, by URI; shared with the workers, copied when it changes meanwhile.
pub(super) type Documents = Arc<std::collections::BTreeMap<String, Arc<Document>>>;
