use std::fmt;

/// A length of time as Flink's options hold it, never negative.
///
/// Parsing follows Flink's grammar: ASCII digits, then an optional unit, any case. **No unit means
/// milliseconds.** What releases disagree on is in [`DurationGrammar`].
///
/// Source: `org.apache.flink.util.TimeUtils`, Flink 1.10 to 2.3, compared value by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FlinkDuration {
    nanoseconds: u128,
}

/// What a release accepts beyond the common grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DurationGrammar {
    /// `m` is minutes; from Flink 1.15 on.
    pub short_minutes: bool,
    /// The number may be beyond 64 bits; from Flink 2.0 on.
    pub large_numbers: bool,
    /// ISO-8601 such as `PT5M`; from Flink 2.1 on.
    pub iso_8601: bool,
}

/// Why a text is no [`FlinkDuration`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseDurationError {
    /// Nothing but white space.
    #[error("a duration is expected, found nothing")]
    Empty,
    /// The first character is not an ASCII digit.
    #[error("a duration starts with a digit, found {found:?}")]
    NoNumber {
        /// The whole text, trimmed.
        found: String,
    },
    /// What follows the number is not a unit that the release knows.
    #[error("unknown time unit {unit:?}; Flink knows d, h, min, s, ms, micro, ns")]
    UnknownUnit {
        /// The unit as written.
        unit: String,
    },
    /// The ISO-8601 duration is negative.
    #[error("a duration cannot be negative, found {found:?}")]
    Negative {
        /// The whole text, trimmed.
        found: String,
    },
    /// More than Java's `Duration` holds, or a number that the release cannot read.
    #[error("{found} is longer than Flink can hold")]
    TooLarge {
        /// The whole text, trimmed.
        found: String,
    },
}

const NANOSECONDS_PER_SECOND: u128 = 1_000_000_000;
const NANOSECONDS_PER_MILLISECOND: u128 = 1_000_000;

/// Names in lower case and nanoseconds; `m` is apart, see [`DurationGrammar::short_minutes`].
const UNITS: [(u128, &[&str]); 7] = [
    (86_400 * NANOSECONDS_PER_SECOND, &["d", "day", "days"]),
    (3600 * NANOSECONDS_PER_SECOND, &["h", "hour", "hours"]),
    (60 * NANOSECONDS_PER_SECOND, &["min", "minute", "minutes"]),
    (NANOSECONDS_PER_SECOND, &["s", "sec", "secs", "second", "seconds"]),
    (NANOSECONDS_PER_MILLISECOND, &["ms", "milli", "millis", "millisecond", "milliseconds"]),
    (1000, &["\u{b5}s", "micro", "micros", "microsecond", "microseconds"]),
    (1, &["ns", "nano", "nanos", "nanosecond", "nanoseconds"]),
];

impl FlinkDuration {
    /// A duration of `seconds`.
    pub const fn from_seconds(seconds: u32) -> Self {
        Self { nanoseconds: seconds as u128 * NANOSECONDS_PER_SECOND }
    }

    /// A duration of `milliseconds`.
    pub const fn from_milliseconds(milliseconds: u64) -> Self {
        Self { nanoseconds: milliseconds as u128 * NANOSECONDS_PER_MILLISECOND }
    }

    /// The whole length.
    pub const fn nanoseconds(self) -> u128 {
        self.nanoseconds
    }

    /// Whole milliseconds, rounded down.
    pub const fn milliseconds(self) -> u128 {
        self.nanoseconds / NANOSECONDS_PER_MILLISECOND
    }

