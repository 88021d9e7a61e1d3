//! YAML 1.2 as Flink's loader accepts it: every quirk of snakeyaml-engine 2.6, which Flink 1.19 to
//! 2.3 ship, and nothing of what it refuses.
//!
//! [`parse`] turns one document into a [`Document`]: nodes with byte spans, scalars still raw.
//! [`plain_type`] tells text from numbers. `scanner` finds tokens, `scalar` reads the texts within them, `composer` applies the grammar.
//! Time and memory are linear in the text; nesting is bounded by [`MAX_DEPTH`].

mod composer;
mod cursor;
mod error;
mod repair;
mod scalar;
mod scanner;
mod schema;
mod token;

use std::borrow::Cow;
use std::ops::Range;

pub use composer::parse;
pub use error::{Context, YamlError};
pub use repair::repaired;
pub use schema::{PlainType, plain_type};
pub use token::ScalarStyle;

/// Deepest nesting that is read.
///
/// Flink recurses without a bound, so its thread's stack decides: real releases on a default JVM
/// read 1,000 levels and overflow at 1,500.
pub const MAX_DEPTH: usize = 1200;

/// Whether a text opens more brackets and braces than [`MAX_DEPTH`] without closing them, quoted ones
/// and comments included; for readers that take ever longer with each level.
pub fn is_too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    })
}

/// Most code points of a document.
///
/// Source: `LoadSettingsBuilder.codePointLimit`, snakeyaml-engine 2.6.
pub const MAX_CODE_POINTS: usize = 3 * 1024 * 1024;

/// Most aliases of collections in a document.
///
/// Source: `LoadSettingsBuilder.maxAliasesForCollections`, snakeyaml-engine 2.6.
pub const MAX_COLLECTION_ALIASES: usize = 50;

/// A node of one [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// One YAML document; aliases are edges to the node that they name, so the graph may have cycles.
#[derive(Debug, Clone, Default)]
pub struct Document<'a> {
    nodes: Vec<Node<'a>>,
    root: Option<NodeId>,
}

/// A value of the document.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// What it is.
    pub content: Content<'a>,
    /// The resolved tag as written, such as `tag:yaml.org,2002:str`; `None` without one.
    pub tag: Option<Cow<'a, str>>,
    /// Where it is written, quotes included; empty where a value is left out.
    pub span: Range<usize>,
    /// The same start, but for the anchor or tag before it.
    pub start: usize,
    /// Whether it contains an alias of itself.
    pub is_recursive: bool,
}

/// The three kinds of YAML.
#[derive(Debug, Clone)]
pub enum Content<'a> {
    /// Text, with quotes and escapes resolved.
    Scalar(Cow<'a, str>, ScalarStyle),
    /// `[a, b]` or lines of `- `.
    Sequence(Vec<NodeId>),
    /// Pairs in the order in which they are written; duplicates included.
    Mapping(Vec<Pair>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The key.
    pub key: NodeId,
    /// Where the key is written, be it an alias.
    pub key_span: Range<usize>,
    /// The value.
    pub value: NodeId,
    /// Where the value is written, be it an alias.
    pub value_span: Range<usize>,
}

impl<'a> Document<'a> {
    /// The outermost value; `None` for a text without any.
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// The node of an id that this document gave out; `None` for any other.
    pub fn node(&self, id: NodeId) -> Option<&Node<'a>> {
        self.nodes.get(id.0 as usize)
    }

    /// Every node, by its [`NodeId::index`].
    pub fn nodes(&self) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.iter()
    }

    /// How many nodes there are; their [`NodeId::index`]es lie below.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }
}

impl NodeId {
    /// Position among the document's nodes, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A compact form of the tree: `{k: [a, 'b']}`, explicit tags as `<tag>`.
    fn show(document: &Document<'_>, id: NodeId) -> String {
        let node = document.node(id).unwrap();
        let body = match &node.content {
            Content::Scalar(text, ScalarStyle::Plain) => text.to_string(),
            Content::Scalar(text, _) => format!("{text:?}"),
            Content::Sequence(items) => {
                let items: Vec<_> = items.iter().map(|item| show(document, *item)).collect();
                format!("[{}]", items.join(", "))
            }
            Content::Mapping(pairs) => {
                let pairs: Vec<_> = pairs
                    .iter()
                    .map(|pair| {
                        format!("{}: {}", show(document, pair.key), show(document, pair.value))
                    })
                    .collect();
                format!("{{{}}}", pairs.join(", "))
            }
        };
        node.tag.as_ref().map_or_else(|| body.clone(), |tag| format!("<{tag}>{body}"))
    }

