//! Text for XML 1.0.

use std::fmt::Write;

use super::super::steers;

/// The text as it may stand in an element or in a quoted attribute; characters that XML 1.0 cannot
/// hold, or that steer a terminal, become U+FFFD.
///
/// Source: "Extensible Markup Language (XML) 1.0", section 2.2, Characters.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Attributes would turn them into blanks.
            '\n' | '\r' | '\t' => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            _ if steers(c) => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_xml_reads_otherwise_is_escaped() {
        assert_eq!(
            escape("<a b=\"c\">&\n\u{0}\u{ffff}é"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&#10;\u{fffd}\u{fffd}é"
        );
    }
}
