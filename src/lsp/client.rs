//! What the client can do and what its user has set.

use serde_json::Value;

use super::position::Encoding;
use crate::catalog::Target;
use crate::workspace::{Choices, RuleSelection};

/// What the client can do, from `initialize`; it does not change.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the protocol's own flags")]
pub(super) struct Capabilities {
    /// What columns are counted in.
    pub(super) encoding: Encoding,
    /// The client asks for diagnostics, so none are pushed.
    pub(super) pulls_diagnostics: bool,
    /// It can be told to ask again.
    pub(super) refreshes_diagnostics: bool,
    /// Likewise for inlay hints.
    pub(super) refreshes_inlay_hints: bool,
    /// Likewise for code lenses.
    pub(super) refreshes_code_lenses: bool,
    /// Completions may have placeholders.
    pub(super) snippets: bool,
    /// Symbols may form a tree.
    pub(super) symbol_trees: bool,
    /// It answers `workspace/configuration`.
    pub(super) configuration: bool,
    /// It can be asked to watch files.
    pub(super) watches_files: bool,
    /// Edits may name the version that they are for.
    pub(super) versioned_edits: bool,
}

impl Capabilities {
    /// Reads what matters out of `initialize`'s parameters; whatever is not as the protocol says
    /// counts as absent.
    pub(super) fn new(params: &Value) -> Self {
        let at = |path: &str| params.pointer(&format!("/capabilities/{path}"));
        let is = |path: &str| at(path).and_then(Value::as_bool).unwrap_or(false);
        let encodings = at("general/positionEncodings").and_then(Value::as_array);
        let offers = |name: &str| {
            encodings.is_some_and(|list| list.iter().any(|item| item.as_str() == Some(name)))
        };
        let encoding = if offers("utf-8") {
            Encoding::Utf8
        } else if encodings.is_some() && !offers("utf-16") && offers("utf-32") {
            Encoding::Utf32
        } else {
            Encoding::Utf16
        };
        Self {
            encoding,
            pulls_diagnostics: at("textDocument/diagnostic").is_some_and(Value::is_object),
            refreshes_diagnostics: is("workspace/diagnostics/refreshSupport"),
            refreshes_inlay_hints: is("workspace/inlayHint/refreshSupport"),
            refreshes_code_lenses: is("workspace/codeLens/refreshSupport"),
            snippets: is("textDocument/completion/completionItem/snippetSupport"),
            symbol_trees: is("textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            configuration: is("workspace/configuration"),
            watches_files: is("workspace/didChangeWatchedFiles/dynamicRegistration"),
            versioned_edits: is("workspace/workspaceEdit/documentChanges"),
        }
    }
}

/// What the user has set in the editor, under `slotwise`.
#[derive(Debug, Clone)]
pub(super) struct UserSettings {
    /// Target and `-D` properties.
    pub(super) choices: Choices,
    /// The command that starts the job, laid over every configuration.
    pub(super) job: Option<String>,
    /// Files laid over every configuration.
    pub(super) overlays: Vec<String>,
    /// Wanted rules.
    pub(super) selection: RuleSelection,
    /// Whether to show bytes beside sizes.
    pub(super) inlay_hints: bool,
    /// Whether to show the memory picture above the file.
    pub(super) code_lens: bool,
}

impl Default for UserSettings {
    fn default() -> Self {
        Self {
            choices: Choices::default(),
            job: None,
            overlays: Vec::new(),
            selection: RuleSelection::default(),
            inlay_hints: true,
            code_lens: true,
        }
    }
}

impl UserSettings {
    /// Reads the settings, and says what is wrong with them; what is wrong counts as not set.
    pub(super) fn new(value: &Value) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let text = |name: &str| {
            value.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
        };
        let list = |name: &str| -> Vec<String> {
            let items = value.get(name).and_then(Value::as_array);
            let items = items.into_iter().flatten().filter_map(Value::as_str);
            items.map(str::to_owned).collect()
        };
        let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(true);
        let target = text("target").and_then(|name| match name.parse::<Target>() {
            Ok(target) => Some((target, "set in the editor")),
            Err(error) => {
                problems.push(format!("slotwise.target: {error}"));
                None
            }
        });
        let choices =
            Choices { target, dynamic_properties: list("dynamicProperties"), ..Choices::default() };
        if let Some(property) = choices.dynamic_properties.iter().find(|text| !text.contains('=')) {
            problems.push(format!("slotwise.dynamicProperties: expected KEY=VALUE in {property}"));
        }
        let selection = RuleSelection {
            select: list("select"),
            ignore: list("ignore"),
            ..RuleSelection::default()
        };
        let settings = Self {
            choices,
            job: text("job").map(str::to_owned),
            overlays: list("overlays"),
            selection,
            inlay_hints: flag("inlayHints"),
            code_lens: flag("codeLens"),
        };
        (settings, problems)
    }
}