    fn check(text: &str, expected: &str) {
        let found = match parse(text) {
            Ok(document) => document.root().map_or("".to_owned(), |id| show(&document, id)),
            Err(error) => format!("error: {}", error.engine_text(text).replace('\n', "|")),
        };
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn collections_nest_in_both_styles() {
        check("a: b\nc:\n  d: e\n", "{a: b, c: {d: e}}");
        check("a:\n- b\n- c: d\n  e: f\n", "{a: [b, {c: d, e: f}]}");
        check("a: [b, {c: d}, e: f, ? g]", "{a: [b, {c: d}, {e: f}, {g: }]}");
        check("a: {b, c: d,\n}", "{a: {b: , c: d}}");
        check("? a\n: b\n? c", "{a: b, c: }");
        check("- - a\n  - b\n-\n- c", "[[a, b], , c]");
        check("", "");
        check("# only\n", "");
        check("--- a\n...\n", "a");
    }

    #[test]
    fn scalars_read_as_the_engine_reads_them() {
        check("k: a\n b\n\n c # x", "{k: a b\nc}");
        check("k: 'it''s\n  two'", "{k: \"it's two\"}");
        check("k: \"a\\n\\x41\\u00e9\\\n   b\"", "{k: \"a\\nAéb\"}");
        check("k: \"\\ud83d\\ude00\"", "{k: \"😀\"}");
        check("k: |\n a\n   b\n\n c\n", "{k: \"a\\n  b\\n\\nc\\n\"}");
        check("k: >-\n a\n b\n\n c\n  d\n e\n", "{k: \"a b\\nc\\n d\\ne\"}");
        check("k: |2\n   a\n", "{k: \" a\\n\"}");
        check("k: |+\n a\n\n", "{k: \"a\\n\\n\"}");
        check("a:b#c: d#e", "{a:b#c: d#e}");
        check("k: [a:1, b]", "{k: [a:1, b]}");
        check("k: {\"a\":1}", "{k: {\"a\": 1}}");
    }

    #[test]
    fn anchors_and_tags_are_resolved() {
        check("a: &x b\nc: *x", "{a: b, c: b}");
        check(
            "a: !!int '1'\nb: !c d\ne: ! f",
            "{a: <tag:yaml.org,2002:int>\"1\", b: <!c>d, e: <!>f}",
        );
        check("%TAG !x! tag:x,\n---\na: !x!y%41 b", "{a: <tag:x,yA>b}");
        let document = parse("a: &x [*x]").unwrap();
        assert!(document.nodes.iter().any(|node| node.is_recursive));
    }

    #[test]
    fn errors_read_as_the_engines() {
        check(
            "k: a: b",
            "error: mapping values are not allowed here| in reader, line 1, column 5|",
        );
        check(
            "k: - a",
            "error: |sequence entries are not allowed here| in reader, line 1, column 4|",
        );
        check(
            "k: 'x",
            "error: while scanning a quoted scalar| in reader, line 1, column 4|found unexpected end of stream| in reader, line 1, column 6|",
        );
        check(
            "a: 1\n---\nb: 2",
            "error: expected a single document in the stream| in reader, line 1, column 1|but found another document| in reader, line 2, column 1|",
        );
        check("k: *y", "error: |found undefined alias y| in reader, line 1, column 4|");
        check("k: \u{1}", "error: special characters are not allowed");
        check(&"[".repeat(2000), "error: java.lang.StackOverflowError");
    }

    #[test]
    fn spans_hold_quotes_and_nothing_else() {
        let text = "ab: 'c'\nd: [e]";
        let document = parse(text).unwrap();
        let spans: Vec<_> =
            document.nodes.iter().map(|node| text.get(node.span.clone()).unwrap()).collect();
        assert_eq!(spans, ["ab: 'c'\nd: [e]", "ab", "'c'", "d", "[e]", "e"]);
    }

    proptest::proptest! {
        #[test]
        fn every_text_is_read_or_refused_in_bounds(text in "(?s)[-?:,\\[\\]{}#&*!|>'\"%@` \t\r\n\u{85}\u{feff}a0é]{0,40}") {
            match parse(&text) {
                Ok(document) => for node in &document.nodes {
                    proptest::prop_assert!(text.get(node.span.clone()).is_some());
                },
                Err(error) => proptest::prop_assert!(text.get(error.span.clone()).is_some()),
            }
        }
    }
}
