use std::fmt;
use std::str::FromStr;

use super::java_digits::{Digits, java_digits};
use super::{MemorySize, Overflow};

/// A share of a memory size: the `double` that Flink holds.
///
/// Flink's fraction options are Java floats widened to double, so `0.4` is
/// `0.4000000059604645`; that shows in nearly every derived size.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Fraction(f64);

/// A text is not a Java float.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a number such as 0.4 is expected, found {found:?}")]
pub struct ParseFractionError {
    /// The text as written.
    pub found: String,
}

impl Fraction {
    /// The fraction that Flink holds for a Java `float`.
    pub const fn from_f32(value: f32) -> Self {
        Self(value as f64)
    }

    /// The `double` behind this fraction; for ratios and for messages, never for bytes.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The decimal that the user would write, such as `0.4`: the shortest that reads back as the
    /// same Java float.
    #[expect(clippy::cast_possible_truncation, reason = "it was a float before it was widened")]
    pub fn short(self) -> String {
        (self.0 as f32).to_string()
    }

    /// Whether Flink accepts this as the fraction of a capped component: `0 <= f < 1`.
    pub fn is_proper(self) -> bool {
        (0.0..1.0).contains(&self.0)
    }

    /// Takes this fraction of `base`, as Flink's `MemorySize.multiply(double)` does.
    ///
    /// The product is exact decimal, truncated to whole bytes: `0.4` of 1280 MiB is 536870920
    /// bytes, because `0.4f` widened to double is 0.4000000059604645.
    ///
    /// # Errors
    /// [`Overflow`] above `i64::MAX` bytes, Flink's own limit, and for a fraction that is
    /// negative or not finite.
    ///
    /// Source: `org.apache.flink.configuration.MemorySize.multiply`, Flink 1.10 to 2.3.
    pub fn of(self, base: MemorySize) -> Result<MemorySize, Overflow> {
        let decimal = Decimal::printed(self.0).ok_or(Overflow)?;
        decimal.times(base.bytes()).ok_or(Overflow).and_then(MemorySize::from_bytes)
    }

    /// The part that must be *added* to a base so that it is this fraction of the sum:
    /// `f / (1 - f)` in double, then multiplied as [`of`](Self::of) does.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    ///
    /// Source: `ProcessMemoryUtils.deriveWithInverseFraction`, Flink 1.10 to 2.3.
    #[expect(clippy::float_arithmetic, reason = "Flink divides doubles here too")]
    pub fn inverse_of(self, base: MemorySize) -> Result<MemorySize, Overflow> {
        Self(self.0 / (1.0 - self.0)).of(base)
    }
}

/// Java's `Double.toString`, with its switch to `1.0E-5` notation.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::java_double_to_string(self.0))
    }
}

impl FromStr for Fraction {
    type Err = ParseFractionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        super::parse_java_float(text)
            .map(Self::from_f32)
            .ok_or_else(|| ParseFractionError { found: text.to_owned() })
    }
}

/// A non-negative decimal, `digits * 10^exponent`.
struct Decimal {
    digits: u64,
    exponent: i32,
}

impl Decimal {
    /// The decimal that Java prints for `value`, as `BigDecimal.valueOf(double)` takes it.
    fn printed(value: f64) -> Option<Self> {
        if !value.is_finite() || value < 0.0 {
            return None;
        }
        let Digits { digits, exponent } = java_digits(value);
        let digit_count = i32::try_from(digits.len()).ok()?;
        Some(Self { digits: digits.parse().ok()?, exponent: exponent - digit_count })
    }

    /// The product with `factor`, truncated to a whole number; `None` above `u64::MAX`.
    fn times(&self, factor: u64) -> Option<u64> {
        // At most 17 digits times 19 digits: fits 128 bits.
        let product = u128::from(self.digits) * u128::from(factor);
        let scale = 10_u128.checked_pow(self.exponent.unsigned_abs());
        let scaled = match (self.exponent < 0, scale) {
            _ if product == 0 => 0,
            (true, Some(scale)) => product / scale,
            (true, None) => 0,
            (false, Some(scale)) => product.checked_mul(scale)?,
            (false, None) => return None,
        };
        u64::try_from(scaled).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_equal_flinks() {
        let mebibytes = MemorySize::from_mebibytes;
        let rows = [
            ("0.4", mebibytes(1280), 536_870_920),
            ("0.1", mebibytes(4097), 429_601_593),
            ("0", mebibytes(4097), 0),
            ("1e-30", mebibytes(4097), 0),
        ];
        for (fraction, base, expected) in rows {
            let fraction: Fraction = fraction.parse().unwrap();
            assert_eq!(
                fraction.of(base).map(MemorySize::bytes),
                Ok(expected),
                "{fraction} of {base}"
            );
        }
        assert_eq!(Fraction::from_f32(3.0).of(MemorySize::MAX), Err(Overflow));
    }

    #[test]
    fn inverse_products_equal_flinks() {
        let base = MemorySize::from_mebibytes(2304); // Flink log: 268435460 bytes of overhead.
        assert_eq!(
            Fraction::from_f32(0.1).inverse_of(base).map(MemorySize::bytes),
            Ok(268_435_460)
        );
    }
}
