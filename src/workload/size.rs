use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A span of time as Flink writes it: `500ms`, `10s`, `3min`, `2h`, `1d`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Span {
    /// Its length.
    pub millis: u64,
}

/// A text that is no [`Span`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found {found:?}, expected a number with ms, s, min, h or d, such as 10s")]
pub struct ParseSpanError {
    found: String,
}

const UNITS: [(&str, u64); 5] =
    [("ms", 1), ("min", 60_000), ("s", 1_000), ("h", 3_600_000), ("d", 86_400_000)];

impl FromStr for Span {
    type Err = ParseSpanError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseSpanError { found: text.to_owned() };
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(digits).ok_or_else(error)?;
        let number: u64 = number.parse().map_err(|_| error())?;
        let unit = unit.trim();
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(error)?;
        let millis = number.checked_mul(*millis).ok_or_else(error)?;
        Ok(Self { millis })
    }
}

impl TryFrom<String> for Span {
    type Error = ParseSpanError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, millis): &&(&str, u64)| self.millis.is_multiple_of(*millis);
        let unit = UNITS.iter().filter(fits).max_by_key(|(_, millis)| *millis);
        match unit {
            Some((name, millis)) if self.millis > 0 => {
                write!(f, "{}{name}", self.millis / millis)
            }
            _ => write!(f, "{}ms", self.millis),
        }
    }
}

/// How many bytes something takes when serialized.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum SizeDistribution {
    /// Always so many.
    Fixed(u32),
    /// Each size from `min` to `max` is as likely.
    Uniform {
        /// The smallest.
        min: u32,
        /// The largest.
        max: u32,
    },
    /// One of these, by weight.
    Weighted(Vec<WeightedSize>),
}

/// A size and how often it occurs beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightedSize {
    /// Bytes.
    pub bytes: u32,
    /// Its weight beside the others.
    pub weight: u32,
}

impl SizeDistribution {
    /// The largest size.
    pub(super) fn max(&self) -> u32 {
        match self {
            Self::Fixed(bytes) => *bytes,
            Self::Uniform { max, .. } => *max,
            Self::Weighted(sizes) => sizes.iter().map(|size| size.bytes).max().unwrap_or(0),
        }
    }

    /// The mean, rounded down.
    pub fn mean(&self) -> u32 {
        match self {
            Self::Fixed(bytes) => *bytes,
            Self::Uniform { min, max } => min / 2 + max / 2,
            Self::Weighted(sizes) => {
                let weight: u64 = sizes.iter().map(|size| u64::from(size.weight)).sum();
                let sum: u64 =
                    sizes.iter().map(|size| u64::from(size.bytes) * u64::from(size.weight)).sum();
                u32::try_from(sum.checked_div(weight).unwrap_or(0)).unwrap_or(u32::MAX)
            }
        }
    }
}

/// A part of something, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schemars(with = "f64")]
pub struct Share(f64);

/// A number outside 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("found {found}, expected a share from 0 to 1")]
pub struct ShareError {
    found: f64,
}

impl Share {
    /// All of it.
    pub const ALL: Self = Self(1.0);

    /// The share as a number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Share {
    type Error = ShareError;

    fn try_from(found: f64) -> Result<Self, Self::Error> {
        if (0.0..=1.0).contains(&found) { Ok(Self(found)) } else { Err(ShareError { found }) }
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> Self {
        share.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_are_read_in_every_unit() {
        for (text, millis) in
            [("0ms", 0), ("10s", 10_000), ("3min", 180_000), ("2 h", 7_200_000), ("1d", 86_400_000)]
        {
            assert_eq!(text.parse(), Ok(Span { millis }), "{text}");
        }
        for text in ["", "10", "s", "10 weeks", "-1s", "99999999999999999999s", "1ü"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_span_prints_as_it_is_read(millis in 0_u64..1 << 50) {
            let span = Span { millis };
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }
    }
}
