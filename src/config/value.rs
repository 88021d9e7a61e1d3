use super::RawValue;
use crate::catalog::Release;
use crate::units::{DurationGrammar, FlinkDuration, Fraction, MemorySize, parse_java_double};

/// A value that is not of its option's type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValueError {
    /// The option's own key.
    pub key: &'static str,
    /// The key under which the value was found.
    pub found_key: String,
    /// The value as Flink holds it.
    pub value: String,
    /// Flink's own message, such as `Could not parse value 'x' for key 'k'.`
    pub message: String,
    /// Flink's cause, such as `For input string: "x"`, with our words where Flink's say nothing.
    pub reason: String,
}

/// Types that Flink reads out of a raw value.
pub trait FromRaw: Sized {
    /// The value, or the reason why Flink refuses.
    ///
    /// Source: `ConfigurationUtils.convertValue` and `convertTo…` of the given release.
    fn from_raw(raw: &RawValue<'_>, release: Release) -> Result<Self, String>;
}

impl FromRaw for MemorySize {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, String> {
        raw.text().parse().map_err(|error: crate::units::ParseMemorySizeError| error.to_string())
    }
}

impl FromRaw for Fraction {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, String> {
        if let RawValue::Double(value) = raw {
            return fits_float(*value).map(Self::from_f32).ok_or_else(|| overflows(raw, "float"));
        }
        raw.text().parse().map_err(|error: crate::units::ParseFractionError| error.to_string())
    }
}

/// The float nearest to a double that YAML wrote; infinities, NaN and what is too near to zero do
/// not fit.
#[expect(clippy::cast_possible_truncation, reason = "Flink casts to float here too")]
fn fits_float(value: f64) -> Option<f32> {
    // Java's Float.MIN_VALUE, the least positive one; Rust's MIN_POSITIVE is the least normal one.
    let least = f64::from(f32::from_bits(1));
    let magnitude = value.abs();
    let fits = magnitude == 0.0 || (least..=f64::from(f32::MAX)).contains(&magnitude);
    fits.then_some(value as f32)
}

fn overflows(raw: &RawValue<'_>, name: &str) -> String {
    format!("Configuration value {} overflows/underflows the {name} type.", raw.text())
}

impl FromRaw for i32 {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, String> {
        if let RawValue::Long(value) = raw {
            return Self::try_from(*value).map_err(|_| overflows(raw, "integer"));
        }
        raw.text().parse().map_err(|_| format!("For input string: \"{}\"", raw.text()))
    }
}

impl FromRaw for f64 {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, String> {
        let text = raw.text();
        parse_java_double(&text).ok_or_else(|| format!("For input string: \"{text}\""))
    }
}

impl FromRaw for bool {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, String> {
        let text = raw.text();
        match text.as_ref() {
            text if text.eq_ignore_ascii_case("true") => Ok(true),
            text if text.eq_ignore_ascii_case("false") => Ok(false),
            text => Err(format!(
                "Unrecognized option for boolean: {text}. Expected either true or false(case \
                 insensitive)"
            )),
        }
    }
}

impl FromRaw for FlinkDuration {
    fn from_raw(raw: &RawValue<'_>, release: Release) -> Result<Self, String> {
        let grammar = DurationGrammar {
            short_minutes: release >= Release::V1_15,
            large_numbers: release >= Release::V2_0,
            iso_8601: release >= Release::V2_1,
        };
        Self::parse(&raw.text(), grammar).map_err(|error| error.to_string())
    }
}
