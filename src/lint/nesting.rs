//! Where a `flink-conf.yaml` is written as if it were YAML.

use std::iter::Peekable;
use std::ops::Range;

use super::LintContext;
use crate::config::{Dialect, Setting};
use crate::syntax::legacy::{SkipReason, SkippedLine};

/// Lines that belong together in YAML, and that the line dialect tears apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// From the first line's text to the last line's.
    pub(super) range: Range<usize>,
    /// The first line's text, without its comment.
    pub(super) header: Range<usize>,
    pub(super) kind: BlockKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// A key alone on its line with indented lines or list items below it.
    Nested,
    /// A value that goes on over indented lines after `|` or `>`.
    MultiLine,
}

/// One line that says something, as the line dialect sees it.
#[derive(Debug, Clone)]
pub(super) enum Line<'c, 'a> {
    Pair(&'c Setting<'a>),
    Skipped(&'c SkippedLine),
}

impl Line<'_, '_> {
    pub(super) fn range(&self) -> Range<usize> {
        match self {
            Self::Pair(setting) => setting.key_span.range().start..setting.value_span.range().end,
            Self::Skipped(skipped) => skipped.line.clone(),
        }
    }
}

/// The lines of a file or of a range of it, in file order.
pub(super) fn lines<'c, 'a>(
    ctx: &'c LintContext<'a>,
    range: Range<usize>,
) -> impl Iterator<Item = Line<'c, 'a>> {
    let settings = &ctx.loaded.settings;
    let skipped = &ctx.loaded.skipped;
    let start_of = |setting: &Setting<'_>| setting.key_span.range().start;
    let first_pair = settings.partition_point(|setting| start_of(setting) < range.start);
    let first_skipped = skipped.partition_point(|line| line.line.start < range.start);
    let mut pairs = settings.iter().skip(first_pair).peekable();
    let mut skipped = skipped.iter().skip(first_skipped).peekable();
    std::iter::from_fn(move || {
        let pair_at = pairs.peek().map_or(usize::MAX, |setting| start_of(setting));
        let skipped_at = skipped.peek().map_or(usize::MAX, |line| line.line.start);
        if pair_at.min(skipped_at) >= range.end {
            None
        } else if pair_at < skipped_at {
            pairs.next().map(Line::Pair)
        } else {
            skipped.next().map(Line::Skipped)
        }
    })
}

/// How far the line that starts its text at `start` is indented, tabs counted as one column.
pub(super) fn indentation(text: &str, start: usize) -> usize {
    let before = text.as_bytes().get(..start).unwrap_or_default();
    before.iter().rev().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count()
}

/// The key of a line that holds nothing but a key and a colon.
pub(super) fn lone_key(line: &str) -> Option<&str> {
    let key = line.strip_suffix(':')?.trim_end();
    let key =
        key.strip_prefix(['"', '\'']).and_then(|key| key.strip_suffix(['"', '\''])).unwrap_or(key);
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '<' | '>' | '$');
    (!key.is_empty() && key.chars().all(plain) && !key.starts_with('-')).then_some(key)
}

/// Whether a line is a list item in YAML.
pub(super) fn is_item(line: &str) -> bool {
    line == "-" || line.starts_with("- ")
}

/// The blocks of a legacy file, in file order.
pub(super) fn blocks(ctx: &LintContext<'_>) -> Vec<Block> {
    if ctx.dialect != Dialect::Legacy || ctx.loaded.skipped.is_empty() {
        return Vec::new();
    }
    let text = ctx.text();
    let mut blocks = Vec::new();
    let mut lines = lines(ctx, 0..text.len()).peekable();
    while let Some(line) = lines.next() {
        let Some(kind) = opens(text, &line) else { continue };
        let header = line.range();
        let outer = indentation(text, header.start);
        let mut end = header.end;
        let mut torn = false;
        while let Some(inner) = next_inner(text, &mut lines, outer, kind) {
            end = inner.range().end;
            // Under the wrapper of some other format, keys in full are read as they are meant.
            torn |= match inner {
                Line::Pair(setting) => !ctx.is_known_key(&setting.key),
                Line::Skipped(skipped) => skipped.reason == SkipReason::NoSeparator,
            };
        }
        if end > header.end && torn {
            blocks.push(Block { range: header.start..end, header, kind });
        }
    }
    blocks
}

fn opens(text: &str, line: &Line<'_, '_>) -> Option<BlockKind> {
    match line {
        Line::Skipped(skipped) => {
            let line = text.get(skipped.line.clone())?;
            lone_key(line).map(|_| BlockKind::Nested)
        }
        Line::Pair(setting) => {
            let multi_line =
                matches!(&*setting.value.text(), "|" | ">" | "|-" | ">-" | "|+" | ">+");
            multi_line.then_some(BlockKind::MultiLine)
        }
    }
}

fn next_inner<'c, 'a>(
    text: &str,
    lines: &mut Peekable<impl Iterator<Item = Line<'c, 'a>>>,
    outer: usize,
    kind: BlockKind,
) -> Option<Line<'c, 'a>>
where
    'a: 'c,
{
    lines.next_if(|line| {
        let range = line.range();
        let indentation = indentation(text, range.start);
        let item = kind == BlockKind::Nested && is_item(text.get(range).unwrap_or(""));
        indentation > outer || (item && indentation == outer)
    })
}
