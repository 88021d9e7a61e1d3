use std::ops::Range;

use gen_lsp_types as lsp;

use super::hover::value_type;
use crate::catalog::{Classification, Target, ValueType, classify};
use crate::config::Setting;
use crate::lsp::document::{with_context, written};
use crate::lsp::server::Failure;
use crate::lsp::snapshot::Snapshot;

/// What tokens are, by their number.
pub(super) const TYPES: [&str; 5] = ["property", "string", "number", "keyword", "enumMember"];
/// What they are besides, by their bit.
pub(super) const MODIFIERS: [&str; 1] = ["deprecated"];

const PROPERTY: u32 = 0;
const STRING: u32 = 1;
const NUMBER: u32 = 2;
const KEYWORD: u32 = 3;
const ENUM_MEMBER: u32 = 4;
const DEPRECATED: u32 = 1;

/// `textDocument/semanticTokens/full`: keys and values by their options' types.
pub(in crate::lsp) fn semantic_tokens(
    snapshot: &Snapshot,
    params: lsp::SemanticTokensParams,
) -> Result<Option<lsp::SemanticTokens>, Failure> {
    let Some(view) = snapshot.view(&params.text_document.uri) else { return Ok(None) };
    let mut tokens: Vec<(Range<usize>, u32, u32)> = Vec::new();
    for subject in view.analysis.subjects() {
        with_context(subject, |ctx| tokens.extend(tokens_of(&written(ctx), ctx.target)));
    }
    tokens.sort_by_key(|(bytes, ..)| (bytes.start, bytes.end));
    tokens.dedup();
    Ok(Some(lsp::SemanticTokens { result_id: None, data: encode(&view.positions, &tokens) }))
}

fn tokens_of(settings: &[&Setting<'_>], target: &Target) -> Vec<(Range<usize>, u32, u32)> {
    let mut tokens = Vec::new();
    for setting in settings {
        let deprecated = match classify(&setting.key, target) {
            Classification::Alias { alternate, .. } => alternate.deprecated,
            Classification::Known { entry, .. } => entry.deprecated,
            Classification::Removed { .. } => true,
            _ => false,
        };
        tokens.push((setting.key_span.range(), PROPERTY, u32::from(deprecated) * DEPRECATED));
        let kind = match value_type(&setting.key, target) {
            Some(ValueType::Boolean) => KEYWORD,
            Some(ValueType::Enum(_)) => ENUM_MEMBER,
            Some(
                ValueType::Int
                | ValueType::Long
                | ValueType::Float
                | ValueType::Double
                | ValueType::MemorySize
                | ValueType::Duration,
            ) => NUMBER,
            _ => STRING,
        };
        tokens.push((setting.value_span.range(), kind, 0));
    }
    tokens
}

/// Each token counted from the one before; one that reaches over a line's end becomes several.
fn encode(
    positions: &crate::lsp::position::Positions<'_>,
    tokens: &[(Range<usize>, u32, u32)],
) -> Vec<lsp::SemanticToken> {
    let mut data = Vec::with_capacity(tokens.len());
    let mut last = lsp::Position::default();
    let mut done = 0;
    for (bytes, token_type, modifiers) in tokens {
        let mut start = bytes.start;
        while start < bytes.end {
            let line = positions.line_of(start);
            let end = bytes.end.min(line.end);
            if start < end && start >= done {
                let range = positions.range(start..end);
                let same_line = range.start.line == last.line;
                let from = if same_line { last.character } else { 0 };
                data.push(lsp::SemanticToken {
                    delta_line: range.start.line - last.line,
                    delta_start: range.start.character - from,
                    length: range.end.character - range.start.character,
                    token_type: *token_type,
                    token_modifiers_bitset: *modifiers,
                });
                last = range.start;
                done = end;
            }
            // Past the line's end, whatever its form.
            let rest = positions.text.get(line.end..).unwrap_or("");
            let ends = rest.len() - rest.trim_start_matches(['\n', '\r']).len();
            start = (line.end + ends).max(start + 1);
        }
    }
    data
}
