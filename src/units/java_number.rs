//! Java's own reading and printing of floating point, which shows in Flink's values and messages.

use super::java_digits::{Digits, java_digits};

/// `Float.parseFloat`: decimal or hexadecimal digits, optional `f`/`d` suffix, `NaN`, `Infinity`;
/// surrounding characters up to U+0020 are dropped. `None` where Java throws.
#[expect(clippy::cast_possible_truncation, reason = "a Java float is what is asked for")]
pub fn parse_java_float(text: &str) -> Option<f32> {
    match Body::of(text)? {
        Body::Special(value) | Body::Hexadecimal(value) => Some(value as f32),
        Body::Decimal(digits) => digits.parse().ok(),
    }
}

/// `Double.parseDouble`, with the same grammar as [`parse_java_float`].
pub fn parse_java_double(text: &str) -> Option<f64> {
    match Body::of(text)? {
        Body::Special(value) | Body::Hexadecimal(value) => Some(value),
        Body::Decimal(digits) => digits.parse().ok(),
    }
}

/// `Double.toString`: plain from `0.001` up to `10000000`, else `1.0E7`; always with a decimal.
pub fn java_double_to_string(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let Digits { digits, exponent } = java_digits(value);
    let or_zero = |text: &str| if text.is_empty() { "0".to_owned() } else { text.to_owned() };
    match exponent {
        1..8 => {
            let point = usize::try_from(exponent).unwrap_or(0);
            let (whole, decimals) = digits.split_at_checked(point).unwrap_or((&digits, ""));
            format!("{sign}{whole:0<point$}.{}", or_zero(decimals))
        }
        -2..1 => {
            let zeros = "0".repeat(usize::try_from(-exponent).unwrap_or(0));
            format!("{sign}0.{zeros}{digits}")
        }
        _ => {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
            format!("{sign}{first}.{}E{}", or_zero(rest), exponent - 1)
        }
    }
}

/// The text of a Java floating point number, sorted by notation.
enum Body<'a> {
    Special(f64),
    Hexadecimal(f64),
    Decimal(&'a str),
}

impl<'a> Body<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let text = text.trim_matches(|c| c <= ' ');
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
        match unsigned {
            "NaN" => return Some(Self::Special(f64::NAN)),
            "Infinity" => return Some(Self::Special(f64::INFINITY.copysign(sign))),
            _ => {}
        }
        if let Some(digits) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
            return hexadecimal(digits).map(|value| Self::Hexadecimal(value.copysign(sign)));
        }
        let body = text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text);
        let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
        (!body.is_empty() && body.chars().all(plain)).then_some(Self::Decimal(body))
    }
}

/// `1.8p-2` without its `0x`: the binary exponent is required, digits are base 16.
#[expect(clippy::float_arithmetic, reason = "scaling by powers of two is exact")]
fn hexadecimal(text: &str) -> Option<f64> {
    let text = text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && decimals.is_empty() {
        return None;
    }
    let exponent: i32 = exponent.parse().ok()?;
    let mut value = 0.0_f64;
    for digit in whole.chars() {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let mut scale = 1.0 / 16.0;
    for digit in decimals.chars() {
        value += f64::from(digit.to_digit(16)?) * scale;
        scale /= 16.0;
    }
    Some(value * 2.0_f64.powi(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_java_reads() {
        let rows = [
            ("0.4", Some(0.4_f32)),
            (" 0.1f\t", Some(0.1)),
            ("0.25d", Some(0.25)),
            (".5", Some(0.5)),
            ("1.", Some(1.0)),
            ("0x1p-2", Some(0.25)),
            ("0x1.8p1F", Some(3.0)),
            ("1e-50", Some(0.0)),
            ("1e40", Some(f32::INFINITY)),
            ("Infinity", Some(f32::INFINITY)),
            ("-Infinity", Some(f32::NEG_INFINITY)),
            ("inf", None),
            ("nan", None),
            ("0x1", None),
            ("10%", None),
            ("0,1", None),
            ("", None),
            ("f", None),
            (".", None),
        ];
        for (text, expected) in rows {
            assert_eq!(parse_java_float(text), expected, "{text:?}");
        }
        assert!(parse_java_float("+NaN").is_some_and(f32::is_nan));
    }

    #[test]
    fn prints_what_java_prints() {
        let rows = [
            (0.1_f32.into(), "0.10000000149011612"),
            (1.0, "1.0"),
            (1e7, "1.0E7"),
            (1.25e-5, "1.25E-5"),
            (0.001, "0.001"),
            (-0.0, "-0.0"),
            (4.9e-324, "4.9E-324"),
            (2e-44, "2.0E-44"),
            (5.684_341_886_080_802e-14, "5.6843418860808015E-14"),
            (1e23, "9.999999999999999E22"),
            (-2.081_999_550_839_693_5e25, "-2.0819995508396934E25"),
            (2e23, "1.9999999999999998E23"),
            (9.88e16, "9.88E16"),
            (665_442_188_586_815.2, "6.654421885868152E14"),
            (2.842_951_861_774_001_3e17, "2.84295186177400128E17"),
            (9_999_999.9, "9999999.9"),
            (0.000_999, "9.99E-4"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (value, expected) in rows {
            assert_eq!(java_double_to_string(value), expected);
        }
    }
}
