//! Text within Markdown, of which nothing may become markup, HTML or a mention.

use std::fmt::Write;

use super::printable;

/// Text that Markdown shows as it is, but for the code between single backticks.
pub(super) fn text(text: &str) -> String {
    let text = printable(text);
    let mut shown = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        let closed = text.matches('`').count().is_multiple_of(2);
        if index % 2 == 1 && closed {
            shown.push_str(&code(part));
        } else {
            if index > 0 && !closed {
                shown.push_str("&#96;");
            }
            shown.push_str(&escaped(part));
        }
    }
    shown
}

/// The text with everything escaped that Markdown, HTML or a mention would make of it.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '@' | '|' | '*' | '_' | '~' | '[' | ']' | '#' | '\\' | '$' => {
                let _ = write!(shown, "&#{};", u32::from(c));
            }
            '\n' => shown.push_str("<br>"),
            '\r' => {}
            _ => shown.push(c),
        }
    }
    shown
}

/// The text as code within a table.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(&printable(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_file_is_markup() {
        assert_eq!(text("`a|b` is @me <b> `c"), "&#96;a&#124;b&#96; is &#64;me &#60;b&#62; &#96;c");
        assert_eq!(text("`a|b` is 1"), "<code>a&#124;b</code> is 1");
    }
}
