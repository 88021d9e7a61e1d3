use std::borrow::Cow;

use super::tree::{Node, Scalar};
use crate::config::{Layer, RawValue, Setting};
use crate::source::Span;

/// Deepest nesting of `flinkConfiguration`.
const MAX_DEPTH: usize = 64;

/// The entries of a map as flat keys: `a.b: c` and `a: {b: c}` are the same.
pub(super) fn flatten(map: Node<'_, '_>, layer: Layer) -> Vec<Setting<'static>> {
    let mut settings = Vec::new();
    flatten_into(map, "", layer, MAX_DEPTH, &mut settings);
    settings
}

fn flatten_into(
    map: Node<'_, '_>,
    prefix: &str,
    layer: Layer,
    depth: usize,
    settings: &mut Vec<Setting<'static>>,
) {
    for (key, value) in map.own_pairs() {
        let path = if prefix.is_empty() { key.text } else { format!("{prefix}.{}", key.text) };
        if value.is_map() {
            if depth > 0 {
                flatten_into(value, &path, layer, depth - 1, settings);
            }
        } else if let Some(text) = value.scalar() {
            settings.push(setting(path, &text.text, key.span, text.span, layer));
        } else if value.raw().is_none() {
            let items: Vec<String> =
                value.items().filter_map(|item| Some(item.scalar()?.text)).collect();
            settings.push(setting(path, &items.join(";"), key.span, value.span(), layer));
        }
    }
}

pub(super) fn setting(
    key: impl Into<Cow<'static, str>>,
    value: &str,
    key_span: Span,
    value_span: Span,
    layer: Layer,
) -> Setting<'static> {
    Setting {
        key: key.into(),
        value: RawValue::Text(Cow::Owned(value.to_owned())),
        key_span,
        value_span,
        layer,
    }
}

/// A setting that stands for a scalar elsewhere.
pub(super) fn derived(key: &'static str, value: &str, from: &Scalar) -> Setting<'static> {
    setting(key, value, from.span, from.span, Layer::Derived)
}