    /// Reads a text as a release of that grammar does.
    ///
    /// # Errors
    /// [`ParseDurationError`]
    pub fn parse(text: &str, grammar: DurationGrammar) -> Result<Self, ParseDurationError> {
        let trimmed = text.trim_matches(|c| c <= ' ');
        let found = || trimmed.to_owned();
        if trimmed.is_empty() {
            return Err(ParseDurationError::Empty);
        }
        let digits_end = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
        let (digits, unit) = trimmed.split_at(digits_end);
        if digits.is_empty() {
            return match parse_iso_8601(trimmed).filter(|_| grammar.iso_8601) {
                Some(nanoseconds) if nanoseconds < 0 => {
                    Err(ParseDurationError::Negative { found: found() })
                }
                Some(nanoseconds) => checked(nanoseconds.unsigned_abs(), found),
                None => Err(ParseDurationError::NoNumber { found: found() }),
            };
        }
        let unit = unit.trim_matches(|c| c <= ' ').to_lowercase();
        let nanoseconds = match unit.as_str() {
            "" => NANOSECONDS_PER_MILLISECOND,
            "m" if grammar.short_minutes => 60 * NANOSECONDS_PER_SECOND,
            name => UNITS
                .iter()
                .find(|(_, names)| names.contains(&name))
                .map(|(nanoseconds, _)| *nanoseconds)
                .ok_or(ParseDurationError::UnknownUnit { unit: unit.clone() })?,
        };
        if !grammar.large_numbers && digits.parse::<i64>().is_err() {
            return Err(ParseDurationError::TooLarge { found: found() });
        }
        let number: u128 =
            digits.parse().map_err(|_| ParseDurationError::TooLarge { found: found() })?;
        let product = number.checked_mul(nanoseconds);
        checked(product.ok_or_else(|| ParseDurationError::TooLarge { found: found() })?, found)
    }

    /// For people: the largest unit that divides it exactly, `10 min`, `1500 ms`.
    pub fn short(self) -> String {
        const NAMES: [&str; 7] = ["d", "h", "min", "s", "ms", "\u{b5}s", "ns"];
        let mut units = UNITS.iter().zip(NAMES);
        let unit = units
            .find(|((unit, _), _)| self.nanoseconds > 0 && self.nanoseconds.is_multiple_of(*unit));
        match unit {
            Some(((unit, _), name)) => format!("{} {name}", self.nanoseconds / unit),
            None => "0 s".to_owned(),
        }
    }
}

impl fmt::Display for FlinkDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

/// Java's `Duration` counts seconds in 64 bits.
fn checked(
    nanoseconds: u128,
    found: impl Fn() -> String,
) -> Result<FlinkDuration, ParseDurationError> {
    if nanoseconds / NANOSECONDS_PER_SECOND > u128::from(i64::MAX.unsigned_abs()) {
        return Err(ParseDurationError::TooLarge { found: found() });
    }
    Ok(FlinkDuration { nanoseconds })
}

