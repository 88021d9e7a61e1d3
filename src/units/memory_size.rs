use std::fmt;
use std::str::FromStr;

use nom::character::complete::digit1;
use nom::{IResult, Parser};

use super::Overflow;

/// A number of bytes, from 0 to `i64::MAX`, as Flink's `MemorySize` holds it.
///
/// Parsing follows Flink's grammar: ASCII digits, then an optional unit, base 1024, any case.
/// **No unit means bytes.** [`Display`](fmt::Display) is Flink's `toString` and parses back;
/// [`human`](Self::human) is the form of Flink's log.
///
/// Source: `org.apache.flink.configuration.MemorySize`, the same in Flink 1.10 to 2.3.
///
/// ```
/// use slotwise::units::MemorySize;
/// let size: MemorySize = "1728m".parse().unwrap();
/// assert_eq!(size.bytes(), 1_811_939_328);
/// assert_eq!(size.to_string(), "1728 mb");
/// assert_eq!(size.human(), "1.688gb (1811939328 bytes)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MemorySize(u64);

/// Why a text is no [`MemorySize`]; the offsets are bytes within the parsed text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseMemorySizeError {
    /// Nothing but white space.
    #[error("a memory size is expected, found nothing")]
    Empty,
    /// The first character is not an ASCII digit.
    #[error("a memory size starts with a digit, found {found:?}")]
    NoNumber {
        /// The whole text, trimmed.
        found: String,
    },
    /// What follows the number is not a unit that Flink knows.
    #[error("unknown memory unit {unit:?}; Flink knows b, k, m, g, t (also kb, mb, gb, tb)")]
    UnknownUnit {
        /// The unit as written.
        unit: String,
        /// Where the unit starts in the parsed text.
        offset: usize,
    },
    /// The number, or the number times its unit, is above `i64::MAX` bytes.
    #[error("{found} is more than {} bytes, the most that Flink can hold", i64::MAX)]
    TooLarge {
        /// The whole text, trimmed.
        found: String,
    },
}

/// Unit names from the smallest multiplier to the largest: the first is `toString`'s long form,
/// the second the form of log messages.
const UNITS: [(u32, &str, &[&str]); 5] = [
    (0, "bytes", &["b", "bytes"]),
    (10, "kb", &["k", "kb", "kibibytes"]),
    (20, "mb", &["m", "mb", "mebibytes"]),
    (30, "gb", &["g", "gb", "gibibytes"]),
    (40, "tb", &["t", "tb", "tebibytes"]),
];

impl MemorySize {
    /// Nothing at all.
    pub const ZERO: Self = Self(0);
    /// The most that Flink can hold, `i64::MAX` bytes; also its "unlimited".
    pub const MAX: Self = Self(i64::MAX.unsigned_abs());

    /// A size of `bytes`.
    ///
    /// # Errors
    /// [`Overflow`] above `i64::MAX`.
    pub const fn from_bytes(bytes: u64) -> Result<Self, Overflow> {
        if bytes <= Self::MAX.0 { Ok(Self(bytes)) } else { Err(Overflow) }
    }

    /// A size of whole mebibytes; every `u32` of them fits.
    pub const fn from_mebibytes(mebibytes: u32) -> Self {
        Self((mebibytes as u64) << 20)
    }

