//! Values and keys as YAML writes them.

use std::fmt::Write as _;

use crate::catalog::{Release, ValueType};
use crate::config::{Dialect, RawValue, load, parse_map, split_escaped};
use crate::source::{SourceFile, Sources};

/// The text as a scalar that Flink loads as exactly this text: as it is where that works, else
/// quoted.
pub(super) fn scalar(text: &str) -> String {
    if is_loaded_as(&format!("k: {text}\n"), "k", text) && !text.contains(['\n', '\r']) {
        return text.to_owned();
    }
    quoted(text)
}

/// The text as a key of a block mapping.
pub(super) fn key(text: &str) -> String {
    if !text.contains(['\n', '\r']) && is_loaded_as(&format!("{text}: v\n"), text, "v") {
        return text.to_owned();
    }
    quoted(text)
}

/// Whether `yaml` holds one setting of this key and text.
fn is_loaded_as(yaml: &str, key: &str, text: &str) -> bool {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::argument("", ""));
    let loaded = load(file, yaml, Dialect::Yaml);
    let [setting] = loaded.settings.as_slice() else { return false };
    loaded.error.is_none() && setting.key == key && setting.value.text() == text
}

/// Single quotes where they can hold the text, else double ones with escapes.
fn quoted(text: &str) -> String {
    let plain = |c: char| {
        matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
    };
    if text.chars().all(plain) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            c if plain(c) => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// A list or map of `flink-conf.yaml` as YAML, where `config.yaml` would read its text otherwise.
pub(super) fn collection(
    raw: &RawValue<'_>,
    value_type: ValueType,
    release: Release,
) -> Option<String> {
    let text = raw.text();
    match value_type {
        ValueType::List(_) => {
            // Text that YAML takes for a list is one item, or several, to the line's reader.
            let is_list = text.starts_with(['[', '-', '{', '&', '!', '*', '|', '>', '%', '@']);
            let items = split_escaped(&text, ';').ok()?;
            is_list.then(|| {
                let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
                format!("[{}]", items.join(", "))
            })
        }
        ValueType::Map => {
            let old = parse_map(raw, false, release).ok()?;
            let new = parse_map(raw, true, release).ok();
            (new.as_ref() != Some(&old)).then(|| {
                let pairs: Vec<String> = old
                    .iter()
                    .map(|(key, value)| format!("{}: {}", quoted(key), quoted(value)))
                    .collect();
                // A map of its own would become keys below this one.
                quoted(&format!("{{{}}}", pairs.join(", ")))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_needs_quotes_gets_them() {
        for (text, expected) in [
            ("4g", "4g"),
            ("0.4", "0.4"),
            ("8081", "8081"),
            ("08", "'08'"),
            ("1.10", "'1.10'"),
            ("true", "true"),
            ("TRUE", "'TRUE'"),
            ("a: b", "'a: b'"),
            ("[a, b]", "[a, b]"),
            ("it's", "it's"),
            ("'x'", "'''x'''"),
            ("hdfs:///a", "hdfs:///a"),
            ("a\u{7}b", "\"a\\U00000007b\""),
            ("", "''"),
        ] {
            assert_eq!(scalar(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_survives(text in "[^\\n\\r]{0,20}") {
            let yaml = format!("k: {}\n", scalar(&text));
            prop_assert!(is_loaded_as(&yaml, "k", &text), "{yaml:?}");
        }
    }
}
