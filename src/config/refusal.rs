use crate::units::{DurationGrammar, ParseDurationError, ParseFractionError, ParseMemorySizeError};

/// Why Flink refuses a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// What is expected, in our words.
    pub reason: String,
    /// The message of Flink's exception; `None` where it names a Java class that the catalog does
    /// not know.
    pub flink_cause: Option<String>,
}

impl Refusal {
    pub(super) fn new(reason: impl ToString, flink_cause: impl Into<String>) -> Self {
        Self { reason: reason.to_string(), flink_cause: Some(flink_cause.into()) }
    }
}

/// Java's `trim`: characters up to U+0020.
fn java_trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

fn digits_of(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}

/// Source: `MemorySize.parseBytes` and `MemoryUnit`, the same in Flink 1.10 to 2.3.
pub(super) fn memory_size(text: &str, error: &ParseMemorySizeError) -> Refusal {
    let digits = digits_of(java_trim(text));
    let cause = match error {
        ParseMemorySizeError::Empty => "argument is an empty- or whitespace-only string".to_owned(),
        ParseMemorySizeError::NoNumber { .. } => "text does not start with a number".to_owned(),
        ParseMemorySizeError::UnknownUnit { unit, .. } => format!(
            "Memory size unit '{}' does not match any of the recognized units: (b | bytes) / \
             (k | kb | kibibytes) / (m | mb | mebibytes) / (g | gb | gibibytes) / \
             (t | tb | tebibytes)",
            unit.to_lowercase()
        ),
        ParseMemorySizeError::TooLarge { .. } if digits.parse::<i64>().is_err() => format!(
            "The value '{digits}' cannot be re represented as 64bit number (numeric overflow)."
        ),
        ParseMemorySizeError::TooLarge { .. } => format!(
            "The value '{text}' cannot be re represented as 64bit number of bytes (numeric \
             overflow)."
        ),
    };
    Refusal::new(error, cause)
}

/// Source: `TimeUtils.parseDuration` of the releases with that grammar.
pub(super) fn duration(
    text: &str,
    grammar: DurationGrammar,
    error: &ParseDurationError,
) -> Refusal {
    let trimmed = java_trim(text);
    let digits = digits_of(trimmed);
    let cause = match error {
        ParseDurationError::Empty => "argument is an empty- or whitespace-only string".to_owned(),
        ParseDurationError::NoNumber { .. } if grammar.iso_8601 => format!(
            "text does not start with a number, and is not a valid ISO-8601 duration format: \
             {trimmed}"
        ),
        ParseDurationError::NoNumber { .. } => "text does not start with a number".to_owned(),
        ParseDurationError::UnknownUnit { unit } => {
            let minutes = if grammar.short_minutes { "min | m" } else { "min" };
            format!(
                "Time interval unit label '{unit}' does not match any of the recognized units: \
                 DAYS: (d | day | days), HOURS: (h | hour | hours), \
                 MINUTES: ({minutes} | minute | minutes), \
                 SECONDS: (s | sec | secs | second | seconds), \
                 MILLISECONDS: (ms | milli | millis | millisecond | milliseconds), \
                 MICROSECONDS: (\u{b5}s | micro | micros | microsecond | microseconds), \
                 NANOSECONDS: (ns | nano | nanos | nanosecond | nanoseconds)"
            )
        }
        ParseDurationError::Negative { .. } => "negative duration is not supported".to_owned(),
        ParseDurationError::TooLarge { .. } if grammar.large_numbers => {
            format!("The value '{digits}' cannot be represented as Duration (numeric overflow).")
        }
        ParseDurationError::TooLarge { .. } if digits.parse::<i64>().is_err() => format!(
            "The value '{digits}' cannot be re represented as 64bit number (numeric overflow)."
        ),
        ParseDurationError::TooLarge { .. } => "long overflow".to_owned(),
    };
    Refusal::new(error, cause)
}

/// Source: `Integer.parseInt` and `Long.parseLong`, JDK 17.
pub(super) fn integer(text: &str) -> Refusal {
    Refusal::new(
        format!("a whole number is expected, found `{text}`"),
        format!("For input string: \"{text}\""),
    )
}

/// Source: `FloatingDecimal.readJavaFormatString`, JDK 17, which trims before it complains.
pub(super) fn decimal(text: &str) -> Refusal {
    let cause = match java_trim(text) {
        "" => "empty String".to_owned(),
        found if has_two_points(found) => "multiple points".to_owned(),
        found => format!("For input string: \"{found}\""),
    };
    Refusal::new(ParseFractionError { found: text.to_owned() }, cause)
}

/// Whether Java's reader of decimals meets a second point before anything else that is wrong.
fn has_two_points(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number = unsigned.chars().take_while(|c| c.is_ascii_digit() || *c == '.');
    number.filter(|c| *c == '.').count() > 1
}

/// A YAML number that the option's type cannot hold.
pub(super) fn overflow(text: &str, type_name: &str) -> Refusal {
    let cause = format!("Configuration value {text} overflows/underflows the {type_name} type.");
    Refusal::new(format!("{text} does not fit the {type_name} that is expected"), cause)
}

pub(super) fn boolean(text: &str) -> Refusal {
    Refusal::new(
        format!("true or false is expected, found `{text}`"),
        format!(
            "Unrecognized option for boolean: {text}. Expected either true or false(case \
             insensitive)"
        ),
    )
}

pub(super) fn constant(text: &str, constants: &[&str]) -> Refusal {
    Refusal {
        reason: format!("one of {} is expected, found `{text}`", constants.join(", ")),
        flink_cause: None,
    }
}
