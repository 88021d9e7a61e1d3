//! One file per request, and what the server says that it can do.

mod code_action;
mod code_lens;
mod completion;
mod diagnostic;
mod document_symbol;
mod execute_command;
mod folding_range;
mod formatting;
mod hover;
mod inlay_hint;
mod navigation;
mod semantic_tokens;
mod slot_memory;

pub(super) use code_action::code_action;
pub(super) use code_lens::code_lens;
pub(super) use completion::{completion, resolve};
pub(super) use diagnostic::{diagnostic, workspace_diagnostic};
pub(super) use document_symbol::document_symbol;
pub(super) use execute_command::execute_command;
pub(super) use folding_range::folding_range;
pub(super) use formatting::formatting;
pub(super) use hover::hover;
pub(super) use inlay_hint::inlay_hint;
pub(super) use navigation::{
    definition, document_link, prepare_rename, references, rename, selection_range,
};
pub(super) use semantic_tokens::semantic_tokens;

use gen_lsp_types as lsp;

use super::client::Capabilities;
use super::position::Encoding;

/// The answer to `initialize`.
pub(super) fn capabilities(client: &Capabilities) -> lsp::InitializeResult {
    let encoding = match client.encoding {
        Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
        Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
        Encoding::Utf32 => lsp::PositionEncodingKind::UTF32,
    };
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::Incremental),
        ..lsp::TextDocumentSyncOptions::default()
    };
    let diagnostics = client.pulls_diagnostics.then(|| {
        lsp::DiagnosticOptions {
            identifier: Some("slotwise".to_owned()),
            inter_file_dependencies: true,
            workspace_diagnostics: true,
            ..lsp::DiagnosticOptions::default()
        }
        .into()
    });
    let completion = lsp::CompletionOptions {
        // Keys go part by part; after a colon come values.
        trigger_characters: Some([".", ":", " "].map(str::to_owned).to_vec()),
        resolve_provider: Some(true),
        ..lsp::CompletionOptions::default()
    };
    let actions = lsp::CodeActionOptions {
        code_action_kinds: Some(vec![
            lsp::CodeActionKind::QuickFix,
            lsp::CodeActionKind::new(code_action::FIX_ALL),
            lsp::CodeActionKind::new(slot_memory::KIND),
        ]),
        ..lsp::CodeActionOptions::default()
    };
    let rename =
        lsp::RenameOptions { prepare_provider: Some(true), ..lsp::RenameOptions::default() };
    let tokens = lsp::SemanticTokensOptions {
        legend: lsp::SemanticTokensLegend {
            token_types: semantic_tokens::TYPES.map(str::to_owned).to_vec(),
            token_modifiers: semantic_tokens::MODIFIERS.map(str::to_owned).to_vec(),
        },
        full: Some(true.into()),
        ..lsp::SemanticTokensOptions::default()
    };
    lsp::InitializeResult {
        capabilities: lsp::ServerCapabilities {
            position_encoding: Some(encoding),
            text_document_sync: Some(sync.into()),
            diagnostic_provider: diagnostics,
            hover_provider: Some(true.into()),
            completion_provider: Some(completion),
            code_action_provider: Some(actions.into()),
            inlay_hint_provider: Some(true.into()),
            code_lens_provider: Some(lsp::CodeLensOptions::default()),
            document_symbol_provider: Some(true.into()),
            definition_provider: Some(true.into()),
            references_provider: Some(true.into()),
            rename_provider: Some(rename.into()),
            document_link_provider: Some(lsp::DocumentLinkOptions::default()),
            selection_range_provider: Some(true.into()),
            folding_range_provider: Some(true.into()),
            document_formatting_provider: Some(true.into()),
            semantic_tokens_provider: Some(tokens.into()),
            execute_command_provider: Some(lsp::ExecuteCommandOptions {
                commands: execute_command::COMMANDS.map(str::to_owned).to_vec(),
                ..lsp::ExecuteCommandOptions::default()
            }),
            ..lsp::ServerCapabilities::default()
        },
        server_info: Some(lsp::ServerInfo {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    }
}
