use super::RawValue;
use super::refusal::{self, Refusal};
use crate::catalog::Release;
use crate::units::{
    DurationGrammar, FlinkDuration, Fraction, MemorySize, parse_java_double, parse_java_float,
};

/// A value that is not of its option's type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.flink_message())]
pub struct ValueError {
    /// The option's own key.
    pub key: &'static str,
    /// The key under which the value was found.
    pub found_key: String,
    /// The value as Flink holds it.
    pub value: String,
    /// What is expected, in our words.
    pub reason: String,
    /// The message of Flink's cause, such as `For input string: "x"`; `None` where it names a Java
    /// class that the catalog does not know.
    pub flink_cause: Option<String>,
    /// Flink leaves the value out of its message, as it may be a secret.
    pub is_hidden: bool,
}

impl ValueError {
    /// What Flink logs, before its cause.
    pub fn flink_message(&self) -> String {
        if self.is_hidden {
            return format!("Could not parse value for key '{}'.", self.key);
        }
        format!("Could not parse value '{}' for key '{}'.", self.value, self.key)
    }

    pub(super) fn new(
        key: &'static str,
        found_key: &str,
        raw: &RawValue<'_>,
        refusal: Refusal,
        release: Release,
    ) -> Self {
        Self {
            key,
            found_key: found_key.to_owned(),
            value: raw.text().into_owned(),
            reason: refusal.reason,
            flink_cause: refusal.flink_cause,
            is_hidden: release >= Release::V1_17 && is_sensitive(key, release),
        }
    }
}

/// Whether the release takes the values of `key` for secrets.
///
/// Source: `GlobalConfiguration.isSensitive`, Flink 1.10 to 2.3.
fn is_sensitive(key: &str, release: Release) -> bool {
    const PARTS: &[(Release, &[&str])] = &[
        (Release::V1_10, &["password", "secret", "fs.azure.account.key"]),
        (Release::V1_11, &["apikey"]),
        (Release::V1_17, &["auth-params", "service-key", "token", "basic-auth", "jaas.config"]),
        (Release::V1_19, &["http-headers"]),
        (Release::V2_1, &["api-key"]),
    ];
    let key = key.to_lowercase();
    let known = PARTS.iter().filter(|(first, _)| *first <= release);
    known.into_iter().any(|(_, parts)| parts.iter().any(|part| key.contains(part)))
}

/// Types that Flink reads out of a raw value.
pub trait FromRaw: Sized {
    /// The value, or why Flink refuses.
    ///
    /// # Errors
    /// [`Refusal`] where Flink throws.
    ///
    /// Source: `ConfigurationUtils.convertValue` and `convertTo…` of the given release.
    fn from_raw(raw: &RawValue<'_>, release: Release) -> Result<Self, Refusal>;
}

impl FromRaw for MemorySize {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, Refusal> {
        let text = raw.text();
        text.parse().map_err(|error| refusal::memory_size(&text, &error))
    }
}

impl FromRaw for Fraction {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, Refusal> {
        if let RawValue::Double(value) = raw {
            return fits_float(*value)
                .map(Self::from_f32)
                .ok_or_else(|| refusal::overflow(&raw.text(), "float"));
        }
        let text = raw.text();
        parse_java_float(&text).map(Self::from_f32).ok_or_else(|| refusal::decimal(&text))
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

impl FromRaw for i32 {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, Refusal> {
        let text = raw.text();
        if let RawValue::Long(value) = raw {
            return Self::try_from(*value).map_err(|_| refusal::overflow(&text, "integer"));
        }
        text.parse().map_err(|_| refusal::integer(&text))
    }
}

impl FromRaw for i64 {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, Refusal> {
        let text = raw.text();
        text.parse().map_err(|_| refusal::integer(&text))
    }
}

impl FromRaw for f64 {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, Refusal> {
        if let RawValue::Double(value) = raw {
            return Ok(*value);
        }
        let text = raw.text();
        parse_java_double(&text).ok_or_else(|| refusal::decimal(&text))
    }
}

impl FromRaw for bool {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, Refusal> {
        let text = raw.text();
        match text.as_ref() {
            text if text.eq_ignore_ascii_case("true") => Ok(true),
            text if text.eq_ignore_ascii_case("false") => Ok(false),
            text => Err(refusal::boolean(text)),
        }
    }
}

impl FromRaw for String {
    fn from_raw(raw: &RawValue<'_>, _: Release) -> Result<Self, Refusal> {
        Ok(raw.map_text().into_owned())
    }
}

impl FromRaw for FlinkDuration {
    fn from_raw(raw: &RawValue<'_>, release: Release) -> Result<Self, Refusal> {
        let grammar = DurationGrammar {
            short_minutes: release >= Release::V1_15,
            large_numbers: release >= Release::V2_0,
            iso_8601: release >= Release::V2_1,
        };
        let text = raw.text();
        Self::parse(&text, grammar).map_err(|error| refusal::duration(&text, grammar, &error))
    }
}
