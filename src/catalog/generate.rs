//! Writes `tables.rs` out of `data/options.jsonl`; a test, since the project has no build script.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::option::first_slot;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    key: String,
    first: String,
    last: String,
    #[serde(default)]
    secondary: bool,
    #[serde(rename = "type")]
    value_type: String,
    #[serde(default, rename = "enum")]
    constants: Vec<String>,
    default: Option<String>,
    #[serde(default)]
    fallback_keys: Vec<String>,
    #[serde(default)]
    deprecated_keys: Vec<String>,
    #[serde(default)]
    deprecated: bool,
    class: String,
    place: Option<String>,
}

fn tables(data: &str) -> String {
    let mut primary: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let mut secondary: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in data.lines() {
        let row: Row = serde_json::from_str(line).unwrap();
        let map = if row.secondary { &mut secondary } else { &mut primary };
        map.entry(row.key.clone()).or_default().push(row);
    }

    let mut out = String::from(
        "// Generated from data/options.jsonl; `UPDATE=1 cargo test` rewrites it.\n\n\
         use super::Release::*;\n\
         use super::option::Place::*;\n\
         use super::option::ValueType::{self, Boolean, Double, Duration, Enum, Float, Int, List, Long, Map, MemorySize};\n\
         use super::option::{Alternate, OptionEntry, OptionHistory, Place};\n\
         use super::{Release, ValueType as T};\n\n\
         type E = OptionEntry;\n\
         type H = OptionHistory;\n\n\
         const fn h(key: &'static str, place: Place, entries: &'static [E]) -> H {\n    \
             H { key, place, entries }\n}\n\n\
         const fn e(first: Release, last: Release, declared_in: &'static str, value_type: ValueType, default: Option<&'static str>, alternates: &'static [Alternate]) -> E {\n    \
             E { first, last, value_type, default, alternates, deprecated: false, declared_in }\n}\n\n\
         /// The entry of an option that is itself deprecated.\n\
         const fn old(first: Release, last: Release, declared_in: &'static str, value_type: ValueType, default: Option<&'static str>, alternates: &'static [Alternate]) -> E {\n    \
             E { first, last, value_type, default, alternates, deprecated: true, declared_in }\n}\n\n\
         /// A deprecated key.\n\
         const fn d(key: &'static str) -> Alternate {\n    \
             Alternate { key, deprecated: true }\n}\n\n\
         /// A fallback key.\n\
         const fn f(key: &'static str) -> Alternate {\n    \
             Alternate { key, deprecated: false }\n}\n\n",
    );
    for (name, map) in [("OPTIONS", &primary), ("SECONDARY", &secondary)] {
        writeln!(out, "pub(super) static {name}: [H; {}] = [", map.len()).unwrap();
        for (key, rows) in map {
            let last = rows.last().unwrap();
            let place = match last.place.as_deref() {
                None => "File",
                Some("pattern") => "Pattern",
                Some("suffix") => "Suffix",
                Some("sql") => "Sql",
                Some("internal") => "Internal",
                Some(other) => panic!("unknown place {other}"),
            };
            let entries: Vec<String> = rows.iter().map(entry).collect();
            writeln!(out, "    h({key:?}, {place}, &[{}]),", entries.join(", ")).unwrap();
        }
        out.push_str("];\n\n");
    }

    let index = |key: &str| primary.keys().position(|k| k == key).unwrap();
    let slot_count = (primary.len() * 2).next_power_of_two();
    let mut slots = vec![0; slot_count];
    for key in primary.keys() {
        let mut slot = first_slot(key, slot_count);
        while slots[slot] != 0 {
            slot = (slot + 1) % slot_count;
        }
        slots[slot] = index(key) + 1;
    }
    writeln!(out, "pub(super) static SLOTS: [u16; {slot_count}] = [").unwrap();
    for line in slots.chunks(32) {
        let line: Vec<String> = line.iter().map(ToString::to_string).collect();
        writeln!(out, "    {},", line.join(", ")).unwrap();
    }
    out.push_str("];\n\n");

    let mut aliases: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in primary.values().flatten() {
        for alias in row.fallback_keys.iter().chain(&row.deprecated_keys) {
            let indices = aliases.entry(alias).or_default();
            if !indices.contains(&index(&row.key)) {
                indices.push(index(&row.key));
            }
        }
    }
    writeln!(out, "pub(super) static ALIASES: [(&str, &[u16]); {}] = [", aliases.len()).unwrap();
    for (alias, indices) in &aliases {
        writeln!(out, "    ({alias:?}, &{indices:?}),").unwrap();
    }
    out.push_str("];\n");
    out
}

fn entry(row: &Row) -> String {
    let version = |text: &str| format!("V{}", text.replace('.', "_"));
    let alternates: Vec<String> = (row.fallback_keys.iter().map(|key| format!("f({key:?})")))
        .chain(row.deprecated_keys.iter().map(|key| format!("d({key:?})")))
        .collect();
    format!(
        "{}({}, {}, {:?}, {}, {:?}, &[{}])",
        if row.deprecated { "old" } else { "e" },
        version(&row.first),
        version(&row.last),
        row.class,
        value_type(&row.value_type, &row.constants),
        row.default,
        alternates.join(", "),
    )
}

fn value_type(name: &str, constants: &[String]) -> String {
    if let Some(item) = name.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>')) {
        return format!("List(&{})", value_type(item, constants));
    }
    match name {
        "Integer" => "Int".to_owned(),
        "Enum" => format!("Enum(&{constants:?})"),
        // `String` would hide the standard library's.
        "String" => "T::String".to_owned(),
        other => other.to_owned(),
    }
}

#[test]
fn the_tables_are_those_of_the_data() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/catalog/tables.rs");
    let fresh = tables(include_str!("data/options.jsonl"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &fresh).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap();
    assert!(stored == fresh, "tables.rs is stale; run `UPDATE=1 cargo test generate`");
}
