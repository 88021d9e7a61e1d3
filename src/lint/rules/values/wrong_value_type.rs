use super::duration_without_unit::counts_milliseconds;
use super::unknown_size_unit::meant_size;
use super::{Typed, typed};
use crate::catalog::{Release, ValueType};
use crate::config::{FromRaw, RawValue};
use crate::finding::{Applicability, Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};
use crate::units::FlinkDuration;

pub(in crate::lint::rules) struct WrongValueType;

static META: RuleMeta = RuleMeta {
    code: "FV004",
    name: "wrong-value-type",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "ConfigurationUtils.convertValue, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/",
    docs: r"
The value is not of the option's type, and Flink refuses it where it reads it, mostly at start. Types
change with releases: many numbers of milliseconds became durations, which take a unit.
## Bad
parallelism.default: 4.0
## Good
parallelism.default: 4
",
};

impl Rule for WrongValueType {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let refused = typed(ctx).filter_map(|typed| {
            let reason = typed.refusal(ctx)?;
            let value = typed.setting.value.text();
            let told_elsewhere = match typed.entry.value_type {
                ValueType::MemorySize => meant_size(&value).is_some(),
                value_type => !value_type.constants().is_empty(),
            };
            (!told_elsewhere).then_some((typed, reason))
        });
        report(findings, refused, |(typed, reason)| refused_value(ctx, &typed, reason));
    }
}

fn refused_value(ctx: &LintContext<'_>, typed: &Typed<'_, '_>, reason: String) -> Finding {
    let (key, value) = (&typed.setting.key, typed.setting.value.text());
    let expected = match typed.entry.value_type {
        ValueType::Boolean => "true or false",
        ValueType::Int | ValueType::Long => "a whole number",
        ValueType::Float | ValueType::Double => "a number",
        ValueType::MemorySize => "a memory size",
        ValueType::Duration => "a duration",
        ValueType::List(_) => "a list",
        ValueType::Map => "a map",
        ValueType::String | ValueType::Enum(_) => "another value",
    };
    let finding = Finding::new(&META, format!("`{key}` takes {expected}, found {value:?}"))
        .primary(typed.setting.value_span, label(typed, reason))
        .flink_message(typed.flink_message());
    let (help, meant) = remedy(ctx, typed);
    let mut finding = match help {
        Some(help) => finding.help(help),
        None => finding,
    };
    if let Some(meant) = meant {
        finding.fix = typed.replace(ctx, meant, Applicability::Safe);
    }
    finding
}

