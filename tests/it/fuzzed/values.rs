//! Single values, and the documents that serde reads.

use std::path::Path;

use slotwise::catalog::{Release, options as all_options};
use slotwise::config::{Dialect, RawValue, check_value, parse_map, split_escaped};
use slotwise::units::{
    DurationGrammar, FlinkDuration, Fraction, MemorySize, java_double_to_string, parse_java_double,
    parse_java_float,
};
use slotwise::workload::{Span, Workload};
use slotwise::workspace::Settings;

/// Sizes, durations, fractions, numbers: what is read prints as what reads the same.
pub(super) fn quantities(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(size) = text.parse::<MemorySize>() {
        assert_eq!(size.to_string().parse(), Ok(size));
        size.human();
        size.short();
        for fraction in [0.0, 0.1, 1.0] {
            let part = Fraction::from_f32(fraction).of(size).expect("no more than the whole");
            assert!(part <= size);
        }
        if let Ok(fraction) = text.parse::<Fraction>() {
            let _ = fraction.inverse_of(size);
        }
    }
    for iso_8601 in [false, true] {
        for short_minutes in [false, true] {
            let grammar = DurationGrammar { iso_8601, short_minutes, large_numbers: iso_8601 };
            if let Ok(duration) = FlinkDuration::parse(&text, grammar) {
                duration.short();
                duration.milliseconds();
                let again = FlinkDuration::parse(&duration.to_string(), grammar);
                assert_eq!(again.as_ref(), Ok(&duration), "{duration} of {text:?}");
            }
        }
    }
    if let Ok(fraction) = text.parse::<Fraction>() {
        fraction.short();
        let size = MemorySize::from_mebibytes(1280);
        let _ = fraction.of(size);
        let _ = fraction.inverse_of(size);
    }
    parse_java_float(&text);
    if let Some(number) = parse_java_double(&text) {
        let again = parse_java_double(&java_double_to_string(number)).expect("a double");
        assert!(again == number || number.is_nan(), "{number:?} of {text:?}");
    }
    if let Ok(span) = text.parse::<Span>() {
        assert_eq!(span.to_string().parse(), Ok(span));
    }
}

/// A value as that of every type of option, and as a list and a map.
pub(super) fn options(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let raw = RawValue::Text(text.clone());
    for release in [Release::V1_10, Release::V1_20, Release::V2_3] {
        let mut seen = Vec::new();
        for option in all_options() {
            let Some(entry) = option.at(release) else { continue };
            let value_type = entry.value_type;
            if seen.contains(&value_type) {
                continue;
            }
            seen.push(value_type);
            for dialect in [Dialect::Legacy, Dialect::Yaml] {
                let _ = check_value(&raw, value_type, release, dialect);
            }
        }
        for standard_yaml in [false, true] {
            let _ = parse_map(&raw, standard_yaml, release);
        }
    }
    let _ = split_escaped(&text, ';');
}

/// A `slotwise.yaml`.
pub(super) fn settings(bytes: &[u8]) {
    if let Err(error) = Settings::parse(Path::new("slotwise.yaml"), &String::from_utf8_lossy(bytes))
    {
        assert!(error.to_string().starts_with("slotwise.yaml"));
    }
}

/// A `workload.yaml`.
pub(super) fn workload(bytes: &[u8]) {
    if let Err(error) = Workload::parse("w.yaml", &String::from_utf8_lossy(bytes)) {
        assert!(error.to_string().starts_with("w.yaml"));
    }
}
