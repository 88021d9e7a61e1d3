use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::super::steers;

/// Writes `value` as one line of JSON, without the line's end.
///
/// JSON allows U+0085, U+2028 and U+2029 as they are, but many readers of JSON lines split there
/// too, and other control characters steer a terminal; they are written as escapes.
///
/// # Errors
/// Those of `out`.
pub fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, OneLine))?)
}

/// Writes `value` as indented JSON and ends the line, with the same characters escaped.
///
/// # Errors
/// Those of `out`.
pub fn write_pretty(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let formatter = Indented(PrettyFormatter::new());
    value.serialize(&mut Serializer::with_formatter(&mut *out, formatter))?;
    writeln!(out)
}

/// The compact form.
struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        write_escaped(out, fragment)
    }
}

/// The form for people.
struct Indented(PrettyFormatter<'static>);

impl Formatter for Indented {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        write_escaped(out, fragment)
    }
}

fn write_escaped<W: ?Sized + Write>(out: &mut W, fragment: &str) -> io::Result<()> {
    let is_escaped = |c: char| steers(c) || matches!(c, '\u{2028}' | '\u{2029}');
    for part in fragment.split_inclusive(is_escaped) {
        match part.chars().next_back().filter(|last| is_escaped(*last)) {
            Some(last) => {
                let plain = part.len() - last.len_utf8();
                out.write_all(part.as_bytes().get(..plain).unwrap_or_default())?;
                write!(out, "\\u{:04x}", u32::from(last))?;
            }
            None => out.write_all(part.as_bytes())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_and_every_escape_sequence_is_escaped() {
        let text = "a\n\r\u{85}b\u{2028}\u{2029}é\u{0}\u{9b}31m\u{7f}\u{202e}";
        let mut line = Vec::new();
        write_line(&mut line, &text).unwrap();
        let line = String::from_utf8(line).unwrap();
        assert_eq!(line, r#""a\n\r\u0085b\u2028\u2029é\u0000\u009b31m\u007f\u202e""#);
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn the_indented_form_differs_in_nothing_else() {
        let value = serde_json::json!({ "a": [1, { "b": [] }, "\u{9b}"], "c": {}, "d": null });
        let mut text = Vec::new();
        write_pretty(&mut text, &value).unwrap();
        let text = String::from_utf8(text).unwrap();
        let plain = serde_json::to_string_pretty(&value).unwrap();
        assert_eq!(text, format!("{}\n", plain.replace('\u{9b}', "\\u009b")));
    }
}
