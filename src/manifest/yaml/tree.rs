//! YAML documents of any origin, walked by key, with places in the whole file.

use std::ops::Range;

use crate::config::{LoadError, LoadErrorKind};
use crate::source::{FileId, Span};
use crate::syntax::yaml::{self, Content, Document, NodeId, ScalarStyle};

/// One document of a file.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    document: Document<'t>,
    /// Where the document starts in the file.
    base: usize,
    file: FileId,
}

/// A node at the place where it is used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'x, 't> {
    tree: &'x Tree<'t>,
    id: NodeId,
    /// Where its key is written, if it is the value of one.
    key_span: Option<Span>,
}

/// A scalar's text and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, quotes and escapes resolved.
    pub text: String,
    /// Where it is written, quotes included.
    pub span: Span,
    /// Whether it is written without quotes.
    pub is_plain: bool,
}

/// The documents of a file, with the byte at which each starts; `---` at the start of a line
/// separates them, whatever is around it.
pub(super) fn documents(text: &str) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_marker = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if is_marker && at > start {
            documents.push(start..at);
            start = at;
        }
        at += line.len();
    }
    documents.push(start..text.len());
    documents
}

impl<'t> Tree<'t> {
    /// Reads the document at `range` of a file's text.
    ///
    /// # Errors
    /// Where it stops to be YAML.
    pub(super) fn parse(
        file: FileId,
        text: &'t str,
        range: Range<usize>,
    ) -> Result<Self, LoadError> {
        let base = range.start;
        let part = text.get(range).unwrap_or("");
        match yaml::parse(part) {
            Ok(document) => Ok(Self { document, base, file }),
            Err(error) => Err(LoadError {
                kind: LoadErrorKind::ManifestSyntax,
                span: Span::new(file, base + error.span.start..base + error.span.end),
                message: error.message,
                flink_message: "it never gets to see this manifest".to_owned(),
                flink_cause: None,
            }),
        }
    }

    /// The outermost value.
    pub(super) fn root(&self) -> Option<Node<'_, 't>> {
        Some(Node { tree: self, id: self.document.root()?, key_span: None })
    }

    fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.file, self.base + range.start..self.base + range.end)
    }
}

/// Merge keys within merge keys are followed this far.
const MAX_MERGES: usize = 8;

impl<'x, 't> Node<'x, 't> {
    fn content(&self) -> Option<&'x Content<'t>> {
        self.tree.document.node(self.id).map(|node| &node.content)
    }

    /// Where the value is written.
    pub(super) fn span(&self) -> Span {
        let span = self.tree.document.node(self.id).map_or(0..0, |node| node.span.clone());
        self.tree.span(&span)
    }

    /// Where its key is written; the value itself if it has none.
    pub(super) fn key_span(&self) -> Span {
        self.key_span.unwrap_or_else(|| self.span())
    }

    /// The value of a key, those that `<<` brings in included.
    pub(super) fn get(&self, key: &str) -> Option<Node<'x, 't>> {
        self.get_within(key, MAX_MERGES)
    }

    fn get_within(&self, key: &str, merges: usize) -> Option<Node<'x, 't>> {
        let own = self.own_pairs().find(|(name, _)| name.text == key).map(|(_, node)| node);
        own.or_else(|| {
            let merged = self.own_pairs().find(|(name, _)| name.text == "<<")?.1;
            let merges = merges.checked_sub(1)?;
            let sources: Vec<_> =
                if merged.is_map() { vec![merged] } else { merged.items().collect() };
            sources.into_iter().find_map(|source| source.get_within(key, merges))
        })
    }

    /// The value behind a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<Node<'x, 't>> {
        path.iter().try_fold(*self, |node, key| node.get(key))
    }

    /// Keys and values, in order; merged ones are left out.
    pub(super) fn own_pairs(&self) -> impl Iterator<Item = (Scalar, Node<'x, 't>)> + use<'x, 't> {
        let pairs = match self.content() {
            Some(Content::Mapping(pairs)) => pairs.as_slice(),
            _ => &[],
        };
        let tree = self.tree;
        pairs.iter().filter_map(move |pair| {
            let span = tree.span(&pair.key_span);
            let key = Node { tree, id: pair.key, key_span: Some(span) };
            let mut name = key.scalar()?;
            name.span = span;
            Some((name, Node { tree, id: pair.value, key_span: Some(span) }))
        })
    }

    /// The items of a list.
    pub(super) fn items(&self) -> impl Iterator<Item = Node<'x, 't>> + use<'x, 't> {
        let items = match self.content() {
            Some(Content::Sequence(items)) => items.as_slice(),
            _ => &[],
        };
        let tree = self.tree;
        items.iter().map(move |id| Node { tree, id: *id, key_span: None })
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.content(), Some(Content::Mapping(_)))
    }

    /// The text of a scalar that is not null.
    pub(super) fn scalar(&self) -> Option<Scalar> {
        let (text, style) = self.raw()?;
        let is_plain = style == ScalarStyle::Plain;
        let is_null = is_plain && matches!(text, "" | "~" | "null" | "Null" | "NULL");
        (!is_null).then(|| Scalar { text: text.to_owned(), span: self.span(), is_plain })
    }

    /// The scalar behind a path of keys.
    pub(super) fn scalar_at(&self, path: &[&str]) -> Option<Scalar> {
        self.at(path)?.scalar()
    }

    /// The text and the notation of a scalar.
    pub(super) fn raw(&self) -> Option<(&'x str, ScalarStyle)> {
        match self.content()? {
            Content::Scalar(text, style) => Some((text, *style)),
            _ => None,
        }
    }
}
