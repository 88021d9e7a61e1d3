use super::{RawValue, Refusal, yaml};
use crate::catalog::Release;

/// Splits a text as Flink splits lists at `;`, maps at `,` and their items at `:`.
///
/// A part may be quoted as a whole with `'` or `"`, which are doubled within; white space around
/// parts is dropped, and so is an empty part at either end.
///
/// # Errors
/// [`Refusal`] for a quote that does not close, or that closes before the part's end.
///
/// Source: `StructuredOptionsSplitter.splitEscaped`, Flink 1.10 to 2.3.
pub fn split_escaped(text: &str, delimiter: char) -> Result<Vec<String>, Refusal> {
    let mut parts = Vec::new();
    let mut is_after_part = false;
    let mut is_after_delimiter = false;
    // Java counts UTF-16 units.
    let mut position = 0;
    // The closing quote of a part that something other than a delimiter follows is the error.
    let mut part_end = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let start = position;
        position += c.len_utf16();
        if c == delimiter {
            if is_after_delimiter {
                parts.push(String::new());
            }
            is_after_part = false;
            is_after_delimiter = true;
            continue;
        }
        if is_java_space(c) {
            continue;
        }
        if is_after_part {
            return Err(Refusal::new(
                "a quoted item must be quoted as a whole",
                format!("Could not split string. Illegal quoting at position: {part_end}"),
            ));
        }
        let mut part = String::new();
        if c == '\'' || c == '"' {
            loop {
                let Some(next) = rest.next() else {
                    return Err(Refusal::new(
                        format!("the quote at character {} does not close", start + 1),
                        "Could not split string. Quoting was not closed properly.",
                    ));
                };
                position += next.len_utf16();
                if next == c {
                    if rest.next_if_eq(&c).is_none() {
                        break;
                    }
                    position += c.len_utf16();
                }
                part.push(next);
            }
            parts.push(part);
        } else {
            part.push(c);
            while let Some(next) = rest.next_if(|next| *next != delimiter) {
                position += next.len_utf16();
                part.push(next);
            }
            parts.push(part.trim_matches(|c| c <= ' ').to_owned());
        }
        part_end = position - 1;
        is_after_part = true;
        is_after_delimiter = false;
    }
    Ok(parts)
}

/// The items of a list, as raw values: typed if YAML typed them.
///
/// With `standard_yaml`, the text is read as a YAML list first, if all of `check` agrees; failing
/// that, it is split at `;`.
///
/// # Errors
/// [`Refusal`] of the split, or of `check`.
///
/// Source: `ConfigurationUtils.convertToList`, Flink 1.10 to 2.3.
pub(super) fn check_list(
    raw: &RawValue<'_>,
    standard_yaml: bool,
    check: impl Fn(&RawValue<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let text = raw.map_text();
    if standard_yaml
        && let Some(items) = yaml::list(&text)
        && items.iter().all(|item| check(item).is_ok())
    {
        return Ok(());
    }
    for item in split_escaped(&text, ';')? {
        check(&RawValue::Text(item.into()))?;
    }
    Ok(())
}

/// The entries of a map, in the order in which they are written.
///
/// With `standard_yaml`, the text is read as a YAML map first; failing that, it is split at `,` and
/// each entry at its one `:`.
///
/// # Errors
/// [`Refusal`] for an entry that is no pair, a key that is there twice, and those of the split.
///
/// Source: `ConfigurationUtils.convertToProperties`, Flink 1.10 to 2.3.
pub fn parse_map(
    raw: &RawValue<'_>,
    standard_yaml: bool,
    release: Release,
) -> Result<Vec<(String, String)>, Refusal> {
    let text = raw.map_text();
    if standard_yaml && let Some(entries) = yaml::map(&text) {
        return Ok(entries);
    }
    let mut entries: Vec<(String, String)> = Vec::new();
    for item in split_escaped(&text, ',')? {
        let parts = split_escaped(&item, ':')?;
        let [key, value] = parts.as_slice() else {
            // From 1.17 on, values that may be secret stay out of messages.
            let cause = if release < Release::V1_17 {
                format!("Could not parse pair in the map [{}]", parts.join(", "))
            } else {
                "Map item is not a key-value pair (missing ':'?)".to_owned()
            };
            return Err(Refusal::new(
                format!("entries of the form key:value are expected, found `{item}`"),
                cause,
            ));
        };
        if let Some((_, earlier)) = entries.iter().find(|(known, _)| known == key) {
            return Err(Refusal::new(
                format!("the key `{key}` is there twice"),
                format!("Duplicate key {key} (attempted merging values {earlier} and {value})"),
            ));
        }
        entries.push((key.clone(), value.clone()));
    }
    Ok(entries)
}

/// Java's `Character.isWhitespace`: no-break spaces are none.
fn is_java_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{1C}'..='\u{20}' | '\u{1680}' | '\u{2000}'..='\u{2006}')
        || matches!(c, '\u{2008}'..='\u{200A}' | '\u{2028}' | '\u{2029}' | '\u{205F}' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[&str], &str>) {
        let found = split_escaped(text, ';');
        let found = found.map_err(|refusal| refusal.flink_cause.unwrap_or_default());
        let expected = expected
            .map(|parts| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>())
            .map_err(|cause| format!("Could not split string. {cause}"));
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn splits_where_flink_splits() {
        check("a;b", Ok(&["a", "b"]));
        check(" a ; b;", Ok(&["a", "b"]));
        check(";a", Ok(&["a"]));
        check("a;;b", Ok(&["a", "", "b"]));
        check(";;", Ok(&[""]));
        check("", Ok(&[]));
        check("'a;b';\"c\"", Ok(&["a;b", "c"]));
        check("'a''b' ;c", Ok(&["a'b", "c"]));
        check("a'b;c", Ok(&["a'b", "c"]));
        check("\u{3000}a;\u{a0}b", Ok(&["a", "\u{a0}b"]));
        check("'a'b;c", Err("Illegal quoting at position: 2"));
        check("'a", Err("Quoting was not closed properly."));
    }
}