/// `[+-]PnDTnHnMn.nS` in nanoseconds, as `java.time.Duration.parse` reads it.
fn parse_iso_8601(text: &str) -> Option<i128> {
    let (negative, rest) = sign(text);
    let rest = rest.strip_prefix(['P', 'p'])?;
    let (date, time) = match rest.find(['T', 't']) {
        Some(at) => (rest.get(..at)?, Some(rest.get(at + 1..)?)),
        None => (rest, None),
    };
    if time == Some("") || (date.is_empty() && time.is_none()) {
        return None;
    }
    let mut total = 0_i128;
    let (days, date) = component(date, ['D', 'd'])?;
    let mut add = |number: i64, seconds: i128| {
        let nanoseconds = i128::from(number).checked_mul(seconds)?.checked_mul(1_000_000_000)?;
        total = total.checked_add(nanoseconds)?;
        Some(())
    };
    add(days.unwrap_or(0), 86_400)?;
    let (hours, time) = component(time.unwrap_or(""), ['H', 'h'])?;
    add(hours.unwrap_or(0), 3600)?;
    let (minutes, time) = component(time, ['M', 'm'])?;
    add(minutes.unwrap_or(0), 60)?;
    total = total.checked_add(seconds(time)?)?;
    date.is_empty().then_some(if negative { -total } else { total })
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A signed number before one of `letters`, and the rest; `None` for a number out of range.
fn component(text: &str, letters: [char; 2]) -> Option<(Option<i64>, &str)> {
    let Some(at) = text.find(letters) else { return Some((None, text)) };
    let number = signed(text.get(..at)?)?;
    Some((Some(number), text.get(at + 1..)?))
}

fn signed(text: &str) -> Option<i64> {
    let digits = sign(text).1;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// `n.nS`, the last component, in nanoseconds; nothing at all is zero.
fn seconds(text: &str) -> Option<i128> {
    if text.is_empty() {
        return Some(0);
    }
    let number = text.strip_suffix(['S', 's'])?;
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
    let is_fraction = fraction.len() <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let nanoseconds: i128 = format!("{fraction:0<9}").parse().ok().filter(|_| is_fraction)?;
    let whole_seconds = i128::from(signed(whole)?).checked_mul(1_000_000_000)?;
    let signed_fraction = if whole.starts_with('-') { -nanoseconds } else { nanoseconds };
    whole_seconds.checked_add(signed_fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLDEST: DurationGrammar =
        DurationGrammar { short_minutes: false, large_numbers: false, iso_8601: false };
    const NEWEST: DurationGrammar =
        DurationGrammar { short_minutes: true, large_numbers: true, iso_8601: true };

    /// Nanoseconds, or nothing where Flink refuses, in 1.10 and in 2.3.
    fn check(text: &str, in_1_10: Option<u128>, in_2_3: Option<u128>) {
        let parse = |grammar| FlinkDuration::parse(text, grammar).ok().map(|it| it.nanoseconds());
        assert_eq!(parse(OLDEST), in_1_10, "{text:?} in 1.10");
        assert_eq!(parse(NEWEST), in_2_3, "{text:?} in 2.3");
    }

    #[test]
    fn units_are_read_as_flink_reads_them() {
        const MILLISECOND: u128 = 1_000_000;
        const SECOND: u128 = 1000 * MILLISECOND;
        for (text, nanoseconds) in [
            ("10", 10 * MILLISECOND),
            ("10 s", 10 * SECOND),
            (" 5min ", 300 * SECOND),
            ("3 h", 10_800 * SECOND),
            ("1 DAYS", 86_400 * SECOND),
            ("1\tsec", SECOND),
            ("1\u{b5}s", 1000),
            ("5 nanosecond", 5),
            ("0", 0),
            ("106751991167300 d", 9_223_372_036_854_720_000 * SECOND),
        ] {
            check(text, Some(nanoseconds), Some(nanoseconds));
        }
        for text in [
            "",
            " ",
            "s",
            "-1 s",
            "+5",
            "1.5 s",
            "1us",
            "1\u{3bc}s",
            "1 hr",
            "1 weeks",
            "1\u{a0}s",
            "9223372036854775807 d",
            "106751991167301 d",
            "\u{661} s",
        ] {
            check(text, None, None);
        }
    }

    #[test]
    fn newer_releases_read_more() {
        check("1m", None, Some(60_000_000_000));
        check("9223372036854775808", None, Some(9_223_372_036_854_775_808_000_000));
        check("PT5M", None, Some(300_000_000_000));
        check("+pt5m", None, Some(300_000_000_000));
        check("P1DT1.5S", None, Some(86_401_500_000_000));
        check(" PT1S ", None, Some(1_000_000_000));
        for text in [
            "P",
            "PT",
            "P1W",
            "-PT5M",
            "PT-5M",
            "P-1DT+2H",
            "PT0.5H",
            "PT1.1234567891S",
            "PT1M1H",
            "P1DT",
            "P1D1D",
            "PT1S1S",
            "PT.5S",
        ] {
            check(text, None, None);
        }
    }

    #[test]
    fn people_read_whole_units() {
        assert_eq!(FlinkDuration::from_milliseconds(60).short(), "60 ms");
        assert_eq!(FlinkDuration::from_seconds(600).short(), "10 min");
        assert_eq!(FlinkDuration::from_seconds(90).short(), "90 s");
        assert_eq!(FlinkDuration::default().short(), "0 s");
    }
}
