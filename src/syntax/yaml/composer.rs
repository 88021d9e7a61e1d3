use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::cursor::check_printable;
use super::error::Context;
use super::scanner::Scanner;
use super::token::{Directive, ScalarStyle, Token, TokenKind};
use super::{Content, Document, MAX_COLLECTION_ALIASES, MAX_DEPTH, Node, NodeId, Pair, YamlError};

/// Reads `text` as the one document that it holds.
///
/// # Errors
/// The first thing that the engine refuses.
///
/// Source: snakeyaml-engine 2.6, by its behavior in Flink 1.19 to 2.3.
pub fn parse(text: &str) -> Result<Document<'_>, YamlError> {
    check_printable(text)?;
    let mut composer = Composer {
        scanner: Scanner::new(text),
        document: Document::default(),
        anchors: HashMap::new(),
        tag_prefixes: Vec::new(),
        open: Vec::new(),
        alias_count: 0,
    };
    composer.stream()?;
    Ok(composer.document)
}

/// Applies YAML's grammar to the tokens and builds the nodes.
struct Composer<'a> {
    scanner: Scanner<'a>,
    document: Document<'a>,
    anchors: HashMap<&'a str, NodeId>,
    tag_prefixes: Vec<(&'a str, Cow<'a, str>)>,
    /// The collections whose end has not been seen yet, outermost first. Nesting costs memory
    /// here, and no call stack.
    open: Vec<Open>,
    /// Of aliases that name collections.
    alias_count: usize,
}

/// A node where it is used: an alias has a place of its own.
type Placed = (NodeId, Range<usize>);

/// Which collections may start at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Within `[` or `{`.
    Flow,
    /// In a block.
    Block,
    /// In a block mapping, where a list may start in the column of its key.
    BlockMapping,
}

/// A collection under construction.
struct Open {
    id: NodeId,
    form: Form,
    /// Where its own first token starts, for messages.
    start: usize,
    /// One past its last part so far.
    end: usize,
    items: Vec<NodeId>,
    pairs: Vec<Pair>,
    /// The key whose value comes next.
    key: Option<Placed>,
    /// A flow entry without `:` has a key only.
    is_bare: bool,
    /// A `,` must come before the next entry.
    needs_separator: bool,
}

/// The notation of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    BlockSequence,
    /// A list in the column of the key that it belongs to.
    IndentlessSequence,
    BlockMapping,
    FlowSequence,
    /// A pair without braces: `[key: value]`.
    FlowPair,
    FlowMapping,
}

/// What the innermost open collection waits for.
enum Next {
    Node(Place),
    Pair,
    Nothing,
}

/// Anchor and tag before a node.
#[derive(Default)]
struct Properties<'a> {
    anchor: Option<&'a str>,
    tag: Option<Cow<'a, str>>,
    span: Option<Range<usize>>,
}

