use super::{Typed, typed};
use crate::catalog::ValueType;
use crate::finding::{Applicability, Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};

pub(in crate::lint::rules) struct UnknownSizeUnit;

static META: RuleMeta = RuleMeta {
    code: "FV002",
    name: "unknown-size-unit",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "MemorySize.parse, Flink 1.10 to 2.3",
    docs: r"
Flink's memory sizes are whole numbers with `b`, `k`, `m`, `g` or `t`, also `kb`, `mb`, `gb`, `tb`, in
any case, and all of them count by 1024. The `Gi` and `Mi` of Kubernetes and fractions such as `1.5g`
are refused: the process does not start.
## Bad
taskmanager.memory.process.size: 4Gi
## Good
taskmanager.memory.process.size: 4g
",
};

impl Rule for UnknownSizeUnit {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let refused = typed(ctx)
            .filter(|typed| typed.entry.value_type == ValueType::MemorySize)
            .filter(|typed| typed.refusal(ctx).is_some())
            .filter_map(|typed| Some((typed, meant_size(&typed.setting.value.text())?)));
        report(findings, refused, |(typed, meant)| refused_size(ctx, &typed, meant));
    }
}

/// What a size that Flink refuses for its unit or fraction may mean, in Flink's grammar; the inner
/// value is `None` if nobody can tell. `None` for what is no number with a unit at all.
pub(super) fn meant_size(text: &str) -> Option<Option<String>> {
    let text = text.trim();
    let number_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(number_end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = !whole.is_empty() && number.matches('.').count() <= 1;
    let unit = unit.trim().to_ascii_lowercase();
    let is_unit = unit.len() <= 16 && unit.chars().all(|c| c.is_ascii_alphabetic());
    if !is_number || !is_unit {
        return None;
    }
    let power =
        match unit.as_str() {
            "" | "b" | "byte" | "bytes" => 0,
            "k" | "kb" | "ki" | "kib" | "kilobyte" | "kilobytes" | "kibibyte" | "kibibytes" => 1,
            "m" | "mb" | "mi" | "mib" | "megabyte" | "megabytes" | "mebibyte" | "mebibytes"
            | "meg" => 2,
            "g" | "gb" | "gi" | "gib" | "gigabyte" | "gigabytes" | "gibibyte" | "gibibytes"
            | "gig" => 3,
            "t" | "tb" | "ti" | "tib" | "terabyte" | "terabytes" | "tebibyte" | "tebibytes" => 4,
            _ => return Some(None),
        };
    Some(in_whole_units(whole, fraction, power))
}

/// A decimal number of `1024^power` bytes, in the largest unit in which it is whole.
fn in_whole_units(whole: &str, fraction: &str, power: usize) -> Option<String> {
    const UNITS: [&str; 5] = ["b", "k", "m", "g", "t"];
    let fraction = fraction.trim_end_matches('0');
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let number: u128 = format!("{whole}{fraction}").parse().ok()?;
    // A number of 1024 to the power of `unit`, if that is a whole one.
    let whole_at = |unit: usize| {
        let factor = 1024_u128.checked_pow(u32::try_from(power.checked_sub(unit)?).ok()?)?;
        let scaled = number.checked_mul(factor)?;
        (scaled % scale == 0).then_some(scaled / scale)
    };
    let (unit, count) = (0..=power).rev().find_map(|unit| Some((unit, whole_at(unit)?)))?;
    Some(format!("{count}{}", UNITS.get(unit)?))
}

fn refused_size(ctx: &LintContext<'_>, typed: &Typed<'_, '_>, meant: Option<String>) -> Finding {
    let value = typed.setting.value.text();
    let finding = Finding::new(&META, format!("Flink cannot read the size {value:?}"))
        .primary(typed.setting.value_span, "a whole number with b, k, m, g or t")
        .flink_message(typed.flink_message());
    match meant {
        Some(meant) => {
            let fix = typed.replace(ctx, meant.clone(), Applicability::Safe);
            let mut finding = finding.help(format!("write `{meant}`"));
            finding.fix = fix;
            finding
        }
        None => finding.help("write a whole number and one of the units b, k, m, g, t"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn units_of_others() {
        check(
            &UnknownSizeUnit,
            r"
taskmanager.memory.process.size: 4Gi
#                                ^^^ FV002 a whole number with b, k, m, g or t
taskmanager.memory.managed.size: 1.5g
#                                ^^^^ FV002 a whole number with b, k, m, g or t
jobmanager.memory.process.size: 1600 MB
taskmanager.memory.task.heap.size: plenty
",
        );
    }

    #[test]
    fn what_is_meant() {
        let cases = [
            ("4Gi", Some(Some("4g"))),
            ("4 GiB", Some(Some("4g"))),
            ("1.5g", Some(Some("1536m"))),
            ("1.50 GB", Some(Some("1536m"))),
            ("0.1m", None.or(Some(None))),
            ("2.0g", Some(Some("2g"))),
            ("4 quarts", Some(None)),
            ("1.2.3g", None),
            ("-1g", None),
            ("plenty", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|meant| meant.map(str::to_owned));
            assert_eq!(meant_size(text), expected, "{text}");
        }
    }
}
