use super::{Range, Unit};
use crate::units::MemorySize;

/// A figure with its unit, short enough for a table.
pub fn figure(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Bytes => bytes(value),
        Unit::BytesPerSecond => format!("{}/s", bytes(value)),
        Unit::RecordsPerSecond => format!("{}/s", count(value)),
        Unit::Seconds => seconds(value),
        Unit::Count => count(value),
        Unit::Share => format!("{:.1} %", value * 100.0),
    }
}

/// A range; `up to` where it starts at nothing.
pub fn range_text(range: Range, unit: Unit) -> String {
    let (low, high) = (figure(range.low, unit), figure(range.high, unit));
    if low == high {
        high
    } else if range.low <= 0.0 {
        format!("up to {high}")
    } else if let (Some((number, unit)), Some((_, same))) =
        (low.split_once(' '), high.split_once(' '))
        && unit == same
    {
        format!("{number} – {high}")
    } else {
        format!("{low} – {high}")
    }
}

/// What is left of a limit at worst, as a percentage.
pub fn headroom(headroom: Range) -> String {
    let percent = headroom.low * 100.0;
    if percent < -999.0 { "< -999 %".to_owned() } else { format!("{percent:.0} %") }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float above the largest integer becomes that integer"
)]
fn bytes(value: f64) -> String {
    let size = MemorySize::from_bytes(value.max(0.0).round() as u64);
    size.unwrap_or(MemorySize::MAX).short()
}

fn count(value: f64) -> String {
    let digits = format!("{:.0}", value.round());
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        let left = digits.len() - position;
        if position > 0 && left.is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn seconds(value: f64) -> String {
    match value {
        _ if value >= 2.0 * 86_400.0 => format!("{:.1} d", value / 86_400.0),
        _ if value >= 2.0 * 3_600.0 => format!("{:.1} h", value / 3_600.0),
        _ if value >= 120.0 => format!("{:.1} min", value / 60.0),
        _ if value >= 1.0 => format!("{value:.1} s"),
        _ if value > 0.0 => format!("{:.0} ms", (value * 1_000.0).max(1.0)),
        _ => "0 s".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_fit_a_table() {
        assert_eq!(figure(1_234_567.0, Unit::RecordsPerSecond), "1,234,567/s");
        assert_eq!(figure(1.5 * 1_073_741_824.0, Unit::Bytes), "1.5 GiB");
        assert_eq!(figure(0.0004, Unit::Seconds), "1 ms");
        assert_eq!(figure(90_000.0, Unit::Seconds), "25.0 h");
        assert_eq!(range_text(Range::between(0.0, 3.0), Unit::Count), "up to 3");
        assert_eq!(range_text(Range::between(2.0, 3.0), Unit::Count), "2 – 3");
        assert_eq!(range_text(Range::between(1_048_576.0, 2_097_152.0), Unit::Bytes), "1 – 2 MiB");
        assert_eq!(headroom(Range::between(-0.5, 0.25)), "-50 %");
        assert_eq!(headroom(Range::between(-50.0, 0.25)), "< -999 %");
    }
}
