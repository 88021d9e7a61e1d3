use super::{Typed, bare_number, typed};
use crate::catalog::ValueType;
use crate::finding::{Applicability, Finding, FixAvailability, RuleMeta, Severity};
use crate::lint::limit::report;
use crate::lint::{LintContext, Rule};
use crate::units::MemorySize;

pub(in crate::lint::rules) struct SizeWithoutUnit;

static META: RuleMeta = RuleMeta {
    code: "FV001",
    name: "size-without-unit",
    severity: Severity::Error,
    fix: FixAvailability::Sometimes,
    source: "MemorySize.parse, Flink 1.10 to 2.3; \
             https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/#memory-configuration",
    docs: r"
A memory size without a unit is a number of bytes. `2048` is not 2048 megabytes: only the command
line's `-yjm` and `-ytm` count so. Told of are numbers too small to be meant as bytes: below 1 MiB,
or, where the default itself is small, below 1 KiB.
## Bad
taskmanager.memory.task.off-heap.size: 512
## Good
taskmanager.memory.task.off-heap.size: 512m
",
};

const KIBIBYTE: u64 = 1 << 10;
const MEBIBYTE: u64 = 1 << 20;

impl Rule for SizeWithoutUnit {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, ctx: &LintContext<'_>, findings: &mut Vec<Finding>) {
        let small = typed(ctx)
            .filter(|typed| typed.entry.value_type == ValueType::MemorySize)
            .filter_map(|typed| {
                let bytes = bare_number(&typed.setting.value)?;
                (0 < bytes && bytes < least_meant(&typed)).then_some((typed, bytes))
            });
        report(findings, small, |(typed, bytes)| bytes_only(ctx, &typed, bytes));
    }
}

/// The least number that may be meant as bytes.
fn least_meant(typed: &Typed<'_, '_>) -> u64 {
    let default = typed.entry.default.and_then(|text| text.parse::<MemorySize>().ok());
    match default.map(MemorySize::bytes) {
        Some(1..MEBIBYTE) => KIBIBYTE,
        _ => MEBIBYTE,
    }
}

fn bytes_only(ctx: &LintContext<'_>, typed: &Typed<'_, '_>, bytes: u64) -> Finding {
    let key = &typed.setting.key;
    let count = if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    let mut finding = Finding::new(&META, format!("`{key}` is {count}: there is no unit"))
        .primary(typed.setting.value_span, "bytes");
    // As many gibibytes as fit a machine, or else mebibytes.
    let unit = if bytes < 64 && least_meant(typed) == MEBIBYTE { "g" } else { "m" };
    if least_meant(typed) == MEBIBYTE {
        finding.fix = typed.replace(ctx, format!("{bytes}{unit}"), Applicability::Unsafe);
        finding.help(format!("write a unit, such as `{bytes}{unit}`"))
    } else {
        finding.help(format!("write a unit, such as `{bytes}k`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::check;

    #[test]
    fn one_mebibyte_is_the_boundary() {
        check(
            &SizeWithoutUnit,
            r"
taskmanager.memory.process.size: 2048
#                                ^^^^ FV001 bytes
taskmanager.memory.task.off-heap.size: 1048575
#                                      ^^^^^^^ FV001 bytes
taskmanager.memory.framework.heap.size: 1048576
taskmanager.memory.managed.size: 0
jobmanager.memory.process.size: 2 g
",
        );
    }

    #[test]
    fn where_the_default_is_small_bytes_are_meant() {
        check(
            &SizeWithoutUnit,
            r"
taskmanager.memory.segment-size: 32
#                                ^^ FV001 bytes
state.storage.fs.memory-threshold: 1024
",
        );
    }

    #[test]
    fn a_legacy_heap_size_counts_bytes_too() {
        check(
            &SizeWithoutUnit,
            "# target: flink-1.12\ntaskmanager.heap.size: 1024\n#                      ^^^^ FV001 bytes\n",
        );
        check(&SizeWithoutUnit, "# target: flink-1.12\ntaskmanager.heap.mb: 1024\n");
    }
}
