use super::{Dialect, FromRaw, RawValue};
use crate::catalog::{Release, ValueType};
use crate::units::{FlinkDuration, Fraction, MemorySize};

/// Whether Flink reads `raw` as a value of `value_type`.
///
/// # Errors
/// The reason why Flink refuses it, in Flink's words where they say something.
///
/// Source: `ConfigurationUtils.convertValue` and `StructuredOptionsSplitter`, Flink 1.10 to 2.3.
pub fn check_value(
    raw: &RawValue<'_>,
    value_type: ValueType,
    release: Release,
    dialect: Dialect,
) -> Result<(), String> {
    match value_type {
        ValueType::String => Ok(()),
        ValueType::Boolean => bool::from_raw(raw, release).map(drop),
        ValueType::Int => i32::from_raw(raw, release).map(drop),
        ValueType::Long => long(raw),
        ValueType::Float => Fraction::from_raw(raw, release).map(drop),
        ValueType::Double => f64::from_raw(raw, release).map(drop),
        ValueType::MemorySize => MemorySize::from_raw(raw, release).map(drop),
        ValueType::Duration => FlinkDuration::from_raw(raw, release).map(drop),
        ValueType::Enum(constants) => constant(&raw.text(), constants),
        ValueType::List(item) => list(raw, *item, release, dialect),
        ValueType::Map => map(&raw.text(), dialect),
    }
}

fn long(raw: &RawValue<'_>) -> Result<(), String> {
    let text = raw.text();
    text.parse::<i64>().map(drop).map_err(|_| format!("For input string: \"{text}\""))
}

fn constant(text: &str, constants: &[&str]) -> Result<(), String> {
    let known = constants.iter().any(|constant| constant.eq_ignore_ascii_case(text));
    let expected = || format!("expected one of {}, found {text:?}", constants.join(", "));
    known.then_some(()).ok_or_else(expected)
}

fn list(
    raw: &RawValue<'_>,
    item: ValueType,
    release: Release,
    dialect: Dialect,
) -> Result<(), String> {
    let text = raw.text();
    // config.yaml's lists are YAML first, and any text is a YAML scalar at least.
    if dialect == Dialect::Yaml && text.starts_with(['[', '{', '"', '\'']) {
        return Ok(());
    }
    let items = split(&text, ';')?;
    items
        .into_iter()
        .try_for_each(|text| check_value(&RawValue::Text(text.into()), item, release, dialect))
}

fn map(text: &str, dialect: Dialect) -> Result<(), String> {
    if dialect == Dialect::Yaml && text.starts_with('{') {
        return Ok(());
    }
    for entry in split(text, ',')? {
        if split(&entry, ':')?.len() != 2 {
            return Err(format!("Map item is not a key-value pair (missing ':'?): {entry:?}"));
        }
    }
    Ok(())
}

/// Splits at `delimiter`, but not within quotes at the start of an item; empty items vanish.
fn split(text: &str, delimiter: char) -> Result<Vec<String>, String> {
    let mut items: Vec<String> = Vec::new();
    let mut after_item = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if c == delimiter {
            after_item = false;
            continue;
        }
        if c.is_whitespace() {
            continue;
        }
        if after_item {
            return Err(format!("Could not split string. Illegal quoting at position: {at}"));
        }
        let mut item = String::new();
        if matches!(c, '"' | '\'') {
            loop {
                match characters.next() {
                    Some((_, quote)) if quote == c => match characters.peek() {
                        Some((_, next)) if *next == c => {
                            item.push(c);
                            characters.next();
                        }
                        _ => break,
                    },
                    Some((_, other)) => item.push(other),
                    None => {
                        let why = "Could not split string. Quoting was not closed properly.";
                        return Err(why.to_owned());
                    }
                }
            }
        } else {
            item.push(c);
            while let Some((_, other)) = characters.next_if(|(_, next)| *next != delimiter) {
                item.push(other);
            }
            item.truncate(item.trim_end().len());
        }
        items.push(item);
        after_item = true;
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Flink 1.20 refuses in `flink-conf.yaml`, as the real release was asked.
    #[test]
    fn values_that_flink_refuses() {
        const MODES: ValueType = ValueType::Enum(&["STREAMING", "BATCH"]);
        const LIST: ValueType = ValueType::List(&ValueType::String);
        for (value_type, value, is_read) in [
            (ValueType::Int, "08", true),
            (ValueType::Int, "+4", true),
            (ValueType::Int, "3.0", false),
            (ValueType::Int, "2147483648", false),
            (ValueType::Long, "2147483648", true),
            (ValueType::Long, "300s", false),
            (ValueType::Boolean, "TRUE", true),
            (ValueType::Boolean, "yes", false),
            (ValueType::Float, "0.4f", true),
            (ValueType::Float, "40%", false),
            (ValueType::MemorySize, "1.5g", false),
            (ValueType::Duration, "10 s", true),
            (ValueType::Duration, "1.5s", false),
            (MODES, "Batch", true),
            (MODES, "bach", false),
            (LIST, "a;'b;c'", true),
            (LIST, "'a", false),
            (LIST, "'a'b;c", false),
            (LIST, "a'b;c", true),
            (ValueType::Map, "k1:v1, k2:v2", true),
            (ValueType::Map, "'k1: v1'", true),
            (ValueType::Map, "k1:v1:x", false),
            (ValueType::Map, "k1", false),
            (ValueType::Map, "'a:b':c", false),
        ] {
            let raw = RawValue::Text(value.into());
            let result = check_value(&raw, value_type, Release::V1_20, Dialect::Legacy);
            assert_eq!(result.is_ok(), is_read, "{value_type} {value}: {result:?}");
        }
    }
}
