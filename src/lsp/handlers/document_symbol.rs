use std::ops::Range;

use gen_lsp_types as lsp;

use crate::config::Setting;
use crate::lint::Secrets;
use crate::lsp::document::{with_context, written};
use crate::lsp::server::Failure;
use crate::lsp::snapshot::{Snapshot, View};

/// `textDocument/documentSymbol`: the keys as a tree over their parts.
pub(in crate::lsp) fn document_symbol(
    snapshot: &Snapshot,
    params: lsp::DocumentSymbolParams,
) -> Result<Option<lsp::DocumentSymbolResponse>, Failure> {
    let Some(view) = snapshot.view(&params.text_document.uri) else { return Ok(None) };
    let subjects = view.analysis.subjects();
    if !snapshot.capabilities.symbol_trees {
        let symbols = subjects.flat_map(|subject| {
            with_context(subject, |ctx| {
                written(ctx).into_iter().map(|setting| flat(&view, setting)).collect::<Vec<_>>()
            })
        });
        return Ok(Some(symbols.collect::<Vec<_>>().into()));
    }
    let symbols = subjects.flat_map(|subject| {
        with_context(subject, |ctx| {
            let mut root = Branch::default();
            for setting in written(ctx) {
                root.add(&setting.key, setting);
            }
            let secrets = Secrets::of(ctx);
            root.branches.iter().map(|branch| branch.symbol(&view, &secrets)).collect::<Vec<_>>()
        })
    });
    Ok(Some(symbols.collect::<Vec<_>>().into()))
}

#[expect(deprecated, reason = "a field of the protocol that has to be given")]
fn flat(view: &View<'_>, setting: &Setting<'_>) -> lsp::SymbolInformation {
    lsp::SymbolInformation {
        deprecated: None,
        location: lsp::Location {
            uri: view.document.uri.clone(),
            range: view.positions.range(whole(setting)),
        },
        base_symbol_information: lsp::BaseSymbolInformation {
            name: name(&setting.key),
            kind: lsp::SymbolKind::Property,
            tags: None,
            container_name: None,
        },
    }
}

/// Key and value.
fn whole(setting: &Setting<'_>) -> Range<usize> {
    let (key, value) = (setting.key_span.range(), setting.value_span.range());
    key.start.min(value.start)..key.end.max(value.end)
}

/// The protocol wants no empty names.
fn name(key: &str) -> String {
    if key.trim().is_empty() { "(empty)".to_owned() } else { key.to_owned() }
}

/// A part of keys, or a whole key.
#[derive(Debug, Default)]
struct Branch<'s, 'a> {
    part: String,
    setting: Option<&'s Setting<'a>>,
    branches: Vec<Branch<'s, 'a>>,
}

/// Deeper keys stay whole below this.
const MAX_DEPTH: usize = 16;

impl<'s, 'a> Branch<'s, 'a> {
    fn add(&mut self, key: &str, setting: &'s Setting<'a>) {
        self.add_below(key, setting, 0);
    }

    fn add_below(&mut self, key: &str, setting: &'s Setting<'a>, depth: usize) {
        let split = if depth < MAX_DEPTH { key.split_once('.') } else { None };
        let Some((part, rest)) = split else {
            let branch =
                Self { part: key.to_owned(), setting: Some(setting), branches: Vec::new() };
            self.branches.push(branch);
            return;
        };
        // Only a run of lines forms a branch, so that the tree keeps the file's order.
        let continues =
            self.branches.last().is_some_and(|last| last.setting.is_none() && last.part == part);
        if !continues {
            let branch = Self { part: part.to_owned(), setting: None, branches: Vec::new() };
            self.branches.push(branch);
        }
        if let Some(last) = self.branches.last_mut() {
            last.add_below(rest, setting, depth + 1);
        }
    }

    #[expect(deprecated, reason = "a field of the protocol that has to be given")]
    fn symbol(&self, view: &View<'_>, secrets: &Secrets) -> lsp::DocumentSymbol {
        // A part with one child only is shown together with it.
        if self.setting.is_none()
            && let [only] = self.branches.as_slice()
        {
            let mut symbol = only.symbol(view, secrets);
            symbol.name = format!("{}.{}", self.part, symbol.name);
            return symbol;
        }
        let children: Vec<_> =
            self.branches.iter().map(|branch| branch.symbol(view, secrets)).collect();
        let range = self.bytes();
        let selection = self.setting.map_or(range.clone(), |setting| setting.key_span.range());
        let detail =
            self.setting.map(|it| one_line(&secrets.mask_value(&it.key, &it.value.text())));
        let kind = match self.setting {
            Some(_) => lsp::SymbolKind::Property,
            None => lsp::SymbolKind::Namespace,
        };
        lsp::DocumentSymbol {
            name: name(&self.part),
            detail,
            kind,
            tags: None,
            deprecated: None,
            range: view.positions.range(range),
            selection_range: view.positions.range(selection),
            children: (!children.is_empty()).then_some(children),
        }
    }

    /// From the first to the last byte of everything below.
    fn bytes(&self) -> Range<usize> {
        let own = self.setting.map(whole);
        let below = self.branches.iter().map(Self::bytes);
        let joined =
            own.into_iter().chain(below).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        joined.unwrap_or(0..0)
    }
}

fn one_line(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
