/// What a scalar without quotes is in YAML's core schema, as the engine reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlainType {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true` or `false`, all lower, all upper or capitalized.
    Boolean,
    /// Decimal with an optional sign, `0o17` or `0x1F`.
    Integer,
    /// `1.5`, `1e3`, `.inf`, `.nan`.
    Float,
    /// `${NAME}` and its forms with a default, which the engine can replace and Flink leaves.
    Environment,
    /// Anything else.
    Text,
}

/// The type of a scalar without quotes.
///
/// Source: `CoreScalarResolver`, snakeyaml-engine 2.6.
pub fn plain_type(text: &str) -> PlainType {
    let bytes = text.as_bytes();
    match (bytes.first(), text) {
        (None, _) | (_, "~" | "null" | "Null" | "NULL" | " ") => PlainType::Null,
        (_, "true" | "True" | "TRUE" | "false" | "False" | "FALSE") => PlainType::Boolean,
        (Some(b'-' | b'+' | b'0'..=b'9' | b'.'), _) => {
            if is_integer(bytes) {
                PlainType::Integer
            } else if is_float(bytes) {
                PlainType::Float
            } else {
                PlainType::Text
            }
        }
        (Some(b'$'), _) if is_environment(text) => PlainType::Environment,
        _ => PlainType::Text,
    }
}

fn is_integer(bytes: &[u8]) -> bool {
    let all = |digits: &[u8], is_digit: fn(&u8) -> bool| {
        !digits.is_empty() && digits.iter().all(is_digit)
    };
    if let Some(digits) = bytes.strip_prefix(b"0o") {
        return all(digits, |byte| matches!(byte, b'0'..=b'7'));
    }
    if let Some(digits) = bytes.strip_prefix(b"0x") {
        return all(digits, u8::is_ascii_hexdigit);
    }
    all(unsigned(bytes), u8::is_ascii_digit)
}

fn is_float(bytes: &[u8]) -> bool {
    if matches!(bytes, b".nan" | b".NaN" | b".NAN") {
        return true;
    }
    let bytes = unsigned(bytes);
    if matches!(bytes, b".inf" | b".Inf" | b".INF") {
        return true;
    }
    let (whole, rest) = split_digits(bytes);
    let rest = match rest.strip_prefix(b".") {
        Some(rest) => {
            let (decimals, rest) = split_digits(rest);
            if whole.is_empty() && decimals.is_empty() {
                return false;
            }
            rest
        }
        None if whole.is_empty() => return false,
        None => rest,
    };
    match rest.split_first() {
        None => true,
        Some((b'e' | b'E', exponent)) => {
            let (digits, rest) = split_digits(unsigned(exponent));
            !digits.is_empty() && rest.is_empty()
        }
        Some(_) => false,
    }
}

fn unsigned(bytes: &[u8]) -> &[u8] {
    match bytes.split_first() {
        Some((b'-' | b'+', rest)) => rest,
        _ => bytes,
    }
}

fn split_digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    bytes.split_at_checked(count).unwrap_or((bytes, &[]))
}

/// `${NAME}`, `${NAME-text}`, `${NAME:-text}`, `${NAME?text}` or `${NAME:?text}`.
fn is_environment(text: &str) -> bool {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\u{B}' | '\u{C}' | '\r');
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let Some(body) = text.strip_prefix("${").and_then(|text| text.strip_suffix('}')) else {
        return false;
    };
    let body = body.trim_matches(is_space);
    let rest = body.trim_start_matches(is_word);
    if rest.len() == body.len() {
        return false;
    }
    let rest = match rest.strip_prefix(':').unwrap_or(rest).strip_prefix(['-', '?']) {
        Some(default) => default,
        None => rest,
    };
    rest.chars().all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_the_core_schema() {
        let rows = [
            (PlainType::Null, "  ~ null Null NULL"),
            (PlainType::Boolean, "true True TRUE false False FALSE"),
            (PlainType::Integer, "0 -0 +12 012 08 0o17 0x1F 99999999999999999999"),
            (PlainType::Float, "1.50 .5 5. 1e3 1E-3 -1.e+4 .inf -.Inf +.INF .nan .NaN .NAN"),
            (PlainType::Environment, "${X} ${X:-d} ${X?}"),
            (
                PlainType::Text,
                "yes nULL tRUE 1_000 0b11 0o 0x 0o8 -0x1 1.2.3 1e . + - -.nan .iNF ${} ${X-} x ${X:d}",
            ),
        ];
        for (expected, texts) in rows {
            for text in texts.split(' ') {
                let expected = match text {
                    "" => PlainType::Null,
                    "${X-}" => PlainType::Environment,
                    _ => expected,
                };
                assert_eq!(plain_type(text), expected, "{text:?}");
            }
        }
    }
}
