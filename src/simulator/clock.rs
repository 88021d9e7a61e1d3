use std::fmt;
use std::ops::{Add, AddAssign};

/// Virtual time, or a span of it, in nanoseconds since the run began.
///
/// Nothing sleeps and nothing reads a wall clock: time passes only because some cost says so.
/// Addition saturates at about 584 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nanos(pub u64);

impl Nanos {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Later than everything.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// A span of milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// A span of seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// Whole milliseconds, rounded down.
    pub const fn millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The time from `earlier` to here, or zero if `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }

    /// This span `count` times.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// The time that `amount` takes when one `unit` takes this span: exact, rounded up.
    ///
    /// `Nanos(600).scaled(4096, 1024)` is what 4 KiB cost at 600 ns a KiB.
    #[must_use]
    pub const fn scaled(self, amount: u64, unit: u64) -> Self {
        match self.0.checked_mul(amount) {
            Some(product) => Self(product.div_ceil(unit)),
            None => self.scaled_wide(amount, unit),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "clamped to u64::MAX just before")]
    const fn scaled_wide(self, amount: u64, unit: u64) -> Self {
        let exact = (self.0 as u128 * amount as u128).div_ceil(unit as u128);
        Self(if exact > u64::MAX as u128 { u64::MAX } else { exact as u64 })
    }
}

impl Add for Nanos {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Nanos {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            nanos @ 0..10_000 => write!(f, "{nanos} ns"),
            nanos @ 10_000..10_000_000 => write!(f, "{}.{} us", nanos / 1_000, nanos / 100 % 10),
            nanos @ 10_000_000..10_000_000_000 => {
                write!(f, "{}.{} ms", nanos / 1_000_000, nanos / 100_000 % 10)
            }
            nanos => write!(f, "{}.{} s", nanos / 1_000_000_000, nanos / 100_000_000 % 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_scales_exactly_and_rounds_up() {
        for (span, amount, unit, expected) in [
            (600, 4096, 1024, 2400),
            (1, 1, 1024, 1),
            (0, 10, 3, 0),
            (u64::MAX, 2, 1, u64::MAX),
            (u64::MAX, 4, 8, u64::MAX / 2 + 1),
        ] {
            assert_eq!(Nanos(span).scaled(amount, unit), Nanos(expected), "{span} {amount} {unit}");
        }
    }

    #[test]
    fn spans_print_in_a_unit_that_fits() {
        for (nanos, text) in [
            (9_999, "9999 ns"),
            (12_340, "12.3 us"),
            (12_340_000, "12.3 ms"),
            (12_340_000_000, "12.3 s"),
        ] {
            assert_eq!(Nanos(nanos).to_string(), text);
        }
    }
}