/// Flink's reason, or in our words where Java's say nothing new.
fn label(typed: &Typed<'_, '_>, reason: String) -> String {
    match typed.entry.value_type {
        ValueType::Int if is_integer(&typed.setting.value.text()) => {
            "out of range: at most 2147483647".to_owned()
        }
        ValueType::Int | ValueType::Long => "not a whole number".to_owned(),
        ValueType::Boolean => "neither true nor false".to_owned(),
        _ => reason,
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What to do, and what to write if that is certain.
fn remedy(ctx: &LintContext<'_>, typed: &Typed<'_, '_>) -> (Option<String>, Option<String>) {
    let value = typed.setting.value.text();
    match typed.entry.value_type {
        ValueType::Boolean => {
            let meant = match value.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" | "1" | "enabled" | "enable" => Some("true"),
                "no" | "off" | "n" | "0" | "disabled" | "disable" => Some("false"),
                _ => None,
            };
            let help =
                meant.map_or("write true or false".to_owned(), |meant| format!("write {meant}"));
            (Some(help), meant.map(str::to_owned))
        }
        ValueType::Int | ValueType::Long => number_for_duration(ctx, typed, &value),
        ValueType::Duration => duration(&value, ctx.release()),
        ValueType::Float | ValueType::Double if value.ends_with('%') => {
            (Some("write a fraction, such as 0.4".to_owned()), None)
        }
        ValueType::Map => {
            (Some("write `key:value` pairs with commas between them".to_owned()), None)
        }
        ValueType::List(_) => (Some("write items with semicolons between them".to_owned()), None),
        _ => (None, None),
    }
}

/// A duration where the target still wants a number.
fn number_for_duration(
    ctx: &LintContext<'_>,
    typed: &Typed<'_, '_>,
    value: &str,
) -> (Option<String>, Option<String>) {
    let later = typed
        .option
        .entries
        .iter()
        .find(|entry| entry.value_type == ValueType::Duration && entry.first > ctx.release());
    let raw = RawValue::Text(value.into());
    let duration = FlinkDuration::from_raw(&raw, Release::LATEST).ok();
    let (Some(later), Some(duration)) = (later, duration) else {
        let whole = value.strip_suffix(".0").filter(|whole| is_integer(whole));
        return (whole.map(|whole| format!("write {whole}")), whole.map(str::to_owned));
    };
    let release = ctx.release();
    let known =
        typed.entry.default.is_some_and(|default| counts_milliseconds(typed.option, default));
    if known {
        let number = duration.milliseconds();
        let help = format!(
            "write {number}: Flink {release} wants milliseconds; durations came with {}",
            later.first
        );
        (Some(help), Some(number.to_string()))
    } else {
        let first = later.first;
        (Some(format!("write a number: Flink {release} takes no unit here, {first} does")), None)
    }
}

fn duration(value: &str, release: Release) -> (Option<String>, Option<String>) {
    let text = value.trim();
    let digits_end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(digits_end);
    if !digits.is_empty() && unit.trim().eq_ignore_ascii_case("m") && release < Release::V1_15 {
        let help = format!("write `{digits} min`: `m` means minutes from Flink 1.15 on");
        return (Some(help), Some(format!("{digits} min")));
    }
    if (text.starts_with("PT") || text.starts_with('P')) && release < Release::V2_1 {
        return (Some("write a number and a unit: ISO-8601 came with Flink 2.1".to_owned()), None);
    }
    (Some("write a whole number and one of the units d, h, min, s, ms".to_owned()), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{check, findings};

    #[test]
    fn values_that_are_not_of_the_type() {
        check(
            &WrongValueType,
            r"
parallelism.default: 4.0
#                    ^^^ FV004 not a whole number
taskmanager.numberOfTaskSlots: 4294967296
#                              ^^^^^^^^^^ FV004 out of range: at most 2147483647
state.backend.incremental: yes
#                          ^^^ FV004 neither true nor false
rest.port: 8081
execution.checkpointing.unaligned: TRUE
taskmanager.memory.process.size: 4Gi
execution.runtime-mode: bach
state.backend.type: x
",
        );
    }

    fn help(text: &str) -> Option<String> {
        findings(&WrongValueType, text).into_iter().next()?.help
    }

    #[test]
    fn a_duration_where_the_release_wants_a_number() {
        let text = "heartbeat.timeout: 300s\n";
        let older = help(&format!("# target: flink-1.14\n{text}"));
        assert!(older.is_some_and(|help| help.starts_with("write 300000: Flink 1.14 wants")));
        assert_eq!(help(&format!("# target: flink-1.20\n{text}")), None);
    }

    #[test]
    fn minutes_by_their_first_letter() {
        let text = "execution.checkpointing.interval: 5m\n";
        let older = help(&format!("# target: flink-1.14\n{text}"));
        assert!(older.is_some_and(|help| help.starts_with("write `5 min`")));
        assert_eq!(help(&format!("# target: flink-1.15\n{text}")), None);
    }

    #[test]
    fn templates_and_keys_that_are_not_read() {
        for quiet in [
            "parallelism.default: ${PARALLELISM}\n",
            "state.backend.incremental: x\nexecution.checkpointing.incremental: true\n",
            "parallelism.default: \"4\"\n",
        ] {
            check(&WrongValueType, quiet);
        }
    }
}