    /// The size in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The size in whole mebibytes, rounded down.
    pub const fn mebibytes(self) -> u64 {
        self.0 >> 20
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Overflow`] above `i64::MAX` bytes.
    pub fn checked_add(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).ok_or(Overflow).and_then(Self::from_bytes)
    }

    /// The difference, or `None` if `other` is the larger.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The difference, or zero if `other` is the larger.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// This size `count` times.
    ///
    /// # Errors
    /// [`Overflow`] above `i64::MAX` bytes.
    pub fn checked_mul(self, count: u64) -> Result<Self, Overflow> {
        self.0.checked_mul(count).ok_or(Overflow).and_then(Self::from_bytes)
    }

    /// An equal share of `count`, rounded down to whole bytes; `None` for a count of zero.
    pub const fn checked_div(self, count: u64) -> Option<Self> {
        match self.0.checked_div(count) {
            Some(bytes) => Some(Self(bytes)),
            None => None,
        }
    }

    /// How many whole `unit`s fit; zero for an empty unit.
    pub const fn count_of(self, unit: Self) -> u64 {
        match self.0.checked_div(unit.0) {
            Some(count) => count,
            None => 0,
        }
    }

    /// The form of Flink's log messages: `512.000mb (536870920 bytes)`.
    ///
    /// The unit is the largest whose multiplier is strictly below the size, so 1 GiB prints as
    /// `1024.000mb`; three decimals are rounded half up.
    ///
    /// Source: `MemorySize.toHumanReadableString`, Flink 1.11 to 2.3.
    pub fn human(self) -> String {
        let Some((shift, name, _)) =
            UNITS.iter().rev().find(|(shift, ..)| self.0 > 1 << shift && *shift > 0)
        else {
            return format!("{} bytes", self.0);
        };
        let thousandths = (u128::from(self.0) * 1000 + (1 << (shift - 1))) >> shift;
        format!("{}.{:03}{name} ({} bytes)", thousandths / 1000, thousandths % 1000, self.0)
    }

    /// A short form for people: at most one decimal, `1.7 GiB`, `512 MiB`, `0 B`.
    pub fn short(self) -> String {
        const NAMES: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
        let (shift, name) = UNITS
            .iter()
            .zip(NAMES)
            .rev()
            .map(|((shift, ..), name)| (*shift, name))
            .find(|(shift, _)| self.0 >= 1 << shift)
            .unwrap_or((0, "B"));
        let tenths = (u128::from(self.0) * 10 + ((1_u128 << shift) >> 1)) >> shift;
        if tenths.is_multiple_of(10) {
            format!("{} {name}", tenths / 10)
        } else {
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
    }
}

/// Flink's `toString`: the largest unit that divides the size exactly, but plain bytes for whole
/// terabytes, where Flink's search for the first unit that does not divide finds none.
impl fmt::Display for MemorySize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shift, name, _) = UNITS
            .iter()
            .rev()
            .find(|(shift, ..)| self.0.is_multiple_of(1 << shift))
            .filter(|(shift, ..)| *shift < 40)
            .unwrap_or(&UNITS[0]);
        write!(f, "{} {name}", self.0 >> shift)
    }
}

impl FromStr for MemorySize {
    type Err = ParseMemorySizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Java's `trim` drops every character up to U+0020 and nothing above it.
        let java_space = |c: char| c <= ' ';
        let trimmed = text.trim_matches(java_space);
        if trimmed.is_empty() {
            return Err(ParseMemorySizeError::Empty);
        }
        let number: IResult<&str, &str> = digit1.parse(trimmed);
        let Ok((rest, digits)) = number else {
            return Err(ParseMemorySizeError::NoNumber { found: trimmed.to_owned() });
        };
        let too_large = || ParseMemorySizeError::TooLarge { found: trimmed.to_owned() };
        let value: i64 = digits.parse().map_err(|_| too_large())?;
        let unit = rest.trim_matches(java_space);
        let Some(shift) = unit_shift(unit) else {
            let offset = text.rfind(unit).unwrap_or(0);
            return Err(ParseMemorySizeError::UnknownUnit { unit: unit.to_owned(), offset });
        };
        value
            .unsigned_abs()
            .checked_mul(1 << shift)
            .and_then(|bytes| Self::from_bytes(bytes).ok())
            .ok_or_else(too_large)
    }
}

fn unit_shift(unit: &str) -> Option<u32> {
    if unit.is_empty() {
        return Some(0);
    }
    UNITS
        .iter()
        .find(|(.., names)| names.iter().any(|name| name.eq_ignore_ascii_case(unit)))
        .map(|(shift, ..)| *shift)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parses_what_flink_parses() {
        let rows = [
            ("2", Some(2)),
            ("1g", Some(1 << 30)),
            (" 7  KB ", Some(7 << 10)),
            ("1 MebiBytes", Some(1 << 20)),
            ("0064m", Some(64 << 20)),
            ("8388607t", Some(8_388_607 << 40)),
            ("9223372036854775807", Some(i64::MAX as u64)),
            ("9223372036854775808", None),
            ("8388608t", None),
            ("1.5g", None),
            ("-1m", None),
            ("+5m", None),
            ("1gib", None),
            ("m", None),
            ("", None),
            ("1_000m", None),
            ("１２m", None),
            ("1\u{a0}m", None),
        ];
        for (text, expected) in rows {
            assert_eq!(
                text.parse::<MemorySize>().ok().map(MemorySize::bytes),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn human_is_the_form_of_flinks_log() {
        let rows = [
            (0, "0 bytes"),
            (1024, "1024 bytes"),
            (1088, "1.063kb (1088 bytes)"),
            (1 << 30, "1024.000mb (1073741824 bytes)"),
            (536_870_920, "512.000mb (536870920 bytes)"),
            (i64::MAX as u64, "8388608.000tb (9223372036854775807 bytes)"),
        ];
        for (bytes, expected) in rows {
            assert_eq!(MemorySize::from_bytes(bytes).unwrap().human(), expected);
        }
    }

    #[test]
    fn display_is_flinks_to_string() {
        let rows = [
            (0, "0 bytes"),
            (1536, "1536 bytes"),
            (10 << 20, "10 mb"),
            (3 << 30, "3 gb"),
            (1 << 40, "1099511627776 bytes"),
        ];
        for (bytes, expected) in rows {
            assert_eq!(MemorySize::from_bytes(bytes).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn short_is_for_people() {
        let rows = [
            (0, "0 B"),
            (1, "1 B"),
            (1536, "1.5 KiB"),
            (1728 << 20, "1.7 GiB"),
            (512 << 20, "512 MiB"),
        ];
        for (bytes, expected) in rows {
            assert_eq!(MemorySize::from_bytes(bytes).unwrap().short(), expected);
        }
    }

    proptest! {
        #[test]
        fn display_parses_back(bytes in 0..=i64::MAX as u64) {
            let size = MemorySize::from_bytes(bytes).unwrap();
            prop_assert_eq!(size.to_string().parse(), Ok(size));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = text.parse::<MemorySize>();
        }
    }
}
