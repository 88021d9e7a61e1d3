use std::borrow::Cow;
use std::ops::Range;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScalarStyle {
    /// Without quotes: the only style whose text may be a number, a boolean or null.
    Plain,
    /// `'text'`
    SingleQuoted,
    /// `"text"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A token and the bytes that it covers.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) span: Range<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum TokenKind<'a> {
    Alias(&'a str),
    Anchor(&'a str),
    BlockEnd,
    BlockEntry,
    BlockMappingStart,
    BlockSequenceStart,
    Directive(Directive<'a>),
    DocumentEnd,
    DocumentStart,
    FlowEntry,
    FlowMappingEnd,
    FlowMappingStart,
    FlowSequenceEnd,
    FlowSequenceStart,
    Key,
    Scalar(Cow<'a, str>, ScalarStyle),
    StreamEnd,
    Tag { handle: Option<&'a str>, suffix: Cow<'a, str> },
    Value,
}

#[derive(Debug, Clone)]
pub(super) enum Directive<'a> {
    Yaml { major: u32, minor: u32 },
    Tag { handle: &'a str, prefix: Cow<'a, str> },
    Other,
}

impl TokenKind<'_> {
    /// The name in the engine's messages.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Alias(_) => "<alias>",
            Self::Anchor(_) => "<anchor>",
            Self::BlockEnd => "<block end>",
            Self::BlockEntry => "-",
            Self::BlockMappingStart => "<block mapping start>",
            Self::BlockSequenceStart => "<block sequence start>",
            Self::Directive(_) => "<directive>",
            Self::DocumentEnd => "<document end>",
            Self::DocumentStart => "<document start>",
            Self::FlowEntry => ",",
            Self::FlowMappingEnd => "}",
            Self::FlowMappingStart => "{",
            Self::FlowSequenceEnd => "]",
            Self::FlowSequenceStart => "[",
            Self::Key => "?",
            Self::Scalar(..) => "<scalar>",
            Self::StreamEnd => "<stream end>",
            Self::Tag { .. } => "<tag>",
            Self::Value => ":",
        }
    }
}