impl<'a> Composer<'a> {
    fn peek(&mut self) -> Result<&TokenKind<'a>, YamlError> {
        Ok(&self.scanner.peek()?.kind)
    }

    fn peek_start(&mut self) -> Result<usize, YamlError> {
        Ok(self.scanner.peek()?.span.start)
    }

    fn stream(&mut self) -> Result<(), YamlError> {
        let is_explicit = matches!(
            self.peek()?,
            TokenKind::Directive(_) | TokenKind::DocumentStart | TokenKind::StreamEnd
        );
        if is_explicit && self.document_start()?.is_none() {
            return Ok(());
        }
        let is_empty = is_explicit
            && matches!(
                self.peek()?,
                TokenKind::Directive(_)
                    | TokenKind::DocumentStart
                    | TokenKind::DocumentEnd
                    | TokenKind::StreamEnd
            );
        let (root, span) = if is_empty { self.empty_scalar()? } else { self.node(Place::Block)? };
        self.document.root = Some(root);
        if let TokenKind::DocumentEnd = self.peek()? {
            self.scanner.next()?;
        } else if let TokenKind::Directive(_) = self.peek()? {
            let token = self.scanner.next()?;
            return Err(YamlError::new(
                token.span,
                Context::None,
                "expected '<document end>' before directives, but found '<directive>'",
                "`...` is expected before a line that starts with `%`",
            ));
        }
        self.tag_prefixes.clear();
        match self.document_start()? {
            None => Ok(()),
            Some(second) => Err(YamlError::new(
                second,
                Context::Since("expected a single document in the stream", span.start),
                "but found another document",
                "`---` starts a second document, and Flink reads files of one",
            )),
        }
    }

    /// Directives and `---`; `None` at the end of the text.
    fn document_start(&mut self) -> Result<Option<Range<usize>>, YamlError> {
        while let TokenKind::DocumentEnd = self.peek()? {
            self.scanner.next()?;
        }
        if let TokenKind::StreamEnd = self.peek()? {
            return Ok(None);
        }
        self.scanner.start_document();
        let start = self.peek_start()?;
        self.directives()?;
        let token = self.scanner.next()?;
        match token.kind {
            TokenKind::DocumentStart => Ok(Some(start..token.span.end)),
            kind => Err(YamlError::new(
                token.span,
                Context::None,
                format!("expected '<document start>', but found '{}'", kind.name()),
                "the document ends before this, and `---` is expected to start another",
            )),
        }
    }

    fn directives(&mut self) -> Result<(), YamlError> {
        let mut has_version = false;
        while let TokenKind::Directive(_) = self.peek()? {
            let Token { kind, span } = self.scanner.next()?;
            let TokenKind::Directive(directive) = kind else { continue };
            match directive {
                Directive::Yaml { .. } if has_version => {
                    return Err(YamlError::new(
                        span,
                        Context::None,
                        "found duplicate YAML directive",
                        "one `%YAML` is expected",
                    ));
                }
                Directive::Yaml { major, minor } if major != 1 => {
                    return Err(YamlError::unplaced(
                        span,
                        format!("Version{{major={major}, minor={minor}}}"),
                        "version 1 of YAML is expected",
                    ));
                }
                Directive::Yaml { .. } => has_version = true,
                Directive::Tag { handle, prefix } => {
                    if self.tag_prefixes.iter().any(|(known, _)| *known == handle) {
                        return Err(YamlError::new(
                            span,
                            Context::None,
                            format!("duplicate tag handle {handle}"),
                            format!("one `%TAG` is expected for `{handle}`"),
                        ));
                    }
                    self.tag_prefixes.push((handle, prefix));
                }
                Directive::Other => {}
            }
        }
        Ok(())
    }

    // Nodes.

    fn add(
        &mut self,
        content: Content<'a>,
        tag: Option<Cow<'a, str>>,
        span: Range<usize>,
    ) -> NodeId {
        // A text of at most 3 Mi characters has fewer nodes than that.
        let id = NodeId(u32::try_from(self.document.nodes.len()).unwrap_or(u32::MAX));
        let start = span.start;
        self.document.nodes.push(Node { content, tag, span, start, is_recursive: false });
        id
    }

    /// A value that is left out: an empty plain scalar, which reads as null.
    fn empty_scalar(&mut self) -> Result<Placed, YamlError> {
        let at = self.peek_start()?;
        Ok(self.empty_scalar_at(at))
    }

    fn empty_scalar_at(&mut self, at: usize) -> Placed {
        let content = Content::Scalar(Cow::Borrowed(""), ScalarStyle::Plain);
        (self.add(content, None, at..at), at..at)
    }

    /// A whole value: opens, fills and closes collections until it is complete.
    fn node(&mut self, place: Place) -> Result<Placed, YamlError> {
        let mut complete = self.begin_node(place)?;
        loop {
            if let Some(placed) = complete.take() {
                match self.open.last_mut() {
                    Some(open) => open.accept(placed),
                    None => return Ok(placed),
                }
            }
            let Some(mut open) = self.open.pop() else { continue };
            let next = self.step(&mut open);
            match next? {
                Next::Node(place) => {
                    self.open.push(open);
                    complete = self.begin_node(place)?;
                }
                Next::Pair => {
                    self.open.push(open);
                    let start = self.peek_start()?;
                    self.begin_collection(start, Properties::default(), Form::FlowPair)?;
                }
                Next::Nothing => complete = Some(self.close(open)),
            }
        }
    }

    /// Reads a scalar or an alias whole, or opens a collection.
    fn begin_node(&mut self, place: Place) -> Result<Option<Placed>, YamlError> {
        if let TokenKind::Alias(_) = self.peek()? {
            return self.alias().map(Some);
        }
        let properties = self.properties()?;
        let is_block = place != Place::Flow;
        let token = self.scanner.peek()?;
        let token_span = token.span.clone();
        let start = properties.span.as_ref().map_or(token_span.start, |span| span.start);
        let form = match &token.kind {
            TokenKind::BlockEntry if place == Place::BlockMapping => Form::IndentlessSequence,
            TokenKind::FlowSequenceStart => Form::FlowSequence,
            TokenKind::FlowMappingStart => Form::FlowMapping,
            TokenKind::BlockSequenceStart if is_block => Form::BlockSequence,
            TokenKind::BlockMappingStart if is_block => Form::BlockMapping,
            TokenKind::Scalar(..) => {
                let Token { kind, span } = self.scanner.next()?;
                let TokenKind::Scalar(text, style) = kind else { return Ok(None) };
                let id = self.add(Content::Scalar(text, style), properties.tag, span.clone());
                self.set_start(id, start);
                self.register(properties.anchor, id);
                return Ok(Some((id, span)));
            }
            kind => {
                let Some(span) = properties.span else {
                    let doing = match place {
                        Place::Flow => "while parsing a flow node",
                        Place::Block | Place::BlockMapping => "while parsing a block node",
                    };
                    return Err(YamlError::new(
                        token_span,
                        Context::Since(doing, start),
                        format!("expected the node content, but found '{}'", kind.name()),
                        format!("a value is expected, found {}", describe(kind)),
                    ));
                };
                let content = Content::Scalar(Cow::Borrowed(""), ScalarStyle::Plain);
                let id = self.add(content, properties.tag, span.end..span.end);
                self.set_start(id, start);
                self.register(properties.anchor, id);
                return Ok(Some((id, span)));
            }
        };
        self.begin_collection(start, properties, form)?;
        Ok(None)
    }

    fn alias(&mut self) -> Result<Placed, YamlError> {
        let Token { kind, span } = self.scanner.next()?;
        let name = if let TokenKind::Alias(name) = kind { name } else { "" };
        let Some(id) = self.anchors.get(name).copied() else {
            return Err(YamlError::new(
                span,
                Context::Empty,
                format!("found undefined alias {name}"),
                format!("no anchor `&{name}` before this alias"),
            ));
        };
        if let Some(node) = self.document.nodes.get_mut(id.index())
            && !matches!(node.content, Content::Scalar(..))
        {
            node.is_recursive |= self.open.iter().any(|open| open.id == id);
            self.alias_count += 1;
        }
        if self.alias_count > MAX_COLLECTION_ALIASES {
            return Err(YamlError::unplaced(
                span,
                format!(
                    "Number of aliases for non-scalar nodes exceeds the specified \
                     max={MAX_COLLECTION_ALIASES}"
                ),
                format!("more than {MAX_COLLECTION_ALIASES} aliases of lists and maps"),
            ));
        }
        Ok((id, span))
    }

    fn properties(&mut self) -> Result<Properties<'a>, YamlError> {
        let mut properties = Properties::default();
        loop {
            let is_property = match self.peek()? {
                TokenKind::Anchor(_) => properties.anchor.is_none(),
                TokenKind::Tag { .. } => properties.tag.is_none(),
                _ => false,
            };
            if !is_property {
                return Ok(properties);
            }
            let Token { kind, span } = self.scanner.next()?;
            let start = properties.span.as_ref().map_or(span.start, |span| span.start);
            match kind {
                TokenKind::Anchor(name) => properties.anchor = Some(name),
                TokenKind::Tag { handle, suffix } => {
                    properties.tag = Some(self.tag(handle, suffix, start, &span)?);
                }
                _ => {}
            }
            properties.span = Some(start..span.end);
        }
    }

    /// The tag behind a handle such as `!!`.
    fn tag(
        &self,
        handle: Option<&'a str>,
        suffix: Cow<'a, str>,
        start: usize,
        span: &Range<usize>,
    ) -> Result<Cow<'a, str>, YamlError> {
        let Some(handle) = handle else { return Ok(suffix) };
        let declared = self.tag_prefixes.iter().find(|(known, _)| *known == handle);
        let prefix = match (declared, handle) {
            (Some((_, prefix)), _) => prefix.as_ref(),
            (None, "!") => "!",
            (None, "!!") => "tag:yaml.org,2002:",
            (None, _) => {
                return Err(YamlError::new(
                    span.clone(),
                    Context::Since("while parsing a node", start),
                    format!("found undefined tag handle {handle}"),
                    format!("no `%TAG {handle}` at the start of the document"),
                ));
            }
        };
        Ok(Cow::Owned(format!("{prefix}{suffix}")))
    }

    /// A node starts at its anchor or tag, if it has one.
    fn set_start(&mut self, id: NodeId, start: usize) {
        if let Some(node) = self.document.nodes.get_mut(id.index()) {
            node.start = start;
        }
    }

    fn register(&mut self, anchor: Option<&'a str>, id: NodeId) {
        if let Some(name) = anchor {
            self.anchors.insert(name, id);
        }
    }

    // Collections.

    /// Opens a collection: its node exists before its children, which may name it.
    fn begin_collection(
        &mut self,
        start: usize,
        properties: Properties<'a>,
        form: Form,
    ) -> Result<(), YamlError> {
        let token = self.scanner.peek()?;
        if self.open.len() >= MAX_DEPTH {
            return Err(YamlError::too_deep(token.span.clone()));
        }
        let token_start = token.span.start;
        if form != Form::IndentlessSequence {
            self.scanner.next()?;
        }
        let id = self.add(Content::Sequence(Vec::new()), properties.tag, start..start);
        self.register(properties.anchor, id);
        self.open.push(Open {
            id,
            form,
            start: token_start,
            end: token_start,
            items: Vec::new(),
            pairs: Vec::new(),
            key: None,
            is_bare: false,
            needs_separator: false,
        });
        Ok(())
    }

    fn close(&mut self, open: Open) -> Placed {
        let content = match open.form {
            Form::BlockSequence | Form::IndentlessSequence | Form::FlowSequence => {
                Content::Sequence(open.items)
            }
            Form::BlockMapping | Form::FlowPair | Form::FlowMapping => Content::Mapping(open.pairs),
        };
        let span = open.start..open.end;
        if let Some(node) = self.document.nodes.get_mut(open.id.index()) {
            node.content = content;
            node.span = span.clone();
        }
        (open.id, span)
    }

    /// Reads on in a collection up to its next child or its end.
    fn step(&mut self, open: &mut Open) -> Result<Next, YamlError> {
        match open.form {
            Form::BlockSequence => self.step_block_sequence(open),
            Form::IndentlessSequence => self.step_indentless_sequence(open),
            Form::BlockMapping => self.step_block_mapping(open),
            Form::FlowSequence => self.step_flow_sequence(open),
            Form::FlowPair if open.pairs.is_empty() => {
                self.step_flow_pair(open, &TokenKind::FlowSequenceEnd)
            }
            Form::FlowPair => Ok(Next::Nothing),
            Form::FlowMapping => self.step_flow_mapping(open),
        }
    }

    fn step_block_sequence(&mut self, open: &mut Open) -> Result<Next, YamlError> {
        loop {
            match self.peek()? {
                TokenKind::BlockEntry => {
                    let dash = self.scanner.next()?.span;
                    open.end = dash.end;
                    if !matches!(self.peek()?, TokenKind::BlockEntry | TokenKind::BlockEnd) {
                        return Ok(Next::Node(Place::Block));
                    }
                    open.accept(self.empty_scalar_at(dash.end));
                }
                TokenKind::BlockEnd => {
                    self.scanner.next()?;
                    return Ok(Next::Nothing);
                }
                _ => return Err(self.no_block_end("while parsing a block collection", open)),
            }
        }
    }

    fn step_indentless_sequence(&mut self, open: &mut Open) -> Result<Next, YamlError> {
        while let TokenKind::BlockEntry = self.peek()? {
            let dash = self.scanner.next()?.span;
            open.end = dash.end;
            let is_empty = matches!(
                self.peek()?,
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
            );
            if !is_empty {
                return Ok(Next::Node(Place::Block));
            }
            open.accept(self.empty_scalar_at(dash.end));
        }
        Ok(Next::Nothing)
    }

    fn step_block_mapping(&mut self, open: &mut Open) -> Result<Next, YamlError> {
        loop {
            match (self.peek()?, &open.key) {
                (TokenKind::Key, None) | (TokenKind::Value, Some(_)) => {
                    let indicator = self.scanner.next()?.span;
                    open.end = open.end.max(indicator.end);
                    let is_empty = matches!(
                        self.peek()?,
                        TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
                    );
                    if !is_empty {
                        return Ok(Next::Node(Place::BlockMapping));
                    }
                    open.accept(self.empty_scalar_at(indicator.end));
                }
                (TokenKind::Scalar(..), Some(_)) => return Ok(Next::Node(Place::BlockMapping)),
                (_, Some(_)) => open.accept(self.empty_scalar()?),
                (TokenKind::BlockEnd, None) => {
                    self.scanner.next()?;
                    return Ok(Next::Nothing);
                }
                (_, None) => return Err(self.no_block_end("while parsing a block mapping", open)),
            }
        }
    }

    fn step_flow_sequence(&mut self, open: &mut Open) -> Result<Next, YamlError> {
        if open.needs_separator && !self.flow_separator(&TokenKind::FlowSequenceEnd)? {
            return Err(self.no_flow_end("while parsing a flow sequence", ']', open));
        }
        match self.peek()? {
            TokenKind::FlowSequenceEnd => {
                open.end = self.scanner.next()?.span.end;
                Ok(Next::Nothing)
            }
            TokenKind::Key => Ok(Next::Pair),
            _ => Ok(Next::Node(Place::Flow)),
        }
    }

    fn step_flow_mapping(&mut self, open: &mut Open) -> Result<Next, YamlError> {
        loop {
            if open.is_bare {
                open.is_bare = false;
                open.accept(self.empty_scalar()?);
            }
            if open.key.is_some() {
                match self.step_flow_pair(open, &TokenKind::FlowMappingEnd)? {
                    Next::Nothing => {}
                    next => return Ok(next),
                }
            }
            if open.needs_separator && !self.flow_separator(&TokenKind::FlowMappingEnd)? {
                return Err(self.no_flow_end("while parsing a flow mapping", '}', open));
            }
            open.needs_separator = false;
            match self.peek()? {
                TokenKind::FlowMappingEnd => {
                    open.end = self.scanner.next()?.span.end;
                    return Ok(Next::Nothing);
                }
                TokenKind::Key => {
                    let indicator = self.scanner.next()?.span;
                    if !self.at_flow_gap(&TokenKind::FlowMappingEnd)? {
                        return Ok(Next::Node(Place::Flow));
                    }
                    open.accept(self.empty_scalar_at(indicator.end));
                }
                _ => {
                    open.is_bare = true;
                    return Ok(Next::Node(Place::Flow));
                }
            }
        }
    }

    /// The key of a pair without braces, then the value of any flow pair.
    fn step_flow_pair(&mut self, open: &mut Open, end: &TokenKind<'a>) -> Result<Next, YamlError> {
        if open.key.is_none() {
            if !self.at_flow_gap(end)? {
                return Ok(Next::Node(Place::Flow));
            }
            open.accept(self.empty_scalar()?);
        }
        if let TokenKind::Value = self.peek()? {
            let indicator = self.scanner.next()?.span;
            if !self.at_flow_end(end)? {
                return Ok(Next::Node(Place::Flow));
            }
            open.accept(self.empty_scalar_at(indicator.end));
        } else {
            open.accept(self.empty_scalar()?);
        }
        Ok(Next::Nothing)
    }

    /// Whether an entry ends here.
    fn at_flow_end(&mut self, end: &TokenKind<'a>) -> Result<bool, YamlError> {
        let kind = self.peek()?;
        let is_end = std::mem::discriminant(kind) == std::mem::discriminant(end);
        Ok(is_end || matches!(kind, TokenKind::FlowEntry))
    }

    /// Whether a key is left out here.
    fn at_flow_gap(&mut self, end: &TokenKind<'a>) -> Result<bool, YamlError> {
        Ok(matches!(self.peek()?, TokenKind::Value) || self.at_flow_end(end)?)
    }

    /// Takes the `,` between entries; the collection's end may stand in its place.
    fn flow_separator(&mut self, end: &TokenKind<'a>) -> Result<bool, YamlError> {
        if let TokenKind::FlowEntry = self.peek()? {
            self.scanner.next()?;
            return Ok(true);
        }
        self.at_flow_end(end)
    }

    fn no_block_end(&mut self, doing: &'static str, open: &Open) -> YamlError {
        match self.scanner.peek() {
            Err(error) => error,
            Ok(Token { kind, span }) => YamlError::new(
                span.clone(),
                Context::Since(doing, open.start),
                format!("expected <block end>, but found '{}'", kind.name()),
                format!(
                    "{} does not fit here: the indentation or the text before it is off",
                    describe(kind)
                ),
            ),
        }
    }

    fn no_flow_end(&mut self, doing: &'static str, bracket: char, open: &Open) -> YamlError {
        match self.scanner.peek() {
            Err(error) => error,
            Ok(Token { kind, span }) => YamlError::new(
                span.clone(),
                Context::Since(doing, open.start),
                format!("expected ',' or '{bracket}', but got {}", kind.name()),
                format!("`,` or `{bracket}` is expected, found {}", describe(kind)),
            ),
        }
    }
}

