use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// Writes `value` as one line of JSON, without the line's end.
///
/// JSON allows U+0085, U+2028 and U+2029 as they are, but many readers of JSON lines split there
/// too; they are written as escapes.
///
/// # Errors
/// Those of `out`.
pub fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, OneLine))?)
}

/// The compact form, with every Unicode line end escaped.
struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for part in fragment.split_inclusive(['\u{85}', '\u{2028}', '\u{2029}']) {
            let last = part.chars().next_back().unwrap_or_default();
            match last {
                '\u{85}' | '\u{2028}' | '\u{2029}' => {
                    let plain = part.len() - last.len_utf8();
                    out.write_all(part.as_bytes().get(..plain).unwrap_or_default())?;
                    write!(out, "\\u{:04x}", u32::from(last))?;
                }
                _ => out.write_all(part.as_bytes())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_is_escaped() {
        let text = "a\n\r\u{85}b\u{2028}\u{2029}é\u{0}";
        let mut line = Vec::new();
        write_line(&mut line, &text).unwrap();
        let line = String::from_utf8(line).unwrap();
        assert_eq!(line, r#""a\n\r\u0085b\u2028\u2029é\u0000""#);
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
}