impl Open {
    /// Takes a child that is complete.
    fn accept(&mut self, (id, span): Placed) {
        self.end = self.end.max(span.end);
        match self.form {
            Form::BlockSequence | Form::IndentlessSequence | Form::FlowSequence => {
                self.items.push(id);
                self.needs_separator = true;
            }
            Form::BlockMapping | Form::FlowPair | Form::FlowMapping => match self.key.take() {
                None => self.key = Some((id, span)),
                Some((key, key_span)) => {
                    self.pairs.push(Pair { key, key_span, value: id, value_span: span });
                    self.needs_separator = true;
                }
            },
        }
    }
}

/// A token in plain words.
fn describe(kind: &TokenKind<'_>) -> &'static str {
    match kind {
        TokenKind::Alias(_) => "an alias",
        TokenKind::Anchor(_) => "an anchor",
        TokenKind::BlockEnd => "the end of the block",
        TokenKind::BlockEntry | TokenKind::BlockSequenceStart => "a list item",
        TokenKind::BlockMappingStart | TokenKind::Key => "a key",
        TokenKind::Directive(_) => "a directive",
        TokenKind::DocumentEnd => "the end of the document",
        TokenKind::DocumentStart => "`---`",
        TokenKind::FlowEntry => "`,`",
        TokenKind::FlowMappingEnd => "`}`",
        TokenKind::FlowMappingStart => "`{`",
        TokenKind::FlowSequenceEnd => "`]`",
        TokenKind::FlowSequenceStart => "`[`",
        TokenKind::Scalar(..) => "a text",
        TokenKind::StreamEnd => "the end of the file",
        TokenKind::Tag { .. } => "a tag",
        TokenKind::Value => "`:`",
    }
}
